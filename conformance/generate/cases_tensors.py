# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that break a rule of tensors."""

from bases import ALPHA, kept, one
from cases import invalid, put
from container import build
from model import (bits, codes, constant, floats, generated, generator, model, shared, sine, stored, stored_theta0,
                   tensor, uniform)
from specification import spec

NAMES = (
    ("empty", b"", "name_slashes"), ("1025_bytes", b"n" * 1025, "name_1024_bytes"), ("nul", b"a\x00b", "name_json"),
    ("line_feed", b"a\n", "name_json"), ("escape", b"\x1b[2J", "name_json"), ("unit_separator", b"a\x1f", "name_json"),
    ("del", b"\x7f", "name_json"), ("c1", b"a\xc2\x80", "name_edges_of_utf8"),
    ("c1_last", b"\xc2\x9f", "name_edges_of_utf8"),
    ("overlong_2", b"a\xc0\xaf", "name_edges_of_utf8"), ("overlong_3", b"\xe0\x9f\xbf", "name_edges_of_utf8"),
    ("overlong_4", b"\xf0\x8f\xbf\xbf", "name_edges_of_utf8"), ("surrogate", b"\xed\xa0\x80", "name_edges_of_utf8"),
    ("above_10ffff", b"\xf4\x90\x80\x80", "name_edges_of_utf8"), ("cut_short", b"a\xe9\x87", "name_unicode"),
    ("latin_1", b"w\xe9ight", "name_unicode"), ("ff", b"\xff", "name_unicode"),
    ("continuation", b"\x80", "name_unicode"),
    ("reserved", b"__metadata__", "name_almost_metadata"), ("absolute", b"/etc/passwd", "name_slashes"),
    ("backslash", b"a\\b", "name_slashes"), ("drive", b"C:x", "name_slashes"), ("parent", b"..", "name_slashes"),
    ("parent_within", b"a/../b", "name_slashes"), ("here", b"./a", "name_slashes"),
    ("here_last", b"a/.", "name_slashes"))


def broken(rule, what, description, m, twin, **changes):
    return invalid(rule, what, description, build(m, **changes), twin)


def bytes_tensors(*names):
    return model(tensors=[tensor(name, (2,), stored(b"\x01\x02"), "u8") for name in names])


def names():
    for what, name, twin in NAMES:
        yield broken("tensor.name", what, f"A name of {name[:16]!r}{'...' * (len(name) > 16)}.", kept(name), twin)
    for what, description, ordered, twin in (
            ("duplicate", "A name twice.", ("a", "a"), "name_prefix"),
            ("descending", "b before a.", ("b", "a"), "name_prefix"),
            ("prefix", "ab before a.", ("ab", "a"), "name_prefix"),
            ("signed_bytes", "Sorted as if bytes were signed.", ("\u00e9", "z"), "name_order_bytes"),
            ("utf_16", "Sorted as UTF-16.", ("\U00010000", "\uff5e"), "name_order_bytes"),
            ("case", "Sorted without regard to case.", ("a", "B"), "name_prefix"),
            ("numeric", "Sorted by number.", ("l.9", "l.10"), "name_prefix")):
        yield broken("tensor.order", what, description, bytes_tensors(*ordered), twin)


def shapes():
    for what, shape, twin in (
            ("17_dimensions", (1,) * 15 + (2, 8), "dimensions_16"), ("2_60", (2**30, 2**30), "shape_zero_and_large"),
            ("2_60_elements_of_4", (2**29, 2**29), "shape_zero_and_large"),
            ("zero_and_2_60", (0, 2**60), "shape_zero_and_large"),
            ("wraps_to_0", (2**32, 2**32), "shape_64_bit_factors"),
            ("wraps_to_16", (2**60 + 1, 16), "shape_64_bit_factors"), ("max", (2**64 - 1,), "shape_64_bit_factors"),
            ("max_twice", (2**64 - 1, 2**64 - 1), "shape_64_bit_factors"),
            ("wraps_bytes", (2**62 + 4,), "shape_64_bit_factors")):
        dtype = "f32" if "4" in what or "bytes" in what else "u8"
        yield broken("tensor.shape", what, f"Shape {shape}, {dtype}.",
                     kept(shape=shape, dtype=dtype, content=b"x" * 16), twin)


def sources():
    for dtype in ("f64", "i32", "f8_e4m3", "u8"):
        yield broken("tensor.generated", dtype, f"A generated tensor of {dtype}.", one(), "output_bf16",
                     edit=put("tensors", 0, "dtype", value=spec.DTYPES.index(dtype)))
    yield broken("tensor.generated", "empty", "A generated tensor of no elements.", one(), "scalar_generated",
                 edit=put("tensors", 0, "shape", value=[0, 8]))
    for what, index in (("1", 1), ("max", 2**32 - 1)):
        yield broken("tensor.generated", f"codes_{what}", f"Codes table {index} of 1.", one(), "one_sine",
                     edit=put("tensors", 0, "source", 1, "codes", value=index))

    above, above_bound = float.fromhex("0x1.000002p+64"), float.fromhex("0x1.000002p+48")
    for what, theta0, twin in (
            ("constant_nan", constant(float("nan")), "theta0_constant"),
            ("constant_inf", constant(float("-inf")), "theta0_constant"),
            ("constant_too_large", constant(above), "theta0_constant_largest"),
            ("bound_0", uniform(0.0), "theta0_uniform_subnormal"),
            ("bound_minus_0", uniform(-0.0), "theta0_uniform_subnormal"),
            ("bound_negative", uniform(-1.0), "theta0_uniform"), ("bound_nan", uniform(float("nan")), "theta0_uniform"),
            ("bound_inf", uniform(float("inf")), "theta0_uniform_largest"),
            ("bound_too_large", uniform(above_bound), "theta0_uniform_largest"),
            ("dtype_f64", stored_theta0(bytes(128), "f64"), "theta0_stored_f32"),
            ("dtype_i16", stored_theta0(bytes(32), "i16"), "theta0_stored_f16"),
            ("stored_nan", stored_theta0(bits([0] * 15 + [0x7FC00000], 4)), "theta0_stored_f32"),
            ("stored_inf", stored_theta0(bits([0xFF800000] + [0] * 15, 4)), "theta0_stored_f32"),
            ("stored_too_large", stored_theta0(floats([0.0] * 15 + [above])), "theta0_stored_largest"),
            ("stored_f16_nan", stored_theta0(bits([0x7E00] + [0] * 15, 2), "f16"), "theta0_stored_f16"),
            ("stored_f16_inf", stored_theta0(bits([0xFC00] + [0] * 15, 2), "f16"), "theta0_stored_f16"),
            ("stored_bf16_nan", stored_theta0(bits([0x7F81] + [0] * 15, 2), "bf16"), "theta0_stored_bf16"),
            ("stored_bf16_too_large", stored_theta0(bits([0x5F81] + [0] * 15, 2), "bf16"), "theta0_stored_bf16")):
        yield broken("tensor.theta0", what, "theta0 is not a number that is allowed.", one(generated(0, 0, theta0)),
                     twin)

    streams = model([generator(sine(8))], [codes(ALPHA)],
                    [tensor("a", (8,), generated(0, 0, uniform(2.0**-16, 5, 7))),
                     tensor("b", (3,), generated(0, 8, constant(1.0))),
                     tensor("c", (5,), generated(0, 11, uniform(2.0**-10, 5, 7)))])
    yield broken("tensor.stream", "twice", "Two tensors draw from stream 7 of seed 5.", streams,
                 "theta0_uniform_streams")


def sharing():
    def tied(targets, **changes):
        tensors = [tensor(f"t{i}", (2,), stored(b"\x01\x02") if target is None else shared(target), "u8")
                   for i, target in enumerate(targets)]
        return build(model(tensors=tensors), **changes)

    for what, description, targets in (
            ("self", "A tensor tied to itself.", (None, 1)), ("cycle", "Two tensors tied to each other.", (None, 2, 1)),
            ("chain", "A tensor tied to a tied one.", (None, 0, 1)), ("index", "Tensor 2 of 2.", (None, 2)),
            ("index_max", "Tensor 2^32 - 1.", (None, 2**32 - 1))):
        yield invalid("tensor.shared", what, description, tied(targets), "shared_twice")
    for what, name, value in (("shape", "shape", [2, 1]), ("count", "shape", [1]),
                              ("dtype", "dtype", spec.DTYPES.index("i8")),
                              ("digest", "digest", bytes(range(32)))):
        yield invalid("tensor.shared", what, f"Another {what} than the tensor it is tied to.",
                      tied((None, 0), edit=put("tensors", 1, name, value=value)), "shared_stored")


def coverage():
    def tiled(count, *tensors):
        alpha = [(i + 1, 5 - i, -i) for i in range(count)]
        return build(model([generator(sine(8))], [codes(alpha)],
                           [tensor(name, (size,), generated(0, first)) for name, size, first in tensors]))

    for what, description, count, tensors, twin in (
            ("starts_at_1", "The first tensor starts at element 1.", 2, (("a", 15, 1),), "one_sine"),
            ("starts_at_chunk_1", "No tensor takes the first chunk.", 2, (("a", 8, 8),), "one_sine"),
            ("gap", "An unused element between two tensors.", 2, (("a", 5, 0), ("b", 10, 6)), "flat"),
            ("gap_chunk", "An unused chunk between two tensors.", 4, (("a", 5, 0), ("b", 8, 16), ("c", 8, 24)),
             "per_tensor"),
            ("overlap", "Two tensors share an element.", 2, (("a", 9, 0), ("b", 8, 8)), "flat"),
            ("same", "Two tensors are one range.", 1, (("a", 8, 0), ("b", 8, 0)), "flat"),
            ("past_end", "The last tensor ends one element behind the last chunk.", 2, (("a", 17, 0),),
             "one_element_of_last_chunk"),
            ("unused_chunk", "No tensor takes the last chunk.", 3, (("a", 16, 0),), "one_element_of_last_chunk"),
            ("first_element_max", "A first element of 2^64 - 8: its end wraps.", 2, (("a", 8, 0), ("b", 8, 2**64 - 8)),
             "per_tensor"),
            ("first_element_2_32", "A first element 2^32 too high.", 2, (("a", 8, 0), ("b", 8, 2**32 + 8)),
             "per_tensor")):
        yield invalid("codes.coverage", what, description, tiled(count, *tensors), twin)
    yield broken("codes.coverage", "no_tensor", "Codes that no tensor uses.",
                 model([generator(sine(8))], [codes(ALPHA), codes(ALPHA)], [tensor("a", (16,), generated(0))]),
                 "codes_tables_3")


def cases():
    yield from names()
    yield from shapes()
    yield from sources()
    yield from sharing()
    yield from coverage()
