# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Valid files: products, factors, base models."""

from bases import ALPHA, family, pair
from cases import valid
from cases_valid_floats import SQUARE, THIRD, rational
from container import build
from model import (base, base_theta0, codes, constant, float_generator, float_identity, float_sine, floats, generated,
                   generator, model, product, run, shared, sine, stored, stored_theta0, tensor, uniform)

LARGE = 2.0**24


def products():
    yield valid("family", "float32 and integer generators, factors, products with and without a base, a tied product.",
                build(family()))
    yield valid("product", "theta0 zero, two stored factors.", build(pair()))
    yield valid("product_plain", "Factors that are tensors of the model too.", build(pair(factor=False)))
    for kind in ("f16", "bf16"):
        yield valid(f"product_factors_{kind}", f"B and A stored as {kind}.", build(pair(b_kind=kind, a_kind=kind)))
        yield valid(f"product_{kind}", f"Narrowed to {kind}.",
                    build(pair(rational(6), rational(8), scale=THIRD, dtype=kind)))
    yield valid("product_mixed", "B bfloat16, A float16, product float32.",
                build(pair(rational(6), rational(10), b_kind="bf16", a_kind="f16")))
    yield valid("product_f16_infinite", "A product too large for float16.",
                build(pair([600.0, -600.0, 1.0, 0.0], [300.0, 0.0, -400.0, 0.0], dtype="f16", scale=1.0)))
    yield valid("product_rank_1", "A rank of 1: an outer product.", build(pair(rational(3), rational(5), 1)))
    yield valid("product_rank_65536", "The largest rank.",
                build(model(tensors=[tensor("w", (1, 1), product(2, 1)),
                                     tensor("w.a", (65536, 1), stored(run(0x3F, 131072)), "bf16", True),
                                     tensor("w.b", (1, 65536), stored(run(0x3D, 131072)), "bf16", True)])))
    yield valid("product_1_by_9", "One row.", build(pair(rational(3), rational(27), 3)))
    yield valid("product_9_by_1", "One column.", build(pair(rational(27), rational(3), 3)))
    yield valid("product_square", "One tensor as both factors.",
                build(model(tensors=[tensor("f", (3, 3), stored(floats(rational(9))), "f32", True),
                                     tensor("w", (3, 3), product(0, 0, -2.0))])))
    yield valid("product_factor_of_two", "A factor of two products, as A and as B.",
                build(model(tensors=[tensor("f", (2, 2), stored(floats(rational(4))), "f32", True),
                                     tensor("g", (2, 2), stored(floats(rational(4, 11))), "f32", True),
                                     tensor("v", (2, 2), product(0, 1)), tensor("w", (2, 2), product(1, 0))])))
    yield valid("product_shared", "Tied to a product that stands behind it; each costs what making it takes.",
                build(model(tensors=[tensor("a", (2, 2), shared(3)), tensor("f", (2, 1), stored(floats([3, 5])), "f32",
                                                                            True),
                                     tensor("g", (1, 2), stored(floats([0.1, 7])), "f32", True),
                                     tensor("w", (2, 2), product(1, 2)), tensor("x", (2, 2), shared(3))])))

    yield valid("product_order", "Ranks in ascending order: 2^24 + 1 - 2^24 and others.",
                build(pair([LARGE, 1.0, -LARGE, LARGE, -LARGE, 1.0], [1.0] * 3, 3, 0.5, constant(8.0))))
    yield valid("product_fused", "B * A is not rounded before it is added.",
                build(pair([-SQUARE, THIRD], [1.0, THIRD], 2, 1.0)))
    yield valid("product_rounded_once", "A sum that a fused multiply-add by way of float64 gets wrong.",
                build(pair([1 + 2.0**-23, 1 + 2.0**-23], [1.0, (1 - 2.0**-23) * 2.0**-24], 2, 1.0)))
    yield valid("product_theta0_unfused", "scale * acc is rounded before theta0 is added.",
                build(pair([THIRD], [1.0], 1, THIRD, constant(-SQUARE))))
    yield valid("product_theta0_last", "theta0 is added to the whole sum.",
                build(pair([LARGE, -LARGE], [1.0, 1.0], 2, 1.0, constant(1.0))))
    yield valid("product_scale_last", "scale times a sum, not a sum of scaled terms.",
                build(pair(rational(20), rational(20, 11), 5, THIRD)))
    yield valid("product_scale_0", "A scale of 0: signs of zeros.",
                build(pair([1.0, -1.0], [1.0, -1.0], 1, 0.0, constant(-0.0))))
    yield valid("product_scale_minus_0", "A scale of -0.",
                build(pair([1.0, -1.0], [1.0, -1.0], 1, -0.0, constant(-0.0))))
    yield valid("product_scale_largest", "Scales of 2^16 and -2^16, factors of 2^40.",
                build(model(tensors=[tensor("f", (2, 2), stored(floats([2.0**40, 2.0**40, -(2.0**40), 1.0])), "f32",
                                            True),
                                     tensor("v", (2, 2), product(0, 0, 65536.0, constant(2.0**64))),
                                     tensor("w", (2, 2), product(0, 0, -65536.0, constant(-1.0)))])))
    yield valid("product_subnormal", "Subnormal products.",
                build(pair([2.0**-80, 3 * 2.0**-75, -(2.0**-75)], [2.0**-69, 2.0**-75], 1, 0.75, constant(2.0**-149))))
    yield valid("product_minus_zero", "-0 + -0, and a sum of products that is -0.",
                build(pair([-0.0, -(2.0**-75), 2.0**-75], [1.0, 2.0**-75], 1, 1.0, constant(-0.0))))

    for name, theta0 in (
            ("constant", constant(0.1)), ("uniform", uniform(2.0**-14, 5, 3)),
            ("f32", stored_theta0(floats(rational(6)))), ("f16", stored_theta0(floats(rational(6), "f16"), "f16")),
            ("bf16", stored_theta0(floats(rational(6), "bf16"), "bf16")),
            ("largest", stored_theta0(floats([2.0**64, -(2.0**64), 0.0, -0.0, 2.0**-149, 1.0])))):
        yield valid(f"product_theta0_{name}", f"theta0: {name}.", build(pair(theta0=theta0)))


def generated_factors():
    for kind in ("f32", "f16", "bf16"):
        yield valid(f"factors_generated_{kind}", f"Generated factors of {kind}, narrowed before they are multiplied.",
                    build(model([generator(sine(8))], [codes(ALPHA)],
                                [tensor("w", (4, 4), product(2, 1, THIRD), "f32"),
                                 tensor("w.a", (2, 4), generated(0, 0, uniform(2.0**-17)), kind, True),
                                 tensor("w.b", (4, 2), generated(0, 8), kind, True)])))
    yield valid("factors_largest", "Elements of 2^40 in factors of every dtype but float16.",
                build(model([generator(sine(1), k=1)], [codes([[0], [0]], 0.0)],
                            [tensor("f", (1, 1), generated(0, 0, constant(2.0**40)), "bf16", True),
                             tensor("g", (1, 1), generated(0, 1, constant(-(2.0**40))), "f32", True),
                             tensor("w", (1, 1), product(0, 1))])))
    yield valid("lora_per_tensor",
                "Factors that each start a chunk and leave the tail of their last one; two products.",
                build(model([float_generator(float_sine(8, 0.4, 0.9), k=4, seed=11)],
                            [codes([rational(4, 9 + 2 * c) for c in range(5)], floats(rational(5, 13)), alpha_type=2)],
                            [tensor("v", (3, 3), product(4, 1, 0.5, constant(0.1))),
                             tensor("v.a", (2, 3), generated(0, 32, uniform(2.0**-16, 1, 0)), "f32", True),
                             tensor("v.w", (4, 5), product(5, 3, 2.0, uniform(2.0**-15, 1, 5))),
                             tensor("v.w.a", (2, 5), generated(0, 8, uniform(2.0**-16, 1, 1)), "f32", True),
                             tensor("v.x", (3, 2), generated(0, 24), "f16", True),
                             tensor("v.z", (4, 2), generated(0, 0), "bf16", True)])))
    start = build(model(tensors=[tensor("layer", (6, 7), stored(floats(rational(42), "bf16")), "bf16")]))
    yield valid("nola", "Two linear generators, one for B and one for A, on a base.",
                build(model([float_generator(float_identity(12, 0.5), k=9, seed=1),
                             float_generator(float_identity(14, 0.5), k=9, seed=2)],
                            [codes([rational(9)], 1.0, alpha_type=2),
                             codes([rational(9, 11)], 1.0, alpha_type=2, generator=1)],
                            [tensor("layer", (6, 7), product(2, 1, 0.25, base_theta0(0, dtype="bf16")), "bf16"),
                             tensor("layer.a", (2, 7), generated(1), "f32", True),
                             tensor("layer.b", (6, 2), generated(0), "f32", True)], bases=[base(start)])))


def start_of(kind, values, name="w", shape=(16,)):
    return build(model(tensors=[tensor(name, shape, stored(floats(values, kind)), kind)]))


def tuned(*theta0s, bases, dtype="f32", names="w", **changes):
    """One tensor for each theta0, 16 weights each."""
    return build(model([generator(sine(8))], [codes([(i, 3 - i, 100) for i in range(2 * len(theta0s))])],
                       [tensor(name, (16,), generated(0, 16 * i, theta0), dtype)
                        for i, (name, theta0) in enumerate(zip(names, theta0s))],
                       bases=[base(file, f"base {i}") for i, file in enumerate(bases)]), **changes)


def bases():
    values = rational(16)
    for kind in ("f32", "f16", "bf16"):
        yield valid(f"base_{kind}", f"theta0 of a base, {kind}.",
                    tuned(base_theta0(dtype=kind), bases=[start_of(kind, values)]))
    yield valid("base_by_name", "A tensor of another name, with slashes and characters beyond ASCII.",
                tuned(base_theta0(0, "layers/0.\u91cd"), bases=[start_of("f32", values, "layers/0.\u91cd")]))
    yield valid("base_empty_name", "An empty name is the same as none.",
                tuned(base_theta0(0, ""), bases=[start_of("f32", values)]))
    yield valid("base_same_name_twice", "Two tensors start from one of the base.",
                tuned(base_theta0(), base_theta0(0, "w"), bases=[start_of("f32", values)], names="wx"))
    yield valid("base_extremes", "The largest values, subnormal ones and -0.",
                tuned(base_theta0(), bases=[start_of("f32", [2.0**64, -(2.0**64), 2.0**-149, -0.0] * 4)]))
    yield valid("base_two", "Two bases.", tuned(base_theta0(0), base_theta0(1, dtype="f16"), names="wx", bases=[
        start_of("f32", values), start_of("f16", rational(16, 11), "x")]))
    yield valid("base_shape", "A scalar and a matrix of a base.",
                build(model([generator(sine(8))], [codes(ALPHA)],
                            [tensor("s", (), generated(0, 0, base_theta0())),
                             tensor("w", (3, 2), generated(0, 1, base_theta0())),
                             tensor("x", (9,), generated(0, 7))],
                            bases=[base(build(model(tensors=[tensor("s", (), stored(floats([0.1]))),
                                                             tensor("w", (3, 2), stored(floats(rational(6))))])))])))
    yield valid("base_generated", "A base whose tensor is generated, its neighbours not decodable as float.",
                tuned(base_theta0(), bases=[build(model([generator(sine(8))], [codes(ALPHA)],
                                                        [tensor("ids", (3,), stored(b"\x01\x02\x03"), "u8"),
                                                         tensor("w", (16,), generated(0, 0, uniform()))]))]))
    yield valid("base_output_bf16", "Started in float32, narrowed to bfloat16.",
                tuned(base_theta0(), bases=[start_of("f32", values)], dtype="bf16"))
    root = start_of("bf16", values)
    middle = tuned(base_theta0(dtype="bf16"), bases=[root], dtype="f16")
    yield valid("base_chain", "A base that has a base itself.", tuned(base_theta0(dtype="f16"), bases=[middle]))
    yield valid("base_product", "A product on a base, and a tensor tied to it.",
                build(model(tensors=[tensor("a", (2, 3), product(3, 2, 0.5, base_theta0(0, "w", "f16")), "f16"),
                                     tensor("b", (2, 3), shared(0), "f16"),
                                     tensor("f", (1, 3), stored(floats([1, 2, 3])), "f32", True),
                                     tensor("g", (2, 1), stored(floats([-1, 0.1])), "f32", True)],
                            bases=[base(start_of("f16", rational(6), shape=(2, 3)))])))
    yield valid("base_factor", "A factor that starts from a base.",
                build(model([generator(sine(8))], [codes(ALPHA[:1])],
                            [tensor("f", (2, 2), generated(0, 0, base_theta0(0, "w")), "f32", True),
                             tensor("w", (2, 2), product(0, 0))],
                            bases=[base(start_of("f32", rational(4), shape=(2, 2)))])))
    yield valid("base_leaves", "A tensor of a base of more than one leaf, of which a chunk is changed.",
                build(model([generator(sine(16390), k=1)], [codes([[3]])],
                            [tensor("w", (16390,), generated(0, 0, base_theta0()))],
                            bases=[base(start_of("f32", [(i % 97) / 64 for i in range(16390)], shape=(16390,)))])))


def cases():
    yield from products()
    yield from generated_factors()
    yield from bases()
