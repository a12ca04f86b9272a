# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Valid files: beta, theta0, float32 arithmetic and narrowing."""

from bases import ALPHA, BETAS, one
from cases import valid
from container import build
from model import (codes, constant, floats, generated, generator, identity, model, sine, stored_theta0, tensor,
                   uniform)
from model import bits as raw_bits
from specification import spec

MINUS_ZERO = 0x80000000

# Each is exactly a float32; what they become in f16 and bf16 is the point.
ROUNDED = [
    1.0, 1.00048828125, 1.00146484375, 1.000732421875, 65504.0, 65519.0, 65519.99609375, 65520.0, 65536.0, -65520.0,
    2.0**-14, 2.0**-14 - 2.0**-26, 2.0**-24, 2.0**-25, 1.5 * 2.0**-25, 3 * 2.0**-25, -2.0**-25, 2.0**-26, 1e-30,
    1.00390625, 1.01171875, 1.0078125, 1.003906488418579, 255.5, 2.0**64, -2.0**64, 2.0**-126, 2.0**-133, 2.0**-134,
    3 * 2.0**-134, 2.0**-149, -2.0**-149, 2.0**-126 - 2.0**-149]
# beta, alpha, theta0 where fusing the product with the sum gives another result.
FUSED_BETA, FUSED_ALPHA, FUSED_THETA0 = spec.f32(0.1) * 2.0**-15, [[-32739], [32749], [-1023], [12345]], 0.25


def scaled(beta, exponent=0, **options):
    return build(one(beta=beta, exponent=exponent, **options))


def sums(theta0_values, alpha, dtype="f32", kind="f32", **options):
    """g = alpha: one identity layer of weight 1, so that only float arithmetic is tested."""
    values = theta0_values if isinstance(theta0_values, bytes) else floats(theta0_values, kind)
    m = options.get("m", 1)
    theta0 = stored_theta0(values, kind)
    return build(model([generator(identity(1, [1]), k=1)], [codes(alpha, alpha_type=1, **options)],
                       [tensor("w", (len(alpha) // m,), generated(0, 0, theta0), dtype)]))


def fused():
    return model([generator(identity(1, [1]), k=1)], [codes(FUSED_ALPHA, FUSED_BETA, alpha_type=1)],
                 [tensor("w", (4,), generated(0, 0, constant(FUSED_THETA0)))])


def subnormal():
    return model([generator(identity(1, [1]), k=1)], [codes([[1], [3], [-3], [-1]], 2.0**-140, alpha_type=1)],
                 [tensor("w", (4,), generated(0, 0, constant(2.0**-139)))])


def cases():
    yield valid("beta_f32", "A float32 beta for each code.", scaled(BETAS))
    yield valid("beta_f16", "float16 betas, one subnormal, scaled by 2^-10.",
                scaled(floats([2.0**-6, -2.0**-23], "f16"), -10, beta_type=1))
    yield valid("beta_bf16", "bfloat16 betas.", scaled(floats([2.0**-15, -3 * 2.0**-17], "bf16"), beta_type=2))
    yield valid("beta_f16_largest", "65504 * 2^47, the largest float16 near the bound.",
                scaled(floats([65504.0, -65504.0], "f16"), 47, beta_type=1))
    yield valid("beta_bf16_subnormal", "A subnormal bfloat16 beta, scaled back into the normal numbers.",
                scaled(raw_bits([0x0001, 0x807F], 2), 63, beta_type=2))
    yield valid("beta_one_for_all", "No beta segment: one beta, scaled too.", scaled(0.75, -15))
    yield valid("beta_one_type_unused", "Without a segment the beta type says nothing.", scaled(2.0**-15, beta_type=2))
    yield valid("beta_one_zero", "The one beta is its default, 0.", scaled(0.0))
    yield valid("beta_one_minus_zero", "The one beta is -0: products are zeros of the other sign.", scaled(-0.0))
    yield valid("beta_minus_zero", "-0 and a subnormal number as betas.", scaled(raw_bits([MINUS_ZERO, 1], 4)))
    yield valid("beta_field_minus_zero", "A field beta of -0, which is 0, beside a beta segment.",
                build(one(beta=BETAS), edit=lambda m: m["codes"][0].update(beta=-0.0)))
    yield valid("beta_exponent_lowest", "-64.", scaled(floats([2.0**60, -3 * 2.0**50]), -64))
    yield valid("beta_exponent_highest", "63.", scaled(floats([2.0**-80, -3 * 2.0**-79]), 63))
    yield valid("beta_exponent_rounds", "Scaling rounds into the subnormal numbers, ties to even.",
                scaled(raw_bits([3, 5], 4), -1))
    yield valid("beta_largest", "2^64, by the exponent and its negative.", scaled(floats([2.0, -2.0]), 63))
    yield valid("beta_one_largest", "The one beta is 2^64.", scaled(2.0**64))

    yield valid("theta0_zero", "No theta0: weights start at +0.", build(one(generated())))
    yield valid("theta0_constant", "A constant.", build(one(generated(0, 0, constant(-1.5)))))
    yield valid("theta0_constant_minus_zero", "A constant of -0 stays -0 only where every product is -0.",
                build(one(generated(0, 0, constant(-0.0)), alpha=[(0, 0, 0), (1, 2, 3)], beta=-1.0)))
    yield valid("theta0_constant_largest", "2^64.", build(one(generated(0, 0, constant(2.0**64)))))
    yield valid("theta0_constant_subnormal", "The smallest number.", build(one(generated(0, 0, constant(2.0**-149)))))
    yield valid("theta0_uniform", "Drawn from stream 2^32 - 1 of seed 2^64 - 1.",
                build(one(generated(0, 0, uniform(2.0**-16, 2**64 - 1, 2**32 - 1)))))
    yield valid("theta0_uniform_rounds", "A bound whose product with an int16 has to be rounded.",
                build(one(generated(0, 0, uniform(spec.f32(0.1))))))
    yield valid("theta0_uniform_largest", "The largest bound, 2^48.", build(one(generated(0, 0, uniform(2.0**48)))))
    yield valid("theta0_uniform_subnormal", "The smallest bound.", build(one(generated(0, 0, uniform(2.0**-149)))))
    yield valid("theta0_uniform_streams",
                "Two streams of one seed, one stream of two seeds; each tensor from element 0.",
                build(model([generator(sine(8))], [codes(ALPHA)],
                            [tensor("a", (5,), generated(0, 0, uniform(seed=1, stream=0))),
                             tensor("b", (5,), generated(0, 5, uniform(seed=1, stream=1))),
                             tensor("c", (6,), generated(0, 10, uniform(seed=2, stream=0)))])))
    values = [0.5, -0.25, 3.0, -1.0] * 4
    for kind in ("f32", "f16", "bf16"):
        yield valid(f"theta0_stored_{kind}", f"Kept as {kind}.",
                    build(one(generated(0, 0, stored_theta0(floats(values, kind), kind)))))
    yield valid("theta0_stored_extremes", "Stored f16 -0, subnormal and largest numbers.",
                sums(raw_bits([0x8000, 0x0001, 0x7BFF, 0xFBFF], 2), [[0], [1], [2], [-3]], kind="f16", beta=2.0**-26))
    yield valid("theta0_stored_largest", "Stored f32 2^64 and -2^64, a subnormal number and -0.",
                sums([2.0**64, -2.0**64, 2.0**-149, -0.0], [[0], [1], [1], [0]], beta=1.0))

    for dtype in ("f16", "bf16"):
        yield valid(f"output_{dtype}", f"Weights narrowed to {dtype}.", build(one(dtype=dtype)))
        yield valid(f"output_{dtype}_rounding",
                    f"Narrowing to {dtype}: ties to even, subnormal results, overflow to infinity.",
                    sums(ROUNDED, [[0]] * len(ROUNDED), dtype))
    yield valid("output_minus_zero", "-0 + -0 in f32, f16 and bf16.",
                build(model([generator(identity(3, [1, 1, 1]), k=1)], [codes([[0]], -1.0)],
                            [tensor(kind, (1,), generated(0, i, constant(-0.0)), kind)
                             for kind, i in (("bf16", 0), ("f16", 1), ("f32", 2))])))

    yield valid("sum_unfused", "Products that a fused multiply-add would not round.", build(fused()))
    yield valid("sum_order", "2^24 + 1 - 2^24 by three codes, in this order and another one.",
                sums([0.0, 0.0], [[1], [1], [-1], [1], [-1], [1]], m=3,
                     beta=floats([2.0**24, 1.0, 2.0**24, 2.0**24, 2.0**24, 1.0])))
    yield valid("sum_cancels", "Large numbers cancel to what rounding left.",
                sums([0.1, 1e10, -3.0], [[32767], [-32768], [3]], beta=spec.f32(1 / 3)))
    yield valid("sum_subnormal", "Subnormal products and sums are kept.", build(subnormal()))
    yield valid("sum_largest", "The largest identity output with the largest beta, twice in one weight.",
                build(model([generator(identity(1, [-128] * 511), k=511)],
                            [codes([(-32768,) * 511] * 2, 2.0**64, m=2, alpha_type=1)],
                            [tensor("w", (1,), generated(0, 0, constant(2.0**64)))])))
    yield valid("output_exact", "Outputs near 2^24 are exact as float32.",
                build(model([generator(identity(2, [127, -128, 127, -127, 127, 1]))],
                            [codes([(32767, 32767, 32767), (-32767, 32766, -32768)], 1.0, alpha_type=1)],
                            [tensor("w", (4,), generated())])))
    low, high = (-32768,) * 4, (32767,) * 4
    yield valid("output_rounds",
                "Outputs of 2^24 + 1, 2^24 + 3, -(2^24 + 1) and 2^24 - 1: to the nearest float32, ties to even.",
                build(model([generator(identity(1, [-128] * 4 + [1]), k=5)],
                            [codes([(*low, 1), (*low, 3), (*high, -513), (*low, -1)], 1.0, alpha_type=1)],
                            [tensor("w", (4,), generated())])))
