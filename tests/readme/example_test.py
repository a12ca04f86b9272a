#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""The program of README.md does what it says with every vector: names the tensors of valid files, ends with the class
of the error for others. usage: example_test.py EXAMPLE VECTORS"""

import json
import math
import pathlib
import subprocess
import sys

SIZES = {'F64': 8, 'I64': 8, 'U64': 8, 'F32': 4, 'I32': 4, 'U32': 4, 'F16': 2, 'BF16': 2, 'I16': 2, 'U16': 2}
BASE_IS_MISSING = 1  # the class of the error base


def check(case):
    """What is wrong with the program's answer to a case; None where nothing is."""
    expect = case['expect']
    file = pathlib.Path(sys.argv[2]) / case['name'] / 'model.mcnc'
    done = subprocess.run([sys.argv[1], file], capture_output=True, text=True, timeout=60)
    if done.returncode == 0:
        if expect['class'] != 0 or done.stderr:
            return done
        lines = [f'{t["name"]}: {math.prod(t["shape"]) * SIZES.get(t["dtype"], 1)} bytes of {t["dtype"]}\n'
                 for t in expect['tensors']]
        return None if done.stdout == ''.join(lines) else done
    code = BASE_IS_MISSING if case.get('bases') and done.returncode == BASE_IS_MISSING else expect['class']
    sentence = done.stderr.endswith('\n') and len(done.stderr.split()) > 3
    return None if done.returncode == code and sentence else done


def main():
    cases = [json.loads(path.read_text()) for kind in ('valid', 'invalid')
             for path in sorted((pathlib.Path(sys.argv[2]) / kind).glob('**/case.json'))]
    wrong = [(case['name'], answer) for case in cases if (answer := check(case))]
    for name, answer in wrong:
        print(name, answer)
    print(f'{len(cases)} vectors, {len(wrong)} wrong')
    return 1 if wrong or not cases else 0


sys.exit(main())
