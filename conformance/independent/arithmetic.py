# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers: random ones, binary32, and both arithmetics of generators. Sections 2.2, 7, 8.2 to 8.5.

array("f") rounds binary64 to binary32, to nearest, ties to even. So a result of two binary32 numbers rounds twice:
first as Python computes it, then here. That is harmless. A product has at most 48 significant bits and an exponent far
inside of binary64, so the first rounding does nothing. A sum, a quotient or a square root rounded to 53 >= 2 * 24 + 2
bits and then to 24 is the one rounded to 24 (Figueroa, 1995); where a sum is subnormal it is exact.
"""

import math
import struct
import sys
from array import array
from fractions import Fraction
from functools import lru_cache
from itertools import repeat
from operator import add, mul, sub

from common import BF16, F16, F32, IDENTITY, pack

# ------------------------------------------------------------------------------------------ Section 7: random numbers

WEIGHTS, UNIFORM, PROBES = 1, 2, 3  # domains
ODD = bytes(byte | 1 for byte in range(256))

def random_bytes(seed, domain, stream, start, count):
    """Bytes start ... start + count - 1 of the blocks of Philox4x32-10, one after the other."""
    keys = [(seed + i * 0x9E3779B9 & 0xFFFFFFFF, (seed >> 32) + i * 0xBB67AE85 & 0xFFFFFFFF) for i in range(10)]
    words = array("I")
    for block in range(start // 16, -(-(start + count) // 16)):
        a, b, c, d = block & 0xFFFFFFFF, block >> 32, stream, domain
        for key0, key1 in keys:
            left, right = 0xD2511F53 * a, 0xCD9E8D57 * c
            a, b, c, d = right >> 32 ^ b ^ key0, right & 0xFFFFFFFF, left >> 32 ^ d ^ key1, left & 0xFFFFFFFF
        words.extend((a, b, c, d))
    return pack("I", words)[start % 16:start % 16 + count]

def random_odd_int8(seed, domain, stream, start, count):
    return array("b", random_bytes(seed, domain, stream, start, count).translate(ODD))

def random_uniform(seed, domain, stream, count):
    """Floats of -1 to below 1, exact."""
    words = struct.iter_unpack("<i", random_bytes(seed, domain, stream, 0, 4 * count))
    return [(word >> 8) * 2.0**-23 for word, in words]

# -------------------------------------------------------------------------------------------------- Bytes of floats

def read_floats(data, dtype):
    """F32, F16 or BF16 widened to binary32."""
    if dtype == F16:
        return array("f", (value for value, in struct.iter_unpack("<e", data)))
    if dtype == BF16:  # the upper half of a binary32
        words = bytearray(2 * len(data))
        words[2::4], words[3::4] = data[0::2], data[1::2]
        data = words
    values = array("f")
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values

def write_floats(values, dtype):
    """Finite binary32 numbers, narrowed where dtype asks for it."""
    if dtype == F32:
        return pack("f", values)
    if dtype == F16:  # "e" rounds to nearest, ties to even, but raises OverflowError for what rounds to 2^16 or more
        return pack("e", [w if abs(w) < 65520 else w * float("inf") for w in values])
    words = struct.unpack(f"<{len(values)}I", pack("f", values))
    return pack("H", [word + 0x7FFF + (word >> 16 & 1) >> 16 for word in words])

# ------------------------------------------------------------------------------------ Section 8.2: integer arithmetic

def run_integer(g, weights, alpha, trace):
    """phi(alpha): the chunk_dim integers g. Appends the steps of each layer to the list trace."""
    x = alpha
    for layer, layer_weights in zip(g.layers, weights):
        acc = [0] * layer.width  # (width)
        for i, x_i in enumerate(x):
            row = layer_weights[i * layer.width:(i + 1) * layer.width]
            acc = list(map(add, acc, map(mul, repeat(x_i), row)))
        acc = [a & 0xFFFFFFFF for a in acc]
        steps = {"accumulator": pack("I", acc)}
        if layer.activation == IDENTITY:
            outputs = [a - (a >> 31 << 32) for a in acc]
        else:
            phase = [(layer.frequency * a & 0xFFFFFFFF) >> 16 for a in acc]
            outputs = list(map(sine, phase))
            steps.update(phase=pack("H", phase), sine=pack("h", outputs))
            if layer is not g.layers[-1]:
                x = [max(-127, min(s + 128 >> 8, 127)) for s in outputs]
                steps.update(activation=pack("b", x))
        trace.append(steps)
    return outputs

@lru_cache(maxsize=65536)
def sine(phase):
    """Section 8.3: the distance from a quarter turn as a triangle wave, bent by a polynomial."""
    distance = (phase - 16384 + 32768) % 65536 - 32768
    x = max(-32767, min(2 * (16384 - abs(distance)), 32767))
    u = x * x + 16384 >> 15
    p = (2356 * u + 16384 >> 15) - 21041
    p = (p * u + 16384 >> 15) + 18688
    return max(-32767, min(x + (x * p + 16384 >> 15), 32767))

# ------------------------------------------------------------------------------------ Section 8.4: float32 arithmetic

def fused(a, b, c):
    """a * b + c for each of three lists of binary32 numbers, rounded once.

    The sum in binary64 is on the right side of each number half-way between two binary32 ones, or on it. Where it is on
    one, the exact sum decides; elsewhere rounding a second time is harmless.
    """
    sums = list(map(add, map(mul, a, b), c))
    near = array("f", sums)
    opposite = list(map(sub, map(add, sums, sums), near))  # of near, as far from the sum on the other side
    doubtful = zip(range(len(near)), sums, near, opposite, array("f", opposite))
    for i in [i for i, total, n, o, rounded in doubtful if o == rounded and total != n]:
        exact = Fraction(a[i]) * Fraction(b[i]) + Fraction(c[i])
        if abs(exact - Fraction(opposite[i])) < abs(exact - Fraction(near[i])):
            near[i] = opposite[i]
    return near

def run_float(g, weights, biases, alpha, trace):
    """The same of float32 arithmetic: chunk_dim floats."""
    x = alpha
    for layer, layer_weights, bias in zip(g.layers, weights, biases):
        acc = array("f", bytes(4 * layer.width))
        for i, x_i in enumerate(x):
            acc = fused(layer_weights[i * layer.width:(i + 1) * layer.width], [x_i] * layer.width, acc)
        if bias:
            acc = array("f", map(add, acc, bias))
        steps = {"accumulator": pack("f", acc)}
        x = acc
        if layer.activation != IDENTITY:
            turns = array("f", map(mul, repeat(layer.turns), acc))
            x = turn_sine(turns)
            steps.update(turns=pack("f", turns), sine=pack("f", x))
        trace.append(steps)
    return with_unit_norm(x) if g.unit_norm else x

def with_unit_norm(y):
    sums = array("f", bytes(4 * 16))
    for at in range(0, len(y), 16):
        part = y[at:at + 16]
        sums[:len(part)] = fused(part, part, sums[:len(part)])
    while len(sums) > 1:
        half = len(sums) // 2
        sums = array("f", map(add, sums[:half], sums[half:]))
    norm, = array("f", [math.sqrt(sums[0])])
    return array("f", [value / norm for value in y]) if norm else y

TURN_SINE = [float.fromhex(number) for number in (
    "0x1.3c4b2cp5", "-0x1.3232fap6", "0x1.46676ep6", "-0x1.4abbb6p5", "0x1.921fb4p2")]

def turn_sine(turns):
    """Section 8.5, for each of a list."""
    t = []
    for r in turns:
        f = r - round(r)  # of the nearest whole numbers the even one; exact, and of -0 it is -0
        t.append(0.5 - f if f > 0.25 else -0.5 - f if f < -0.25 else f)
    u = array("f", map(mul, t, t))
    p = TURN_SINE[:1] * len(t)
    for coefficient in TURN_SINE[1:]:
        p = fused(p, u, [coefficient] * len(t))
    return array("f", map(mul, t, p))

def multiply(b, a, columns, scale, theta0):
    """Section 10.4: theta0 + scale * B * A, each a list of its elements, row-major."""
    rank = len(a) // columns
    total = array("f")
    for row in range(len(b) // rank):
        acc = array("f", bytes(4 * columns))
        for r in range(rank):
            acc = fused([b[row * rank + r]] * columns, a[r * columns:(r + 1) * columns], acc)
        scaled = array("f", map(mul, repeat(scale), acc))
        total.extend(map(add, theta0[row * columns:(row + 1) * columns], scaled))
    return total
