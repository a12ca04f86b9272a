#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""What nvcc makes of the kernels in cuda/kernels/: the rules that keep their bits, and what they need of a GPU.

  emitted_test.py            PTX of some architectures, and machine code for one
  emitted_test.py --all      every architecture that nvcc knows of those in cuda/FIGURES.md
  emitted_test.py --write    as --all, and writes cuda/FIGURES.md instead of holding the kernels to it

In PTX: of floating-point instructions that round, those that cuda/kernels/float_operations.csv states for the kernel, all
of them and no other. They keep subnormals (no .ftz), are exact (no .approx), do not saturate, and name their rounding
(add.f32 does not, and may be contracted); no atomic operations on floats. So what is written as two operations cannot
become one fma, what is written as fma is one, and no order matters. In SASS: no fma in kernels that have none in PTX, no
local memory, no spills; kernels that make weights store four at a time, and on sm_90 that of one sine layer makes a float32
weight of at most 28 instructions. Layers of int8 are multiplied as matrices, and four products take 0.26
instructions at most.

Registers, shared memory, instructions and bytes are at most those of cuda/FIGURES.md, which says which nvcc they are of;
other versions are only held to the rules. Where nvcc is missing, nothing can be said: exit code 77; where cuobjdump is,
nothing of SASS but what ptxas says. They are taken from NVCC and CUOBJDUMP, or from the path; cuobjdump needs nvdisasm
beside it.
"""

import argparse
import collections
import csv
import fnmatch
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import figures
from nvcc import KERNELS, SOURCE, compile_ptx, known_architectures, nvcc_or_skip, options, run, version

ARCHITECTURES = ['75', '80', '86', '87', '88', '89', '90', '100', '103', '110', '120', '121']
SOME_PTX = ['75', '120']  # between them, everything that depends on an architecture
PTX_IN_FIGURES = '90'
SOME_SASS = [PTX_IN_FIGURES]
MOST_FOR_A_SINE_WEIGHT = 28
MOST_FOR_FOUR_PRODUCTS = 0.26  # where they are those of matrices

FLOAT = re.compile(r'\.(f16|f16x2|bf16|bf16x2|tf32|f32|f64|e4m3|e5m2)\w*\b')
EXACT = ('ld.', 'st.', 'mov.', 'selp.', 'setp.', 'neg.', 'abs.')  # which round nothing


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


def check_stated(used, allowed):
    """used: {kernel: the opcodes that it has on any architecture}. What is stated is there: a fused multiply-add, say."""
    for name, opcodes in used.items():
        stated = set().union(*(operations for pattern, operations in allowed if fnmatch.fnmatchcase(name, pattern)))
        for opcode in sorted(stated - opcodes):
            yield f'{name}: {opcode} is stated in float_operations.csv, and the kernel has none'


def needs_of(text):
    """From what ptxas -v prints: registers and shared memory of each kernel, and the kernels that use local memory."""
    registers, shared, spills = {}, {}, []
    name = None
    for line in text.splitlines():
        if found := re.search(r"Function properties for '?(\w+)", line):
            name = found[1]
        elif found := re.search(r'(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads', line):
            if any(map(int, found.groups())):
                spills.append(f'{name}: {found[0]}')
        elif found := re.search(r'Used (\d+) registers', line):
            registers[name] = int(found[1])
            memory = re.search(r'(\d+) bytes smem', line)
            shared[name] = int(memory[1]) if memory else 0
    return registers, shared, spills


def parts_of(text, head):
    """The text of each kernel, by name."""
    parts = re.split(head + r'(\w+)', text)[1:]
    return dict(zip(parts[::2], parts[1::2]))


def check_sass(architecture, kernels, ptx):
    problems = []
    for name, code in kernels.items():
        opcodes = set(ptx[name])
        may_fuse = any(opcode.startswith(('fma.', 'div.', 'sqrt.', 'rcp.')) for opcode in opcodes)
        for word in sorted({opcode for _, opcode, _ in code}):
            if word.startswith('FFMA') and not may_fuse:
                problems.append(f'sm_{architecture}: {name}: {word}, and no fma in PTX')
            if word.split('.')[0] in ('LDL', 'STL'):
                problems.append(f'sm_{architecture}: {name}: {word} is local memory')
            if '.FTZ' in word and not may_fuse:
                problems.append(f'sm_{architecture}: {name}: {word} changes subnormals')
        if name.startswith('mcnc_expand_'):
            widest = max(figures.bytes_of(opcode, 'store') for _, opcode, _ in code)
            if widest != (16 if '_f32' in name else 8):
                problems.append(f'sm_{architecture}: {name}: stores {widest} bytes at a time, which are not four weights')
        if figures.family_of(name)[2] is figures.MATRICES:
            cost = figures.cost_of_unit(name, code)
            if cost is None or cost.instructions > MOST_FOR_FOUR_PRODUCTS:
                problems.append(f'sm_{architecture}: {name}: {cost} is more than {MOST_FOR_FOUR_PRODUCTS} instructions '
                                'for four products')
        if architecture == '90' and name.startswith('mcnc_expand_sine_f32'):
            cost = figures.cost_of_unit(name, code)
            if cost is None or cost.instructions > MOST_FOR_A_SINE_WEIGHT:
                problems.append(f'sm_90: {name}: {cost} is more than {MOST_FOR_A_SINE_WEIGHT} instructions a weight')
    return problems


class Figures:
    """The tables of cuda/FIGURES.md, filled architecture by architecture."""

    def __init__(self):
        self.tables = {title: collections.defaultdict(dict) for title in figures.TABLES}

    def add(self, title, kernel, column, number):
        self.tables[title][kernel][column] = f'{number:.4g}' if number < 1000 else str(number)

    def add_needs(self, column, registers, shared):
        for kernel, number in registers.items():
            self.add(figures.REGISTERS, kernel, column, number)
        for kernel, number in shared.items():
            before = self.tables[figures.BYTES][kernel].get('shared', '0')
            self.add(figures.BYTES, kernel, 'shared', max(number, int(before)))

    def add_code(self, column, kernels):
        for kernel, code in kernels.items():
            self.add(figures.WHOLE, kernel, column, len(code))
            if cost := figures.cost_of_unit(kernel, code):
                self.tables[figures.UNIT][kernel]['a unit'] = figures.family_of(kernel)[1]
                self.add(figures.UNIT, kernel, column, cost.instructions)
                if column == 'PTX':
                    self.tables[figures.BYTES][kernel]['a unit'] = figures.family_of(kernel)[1]
                    self.add(figures.BYTES, kernel, 'loaded', cost.loaded)
                    self.add(figures.BYTES, kernel, 'stored', cost.stored)

    def check(self, nvcc_version):
        made_by, stated = figures.read_document()
        if made_by != nvcc_version:
            print(f'{figures.DOCUMENT.name} is of nvcc {made_by}, and this is {nvcc_version}: not compared')
            return
        for title, table in self.tables.items():
            if gone := stated[title].keys() - table.keys():
                yield f'{title}: no kernel is called {", ".join(sorted(gone))}'
            for kernel, row in table.items():
                for column, text in row.items():
                    limit = stated[title].get(kernel, {}).get(column, '')
                    if text != limit and (column == 'a unit' or limit == '' or float(text) > float(limit)):
                        yield f'{title}: {kernel}, {column}: {text}, and stated is {limit or "nothing"}'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--write', action='store_true')
    arguments = parser.parse_args()
    everything = arguments.all or arguments.write
    nvcc = nvcc_or_skip('what nvcc makes of the kernels')
    known = known_architectures(nvcc)
    cuobjdump = os.environ.get('CUOBJDUMP') or shutil.which('cuobjdump')
    if not cuobjdump:
        print('left out: SASS, because there is no cuobjdump (set CUOBJDUMP, or install nvidia-cuda-cuobjdump and '
              'nvidia-cuda-nvdisasm from PyPI)')

    problems, made, allowed, used, translated = [], Figures(), allowed_operations(), collections.defaultdict(set), 0
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
                registers, shared, spills = needs_of(log)
                made.add_needs(f'sm_{architecture}', registers, shared)
                problems += [f'sm_{architecture}: {spill}' for spill in spills]
                translated += 1
            else:
                ptx = compile_ptx(nvcc, architecture, folder)
            code = {name: figures.ptx_code(body) for name, body in parts_of(ptx.read_text(), r'\.entry\s+').items()}
            kernels = {name: [opcode for _, opcode, _ in each] for name, each in code.items()}
            for name, opcodes in kernels.items():
                used[name] |= set(opcodes)
            problems += check_ptx(architecture, kernels, allowed)
            if architecture == PTX_IN_FIGURES:
                made.add_code('PTX', code)
            if has_sass and cuobjdump:
                sass = {name: figures.sass_code(body)
                        for name, body in parts_of(run([cuobjdump, '-sass', cubin]), 'Function : ').items()}
                assert sass.keys() == kernels.keys(), 'SASS and PTX have other kernels'
                problems += check_sass(architecture, sass, kernels)
                made.add_code(f'sm_{architecture}', sass)
    problems += [f'no kernel is {pattern}' for pattern, _ in allowed if not fnmatch.filter(used, pattern)]
    problems += check_stated(used, allowed)
    if arguments.write:
        figures.write_document(version(nvcc), made.tables)
    else:
        problems += made.check(version(nvcc))
    if problems:
        sys.exit('\n'.join(problems))
    print(f'{len(used)} kernels, {translated} architectures to machine code: as stated')


if __name__ == '__main__':
    main()
