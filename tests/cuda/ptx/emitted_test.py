#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""What nvcc makes of the kernels in cuda/kernels/: the rules that keep their bits, and what they need of a GPU.

  emitted_test.py            PTX of some architectures, and registers on one
  emitted_test.py --all      every architecture that nvcc knows of those in the tables, and SASS (with cuobjdump)
  emitted_test.py --write    as --all, and writes the tables, instead of holding the kernels to them

In PTX: of floating-point instructions that round, only those that cuda/kernels/float_operations.csv states for the kernel;
all of them keep subnormals (no .ftz), are exact (no .approx) and do not saturate, and name their rounding (add.f32 does
not, and may be contracted); no atomic operations on floats. So what is written as two operations cannot become one fma, and no order matters.
In SASS: no fma in kernels that have none in PTX, no local memory, no spills. Registers, and instructions for each weight
in the loop over chunks, are at most those of cuda/kernels/registers.csv and cuda/kernels/instructions.csv, which say
which nvcc they are of; other versions are only held to the rules.

Where nvcc is missing, nothing can be said: exit code 77. It is taken from NVCC or the path, as is cuobjdump.
"""

import argparse
import csv
import fnmatch
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from nvcc import KERNELS, SOURCE, compile_ptx, known_architectures, nvcc_or_skip, options, run, version

ARCHITECTURES = ['75', '80', '86', '89', '90', '100', '120']
SOME_PTX = ['75', '120']  # between them, everything that depends on an architecture
SOME_SASS = ['90']

FLOAT = re.compile(r'\.(f16|f16x2|bf16|bf16x2|tf32|f32|f64|e4m3|e5m2)\w*\b')
EXACT = ('ld.', 'st.', 'mov.', 'selp.', 'setp.', 'neg.', 'abs.')  # which round nothing


def ptx_kernels(text):
    """The opcodes of each kernel."""
    text = re.sub(r'//.*', '', text)
    parts = re.split(r'\.entry\s+(\w+)\s*\(', text)[1:]
    opcode = re.compile(r'(?:^|[;{}])\s*(?:@!?%\w+\s+)?([a-z]\w*(?:\.[\w:]+)+)', re.MULTILINE)
    return {name: opcode.findall(body) for name, body in zip(parts[::2], parts[1::2])}


def allowed_operations():
    """Patterns of kernels, and the floating-point instructions that they may have."""
    with open(KERNELS / 'float_operations.csv', newline='') as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith('#')]
    return [(pattern, set(operations.split())) for pattern, operations in rows]


def check_ptx(architecture, kernels, allowed):
    problems = []
    for name, opcodes in kernels.items():
        rows = [operations for pattern, operations in allowed if fnmatch.fnmatchcase(name, pattern)]
        if len(rows) != 1:
            problems.append(f'{name} is in {len(rows)} rows of float_operations.csv, not in one')
            continue
        for opcode in sorted(set(opcodes)):
            words = opcode.split('.')
            wrong = ''
            if {'ftz', 'approx', 'full', 'sat', 'satfinite', 'relu'} & set(words):
                wrong = 'changes subnormals, is inexact or saturates'
            elif opcode.startswith(('atom', 'red')) and FLOAT.search(opcode):
                wrong = 'depends on the order of threads'
            elif FLOAT.search(opcode) and not opcode.startswith(EXACT):
                if opcode not in rows[0]:
                    wrong = 'is not stated in float_operations.csv'
                if opcode in ('add.f32', 'sub.f32', 'mul.f32'):
                    wrong = 'may be contracted to fma'
            if wrong:
                problems.append(f'compute_{architecture}: {name}: {opcode} {wrong}')
    return problems


def registers_and_spills(text):
    """From what ptxas -v prints: the registers of each kernel, and the kernels that use local memory."""
    registers, spills = {}, []
    name = None
    for line in text.splitlines():
        if found := re.search(r"Function properties for '?(\w+)", line):
            name = found[1]
        elif found := re.search(r'(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads', line):
            if any(map(int, found.groups())):
                spills.append(f'{name}: {found[0]}')
        elif found := re.search(r'Used (\d+) registers', line):
            registers[name] = int(found[1])
    return registers, spills


def sass_kernels(text):
    """The instructions of each kernel: (address, text)."""
    parts = re.split(r'Function : (\w+)', text)[1:]
    instruction = re.compile(r'/\*([0-9a-f]{4,5})\*/\s+([^;]*?)\s*;')
    return {name: [(int(address, 16), text) for address, text in instruction.findall(body)]
            for name, body in zip(parts[::2], parts[1::2])}


def instructions_a_weight(code):
    """In the tightest loop that stores weights, four at a time; None where there is no such loop without another in it."""
    loops = []
    for address, text in code:
        found = re.search(r'\bBRA\b.*?(0x[0-9a-f]+)', text)
        if found and int(found[1], 16) < address:
            loops.append((int(found[1], 16), address))
    best = None
    for first, last in loops:
        if any(first <= other_first and other_last < last for other_first, other_last in loops):
            continue
        body = [text for address, text in code if first <= address <= last]
        stores = sum(bool(re.search(r'\bSTG\b.*\.(64|128)\b|\bSTG\.\S*(64|128)', text)) for text in body)
        if stores and (best is None or len(body) / (4 * stores) < best):
            best = len(body) / (4 * stores)
    return best


def check_sass(architecture, kernels, ptx):
    problems = []
    for name, code in kernels.items():
        words = [re.sub(r'^@!?\w+\s+', '', text).split()[0] for _, text in code]
        opcodes = set(ptx[name])
        may_fuse = any(opcode.startswith(('fma.', 'div.', 'sqrt.', 'rcp.')) for opcode in opcodes)
        for word in sorted(set(words)):
            if word.startswith('FFMA') and not may_fuse:
                problems.append(f'sm_{architecture}: {name}: {word}, and no fma in PTX')
            if word.split('.')[0] in ('LDL', 'STL'):
                problems.append(f'sm_{architecture}: {name}: {word} is local memory')
            if '.FTZ' in word and not may_fuse:
                problems.append(f'sm_{architecture}: {name}: {word} changes subnormals')
    return problems


def read_table(name):
    """The nvcc of a table, and its numbers by kernel and architecture."""
    with open(KERNELS / name, newline='') as file:
        made_by = re.search(r'nvcc ([0-9.]+)', file.readline())[1]
        next(line for line in file if not line.startswith('#'))
        rows = list(csv.reader(file))
    return made_by, {row[0]: dict(zip(ARCHITECTURES, row[1:], strict=True)) for row in rows}


def write_table(name, nvcc_version, meaning, numbers):
    """numbers: by architecture and kernel."""
    kernels = sorted({kernel for by_kernel in numbers.values() for kernel in by_kernel})
    with open(KERNELS / name, 'w', newline='') as file:
        file.write(f'# Of nvcc {nvcc_version}: {meaning}\n# Written by tests/cuda/ptx/emitted_test.py --write.\n')
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(['kernel', *(f'sm_{architecture}' for architecture in ARCHITECTURES)])
        for kernel in kernels:
            writer.writerow([kernel, *(f'{numbers[a][kernel]:g}' if kernel in numbers[a] else '' for a in ARCHITECTURES)])


def check_numbers(name, nvcc_version, numbers):
    made_by, stated = read_table(name)
    if made_by != nvcc_version:
        print(f'{name} is of nvcc {made_by}, and this is {nvcc_version}: not compared')
        return []
    problems = []
    for architecture, by_kernel in numbers.items():
        for kernel, number in by_kernel.items():
            limit = stated.get(kernel, {}).get(architecture, '')
            if limit == '' or number > float(limit):
                problems.append(f'sm_{architecture}: {kernel}: {number:g}, and {name} states {limit or "nothing"}')
        for kernel in stated:
            if stated[kernel][architecture] != '' and kernel not in by_kernel:
                problems.append(f'sm_{architecture}: {kernel} of {name} is gone')
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--write', action='store_true')
    arguments = parser.parse_args()
    everything = arguments.all or arguments.write
    nvcc = nvcc_or_skip('what nvcc makes of the kernels')
    known = known_architectures(nvcc)
    cuobjdump = os.environ.get('CUOBJDUMP') or shutil.which('cuobjdump')
    if everything and not cuobjdump:
        print('left out: SASS, because there is no cuobjdump (set CUOBJDUMP, or install nvidia-cuda-cuobjdump)')

    problems, registers, weights = [], {}, {}
    allowed = allowed_operations()
    names = set()
    for architecture in ARCHITECTURES:
        has_sass = everything or architecture in SOME_SASS
        if architecture not in known or not (has_sass or architecture in SOME_PTX):
            continue
        with tempfile.TemporaryDirectory() as folder:
            # The PTX that ptxas translates is kept beside the machine code.
            ptx = Path(folder) / 'kernels.ptx'
            cubin = Path(folder) / 'kernels.cubin'
            if has_sass:
                log = run([nvcc, *options(), f'-arch=sm_{architecture}', '-cubin', '-Xptxas', '-v', '--keep', '--keep-dir',
                           folder, '-o', cubin, SOURCE])
                registers[architecture], spills = registers_and_spills(log)
                problems += [f'sm_{architecture}: {spill}' for spill in spills]
            else:
                ptx = compile_ptx(nvcc, architecture, folder)
            kernels = ptx_kernels(ptx.read_text())
            names |= set(kernels)
            problems += check_ptx(architecture, kernels, allowed)
            if everything and cuobjdump:
                code = sass_kernels(run([cuobjdump, '-sass', cubin]))
                assert code.keys() == kernels.keys(), 'SASS and PTX have other kernels'
                problems += check_sass(architecture, code, kernels)
                weights[architecture] = {name: number for name in code if name.startswith('mcnc_expand_sine')
                                         and (number := instructions_a_weight(code[name]))}
    problems += [f'no kernel is {pattern}' for pattern, _ in allowed if not fnmatch.filter(names, pattern)]
    if arguments.write:
        write_table('registers.csv', version(nvcc), 'registers of a thread.', registers)
        if weights:
            write_table('instructions.csv', version(nvcc),
                        'SASS instructions for a weight, in the loop over chunks with one code each.', weights)
    else:
        problems += check_numbers('registers.csv', version(nvcc), registers)
        problems += check_numbers('instructions.csv', version(nvcc), weights) if weights else []
    if problems:
        sys.exit('\n'.join(problems))
    print(f'{len(names)} kernels, {len(registers)} architectures to machine code: as stated')


if __name__ == '__main__':
    main()
