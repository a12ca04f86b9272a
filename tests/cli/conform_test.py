# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The stages of float32 arithmetic and of products, compared with exact fractions rounded step by step."""

import hashlib
import json
import struct
import unittest

from arrays import drawn, f32, pack, unpack
from rounding import fma, nearest, over, plus, root, times
from support import CliTest, ramp, read_safetensors


def numbers(count, step):
    """What make_file.cc calls so."""
    return [f32((i % 17 - 8) * f32(step)) for i in range(count)]


def digest(values):
    return hashlib.sha256(pack('F32', values)).hexdigest()


def accumulate(weights, bias, x):
    """weights: (n_in, width), input-major."""
    width = len(weights) // len(x)
    acc = [0.0] * width
    for i, value in enumerate(x):
        acc = [fma(weights[i * width + j], value, acc[j]) for j in range(width)]
    return [plus(a, b) for a, b in zip(acc, bias)] if bias else acc


def sine(turns):
    """The polynomial of spec section "float32 arithmetic"."""
    f = turns - round(turns)
    t = 0.5 - f if f > 0.25 else -0.5 - f if f < -0.25 else f
    u = times(t, t)
    p = float.fromhex('0x1.3c4b2cp5')
    for c in ('-0x1.3232fap6', '0x1.46676ep6', '-0x1.4abbb6p5', '0x1.921fb4p2'):
        p = fma(p, u, float.fromhex(c))
    return times(t, p)


def unit(g):
    sums = [0.0] * 16
    for j, value in enumerate(g):
        sums[j % 16] = fma(value, value, sums[j % 16])
    for step in (8, 4, 2, 1):
        sums = [plus(sums[i], sums[i + step]) for i in range(step)]
    return [over(value, root(sums[0])) for value in g]


class ConformTest(CliTest):
    def test_stages_of_the_family(self):
        self.make('family')
        answer = json.loads(self.mcnc('conform', '--stages', 'family.mcnc')[0])
        stages = answer['stages']
        self.assertEqual([tensor['name'] for tensor in answer['tensors']], ['w'])

        hidden, bias, last = numbers(24, 0.0625), numbers(8, 0.01), drawn(11, 1, 8 * 32, 0.25)
        self.assertEqual(stages['generators'], [{'weights': digest(hidden + bias + last)}])

        alpha = [code * 2.0**-12 for code in struct.unpack('<3h', ramp(6))]
        acc = accumulate(hidden, bias, alpha)
        turns = [times(0.75, a) for a in acc]
        activation = [sine(r) for r in turns]
        acc_last = accumulate(last, [], activation)
        g = unit(acc_last)
        self.assertEqual(stages['codes'], [{
            'code': 0, 'alpha': digest(alpha), 'beta': digest([1.5]),
            'layers': [{'accumulator': digest(acc), 'turns': digest(turns), 'sine': digest(activation)},
                       {'accumulator': digest(acc_last)}],
            'g': digest(g)}])

        sums = [plus(0.125, times(1.5, value)) for value in g]
        b = [nearest(value, 'BF16') for value in sums]
        a = numbers(10, 0.3)
        w = []
        for i in range(16):
            for j in range(5):
                acc = fma(b[2 * i + 1], a[5 + j], fma(b[2 * i], a[j], 0.0))
                w.append(plus(10, times(0.5, acc)))
        self.assertEqual(stages['tensors'], [{}, {'theta0': digest([0.125] * 32), 'sum': digest(sums)},
                                             {'theta0': digest([10.0] * 80), 'sum': digest(w)}])
        decoded = read_safetensors(self.mcnc('decode', '--factors', 'family.mcnc')[0])[1]
        self.assertEqual(unpack('BF16', decoded['b']), b)
        self.assertEqual(unpack('F32', decoded['w']), w)


if __name__ == '__main__':
    unittest.main()
