#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Files decoded by nvcc's own PTX of the kernels, run by the interpreter: see files_test.cc.

  kernels_test.py FILES_TEST

Where nvcc is missing, nothing can be run: exit code 77.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from nvcc import compile_ptx, known_architectures, nvcc_or_skip

# The first and the last one: kernels and nvcc's two compilers (NVVM 7 and 20) differ by architecture no further.
ARCHITECTURES = ['75', '120']


def main():
    nvcc = nvcc_or_skip('files decoded by the PTX of the kernels')
    known = known_architectures(nvcc)
    for architecture in ARCHITECTURES:
        if architecture not in known:
            continue
        with tempfile.TemporaryDirectory() as folder:
            ptx = compile_ptx(nvcc, architecture, folder)
            print(f'compute_{architecture}: {Path(ptx).stat().st_size} bytes of PTX', flush=True)
            done = subprocess.run([sys.argv[1], '--gtest_brief=1'], env={**os.environ, 'MCNC_PTX': str(ptx)})
            if done.returncode != 0:
                sys.exit(1)


if __name__ == '__main__':
    main()
