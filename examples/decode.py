# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Decodes every tensor of a .mcnc file: python3 examples/decode.py FILE"""

import sys

import mcnc

try:
    with mcnc.open(sys.argv[1]) as file:
        for name, info in file.tensors.items():
            if not info.factor:  # made for other tensors, no part of the model
                weights = file.decode(name)  # a NumPy array; the digest is compared, too
                print(f"{name}: {weights.nbytes} bytes of {info.dtype}")
except mcnc.McncError as error:
    sys.exit(f"{error}")
