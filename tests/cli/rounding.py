# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""float32 arithmetic from exact fractions: slow, and right by definition."""

import math
from fractions import Fraction


def nearest(exact, dtype='F32'):
    """The number of `dtype` nearest to an exact one, ties to even: what IEEE 754 calls one rounding."""
    exact = Fraction(exact)
    bits, least = {'F32': (24, -149), 'BF16': (8, -133), 'F16': (11, -24)}[dtype]
    if exact == 0:
        return 0.0
    exponent = max(abs(exact).numerator.bit_length() - exact.denominator.bit_length() - bits, least)
    while abs(exact) >= Fraction(2) ** (exponent + bits):
        exponent += 1
    return float(round(exact / Fraction(2) ** exponent) * Fraction(2) ** exponent)


def plus(a, b):
    return nearest(Fraction(a) + Fraction(b))


def times(a, b):
    return nearest(Fraction(a) * Fraction(b))


def over(a, b):
    return nearest(Fraction(a) / Fraction(b))


def fma(a, b, c):
    return nearest(Fraction(a) * Fraction(b) + Fraction(c))


def root(a):
    """Within a bit more precision than a float32 has, then rounded: no square root lies on a tie."""
    exact = Fraction(a)
    scale = 1 << 128
    return nearest(Fraction(math.isqrt(exact.numerator * scale * scale // exact.denominator), scale))
