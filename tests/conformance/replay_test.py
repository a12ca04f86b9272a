#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The cases that fuzzing found worth keeping: both decoders still answer as they did, and agree.

    replay_test.py MCNC [OPTION...]    the program, then options of conformance/fuzz
"""

import pathlib
import subprocess
import sys

FUZZ = pathlib.Path(__file__).resolve().parents[2] / "conformance/fuzz"


def main(mcnc, *options):
    return subprocess.run([sys.executable, str(FUZZ), "--replay", "--decoder", f"'{mcnc}' conform", *options],
                          check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
