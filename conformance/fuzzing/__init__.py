# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Differential fuzzing: files nobody would write, given to two decoders that have to agree on them."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("conformance/independent", "conformance/generate"):
    sys.path.insert(0, str(ROOT / folder))
