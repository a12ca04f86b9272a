#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the one C++ block of README.md to a file. usage: extract.py README OUT"""

import re
import sys

blocks = re.findall(r"^```cpp\n(.*?)^```$", open(sys.argv[1], encoding="utf-8").read(), re.MULTILINE | re.DOTALL)
assert len(blocks) == 1, f"{len(blocks)} C++ blocks in {sys.argv[1]}"
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write(blocks[0])
