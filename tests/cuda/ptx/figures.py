# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""What the kernels need of a GPU, counted in what nvcc emits, and the document that states it, cuda/FIGURES.md."""

import fnmatch
import re
import typing

from nvcc import ROOT

DOCUMENT = ROOT / 'cuda' / 'FIGURES.md'

# Of products of matrices: what a lane's part of one is, in products of four numbers.
MATRICES = {'mma.sync.aligned.m16n8k32.': 32, 'mma.sync.aligned.m8n8k16.': 8, 'IMMA.16832.': 32, 'IMMA.8816.': 8}

# Of each kernel: what a unit of its work is, the instructions of PTX and of SASS by which the units that a loop makes are
# counted, and how many of these make a unit (of stores, bytes); or how many units each instruction makes.
FAMILIES = [
    ('mcnc_expand_sine_f32_*', 'a weight', 'store', 4),
    ('mcnc_expand_sine_*', 'a weight', 'store', 2),
    ('mcnc_expand_integer_*_8', 'four products', MATRICES, 1),
    ('mcnc_expand_integer_*_16', 'four products', ('dp2a', 'IDP.2A'), 2),
    ('mcnc_integer_hidden_16', 'four products', ('dp2a', 'IDP.2A'), 2),
    ('mcnc_integer_*', 'four products', MATRICES, 1),
    ('mcnc_gradient_layer_8', 'four products', MATRICES, 1),
    ('mcnc_gradient_layer_16', 'four products', ('dp2a', 'IDP.2A'), 2),
    ('mcnc_gradient_sine_1', 'a weight', ('dp4a', 'IDP.4A'), 1),
    ('mcnc_gradient_sine_2', 'a weight', ('dp4a', 'IDP.4A'), 2),
    ('mcnc_gradient_sine_3', 'a weight', ('dp4a', 'IDP.4A'), 3),
    ('mcnc_gradient_sine_4', 'a weight', ('dp4a', 'IDP.4A'), 4),
    ('mcnc_gradient_back', 'a product', ('fma', 'FFMA'), 1),
    ('mcnc_gradient_sums', 'a number', 'load', 4),
    ('mcnc_expand_float_*', 'a product', ('fma', 'FFMA'), 1),
    ('mcnc_float_layer', 'a product', ('fma', 'FFMA'), 1),
    ('mcnc_expand_rows_*', 'a weight and code', ('div', 'MUFU.RCP'), 1),
    ('mcnc_divide', 'a weight', 'store', 4),
    ('mcnc_norm_sums', 'a square', ('fma', 'FFMA'), 1),
    ('mcnc_norms', 'a norm', 'store', 4),
    ('mcnc_draw_int8', 'a weight', ('st.global.v4', 'STG.E.128'), 1 / 16),
    ('mcnc_draw_float', 'a weight', 'store', 4),
    ('mcnc_draw_theta0', 'a weight', 'store', 4),
    ('mcnc_pack_codes_16', 'four numbers', 'store', 8),
    ('mcnc_pack_*', 'four numbers', 'store', 4),
    ('mcnc_round_codes_8', 'a number', 'store', 1),
    ('mcnc_round_codes_16', 'a number', 'store', 2),
    ('mcnc_widen_*', 'an element', 'store', 4),
    ('mcnc_find_large', 'an element', 'load', 4),
    ('mcnc_hash_leaves', 'four bytes', 'load', 4),
]


def family_of(name):
    return next(family for family in FAMILIES if fnmatch.fnmatchcase(name, family[0]))


# --- the code of a kernel: (position, opcode with its guard removed, where it branches to or None)

def ptx_code(body):
    """From the text of a kernel in PTX."""
    body = re.sub(r'//.*', '', body[body.index(')') :])
    # Braces around statements, as functions of CUDA's headers have them; those of vectors stand inside of a statement.
    body = re.sub(r'^\s*\{(?=\s*[a-z@])', '', body, flags=re.MULTILINE)
    body = re.sub(r';\s*\}', ';\n', body)
    pieces = re.split(r'[;{]\s*\n|(\$\w+):', body)
    code, labels = [], {}
    for piece in pieces:
        if piece is None:
            continue
        if re.fullmatch(r'\$\w+', piece):
            labels[piece] = len(code)
        elif found := re.match(r'\s*(?:@!?%\w+\s+)?([a-z][\w.:]*)(.*)', piece, re.DOTALL):
            target = re.search(r'\$\w+', found[2]) if found[1].startswith('bra') else None
            code.append((len(code), found[1], target and target[0]))
    return [(at, opcode, labels.get(target)) for at, opcode, target in code]


def sass_code(body):
    """From the text that cuobjdump prints of a kernel; without the padding after its last instruction."""
    code = []
    for address, text in re.findall(r'/\*([0-9a-f]{4,5})\*/\s+(?:@!?\w+\s+)?([^;]*?)\s*;', body):
        target = re.search(r'0x[0-9a-f]+$', text) if re.match(r'BRA\b', text) else None
        code.append((int(address, 16), text.split()[0], target and int(target[0], 16)))
    while code and (code[-1][1] == 'NOP' or code[-1][2] == code[-1][0]):
        code.pop()
    return code


# --- counts

def bytes_of(opcode, kind):
    """What a load or a store of global memory moves; 0 for other instructions."""
    if opcode.startswith(('LDG', 'STG')):
        if (opcode[:2] == 'LD') != (kind == 'load'):
            return 0
        bits = re.search(r'\.(?:[US])?(8|16|64|128)\b', opcode)
        return int(bits[1]) // 8 if bits else 4
    if opcode.startswith('ld.global' if kind == 'load' else 'st.global'):
        return int(re.search(r'\.v(\d)', opcode)[1] if '.v' in opcode else 1) * int(opcode[-2:].lstrip('sufb')) // 8
    return 0


def units_of(opcode, counted, size):
    if isinstance(counted, str):
        return bytes_of(opcode, counted) / size
    if isinstance(counted, dict):
        return sum(units for start, units in counted.items() if opcode.startswith(start)) / size
    return (opcode.startswith(counted[0]) or opcode.startswith(counted[1])) / size


class Cost(typing.NamedTuple):
    """Of a unit of work."""

    instructions: float
    loaded: float
    stored: float


def cost_of_unit(name, code):
    """The Cost of a unit in the loop that needs the fewest instructions for one; None where no loop makes any. Loops that have
    no other inside come first; what stands in loops inside is not counted."""
    _, _, counted, size = family_of(name)
    loops = [(target, at) for at, _, target in code if target is not None and target < at]
    costs = []
    for first, last in loops:
        inner = [loop for loop in loops if loop != (first, last) and first <= loop[0] and loop[1] <= last]
        body = [opcode for at, opcode, _ in code
                if first <= at <= last and not any(begin <= at <= end for begin, end in inner)]
        if units := sum(units_of(opcode, counted, size) for opcode in body):
            loaded, stored = ([bytes_of(opcode, kind) for opcode in body] for kind in ('load', 'store'))
            costs.append((bool(inner), Cost(len(body) / units, sum(loaded) / units, sum(stored) / units)))
    return min(costs)[1] if costs else None


# --- the document

HEAD = """<!-- SPDX-FileCopyrightText: 2026 The .mcnc authors -->
<!-- SPDX-License-Identifier: Apache-2.0 -->

# What the kernels need of a GPU

Written by `tests/cuda/ptx/emitted_test.py --write`, which counts in what nvcc {version} emits; the test of that name holds
the kernels to it. These are counts of instructions, not times: nothing here was measured on a GPU.

No kernel keeps anything in local memory: there is no stack and nothing is spilled.

## What limits a kernel, on paper

The head of each header in `cuda/kernels/` says what limits its kernels on three cards, by what their maker publishes of
them. A multiprocessor of these cards issues at most 128 instructions of a thread a clock (four of a warp), which is as many
as it has lanes for float32, so that half the peak of float32, for which a multiply-add counts as two, is the most
instructions of a thread that a card can do:

| card | multiprocessors | peak of float32 | instructions a second | memory | instructions in the time of one byte | int8 in matrices |
|---|---:|---:|---:|---:|---:|---:|
| H100 SXM | 132 | 67 TFLOPS | 33.5e12 | 3.35 TB/s | 10 | 1979 TOPS |
| RTX 4090 | 128 | 82.6 TFLOPS | 41.3e12 | 1.008 TB/s | 41 | 661 TOPS |
| Jetson AGX Orin 64 GB | 16 | 5.3 TFLOPS | 2.65e12 | 0.2048 TB/s | 13 | 85 TOPS |

A kernel that takes more instructions than the last column but one for a byte that it loads or stores is limited by
instructions there, others by memory. The last column is of matrices that are not sparse, and counts a product and its sum as
two. Integer instructions go to two pipes, half the rate each, which the kernels of one sine layer keep
about equally busy. What a card makes of it is to be measured.
"""
REGISTERS = 'Registers of a thread'
WHOLE = 'Instructions of a kernel'
UNIT = 'Instructions for a unit of work'
BYTES = 'Bytes of a unit of work'
MEANING = {
    REGISTERS: 'As ptxas reports them.',
    WHOLE: 'All that stand in it; PTX is that of compute_90.',
    UNIT: 'In the loop of the kernel that needs the fewest: for `mcnc_expand_sine_*` the one over chunks of one code each.',
    BYTES: 'Those that a thread loads and stores in the same loop, by the PTX of compute_90; what several threads load '
           'counts for each. Then the shared memory of a block, as ptxas reports it.',
}
TABLES = list(MEANING)
COLUMNS = ['a unit', 'PTX', 'loaded', 'stored', 'shared']  # before those of architectures


def place_of(column):
    return COLUMNS.index(column) if column in COLUMNS else int(column.removeprefix('sm_'))


def table_text(title, rows):
    """rows: {kernel: {column: value}}"""
    columns = sorted({column for row in rows.values() for column in row}, key=place_of)
    lines = [f'\n## {title}\n', MEANING[title] + '\n', f'| kernel | {" | ".join(columns)} |',
             '|---|' + '---:|' * len(columns)]
    lines += [f'| {name} | {" | ".join(row.get(column, "") for column in columns)} |' for name, row in sorted(rows.items())]
    return '\n'.join(lines) + '\n'


def write_document(version, tables):
    """tables: {title: {kernel: {column: text}}}"""
    DOCUMENT.write_text(HEAD.format(version=version) + ''.join(table_text(title, tables[title]) for title in TABLES))


def read_document():
    """The nvcc of the document, and its tables as write_document takes them."""
    text = DOCUMENT.read_text()
    tables = {}
    for title, body in re.findall(r'^## (.+?)\n(.*?)(?=^## |\Z)', text, re.MULTILINE | re.DOTALL):
        if title not in TABLES:
            continue
        lines = [[cell.strip() for cell in line.strip('|').split('|')] for line in body.splitlines() if line.startswith('|')]
        tables[title] = {line[0]: dict(zip(lines[0][1:], line[1:], strict=True)) for line in lines[2:]}
    return re.search(r'nvcc (\d+\.\d+)', text)[1], tables
