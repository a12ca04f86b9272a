#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Compiles the kernels into one image that has them for several architectures.

    compile_kernels.py --list NVCC       prints the architectures that they are compiled for, one a line; ends with 1
                                         where this nvcc cannot compile them
    compile_kernels.py NVCC ROOT BUILT_SDK SOURCE IMAGE HEADER DEPFILE

The image has machine code for the first architecture of each generation that nvcc knows, from sm_75 on: it runs on the
later ones of its generation, sm_80 on an RTX 4090 (sm_89) and a Jetson Orin (sm_87) too. PTX of the last of them is what
the driver compiles for generations to come. HEADER defines MCNC_KERNEL_IMAGE, the path of the image.
"""

import re
import subprocess
import sys
from pathlib import Path

OLDEST = 75
OPTIONS = Path(__file__).resolve().parents[1] / 'nvcc.options'


def architectures(nvcc):
    listed = subprocess.run([nvcc, '--list-gpu-code'], capture_output=True, text=True, check=True).stdout
    numbers = sorted({int(number) for number in re.findall(r'^sm_(\d+)$', listed, re.MULTILINE)})
    generations = {}
    for number in numbers:
        if number >= OLDEST:
            generations.setdefault(number // 10, number)
    return sorted(generations.values())


def is_able(nvcc):
    """Whether nvcc has its headers and a host compiler, and knows C++20."""
    command = [nvcc, '-std=c++20', '-E', '-x', 'cu', '/dev/null']
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def main():
    if sys.argv[1] == '--list':
        nvcc = sys.argv[2]
        if not is_able(nvcc):
            return 1
        print('\n'.join(f'sm_{number}' for number in architectures(nvcc)))
        return 0
    nvcc, root, built, source, image, header, depfile = sys.argv[1:]
    known = architectures(nvcc)
    code = [f'--generate-code=arch=compute_{number},code=sm_{number}' for number in known]
    code.append(f'--generate-code=arch=compute_{known[-1]},code=compute_{known[-1]}')
    includes = [f'-I{root}', f'-I{root}/sdk/src', f'-I{root}/sdk/include', f'-I{built}']
    subprocess.run([nvcc, '--fatbin', '-MD', '-MF', depfile, '-MT', image, '--options-file', OPTIONS, *code, *includes, '-o', image,
                    source], check=True)
    with open(header, 'w', encoding='utf-8') as file:
        file.write(f'#define MCNC_KERNEL_IMAGE "{image}"\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
