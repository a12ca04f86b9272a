# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Valid files: generators of float32 arithmetic, and their codes."""

from bases import ALPHA, one_float
from cases import valid
from container import build
from model import (Data, bits, codes, constant, float_generator, float_identity, float_sine, floats, generated,
                   generator,
                   model, sine, stored_theta0, tensor, uniform)
from specification import spec

ULP = 2.0**-23
THIRD = spec.f32(1 / 3)
SQUARE = spec.f32(THIRD * THIRD)  # what is left of THIRD * THIRD - SQUARE is not 0
TINY = 2.0**-75  # its square, 2^-150, is half of the smallest number
REAL = [(0.5, -1.25, 3.0), (-0.7, 2.1, 0.33)]


def rational(count, step=37, of=64.0):
    """Numbers of many bits between -2 and 2."""
    return [spec.f32(((step * (i + 1)) % 255 - 127) / of + 1 / (3.0 + i)) for i in range(count)]


def single(*layers, **options):
    return build(one_float(*layers, **options))


def linear(weights, alpha, width=1, start=spec.OPTIONAL, bias=None, **options):
    """Sums of one identity layer, whose outputs are the weights: beta is 1."""
    k = len(weights) // width
    return single(float_identity(width, weights=weights, bias=bias), alpha=alpha, k=k, count=width * len(alpha),
                  alpha_type=2, source=generated(0, 0, start), **options)


def sines(turns, *values):
    """The sine of turns * value of each."""
    return single(float_sine(1, turns, weights=[1.0]), alpha=[[value] for value in values], k=1, count=len(values),
                  alpha_type=2, source=generated(0, 0, constant(-0.0)))


def arithmetic():
    yield valid("float_one_sine", "One drawn sine layer, int8 codes.", single())
    yield valid("float_identity", "One drawn identity layer.", single(float_identity(8, 0.7)))
    yield valid("float_layers_3", "Two sine layers before an identity layer, each drawn from its own stream.",
                single(float_sine(5, 0.3, 0.7), float_sine(5, -0.9, 0.4), float_identity(8, 1.3), alpha=REAL,
                       alpha_type=2))
    yield valid("float_layers_16", "As many layers as there may be.",
                single(*[float_sine(2 + i % 3, 0.3 + i / 16, 0.9) for i in range(15)], float_sine(4), alpha=REAL,
                       alpha_type=2, count=8))
    yield valid("float_seed_high_word", "A seed above 2^32.", single(seed=2**63 + 2**32 + 5))
    yield valid("float_scale_rounds", "Every drawn weight is rounded.", single(float_identity(8, 0.1)))
    yield valid("float_scale_largest", "Drawn weights within 2^16.", single(float_identity(8, 65536.0)))
    yield valid("float_scale_subnormal", "Drawn weights that are subnormal.",
                single(float_identity(8, 2.0**-135), beta=2.0**40))
    yield valid("float_drawn_type_unused", "Without a segment the type of weights says nothing.",
                single(float_sine(8, kind="bf16")))

    yield valid("float_sum_fused", "A product that is not rounded before it is added.",
                linear([-SQUARE, THIRD], [(1.0, THIRD), (0.5, THIRD)]))
    yield valid("float_sum_rounded_once", "A sum that a fused multiply-add by way of float64 gets wrong.",
                linear([1 + ULP, 1 + ULP, -1 - ULP, -1 - ULP], [(1.0, (1 - ULP) * 2.0**-24)], 2))
    yield valid("float_sum_subnormal", "The same of subnormal sums; one of the terms alone rounds to 0.",
                linear([2.0**-149, TINY], [(1.0, (1 + ULP) * TINY), (1.0, TINY), (3.0, TINY), (-1.0, TINY)]))
    yield valid("float_sum_order", "1 + 2^32 - 2^32: inputs in ascending order.",
                linear([1.0, 65536.0, -65536.0], [(1.0, 65536.0, 65536.0), (65536.0, 1.0, 65535.0)]))
    yield valid("float_sum_16", "Sums of 40 inputs, whatever number of them a machine adds up at a time.",
                linear(rational(80), [rational(40, 11), rational(40, 23)], 2))
    yield valid("float_sum_zeros", "-0 becomes +0 by a term of +0, and stays -0 by one of -0.",
                linear([-TINY, 0.0, -TINY, -0.0], [(TINY, 1.0), (TINY, 0.0), (TINY, -0.0), (0.0, 0.0), (-0.0, -0.0)], 2,
                       constant(-0.0)))
    yield valid("float_sum_largest", "Weights and codes of 2^16.",
                linear([65536.0] * 8, [(65536.0,) * 4, (-65536.0, 65536.0, -65536.0, -65536.0)], 2))

    yield valid("float_bias", "A bias in a sine and in an identity layer.",
                single(float_sine(4, 0.3, 0.7, bias=[0.1, -0.2, 0.3, -0.4]),
                       float_identity(8, 0.6, bias=rational(8)), alpha=REAL, alpha_type=2))
    yield valid("float_bias_last", "A bias is added after all terms.",
                linear([65536.0, -65536.0], [(65536.0, 65536.0)], bias=[1.0]))
    yield valid("float_bias_unfused", "The sum is rounded before the bias is added.",
                linear([THIRD], [(THIRD,)], bias=[-SQUARE]))
    yield valid("float_bias_minus_zero", "A sum and a bias of -0.",
                linear([-TINY, -TINY], [(TINY,)], 2, constant(-0.0), bias=[-0.0, 0.0]))
    yield valid("float_bias_largest", "Biases of 2^16 and a subnormal one.",
                linear([0.0] * 3, [(1.0,)], 3, bias=[65536.0, -65536.0, -(2.0**-149)]))

    for kind in ("f32", "f16", "bf16"):
        values = [0.5, -0.25, 3.0, -1.5, 0.125, 2.0**-14, -2.0**-24, 1.0] * 3
        yield valid(f"float_weights_{kind}", f"Weights stored as {kind}.",
                    single(float_sine(8, 0.3, weights=values, kind=kind), alpha=REAL, alpha_type=2))
    yield valid("float_weights_largest", "Stored weights of 2^16, the largest float16, subnormal ones and -0.",
                build(model([float_generator(float_identity(4, weights=[65536.0, -65536.0, 2.0**-149, -0.0]), k=1),
                             float_generator(float_identity(2, weights=[65504.0, -(2.0**-24)], kind="f16"), k=1),
                             float_generator(float_identity(2, weights=Data(bits([0x4780, 0x8001], 2)), kind="bf16"),
                                             k=1)],
                            [codes([[3]], 1.0, generator=i) for i in range(3)],
                            [tensor(name, (size,), generated(i)) for i, (name, size) in
                             enumerate((("a", 4), ("b", 2), ("c", 2)))])))


def sine_of_turns():
    below = [0.25 - 2.0**-26, 0.5 - 2.0**-25, 0.75 - 2.0**-24, 1.0 - 2.0**-24, 1.5 - ULP, 2.5 - 2 * ULP]
    above = [0.25 + 2.0**-25, 0.5 + 2.0**-24, 0.75 + 2.0**-24, 1.0 + ULP, 1.5 + ULP, 2.5 + 2 * ULP]
    quarters = [i / 4 for i in range(13)]
    yield valid("float_sine_quarters", "Turns of 0, 1/4, 1/2 ... 3, where halves go to the even side.",
                sines(1.0, *quarters, *[-value for value in quarters]))
    yield valid("float_sine_beside_quarters", "Turns next to those, above and below.",
                sines(1.0, *below, *above, *[-value for value in below + above]))
    yield valid("float_sine_large", "Turns around 2^22 and 2^23, where steps are 1/2 and 1, and of 2^32.",
                sines(65536.0, *[spec.f32(turns / 65536.0) for turns in (
                    2**22 + 0.5, 2**22 + 1.5, 2**22 + 1, -(2**22) - 0.5, 2**23 - 0.5, 2**23 - 1.5, 0.5 - 2**23, 2**23,
                    2**23 + 1, -(2**23) - 1, 2**21 + 0.25, 2**21 - 0.75, 2**20 + 0.125)], 65536.0, -65536.0))
    yield valid("float_sine_largest", "2^52 turns and more.",
                single(float_sine(2, 65536.0, weights=[65536.0] * 32), alpha=[(65536.0,) * 16, (-65535.0,) * 16], k=16,
                       count=4, alpha_type=2))
    yield valid("float_sine_small", "Subnormal turns, 0 and -0.",
                sines(1.0, 0.0, -0.0, 2.0**-149, -(2.0**-149), 3 * 2.0**-149, 2.0**-126, 2.0**-30, -(2.0**-20)))
    yield valid("float_sine_negative_turns", "A negative number of turns a unit: 0 becomes -0.",
                sines(-1.0, 0.0, -0.0, 0.1, -0.2, 0.3))
    yield valid("float_sine_smallest_turns", "Turns of 2^-149 a unit.", sines(2.0**-149, 1.0, 0.5, 0.75, -1.5, 3.0))
    yield valid("float_sine_rounds", "Turns that are rounded before they are reduced.",
                sines(spec.f32(0.3), *rational(40, of=1 / 16)))


def unit_norm():
    def normed(width, alpha, weights, **options):
        return single(float_identity(width, weights=weights), alpha=alpha, k=len(weights) // width,
                      count=width * len(alpha), alpha_type=2, unit_norm=True, **options)

    for width in (1, 5, 8, 15, 16, 17, 20, 33, 47):
        yield valid(f"float_unit_norm_{width}", f"Outputs divided by their norm, {width} of them.",
                    normed(width, [(1.0, 0.3), (-0.7, 1.9), (3.1, -1.7), (0.123, 45.6)], rational(2 * width)))
    lanes = [4096.0] + [1.0] * 63
    yield valid("float_unit_norm_lanes", "Squares of which the order of summation shows.",
                normed(64, [(1.0,), (0.3,), (THIRD,)], lanes))
    yield valid("float_unit_norm_ones", "A large square among ones, in each half of the tree.",
                normed(32, [(1.0, 0.0), (0.0, 1.0)], [4096.0] + [1.0] * 31 + [1.0] * 24 + [8192.0] + [3.0] * 7))
    yield valid("float_unit_norm_fused", "Squares that are not rounded before they are added.",
                normed(48, [(1.0,), (3.7,)], [spec.f32(1 / (3 + i)) for i in range(48)]))
    yield valid("float_unit_norm_zero", "Outputs of 0, and others whose squares are all rounded to 0, remain.",
                normed(4, [(0.0,), (-0.0,), (TINY,), (2.0**-74,)], [1.0, -1.0, 0.0, -0.0],
                       source=generated(0, 0, constant(-0.0))))
    yield valid("float_unit_norm_subnormal", "A norm whose square is subnormal.",
                normed(3, [(2.0**-73,), (2.0**-70,)], [1.0, 2.0, -3.0]))
    yield valid("float_unit_norm_large", "The norm of large outputs.",
                normed(20, [(65536.0,) * 9, (60000.0,) * 9], [65536.0 - i for i in range(180)]))
    yield valid("float_unit_norm_tail", "Outputs that no tensor takes are in the norm too.",
                single(float_sine(8), alpha=REAL, alpha_type=2, unit_norm=True, count=11))
    yield valid("float_unit_norm_sine", "Behind two sine layers.",
                single(float_sine(6, 0.4), float_sine(20, 0.6), alpha=REAL, alpha_type=2, unit_norm=True, count=40))


def float_codes():
    small = [(3, -2, 100), (7, 1, -5)]
    for alpha_type, name in enumerate(("int8", "int16", "f32", "f16", "bf16")):
        yield valid(f"float_alpha_{name}", f"alpha as {name}.", single(float_identity(8, 0.7), alpha=small,
                                                                       alpha_type=alpha_type))
        yield valid(f"float_alpha_{name}_scaled", f"alpha as {name}, times 0.1, which has to be rounded.",
                    single(float_identity(8, 0.7), alpha=small, alpha_type=alpha_type, scale=0.1))
    yield valid("float_alpha_int16_extremes", "-32768 and 32767, times 2.",
                single(float_sine(8), alpha=[(-32768, 32767, 0), (32767, 1, -1)], alpha_type=1, scale=2.0))
    yield valid("float_alpha_f16_subnormal", "Subnormal float16 alpha, -0, times 2^16.",
                single(float_identity(8), alpha=Data(bits([1, 0x8001, 0x8000, 0x03FF, 0x0400, 0x83FF], 2)), chunks=2,
                       alpha_type=3, scale=65536.0))
    yield valid("float_alpha_subnormal", "alpha that the scale makes subnormal.",
                linear([1.0, 0.75], [(1.0, 1.0), (1.5, -0.3)], scale=2.0**-148))
    yield valid("float_alpha_largest", "-2^16, and what is rounded to 2^16.",
                build(model([float_generator(float_identity(2), k=1)],
                            [codes([[-65536.0]], 1.0, alpha_type=2),
                             codes([[(1 + ULP) * 65536.0]], 1.0, alpha_type=2, scale=1 - ULP / 2)],
                            [tensor("a", (2,), generated(0)), tensor("b", (2,), generated(1))])))
    yield valid("float_alpha_scale_smallest", "A scale of 2^-149.", single(alpha=small, scale=2.0**-149))
    yield valid("float_codes_per_chunk", "Three codes a chunk, betas of float16.",
                single(float_sine(8, 0.7), alpha=REAL + [(1, 0, 0)] + REAL[::-1] + [(0, 0.1, 0)], alpha_type=2, m=3,
                       beta=floats([0.5, -2, 0.1, 3, 1e-3, 7], "f16"), beta_type=1, exponent=-3))
    yield valid("float_beta_largest", "A beta of 2^48.", single(beta=2.0**48))
    yield valid("float_beta_largest_scaled", "Betas of 2^48 by the exponent.", single(beta=floats([2.0, -1.5]),
                                                                                      exponent=47))
    for dtype in ("f16", "bf16"):
        yield valid(f"float_output_{dtype}", f"Weights narrowed to {dtype}.", single(dtype=dtype))
    yield valid("float_theta0", "Every kind of theta0.",
                build(model([float_generator(float_sine(8))], [codes(ALPHA, 0.125)],
                            [tensor("a", (3,), generated()), tensor("b", (4,), generated(0, 3, constant(0.1))),
                             tensor("c", (5,), generated(0, 7, uniform(2.0**-16))),
                             tensor("d", (4,), generated(0, 12, stored_theta0(floats([1, 2, 3, 4], "bf16"),
                                                                              "bf16")))])))
    yield valid("float_and_integer", "Generators of both arithmetics with one seed.",
                build(model([generator(sine(8)), float_generator(float_sine(8))],
                            [codes(ALPHA), codes(ALPHA, 1.0, generator=1, scale=0.01)],
                            [tensor("a", (16,), generated(0)), tensor("b", (16,), generated(1))])))


def methods():
    yield valid("float_5_32_32_5000", "Two hidden layers of 32, 5000 outputs.",
                single(float_sine(32, 0.5), float_sine(32, 0.5, 0.6), float_sine(5000, 0.5, 0.6), k=5, alpha_type=2,
                       alpha=[(0.31, -0.7, 0.11, 0.93, -0.2)], count=5000))
    yield valid("float_16_24_160_stored", "A trained generator with biases on a sphere, four codes a chunk.",
                single(float_sine(24, 0.4, weights=[x / 4 for x in rational(16 * 24)], kind="bf16",
                                  bias=rational(24, 5)),
                       float_identity(160, weights=[x / 5 for x in rational(24 * 160, 41)], kind="bf16",
                                      bias=rational(160, 7)),
                       k=16, alpha=[rational(16, 11 + 2 * c) for c in range(8)], alpha_type=3, m=4, unit_norm=True,
                       beta=floats(rational(8, 29)), count=320, source=generated(0, 0, uniform(2.0**-18, 9, 2))))
    yield valid("float_pranc", "Coefficients of a drawn basis: one identity layer, one chunk.",
                single(float_identity(100, 0.1), k=24, alpha=[rational(24)], alpha_type=2, count=100, seed=77))


def cases():
    yield from arithmetic()
    yield from sine_of_turns()
    yield from unit_norm()
    yield from float_codes()
    yield from methods()
