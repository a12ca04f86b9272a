#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Every instruction of the PTX interpreter, at edge values and at random ones, against exact arithmetic in Python.

  operations_test.py PTX_LANES

What must come out is computed here from the text of NVIDIA's "PTX ISA": integers by Python's, which have no width, and
floats by fractions, rounded once. Fails where the interpreter has an instruction that this test does not know.
"""

import math
import random
import struct
import subprocess
import sys
from fractions import Fraction

LANES = 32
RANDOM = random.Random(1)
INTEGER_TYPES = ['s16', 'u16', 's32', 'u32', 's64', 'u64']
INFINITY = 0x7F800000
NAN = 0x7FFFFFFF


# --- integers

def width_of(kind):
    return 1 if kind == 'pred' else int(kind[1:])


def unsigned(value, width):
    return value & ((1 << width) - 1)


def signed(value, width):
    value = unsigned(value, width)
    return value - (1 << width) if value >> (width - 1) else value


def number(bits, kind):
    """The bits of a register as a number of a type: s32, u32, and so on."""
    return signed(bits, width_of(kind)) if kind[0] == 's' else unsigned(bits, width_of(kind))


def edges(width):
    """Numbers at which integer arithmetic goes wrong, and some at random."""
    if width == 1:
        return [0, 1]
    top = 1 << (width - 1)
    return [0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 127, 128, 255, 0x8081, top - 1, top, top + 1, 2 * top - 2, 2 * top - 1,
            *(RANDOM.getrandbits(width) for _ in range(12))]


# --- floats: bits of float32, by fractions

FLOATS = [0, 0x80000000, 1, 0x80000001, 0x007FFFFF, 0x00800000, 0x807FFFFF, 0x3F800000, 0xBF800000, 0x3F800001,
          0x3F7FFFFF, 0x3F000000, 0x40200000, 0xC0200000, 0x40600000, 0x4B000000, 0x4B7FFFFF, 0x4B800001, 0x4EFFFFFF,
          0x4F000000, 0xCF000000, 0x4F7FFFFF, 0x4F800000, 0x477FE000, 0x477FEFFF, 0x477FF000, 0x33000000, 0x33000001,
          0x387FC000, 0x387FFFFF, 0x3F808000, 0x3F818000, 0x3F80FFFF, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F7F8000, 0x7F7F7FFF,
          INFINITY, 0xFF800000, NAN, 0x7F800001, 0xFFC00000]


def some_float():
    return RANDOM.choice([RANDOM.choice(FLOATS), RANDOM.getrandbits(32), 0x3F000000 + RANDOM.getrandbits(24)])


def is_nan(bits):
    return bits & 0x7FFFFFFF > INFINITY


def is_infinite(bits):
    return bits & 0x7FFFFFFF == INFINITY


def is_negative(bits):
    return bool(bits >> 31)


def exact(bits):
    """The value of a finite float32."""
    return Fraction(struct.unpack('<f', struct.pack('<I', bits))[0])


def to_whole(value, mode):
    """A fraction rounded to a whole number: rni, rzi, rmi, rpi."""
    if mode == 'rni':
        return round(value)  # ties to even
    return {'rzi': math.trunc, 'rmi': math.floor, 'rpi': math.ceil}[mode](value)


def rounded(value, negative, digits=23, exponent_bits=8):
    """The bits of the float nearest to a fraction, ties to even; `negative` is the sign of a zero."""
    sign = (value < 0 or (value == 0 and negative)) << (digits + exponent_bits)
    value = abs(value)
    bias = (1 << (exponent_bits - 1)) - 1
    if value == 0:
        return sign
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    if Fraction(2)**exponent > value:
        exponent -= 1
    exponent = max(exponent, 1 - bias)
    units = round(value / Fraction(2)**(exponent - digits))
    infinity = ((1 << exponent_bits) - 1) << digits
    return sign | min(units + ((exponent + bias - 1) << digits), infinity)


def add(a, b, subtract=False):
    if subtract:
        b ^= 0x80000000
    if is_nan(a) or is_nan(b) or (is_infinite(a) and is_infinite(b) and a != b):
        return NAN
    if is_infinite(a) or is_infinite(b):
        return a if is_infinite(a) else b
    return rounded(exact(a) + exact(b), is_negative(a) and is_negative(b))


def multiply(a, b):
    sign = (a ^ b) & 0x80000000
    if is_nan(a) or is_nan(b):
        return NAN
    if is_infinite(a) or is_infinite(b):
        return NAN if 0 in (a & 0x7FFFFFFF, b & 0x7FFFFFFF) else sign | INFINITY
    return rounded(exact(a) * exact(b), bool(sign))


def fma(a, b, c):
    if is_nan(a) or is_nan(b) or is_nan(c):
        return NAN
    if is_infinite(a) or is_infinite(b) or is_infinite(c):
        product = multiply(a, b) if is_infinite(a) or is_infinite(b) else 0
        return add(product, c)
    negative_product = is_negative(a) != is_negative(b)
    return rounded(exact(a) * exact(b) + exact(c), negative_product and is_negative(c))


def divide(a, b):
    sign = (a ^ b) & 0x80000000
    zero_a, zero_b = a & 0x7FFFFFFF == 0, b & 0x7FFFFFFF == 0
    if is_nan(a) or is_nan(b) or (is_infinite(a) and is_infinite(b)) or (zero_a and zero_b):
        return NAN
    if is_infinite(a) or zero_b:
        return sign | INFINITY
    if is_infinite(b):
        return sign
    return rounded(exact(a) / exact(b), bool(sign))


def square_root(a):
    if is_nan(a) or (is_negative(a) and a != 0x80000000):
        return NAN
    if is_infinite(a) or a & 0x7FFFFFFF == 0:
        return a
    # 60 bits of the root and whether there are more decide every rounding.
    value = exact(a) * Fraction(4)**200
    root = math.isqrt(value.numerator * 4**10 // value.denominator)
    inexact = Fraction(root)**2 != value * 4**10
    return rounded((Fraction(root) + (Fraction(1, 2) if inexact else 0)) / 2**210, False)


def order(a, b, least):
    if is_nan(a) or is_nan(b):
        return NAN if is_nan(a) and is_nan(b) else b if is_nan(a) else a
    key = lambda bits: -(bits & 0x7FFFFFFF) - 1 if is_negative(bits) else bits  # -0 before +0
    return min(a, b, key=key) if least else max(a, b, key=key)


def compare(a, b):
    """-1, 0, 1, or None where one is a NaN."""
    if is_nan(a) or is_nan(b):
        return None
    x, y = (math.copysign(math.inf, -is_negative(v) or 1) if is_infinite(v) else exact(v) for v in (a, b))
    return (x > y) - (x < y)


def narrowed(a, digits, exponent_bits):
    if is_nan(a):
        return 0x7FFF
    sign = (a >> 16) & 0x8000
    if is_infinite(a):
        return sign | ((1 << exponent_bits) - 1) << digits
    return rounded(exact(a), is_negative(a), digits, exponent_bits)


def widened(a, digits, exponent_bits):
    top = (1 << exponent_bits) - 1
    exponent, fraction, sign = (a >> digits) & top, a & ((1 << digits) - 1), (a & 0x8000) << 16
    if exponent == top:
        return NAN if fraction else sign | INFINITY
    shift = max(exponent, 1) - (top >> 1) - digits
    return rounded(Fraction(fraction + (exponent > 0) * (1 << digits)) * Fraction(2)**shift, bool(sign)) | sign


# --- what instructions must give: opcode -> (widths of results, widths of inputs, function of the inputs' bits)

EXPECTED = {}


def expect(opcode, results, inputs, function):
    assert opcode not in EXPECTED, opcode
    EXPECTED[opcode] = (results, inputs, function)


def expect_integers():
    for kind in INTEGER_TYPES:
        w = width_of(kind)
        for name, arity, function in [
                ('add', 2, lambda a, b: a + b),
                ('sub', 2, lambda a, b: a - b),
                ('mul.lo', 2, lambda a, b: a * b),
                ('mul.hi', 2, lambda a, b, w=w: a * b >> w),
                ('mad.lo', 3, lambda a, b, c: a * b + c),
                ('mad.hi', 3, lambda a, b, c, w=w: (a * b >> w) + c),
                ('min', 2, min),
                ('max', 2, max),
                ('sad', 3, lambda a, b, c: c + abs(a - b))]:
            expect(f'{name}.{kind}', [w], [w] * arity,
                   lambda *bits, f=function, k=kind: [f(*(number(x, k) for x in bits))])
        if kind[0] == 's':
            expect(f'neg.{kind}', [w], [w], lambda a, k=kind: [-number(a, k)])
            expect(f'abs.{kind}', [w], [w], lambda a, k=kind: [abs(number(a, k))])
        if w < 64:
            expect(f'mul.wide.{kind}', [2 * w], [w, w], lambda a, b, k=kind: [number(a, k) * number(b, k)])
            expect(f'mad.wide.{kind}', [2 * w], [w, w, 2 * w], lambda a, b, c, k=kind: [number(a, k) * number(b, k) + c])
        for name, holds in [('eq', lambda a, b: a == b), ('ne', lambda a, b: a != b), ('lt', lambda a, b: a < b),
                            ('le', lambda a, b: a <= b), ('gt', lambda a, b: a > b), ('ge', lambda a, b: a >= b)]:
            expect(f'setp.{name}.{kind}', [1], [w, w], lambda a, b, h=holds, k=kind: [h(number(a, k), number(b, k))])
            other = {'lt': 'lo', 'le': 'ls', 'gt': 'hi', 'ge': 'hs'}.get(name)
            if kind[0] == 'u' and other:
                expect(f'setp.{other}.{kind}', [1], [w, w], lambda a, b, h=holds: [h(a, b)])
        shift = lambda a, n, k=kind: [number(a, k) >> min(n, width_of(k))]
        expect(f'shr.{kind}', [w], [w, 32], shift)
    for w in [16, 32, 64]:
        expect(f'setp.eq.b{w}', [1], [w, w], lambda a, b: [a == b])
        expect(f'setp.ne.b{w}', [1], [w, w], lambda a, b: [a != b])
        expect(f'shl.b{w}', [w], [w, 32], lambda a, n, w=w: [a << min(n, w)])
        expect(f'shr.b{w}', [w], [w, 32], lambda a, n, w=w: [a >> min(n, w)])
    for w in [32, 64]:
        # By zero it is a fault: see checks_test.cc.
        expect(f'div.u{w}', [w], [w, w], lambda a, b: [a // b if b else None])
        expect(f'rem.u{w}', [w], [w, w], lambda a, b: [a % b if b else None])
    for kind in ['s16x2', 'u16x2']:
        for name, f in [('add', lambda a, b: a + b), ('min', min), ('max', max)]:
            half = lambda a, b, f=f, k=kind[:3]: unsigned(f(number(a, k), number(b, k)), 16)
            expect(f'{name}.{kind}', [32], [32, 32], lambda a, b, h=half: [h(a, b) | h(a >> 16, b >> 16) << 16])
    for a_sign in 'su':
        for b_sign in 'su':
            part = lambda x, i, bits, sign: number(x >> (bits * i), f'{sign}{bits}')
            types = f'{a_sign}32.{b_sign}32'
            expect(f'dp4a.{types}', [32], [32] * 3, lambda a, b, c, s=a_sign, t=b_sign, p=part:
                   [c + sum(p(a, i, 8, s) * p(b, i, 8, t) for i in range(4))])
            for name, first in [('lo', 0), ('hi', 2)]:
                expect(f'dp2a.{name}.{types}', [32], [32] * 3, lambda a, b, c, s=a_sign, t=b_sign, p=part, f=first:
                       [c + sum(p(a, i, 16, s) * p(b, f + i, 8, t) for i in range(2))])


def permuted(a, b, c):
    octets = [(b << 32 | a) >> (8 * i) & 0xFF for i in range(8)]
    chosen = [octets[c >> (4 * i) & 7] for i in range(4)]
    return sum((0xFF if v & 0x80 else 0) << 8 * i if c >> (4 * i) & 8 else v << 8 * i for i, v in enumerate(chosen))


def extracted(a, b, c, is_signed):
    """The pseudo-code of bfe."""
    position, length = b & 0xFF, c & 0xFF
    sign = (a >> min(position + length - 1, 31)) & 1 if is_signed and length else 0
    result = sum(sign << i for i in range(32))
    for i in range(32):
        if i < length and position + i <= 31:
            result = result & ~(1 << i) | ((a >> (position + i)) & 1) << i
    return result


def inserted(a, b, c, d, width):
    """The pseudo-code of bfi."""
    position, length = c & 0xFF, d & 0xFF
    for i in range(width):
        if i < length and position + i <= width - 1:
            b = b & ~(1 << (position + i)) | ((a >> i) & 1) << (position + i)
    return b


def expect_bits():
    for kind in ['pred', 'b16', 'b32', 'b64']:
        w = width_of(kind)
        expect(f'and.{kind}', [w], [w, w], lambda a, b: [a & b])
        expect(f'or.{kind}', [w], [w, w], lambda a, b: [a | b])
        expect(f'xor.{kind}', [w], [w, w], lambda a, b: [a ^ b])
        expect(f'not.{kind}', [w], [w], lambda a: [~a])
    expect('mov.pred', [1], [1], lambda a: [a])
    for kind in [*INTEGER_TYPES, 'b16', 'b32', 'b64', 'f32']:
        w = width_of(kind)
        expect(f'mov.{kind}', [w], [w], lambda a: [a])
        expect(f'selp.{kind}', [w], [w, w, 1], lambda a, b, p: [a if p else b])
    for name, limit in [('wrap', lambda n: n & 31), ('clamp', lambda n: min(n, 32))]:
        expect(f'shf.l.{name}.b32', [32], [32] * 3, lambda a, b, n, l=limit: [((b << 32 | a) << l(n)) >> 32])
        expect(f'shf.r.{name}.b32', [32], [32] * 3, lambda a, b, n, l=limit: [(b << 32 | a) >> l(n)])
    expect('lop3.b32', [32], [32] * 4, lambda a, b, c, table: [
        sum((table >> ((a >> i & 1) << 2 | (b >> i & 1) << 1 | (c >> i & 1)) & 1) << i for i in range(32))])
    expect('prmt.b32', [32], [32] * 3, lambda a, b, c: [permuted(a, b, c)])
    expect('bfe.u32', [32], [32] * 3, lambda a, b, c: [extracted(a, b, c, False)])
    expect('bfe.s32', [32], [32] * 3, lambda a, b, c: [extracted(a, b, c, True)])
    for w in [32, 64]:
        expect(f'bfi.b{w}', [w], [w, w, 32, 32], lambda a, b, c, d, w=w: [inserted(a, b, c, d, w)])
    expect('brev.b32', [32], [32], lambda a: [int(f'{a:032b}'[::-1], 2)])
    expect('clz.b32', [32], [32], lambda a: [32 - a.bit_length()])
    expect('popc.b32', [32], [32], lambda a: [bin(a).count('1')])
    for count, whole in [(2, 32), (2, 64), (4, 64)]:
        part = whole // count
        expect(f'pack{count}.b{whole}', [whole], [part] * count,
               lambda *parts, w=part: [sum(p << (w * i) for i, p in enumerate(parts))])
        expect(f'unpack{count}.b{whole}', [part] * count, [whole],
               lambda a, w=part, n=count: [unsigned(a >> (w * i), w) for i in range(n)])
    for space, window in [('global', 0), ('const', 0), ('shared', 1 << 60), ('local', 1 << 61)]:
        expect(f'cvta.{space}.u64', [64], [64], lambda a, w=window: [a + w])
        expect(f'cvta.to.{space}.u64', [64], [64], lambda a, w=window: [a - w])


def expect_floats():
    expect('add.rn.f32', [32], [32, 32], lambda a, b: [add(a, b)])
    expect('sub.rn.f32', [32], [32, 32], lambda a, b: [add(a, b, subtract=True)])
    expect('mul.rn.f32', [32], [32, 32], lambda a, b: [multiply(a, b)])
    expect('fma.rn.f32', [32], [32] * 3, lambda a, b, c: [fma(a, b, c)])
    expect('div.rn.f32', [32], [32, 32], lambda a, b: [divide(a, b)])
    expect('rcp.rn.f32', [32], [32], lambda a: [divide(0x3F800000, a)])
    expect('sqrt.rn.f32', [32], [32], lambda a: [square_root(a)])
    expect('neg.f32', [32], [32], lambda a: [NAN if is_nan(a) else a ^ 0x80000000])
    expect('abs.f32', [32], [32], lambda a: [NAN if is_nan(a) else a & 0x7FFFFFFF])
    expect('min.f32', [32], [32, 32], lambda a, b: [order(a, b, True)])
    expect('max.f32', [32], [32, 32], lambda a, b: [order(a, b, False)])
    for name, orders in [('eq', [0]), ('ne', [-1, 1]), ('lt', [-1]), ('le', [-1, 0]), ('gt', [1]), ('ge', [0, 1])]:
        expect(f'setp.{name}.f32', [1], [32, 32], lambda a, b, o=orders: [compare(a, b) in o])
        expect(f'setp.{name}u.f32', [1], [32, 32], lambda a, b, o=orders: [compare(a, b) in [None, *o]])
    expect('setp.num.f32', [1], [32, 32], lambda a, b: [compare(a, b) is not None])
    expect('setp.nan.f32', [1], [32, 32], lambda a, b: [compare(a, b) is None])


def whole_number(a, mode, kind):
    if is_nan(a):
        return 0
    low, high = (-(1 << 31), (1 << 31) - 1) if kind == 's32' else (0, (1 << 32) - 1)
    if is_infinite(a):
        return low if is_negative(a) else high
    return min(max(to_whole(exact(a), mode), low), high)


def expect_conversions():
    kinds = ['u8', 's8', *INTEGER_TYPES]
    for source in kinds:
        # A register of 16 bits or more, the low bits of which are the number.
        register = max(16, width_of(source))
        expect(f'cvt.rn.f32.{source}', [32], [register], lambda a, s=source: [rounded(Fraction(number(a, s)), False)])
        for target in kinds:
            result = max(16, width_of(target))
            expect(f'cvt.{target}.{source}', [result], [register],
                   lambda a, s=source, t=target: [number(number(a, s), t)])
    for mode in ['rni', 'rzi', 'rmi', 'rpi']:
        for kind in ['s32', 'u32']:
            expect(f'cvt.{mode}.{kind}.f32', [32], [32], lambda a, m=mode, k=kind: [whole_number(a, m, k)])
        expect(f'cvt.{mode}.f32.f32', [32], [32], lambda a, m=mode: [
            NAN if is_nan(a) else a if is_infinite(a) else rounded(Fraction(to_whole(exact(a), m)), is_negative(a))])
    for kind, digits, exponent_bits in [('f16', 10, 5), ('bf16', 7, 8)]:
        small = lambda a, d=digits, e=exponent_bits: narrowed(a, d, e)
        expect(f'cvt.rn.{kind}.f32', [16], [32], lambda a, s=small: [s(a)])
        expect(f'cvt.rn.{kind}x2.f32', [32], [32, 32], lambda a, b, s=small: [s(a) << 16 | s(b)])
        expect(f'cvt.f32.{kind}', [32], [16], lambda a, d=digits, e=exponent_bits: [widened(a, d, e)])


def takes_floats(opcode):
    return opcode.endswith('.f32') and not opcode.startswith(('mov', 'selp'))


def statement(opcode, results, inputs):
    """The instruction as PTX writes it."""
    outs = [f'%o{i}' for i in range(len(results))]
    ins = [f'%i{i}' for i in range(len(inputs))]
    if opcode.startswith('pack'):
        return f'mov{opcode[5:]} %o0, {{{", ".join(ins)}}};'
    if opcode.startswith('unpack'):
        return f'mov{opcode[7:]} {{{", ".join(outs)}}}, %i0;'
    return f'{opcode} {", ".join(outs + ins)};'


# --- instructions of whole warps: their rows are lanes, see expect_collectives

def lane_read(mode, lane, offset, clamp):
    """The lane that shfl.sync reads, and whether it is in range: the pseudo-code."""
    offset, segment, clamp = offset & 31, clamp >> 8 & 31, clamp & 31
    low, limit = lane & segment, lane & segment | clamp & ~segment
    other = {'up': lane - offset, 'down': lane + offset, 'bfly': lane ^ offset, 'idx': low | offset & ~segment}[mode]
    in_range = other >= limit if mode == 'up' else other <= limit
    return (other if in_range else lane), in_range


def collective_cases():
    """(opcodes, body, widths of results, widths of inputs, rows of lanes, expected rows)"""
    for mode in ['up', 'down', 'bfly', 'idx']:
        for width in [1, 2, 4, 8, 16, 32]:
            clamp = (32 - width) << 8 | (0 if mode == 'up' else 31)
            for offset in [0, 1, 2, 3, 5, 8, 16, 31, 33]:
                # The offset of shfl.idx may differ by lane.
                rows = [[RANDOM.getrandbits(32), (offset + lane * 7 if mode == 'idx' else offset), clamp] for lane in range(LANES)]
                reads = [lane_read(mode, lane, row[1], clamp) for lane, row in enumerate(rows)]
                opcode = f'shfl.sync.{mode}.b32'
                yield ([opcode], f'{opcode} %o0, %i0, %i1, %i2, -1;', [32], [32] * 3, rows,
                       [[rows[other][0]] for other, _ in reads])
                yield (['pair.' + opcode], f'{opcode} %o0|%o1, %i0, %i1, %i2, 0xffffffff;', [32, 1], [32] * 3, rows,
                       [[rows[other][0], in_range] for other, in_range in reads])
    for ballot in [0, 1, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFF, 0xFFFFFFFE, RANDOM.getrandbits(32)]:
        rows = [[ballot >> lane & 1] for lane in range(LANES)]
        for mode, result, width in [('all', ballot == 0xFFFFFFFF, 1), ('any', ballot != 0, 1),
                                    ('uni', ballot in (0, 0xFFFFFFFF), 1), ('ballot', ballot, 32)]:
            opcode = f'vote.sync.{mode}.{"b32" if mode == "ballot" else "pred"}'
            yield [opcode], f'{opcode} %o0, %i0, -1;', [width], [1], rows, [[result]] * LANES
    rows = [[lane] for lane in range(LANES)]
    yield ['bar.warp.sync'], 'bar.warp.sync -1; mov.b32 %o0, %i0;', [32], [32], rows, rows


def matrix_cases():
    """As collective_cases: mma.sync, whose matrices are made first, and then given to the lanes as the fragments of the text."""
    def fragments(lane, rows, depth):
        """(row, column) of each element of A, B and D that a lane holds, in the order of its registers."""
        group, place = lane >> 2, lane % 4
        if rows == 8:  # m8n8k16
            a = [(group, place * 4 + i) for i in range(4)]
            b = [(place * 4 + i, group) for i in range(4)]
            d = [(group, place * 2 + i) for i in range(2)]
        else:  # m16n8k32
            a = [(group if i < 4 or 8 <= i < 12 else group + 8, place * 4 + (i & 3) + (16 if i >= 8 else 0)) for i in range(16)]
            b = [(place * 4 + (i & 3) + (16 if i >= 4 else 0), group) for i in range(8)]
            d = [(group if i < 2 else group + 8, place * 2 + (i & 1)) for i in range(4)]
        return a, b, d

    def packed(octets):
        return [sum(unsigned(octet, 8) << 8 * i for i, octet in enumerate(octets[at:at + 4])) for at in range(0, len(octets), 4)]

    for rows, depth in [(16, 32), (8, 16)]:
        for trial in range(40):
            octet = [lambda: -128, lambda: RANDOM.choice([-128, 127]), lambda: RANDOM.randrange(-128, 128)][min(trial, 2)]
            a = [[octet() for _ in range(depth)] for _ in range(rows)]
            b = [[octet() for _ in range(8)] for _ in range(depth)]
            c = [[RANDOM.choice([0, 1 << 31, (1 << 31) - 1, RANDOM.getrandbits(32)]) for _ in range(8)] for _ in range(rows)]
            d = [[c[i][j] + sum(a[i][k] * b[k][j] for k in range(depth)) for j in range(8)] for i in range(rows)]
            lanes, expected = [], []
            for lane in range(LANES):
                of_a, of_b, of_d = fragments(lane, rows, depth)
                lanes.append([*packed([a[i][k] for i, k in of_a]), *packed([b[k][j] for k, j in of_b]),
                              *(c[i][j] for i, j in of_d)])
                expected.append([d[i][j] for i, j in of_d])
            sizes = [len(expected[0]), len(packed([0] * len(of_a))), len(packed([0] * len(of_b))), len(expected[0])]
            names = iter([*(f'%o{i}' for i in range(sizes[0])), *(f'%i{i}' for i in range(sum(sizes[1:])))])
            operands = ', '.join('{' + ', '.join(next(names) for _ in range(size)) + '}' for size in sizes)
            opcode = f'mma.sync.aligned.m{rows}n8k{depth}.row.col.s32.s8.s8.s32'
            yield ['/'.join(map(str, [opcode, *sizes]))], f'{opcode} {operands};', [32] * sizes[0], [32] * sum(sizes[1:]), lanes, expected


def lanewise_cases():
    for opcode, (results, inputs, function) in EXPECTED.items():
        rows = []
        if takes_floats(opcode):
            rows += [[FLOATS[(i * (1 + 3 * k) + k) % len(FLOATS)] for k in range(len(inputs))] for i in range(64)]
            rows += [[some_float() for _ in inputs] for _ in range(64 if len(inputs) == 1 else 448)]
        elif opcode.startswith('cvt.f32'):
            rows += [[value ^ sign] for value in [*range(0, 1 << 15, 61), 1, 0x3FF, 0x400, 0x7F, 0x80, 0x7C00, 0x7F80, 0x7FFF]
                     for sign in (0, 0x8000)]
        else:
            pools = [edges(width) for width in inputs]
            if len(inputs) == 2:
                rows += [[a, b] for a in pools[0] for b in pools[1]]
            rows += [[RANDOM.choice(pool) for pool in pools] for _ in range(256)]
            if opcode.startswith(('div', 'rem')):
                rows = [row for row in rows if row[1] != 0]
        rows += [rows[0]] * (-len(rows) % LANES)
        body = statement(opcode, results, inputs)
        for first in range(0, len(rows), LANES):
            lanes = rows[first:first + LANES]
            yield [opcode], body, results, inputs, lanes, [function(*row) for row in lanes]


def main():
    lanes_tool = sys.argv[1]
    for add_expectations in [expect_integers, expect_bits, expect_floats, expect_conversions]:
        add_expectations()
    cases = [*lanewise_cases(), *collective_cases(), *matrix_cases()]
    known = {line.split()[0] for line in subprocess.run([lanes_tool], check=True, capture_output=True, text=True).stdout.splitlines()}
    tested = {opcode for case in cases for opcode in case[0]}
    if known != tested:
        sys.exit(f'not tested: {sorted(known - tested)}; not in the interpreter: {sorted(tested - known)}')

    text = ''.join('#'.join([body, ' '.join(map(str, results)), ' '.join(map(str, inputs)),
                             ' '.join(f'{unsigned(value, 64):x}' for row in rows for value in row)]) + '\n'
                   for _, body, results, inputs, rows, _ in cases)
    run = subprocess.run([lanes_tool, '-'], input=text, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr)
    wrong = 0
    for (_, body, results, _, rows, expected), line in zip(cases, run.stdout.splitlines(), strict=True):
        values = [int(value, 16) for value in line.split()]
        for lane in range(LANES):
            got = values[lane * len(results):(lane + 1) * len(results)]
            want = [unsigned(int(value), width) for value, width in zip(expected[lane], results, strict=True)]
            if got != want:
                wrong += 1
                if wrong <= 20:
                    print(f'{body} of {[hex(value) for value in rows[lane]]}: {[hex(v) for v in got]}, '
                          f'not {[hex(v) for v in want]}')
    if wrong:
        sys.exit(f'{wrong} results are wrong')
    print(f'{len(tested)} instructions, {len(cases)} warps: all as PTX ISA has them')


if __name__ == '__main__':
    main()
