# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Valid files: tensors, how they share chunks, names, metadata."""

from bases import ALPHA, kept, one
from cases import valid
from container import build
from model import codes, constant, entry, generated, generator, model, run, shared, sine, stored, tensor
from specification import spec


def tiled(count, *tensors):
    """d = 8; tensors as (name, elements, first_element)."""
    alpha = [(i + 1, 5 - i, -i) for i in range(count)]
    return build(model([generator(sine(8))], [codes(alpha)],
                       [tensor(name, (size,), generated(0, first)) for name, size, first in tensors]))


def named(*names):
    names = sorted(name.encode("utf-8") if isinstance(name, str) else name for name in names)
    return build(model(tensors=[tensor(name, (1,), stored(bytes([i % 256])), "u8") for i, name in enumerate(names)]))


def described(*entries):
    return build(kept(metadata=entries))


def coverage():
    yield valid("flat", "Three tensors in a row, across the ends of chunks.",
                tiled(3, ("a", 5, 0), ("b", 13, 5), ("c", 6, 18)))
    yield valid("flat_unused_tail", "The last tensor ends in the last chunk before its end.",
                tiled(3, ("a", 5, 0), ("b", 12, 5)))
    yield valid("per_tensor", "Each tensor starts a chunk and leaves the tail of its last one.",
                tiled(4, ("a", 5, 0), ("b", 9, 8), ("c", 3, 24)))
    yield valid("per_tensor_mixed", "Some tensors follow flat, others start a chunk.",
                tiled(4, ("a", 5, 0), ("b", 4, 5), ("c", 8, 16), ("d", 1, 24)))
    yield valid("tensors_not_by_position", "Names in another order than first_element.",
                tiled(3, ("a", 6, 18), ("b", 5, 0), ("c", 13, 5)))
    yield valid("one_element_of_last_chunk", "One weight is enough to use a chunk.", tiled(3, ("a", 17, 0)))
    yield valid("codes_tables_3", "Three codes tables, of which the tensors take turns.",
                build(model([generator(sine(8))], [codes(ALPHA), codes(ALPHA[:1], 2.0**-10), codes(ALPHA[1:])],
                            [tensor("a", (8,), generated(2)), tensor("b", (16,), generated(0)),
                             tensor("c", (3,), generated(1)), tensor("d", (5,), generated(1, 3))])))


def tensors():
    yield valid("empty", "No tensor, no segment: the manifest ends the file.", build(model()))
    yield valid("stored_only", "One stored tensor.", build(kept()))
    pattern = bytes(range(0xF8, 0x100)) + b"\x01\x00\xf8\x7f\xff\xff\xff\x7f"
    yield valid("stored_dtypes", "Every dtype; NaNs, infinities and odd bools are kept as they are.",
                build(model(tensors=[tensor(f"t{i:02}", (16 // spec.DTYPE_SIZE[i],), stored(pattern), name)
                                     for i, name in enumerate(spec.DTYPES)])))
    yield valid("scalar_generated", "A scalar: no dimensions, one element.", build(one(shape=(), alpha=ALPHA[:1])))
    yield valid("scalar_stored", "A stored scalar.", build(kept(shape=(), content=b"\x00\x3c")))
    yield valid("empty_stored", "Tensors of no elements, (0) and (3, 0), between others: their segments are empty.",
                build(model(tensors=[tensor("a", (0,), stored(b"")), tensor("b", (2,), stored(b"\x01\x02"), "u8"),
                                     tensor("c", (3, 0), stored(b"")), tensor("d", (0, 0), stored(b""), "i64")])))
    yield valid("shape_zero_and_large", "A 0 beside a dimension just below the bound.",
                build(kept(shape=(0, 2**60 - 1), content=b"", dtype="u8")))
    yield valid("dimensions_16", "16 dimensions.", build(one(shape=(1,) * 14 + (2, 8))))
    yield valid("shape_64_bit_factors", "Dimensions whose product is 16, ones between.", build(one(shape=(2, 1, 1, 8))))
    yield valid("tensors_300", "300 tensors of one codes table.",
                tiled(75, *[(f"layer.{i:03}", 2, 2 * i) for i in range(300)]))

    yield valid("shared_stored", "Tied to a stored tensor that stands before it.",
                build(model(tensors=[tensor("a", (2,), stored(b"\x01\x02"), "u8"),
                                     tensor("b", (2,), shared(0), "u8")])))
    yield valid("shared_generated", "Tied to a generated tensor that stands behind it.",
                build(model([generator(sine(8))], [codes(ALPHA)],
                            [tensor("a", (2, 8), shared(1)), tensor("b", (2, 8), generated())])))
    yield valid("shared_twice", "Two tensors tied to one.",
                build(model(tensors=[tensor("a", (2,), shared(1), "u8"), tensor("b", (2,), stored(b"\x01\x02"), "u8"),
                                     tensor("c", (2,), shared(1), "u8")])))
    yield valid("shared_empty", "Tied to an empty tensor.",
                build(model(tensors=[tensor("a", (0,), stored(b""), "u8"), tensor("b", (0,), shared(0), "u8")])))

    for what, size in (("1_byte", 1), ("65536_bytes", 65536), ("65537_bytes", 65537), ("3", 3 * 65536),
                       ("5_and_1_byte", 5 * 65536 + 1), ("8", 8 * 65536)):
        yield valid(f"leaves_{what}", f"Digest of {size} bytes.",
                    build(kept(shape=(size,), content=run(0xA5, size), dtype="u8")))
    yield valid("leaves_generated", "A generated tensor of one leaf and 4 bytes.",
                build(model([generator(sine(1024))], [codes([(i, 7 * i, -i) for i in range(17)])],
                            [tensor("w", (16385,), generated(0, 0, constant(0.5)))])))


def names():
    yield valid("name_1024_bytes", "The longest name.", named("n" * 1024))
    yield valid("name_unicode", "Two, three and four byte characters, combining ones, a no-break space.",
                named("w\u00e9ight", "we\u0301ight", "\u91cd\u307f", "\U0001f9e0", "a\u00a0b", "\u200f\u202eabc"))
    yield valid("name_order_bytes",
                "U+FF5E before U+10000: as bytes, not as UTF-16; z before \u00e9: bytes are unsigned.",
                named("\uff5e", "\U00010000", "z", "\u00e9"))
    yield valid("name_edges_of_utf8", "First and last characters of each length.",
                named("\u00a0", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U0010ffff"))
    yield valid("name_slashes", "Slashes, dots and spaces that lead nowhere.",
                named("model/layers.0/weight", "a//b", "a/", "...", "a/..b", "..a", ". ", "ab:c", " ", "CON", "~"))
    yield valid("name_json", "Characters that JSON escapes, and DEL's neighbour.", named('a"b', "a'b", "~}", "<&>"))
    yield valid("name_prefix", "A name that another one begins with comes first.", named("a", "a.b", "ab", "A"))
    yield valid("name_almost_metadata", "Names that only look like the reserved one.",
                named("__metadata_", "_metadata__", "__metadata__x", "__METADATA__"))


def metadata():
    yield valid("metadata_types", "Every type of value.",
                described(entry("a.boolean", "Boolean", True), entry("a.integer", "Integer", -5),
                          entry("a.real", "Real", 0.1), entry("a.text", "Text", b"text")))
    yield valid("metadata_extremes", "The least and greatest values of each type.",
                described(entry("a.false", "Boolean", False), entry("a.int_max", "Integer", 2**63 - 1),
                          entry("a.int_min", "Integer", -(2**63)), entry("a.minus_zero", "Real", -0.0),
                          entry("a.real_max", "Real", float.fromhex("0x1.fffffffffffffp+1023")),
                          entry("a.real_min", "Real", 5e-324), entry("a.text_empty", "Text", b"")))
    yield valid("metadata_key_256_bytes", "The longest key.", described(entry("a." + "b" * 254, "Integer", 1)))
    yield valid("metadata_key_words", "The shortest keys, digits and underscores.",
                described(entry("0._", "Integer", 1), entry("a.0.b_c", "Integer", 2), entry("a.b", "Integer", 3),
                          entry("a_.b", "Integer", 4)))
    yield valid("metadata_text_65536_bytes", "The longest text.", described(entry("a.b", "Text", b"t" * 65536)))
    yield valid("metadata_text_any", "Control characters but NUL, every length of UTF-8.",
                described(entry("a.b", "Text",
                                "\u0001\n\t\u001b[31m\u007f\u0085\u00e9\u91cd\U0001f9e0".encode("utf-8"))))
    yield valid("metadata_general", "Keys of GGUF.",
                described(entry("general.author", "Text", b"A. Author"),
                          entry("general.license", "Text", b"Apache-2.0"),
                          entry("general.name", "Text", b"name"), entry("general.url", "Text", b"file:///etc/passwd")))
    yield valid("metadata_not_in_identity", "The same tensors as stored_only, so the same identity.",
                described(entry("a.b", "Text", b"something else")))


def cases():
    yield from coverage()
    yield from tensors()
    yield from names()
    yield from metadata()
