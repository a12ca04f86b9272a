# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that break a rule of products, factors or bases, and files whose base is not the one they name."""

from bases import ALPHA, family, pair
from cases import invalid, put
from cases_valid_floats import SQUARE, THIRD, rational
from cases_valid_products import start_of, tuned
from container import build
from model import (Data, base, base_theta0, bits, codes, constant, floats, generated, generator, model, product, run,
                   shared, sine, stored, tensor)
from specification import spec

NAN, INF = float("nan"), float("inf")
ABOVE = float.fromhex("0x1.000002p+16")


def broken(rule, what, description, m, twin, **changes):
    return invalid(rule, what, description, build(m, **changes), twin)


def factors(*tensors, source=product(0, 1), shape=(2, 3), dtype="f32", **options):
    """f0, f1, ... as (shape, dtype) of zeros, and a product w."""
    made = [tensor(f"f{i}", shape, stored(bytes(spec.product(shape) * spec.DTYPE_SIZE[spec.DTYPES.index(kind)])), kind,
                   i in (source[1]["b"], source[1]["a"])) for i, (shape, kind) in enumerate(tensors)]
    return model(tensors=[*made, tensor("w", shape, source, dtype, **options)])


B, A = ((2, 4), "f32"), ((4, 3), "f32")


def products():
    rule = "tensor.product"
    for what, description, m in (
            ("1_dimension", "A product of one dimension.", factors(B, A, shape=(6,))),
            ("3_dimensions", "A product of three dimensions.", factors(B, A, shape=(2, 3, 1))),
            ("scalar", "A product of no dimension.", factors(((1, 4), "f32"), ((4, 1), "f32"), shape=())),
            ("no_rows", "A product of no rows.", factors(((0, 4), "f32"), A, shape=(0, 3))),
            ("no_columns", "A product of no columns.", factors(B, ((4, 0), "f32"), shape=(2, 0))),
            ("f64", "A float64 product.", factors(B, A, dtype="f64")),
            ("i32", "A product of integers.", factors(B, A, dtype="i32")),
            ("b_index", "B is tensor 3 of 3.", factors(B, A, source=product(3, 1))),
            ("a_index", "A is tensor 2^32 - 1.", factors(B, A, source=product(0, 2**32 - 1))),
            ("itself", "A product of itself.", factors(((2, 2), "f32"), source=product(0, 1), shape=(2, 2))),
            ("b_f64", "B is float64.", factors(((2, 4), "f64"), A)), ("a_i8", "A is int8.", factors(B, ((4, 3), "i8"))),
            ("b_1_dimension", "B has one dimension.", factors(((8,), "f32"), A)),
            ("a_3_dimensions", "A has three dimensions.", factors(B, ((4, 3, 1), "f32"))),
            ("rows", "B has other rows.", factors(((3, 4), "f32"), A)),
            ("columns", "A has other columns.", factors(B, ((4, 2), "f32"))),
            ("rank", "B and A are of other ranks.", factors(B, ((5, 3), "f32"))),
            ("b_transposed", "B is (rank, rows).", factors(((4, 2), "f32"), A)),
            ("exchanged", "A is B, and B is A.", factors(B, A, source=product(1, 0))),
            ("rank_0", "A rank of 0.", factors(((2, 0), "f32"), ((0, 3), "f32")))):
        yield broken(rule, what, description, m, "product")
    large = model(tensors=[tensor("w", (1, 1), product(2, 1)),
                           tensor("w.a", (65537, 1), stored(run(0, 131074)), "bf16", True),
                           tensor("w.b", (1, 65537), stored(run(0, 131074)), "bf16", True)])
    yield broken(rule, "rank_65537", "A rank of 65,537.", large, "product_rank_65536")
    for what, value in (("nan", NAN), ("inf", INF), ("minus_inf", -INF), ("too_large", ABOVE), ("too_low", -ABOVE)):
        yield broken(rule, f"scale_{what}", f"A scale of {value}.", pair(), "product_scale_largest",
                     edit=put("tensors", 0, "source", 1, "scale", value=value))
    yield broken(rule, "of_shared", "B is tied to another tensor.",
                 model(tensors=[tensor("a", (2, 2), stored(bytes(16))), tensor("b", (2, 2), shared(0)),
                                tensor("w", (2, 2), product(1, 0))]), "product_plain")
    yield broken(rule, "of_product", "A is a product.",
                 model(tensors=[tensor("a", (2, 2), stored(bytes(16))), tensor("b", (2, 2), product(0, 0)),
                                tensor("w", (2, 2), product(0, 1))]), "product_plain")
    yield broken(rule, "cycle", "Two products of each other.",
                 model(tensors=[tensor("a", (2, 2), product(1, 1)), tensor("b", (2, 2), product(0, 0))]),
                 "product_square")
    yield broken(rule, "factor", "A product that is marked as factor.",
                 model(tensors=[tensor("a", (2, 2), stored(bytes(16))), tensor("w", (2, 2), product(0, 0), "f32",
                                                                               True)]),
                 "product_square")
    yield broken(rule, "second", "Only the second of two products is of a wrong shape.",
                 model(tensors=[tensor("a", (2, 2), stored(bytes(16))), tensor("v", (2, 2), product(0, 0)),
                                tensor("w", (2, 3), product(0, 0))]), "product_factor_of_two")


def marks():
    rule = "tensor.factor"
    lone = tensor("a", (2,), stored(b"\x01\x02"), "u8", True)
    yield broken(rule, "stored", "A stored tensor marked as factor, and no product.", model(tensors=[lone]), "product")
    third = pair()
    third["tensors"].append(tensor("w.c", (2, 2), stored(bytes(16)), "f32", True))
    yield broken(rule, "unused", "A third factor that no product uses.", third, "product")
    yield broken(rule, "generated", "A generated tensor marked as factor, and no product.",
                 model([generator(sine(8))], [codes(ALPHA)], [tensor("w", (16,), generated(), "f32", True)]),
                 "factors_generated_f32")
    yield broken(rule, "shared", "A tied tensor marked as factor.",
                 model(tensors=[tensor("a", (2,), stored(b"\x01\x02"), "u8"), tensor("b", (2,), shared(0), "u8",
                                                                                     True)]),
                 "shared_stored")
    tied = pair(b=(1.0, 2.0, 3.0, 4.0), a=(1.0, 2.0, 3.0, 4.0))
    tied["tensors"].append(tensor("w.c", (2, 2), shared(1)))
    yield broken("tensor.shared", "factor", "A tensor tied to a factor.", tied, "product_shared")

    rule, above = "tensor.factor_value", float.fromhex("0x1.000002p+40")
    for what, value in (("nan", NAN), ("inf", INF), ("minus_inf", -INF), ("too_large", above), ("too_low", -above)):
        yield broken(rule, f"b_{what}", f"An element of B of {value}.", pair(b=(1.0, 2.0, 3.0, value)),
                     "product_scale_largest")
        yield broken(rule, f"a_{what}", f"An element of A of {value}.", pair(a=(value, 0.0, 2.0, 0.0, 0.0, 0.0)),
                     "product_scale_largest")
    for kind, numbers in (("f16", (0x7C00, 0xFE00)), ("bf16", (0x5381, 0x7F81))):
        for number in numbers:
            m = pair(a_kind=kind)
            m["tensors"][1]["source"] = stored(bits([0] * 5 + [number], 2))
            yield broken(rule, f"{kind}_{number:04x}", f"A {kind} of {number:#06x} in a factor.", m,
                         f"product_factors_{kind}")
    yield broken(rule, "plain", "NaN in a tensor that is a factor without being marked so.",
                 pair(b=(1.0, 2.0, 3.0, NAN), factor=False), "product_plain")
    yield broken(rule, "generated", "A generated factor of float16 that is infinite.",
                 model([generator(sine(8))], [codes(ALPHA)],
                       [tensor("f", (4, 4), generated(0, 0, constant(65536.0)), "f16", True),
                        tensor("w", (4, 4), product(0, 0))]), "factors_generated_f16")


def digests():
    def digest_of(values):
        return put("tensors", 0, "digest", value=spec.tensor_digest(floats(values)))

    for what, description, m, values, twin in (
            ("product_unfused", "A product whose terms are rounded before they are added.",
             pair([-SQUARE, THIRD], [1.0, THIRD], 2, 1.0), [0.0], "product_fused"),
            ("product_theta0_fused", "scale * acc and theta0 added with one rounding.",
             pair([THIRD], [1.0], 1, THIRD, constant(-SQUARE)), [spec.fma32(THIRD, THIRD, -SQUARE)],
             "product_theta0_unfused"),
            ("product_theta0_first", "theta0 as the start of the sum.",
             pair([2.0**24, -(2.0**24)], [1.0, 1.0], 2, 1.0, constant(1.0)), [0.0], "product_theta0_last"),
            ("product_transposed", "B * A, transposed.", pair(rational(4), rational(4)), None, "product")):
        if values is None:
            (_, _, data), = build(m).tensors().values()
            w = spec.floats(data, "f32")
            values = [w[0], w[2], w[1], w[3]]
        yield broken("tensor.digest", what, description, m, twin, edit=digest_of(values))
    yield broken("tensor.digest", "factor", "The digest of a factor.", pair(), "product",
                 edit=put("tensors", 1, "digest", value=bytes(range(32))))


def theta0s():
    rule = "tensor.theta0"
    yield broken(rule, "product_constant_nan", "theta0 of a product is NaN.", pair(theta0=constant(NAN)),
                 "product_theta0_constant")
    yield broken(rule, "product_bound_0", "theta0 of a product is within 0.",
                 pair(theta0=("Uniform", {"seed": 1, "stream": 1, "scale": 0.0})), "product_theta0_uniform")
    yield broken(rule, "product_stored_inf", "A stored theta0 of a product is infinite.",
                 pair(theta0=("StoredTheta0", {"segment": Data(bits([0] * 5 + [0x7F800000], 4)), "dtype": 0})),
                 "product_theta0_f32")
    yield broken(rule, "product_dtype", "theta0 of a product is stored as float64.",
                 pair(theta0=("StoredTheta0", {"segment": Data(bytes(48)), "dtype": 3})), "product_theta0_f32")
    yield broken("tensor.stream", "product", "A factor and its product draw from one stream.",
                 model([generator(sine(8))], [codes(ALPHA[:1])],
                       [tensor("f", (2, 2), generated(0, 0, ("Uniform", {"seed": 4, "stream": 2, "scale": 1.0})), "f32",
                               True),
                        tensor("w", (2, 2), product(0, 0, 1.0, ("Uniform", {"seed": 4, "stream": 2, "scale": 0.5})))]),
                 "lora_per_tensor")
    for what, values, kind in (("nan", [0x7FC00000] + [0] * 15, "f32"), ("inf", [0] * 15 + [0xFF800000], "f32"),
                               ("too_large", [0x5F800001] + [0] * 15, "f32"), ("f16_inf", [0x7C00] + [0] * 15, "f16"),
                               ("bf16_nan", [0] * 15 + [0x7F81], "bf16")):
        start = build(model(tensors=[tensor("w", (16,), stored(bits(values, 4 if kind == "f32" else 2)), kind)]))
        yield invalid(rule, f"base_{what}", "A value of a base's tensor is not finite or too large.",
                      tuned(base_theta0(dtype=kind), bases=[start]), f"base_{kind}")
    for kind in ("f64", "u8"):
        start = build(model(tensors=[tensor("w", (16,), stored(bytes(16 * (8 if kind == "f64" else 1))), kind)]))
        yield invalid(rule, f"base_dtype_{kind}", f"theta0 of a base is {kind}.",
                      tuned(base_theta0(dtype=kind), bases=[start]), "base_f32")


def bases():
    start = start_of("f32", rational(16))

    def based(**changes):
        return build(model([generator(sine(8))], [codes(ALPHA)],
                           [tensor("w", (16,), generated(0, 0, base_theta0()))], bases=[base(start)]), **changes)

    theta0 = ("tensors", 0, "source", 1, "theta0", 1)
    for what, index in (("1", 1), ("max", 2**32 - 1)):
        yield invalid("base.index", what, f"Base {index} of 1.", based(edit=put(*theta0, "base", value=index)),
                      "base_f32")
    yield invalid("base.index", "none", "A base where there are none.", based(edit=put("bases", value=[])), "base_f32")
    yield invalid("base.index", "second", "Base 1 of 1, and another tensor that starts from base 0.",
                  tuned(base_theta0(), base_theta0(0, "w"), names="wx", bases=[start],
                        edit=put("tensors", 1, "source", 1, "theta0", 1, "base", value=1)), "base_same_name_twice")
    for what, name in (("empty", b""), ("path", b"../base"), ("1025_bytes", b"n" * 1025), ("latin_1", b"caf\xe9"),
                       ("escape", b"\x1b[2J"), ("reserved", b"__metadata__")):
        yield invalid("base.name", what, f"A base named {name[:16]!r}{'...' * (len(name) > 16)}.",
                      based(edit=put("bases", 0, "name", value=name)), "base_f32")
    for what, name in (("absolute", b"/w"), ("nul", b"w\x00"), ("1025_bytes", b"n" * 1025)):
        yield invalid("base.name", f"tensor_{what}", f"A tensor of a base named {name[:16]!r}.",
                      based(edit=put(*theta0, "tensor", value=name)), "base_by_name")
    other = {"name": b"other", "weights_identity": bytes(32)}
    yield invalid("base.use", "last", "A second base that no tensor starts from.",
                  based(edit=lambda m: m["bases"].append(other)), "base_two")
    yield invalid("base.use", "only", "A base, and no tensor that starts from it.",
                  build(model(), edit=lambda m: m["bases"].append(other)), "empty")

    rule = "tensor.base"
    yield invalid(rule, "missing", "No base is supplied.", based(), "base_f32", [])
    yield invalid(rule, "other", "Another model is supplied, which has such a tensor.", based(), "base_f32",
                  [start_of("f32", rational(16, 11))])
    yield invalid(rule, "second_missing", "One of two bases is supplied.",
                  tuned(base_theta0(0), base_theta0(1, dtype="f16"), names="wx",
                        bases=[start, start_of("f16", rational(16, 11), "x")]), "base_two", [start])
    for what, description, path, value in (
            ("tensor", "A tensor that the base does not have.", "tensor", b"x"),
            ("dtype", "float16 theta0, of a float32 tensor.", "dtype", 1),
            ("digest", "Another digest than that of the tensor.", "digest", bytes(range(32))),
            ("digest_identity", "The identity of the base as the tensor's digest.", "digest",
             start.manifest["weights_identity"])):
        yield invalid(rule, what, description, based(edit=put(*theta0, path, value=value)), "base_f32")
    yield invalid(rule, "shape", "A tensor of equal size and another shape.",
                  build(model([generator(sine(8))], [codes(ALPHA)],
                              [tensor("w", (2, 8), generated(0, 0,
                                                             base_theta0()))], bases=[base(start)])), "base_shape")
    yield invalid(rule, "larger", "A tensor with more elements, of which the first would do.",
                  build(model([generator(sine(8))], [codes(ALPHA)], [tensor("w", (9,), generated(0, 0, base_theta0()))],
                              bases=[base(start)])), "base_f32")
    yield invalid(rule, "smaller", "A tensor with fewer elements.",
                  build(model([generator(sine(8))], [codes(ALPHA)],
                              [tensor("w", (16,), generated(0, 0, base_theta0()))],
                              bases=[base(start_of("f32", rational(8), shape=(8,)))])), "base_f32")
    bf16 = start_of("bf16", rational(16))
    yield invalid(rule, "dtype_of_equal_size", "float16 theta0, of a bfloat16 tensor.",
                  tuned(base_theta0(dtype="f16"), bases=[bf16]), "base_bf16")
    pairs = build(pair())
    of_factor = base_theta0(0, "w.a", digest=pairs.manifest["tensors"][1]["digest"])
    yield invalid(rule, "of_factor", "A factor of the base, which is no tensor of it.",
                  build(model([generator(sine(8))], [codes(ALPHA)],
                              [tensor("w", (2, 3), generated(0, 0, of_factor)), tensor("x", (10,), generated(0, 6))],
                              bases=[base(pairs)])), "base_product")
    yield invalid(rule, "exchanged", "Two bases, named in the other order.",
                  tuned(base_theta0(0, digest=start.manifest["tensors"][0]["digest"]), base_theta0(1, dtype="bf16"),
                        names="wx", bases=[bf16, start_of("bf16", rational(16, 11), "x")]), "base_two")
    middle = tuned(base_theta0(dtype="bf16"), bases=[bf16], dtype="f16")
    chain = tuned(base_theta0(dtype="f16"), bases=[middle])
    yield invalid(rule, "of_base_missing", "The base of the base is not supplied.", chain, "base_chain", [middle])
    yield invalid(rule, "only_of_base", "Only the base of the base is supplied.", chain, "base_chain", [bf16])
    yield invalid(rule, "product", "A product whose base is not supplied.", build(family()), "family", [])


def cases():
    yield from products()
    yield from marks()
    yield from digests()
    yield from theta0s()
    yield from bases()
