# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The types of mcnc.torch and mcnc.peft hold, by mypy with the types of PyTorch beside it.

    PYTHONPATH=build/sdk/python python3 tests/pytorch/types_test.py

Ends with 77, "skipped", where torch, peft or mypy is missing.
"""

import importlib.util
import pathlib
import subprocess
import sys
import tempfile

import mcnc


def main():
    missing = [name for name in ('torch', 'peft', 'mypy') if importlib.util.find_spec(name) is None]
    if missing:
        print(f'skipped: no module named {missing[0]}')
        return 77
    package = pathlib.Path(mcnc.__file__).parent
    with tempfile.TemporaryDirectory() as cache:
        # What Debian's mypy and NumPy need to be told to ignore, those of PyPI may not.
        options = ['--strict', '--no-warn-unused-ignores', '--cache-dir', cache]
        done = subprocess.run([sys.executable, '-m', 'mypy', *options, package], timeout=600)
    return done.returncode


if __name__ == '__main__':
    sys.exit(main())
