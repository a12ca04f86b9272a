#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Draws what `mcnc bench --json` and bench/peers.py printed: a bar a case, its speed as part of memcpy's, as SVG.

    build/tools/mcnc bench --json > decode.json
    bench/chart.py decode.json peers.json -o decode.svg

A whisker goes from the least to the largest ratio of the rounds. The axis is logarithmic, from 1/1000 of memcpy on.
"""

import argparse
import json
import math
import sys
from xml.sax.saxutils import escape

LABELS, BARS, NUMBERS = 300, 460, 60  # widths
ROW, BAR, TOP = 22, 14, 64            # heights
LEAST = 1e-3
COLORS = (('memory, files', '#9aa5b1'), ('decoded', '#2f6f9f'), ('decoded, digests checked', '#7fb3d5'),
          ('PyTorch', '#d98e04'))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('files', nargs='+', metavar='JSON', help='arrays of cases')
    parser.add_argument('--threads', type=int, help='only cases on this many threads')
    parser.add_argument('-o', '--output', help='where to write [standard output]')
    return parser.parse_args()


def kind_of(case):
    if case['target'] is None:
        return 0
    if case['target'].startswith('torch'):
        return 3
    return 2 if case['digests'] else 1


def label_of(case):
    threads = case['threads']
    return f"{case['case']}, {threads} thread{'' if threads == 1 else 's'}"


def draw(cases):
    most = max(1.0, *(case['ratio_max'] for case in cases))
    height = TOP + ROW * len(cases) + 12
    width = LABELS + BARS + NUMBERS

    def x(ratio):
        part = math.log(max(ratio, LEAST) / LEAST) / math.log(most / LEAST)
        return LABELS + BARS * part

    targets = sorted({case['target'] for case in cases if case['target']})
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="8" y="18" font-size="14">Bytes a second, memcpy is 1 ({escape(", ".join(targets)) or "no target"})'
        '</text>',
    ]
    at = 8
    for kind, (name, color) in enumerate(COLORS):
        if any(kind_of(case) == kind for case in cases):
            parts.append(f'<rect x="{at}" y="28" width="12" height="12" fill="{color}"/>')
            parts.append(f'<text x="{at + 17}" y="38">{escape(name)}</text>')
            at += 34 + 7 * len(name)
    for tick in (0.001, 0.01, 0.1, 1):
        parts.append(f'<line x1="{x(tick):.1f}" y1="{TOP - 6}" x2="{x(tick):.1f}" y2="{height - 8}"'
                     f' stroke="{"#555555" if tick == 1 else "#dddddd"}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{TOP - 10}" text-anchor="middle">{tick:g}</text>')
    for row, case in enumerate(cases):
        y = TOP + ROW * row
        middle = y + BAR / 2
        parts += [
            f'<text x="{LABELS - 8}" y="{y + 11}" text-anchor="end">{escape(label_of(case))}</text>',
            f'<rect x="{LABELS}" y="{y}" width="{x(case["ratio_to_memcpy"]) - LABELS:.1f}" height="{BAR}"'
            f' fill="{COLORS[kind_of(case)][1]}"/>',
            f'<line x1="{x(case["ratio_min"]):.1f}" y1="{middle}" x2="{x(case["ratio_max"]):.1f}" y2="{middle}"'
            ' stroke="#222222"/>',
            f'<text x="{x(case["ratio_max"]) + 6:.1f}" y="{y + 11}">{case["ratio_to_memcpy"]:.3g}</text>',
        ]
    return '\n'.join([*parts, '</svg>', ''])


def main():
    arguments = parse_arguments()
    cases = []
    for path in arguments.files:
        try:
            with open(path, encoding='utf-8') as file:
                cases += json.load(file)
        except (OSError, ValueError) as error:
            print(f'chart.py: {path}: {error}', file=sys.stderr)
            return 2
    if arguments.threads is not None:
        cases = [case for case in cases if case['threads'] == arguments.threads]
    if not cases:
        print('chart.py: there are no cases to draw', file=sys.stderr)
        return 2
    svg = draw(cases)
    if arguments.output is None:
        sys.stdout.write(svg)
    else:
        with open(arguments.output, 'w', encoding='utf-8') as file:
            file.write(svg)
    return 0


if __name__ == '__main__':
    sys.exit(main())
