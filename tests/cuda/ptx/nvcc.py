# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""nvcc, for tests of what it makes of the kernels in cuda/kernels/."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
KERNELS = ROOT / 'cuda' / 'kernels'
SOURCE = KERNELS / 'kernels.cu'


def nvcc_or_skip(what):
    """From NVCC or the path; without it the test that asks ends as skipped."""
    nvcc = os.environ.get('NVCC') or shutil.which('nvcc')
    if not nvcc:
        print(f'skipped: {what}, because there is no nvcc (set NVCC, or install nvidia-cuda-nvcc from PyPI)')
        sys.exit(77)
    return nvcc


def run(command):
    """What a program prints. Ends the test where it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f'{" ".join(map(str, command))}:\n{done.stdout}{done.stderr}')
    return done.stdout + done.stderr


def version(nvcc):
    return re.search(r'release (\S+), ', run([nvcc, '--version']))[1]


def known_architectures(nvcc):
    return re.findall(r'compute_(\d+)', run([nvcc, '--list-gpu-arch']))


def options():
    """Those that every compilation of the kernels has."""
    return ['--options-file', ROOT / 'cuda' / 'nvcc.options', f'-I{ROOT}', f'-I{ROOT / "sdk" / "src"}',
            f'-I{ROOT / "sdk" / "include"}']


def compile_ptx(nvcc, architecture, folder):
    """The kernels as PTX, a file in the folder."""
    ptx = Path(folder) / f'compute_{architecture}.ptx'
    run([nvcc, *options(), f'-arch=compute_{architecture}', '-ptx', '-o', ptx, SOURCE])
    return ptx
