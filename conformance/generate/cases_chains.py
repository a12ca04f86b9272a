# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files as bases (section 10.6): which file is taken, how deep, what of it is decoded, what it costs, what breaks."""

import struct

from bases import ALPHA
from cases import Case, invalid, limited, put
from cases_valid_floats import rational
from cases_valid_products import start_of, tuned
from container import File, build
from model import (base, base_theta0, codes, constant, entry, floats, generated, generator, model, product, shared,
                   sine, stored, tensor, uniform)
from specification import spec

RULE = "tensor.base"
START = floats(rational(16))


def valid(name, description, file, bases=None):
    return Case(f"valid/{name}", description, file, [RULE], bases=bases)


def damaged(file, segment):
    """The same file with a wrong last byte of a segment: manifest and weights identity are what they were."""
    data = bytearray(file.data)
    s = file.manifest["segments"][segment]
    data[s["offset"] + s["stored_length"] - 1] ^= 1
    return File(bytes(data), file.flags, file.manifest, file.bases)


def changed(file, at, *new):
    """The same file with other bytes from `at` on, cut behind them where there are none."""
    data = file.data[:at] + b"".join(new) + (file.data[at + sum(map(len, new)):] if new else b"")
    return File(data, file.flags, file.manifest, file.bases)


def two_made(**changes):
    """A base of two generated tensors and a stored one, of which only w is ever named. Costs: w 48, x 64."""
    return build(model([generator(sine(8)), generator(sine(16), k=2, seed=5)],
                       [codes(ALPHA), codes([(1, 2), (3, 4)], generator=1)],
                       [tensor("kept", (64,), stored(floats(rational(64)))), tensor("w", (16,), generated()),
                        tensor("x", (32,), generated(1))]), **changes)


def chain(length, start=None):
    """Files, each the base of the one before: so many beneath the first."""
    files = [start or start_of("f32", rational(16))]
    for i in range(length):
        files.insert(0, tuned(base_theta0(), bases=[files[0]], dtype="f32"))
    return files


def unchanged(start, remark):
    """Weights of a file, once more, as a change of zero: it has the weights identity of its base."""
    return build(model([generator(sine(8))], [codes(ALPHA, 0.0)], [tensor("w", (16,), generated(0, 0, base_theta0()))],
                       [entry("test.remark", "Text", remark)], [base(start)]))


def what_is_decoded():
    whole = two_made()
    file = tuned(base_theta0(), bases=[whole])
    for what, description, broken in (
            ("segment", "A segment of the base that w does not need is broken.", damaged(whole, 2)),
            ("stored", "A stored tensor of the base beside w is broken.", damaged(whole, len(whole.manifest["segments"])
                                                                               - 1)),
            ("fingerprint", "A generator of the base that w does not need has a wrong fingerprint.",
             two_made(edit=put("generators", 1, "fingerprint", value=bytes(32))))):
        yield valid(f"base_beside_{what}", description, file, [broken])
    start = start_of("f32", rational(16))
    other = start_of("f32", rational(16, 11), "x")
    both = tuned(base_theta0(0), base_theta0(1), names="wx", bases=[start, other])
    yield valid("base_beside_base", "Another tensor of the base starts from a base that is not supplied.",
                tuned(base_theta0(), bases=[both]), [both, start])
    yield valid("base_of_shared", "Of the base a tensor tied to a product, whose factor starts from a base of it.",
                build(model([generator(sine(8))], [codes(ALPHA)],
                            [tensor("w", (4, 4), generated(0, 0, base_theta0(0, "tied")))],
                            bases=[base(made_of_many())])))

    yield valid("base_beside_no_file", "Among the bases one that is cut short, and one that is no file of this format.",
                file, [changed(whole, 300), changed(whole, 0, b"\x7fELF"), whole])
    again = unchanged(start, b"again")
    yield valid("base_of_same_identity",
                "The first of two files with the weights that are asked for; its own base is the second.",
                tuned(base_theta0(), bases=[start]), [again, start])
    own = own_base()
    yield valid("base_of_itself", "A file whose first tensor starts from its second, and that is supplied as its base.",
                own, [own])


def made_of_many():
    """tied is w, and w = b * a, where b starts from a base."""
    wide = build(model(tensors=[tensor("b", (4, 1), stored(floats(rational(4))))]))
    return build(model([generator(sine(4))], [codes(ALPHA[:1])],
                       [tensor("a", (1, 4), stored(floats(rational(4, 11))), "f32", True),
                        tensor("b", (4, 1), generated(0, 0, base_theta0()), "f32", True),
                        tensor("tied", (4, 4), shared(3)), tensor("w", (4, 4), product(1, 0))], bases=[base(wide)]))


def own_base():
    """Two equal tensors; the base it names has the weights identity that it has itself."""
    kept = build(model(tensors=[tensor("v", (16,), stored(START)), tensor("w", (16,), stored(START))]))
    return build(model([generator(sine(8))], [codes(ALPHA, 0.0)],
                       [tensor("v", (16,), generated(0, 0, base_theta0(0, "w"))), tensor("w", (16,), stored(START))],
                       bases=[base(kept)]))


def how_deep():
    files = chain(8)
    yield valid("base_chain_8", "Eight bases beneath the file, given from the last to the first.", files[0],
                files[:0:-1])
    deeper = chain(9)
    yield invalid(RULE, "chain_9", "Nine bases beneath the file.", deeper[0], "base_chain_8", deeper[1:])
    many = [start_of("f32", rational(16, i + 3)) for i in range(9)]
    names = "abcdefghi"
    yield valid("base_nine", "Nine bases beside each other: depth is 1.",
                tuned(*[base_theta0(i, "w") for i in range(9)], names=names, bases=many))
    start = start_of("f32", rational(16))
    one, two = unchanged(start, b"one"), unchanged(start, b"two")
    file = tuned(base_theta0(), bases=[start])
    yield invalid(RULE, "of_itself", "A base that only starts from itself.", file, "base_of_same_identity", [one])
    yield invalid(RULE, "circle", "Two bases that start from each other; who could break the circle is the third.",
                  file, "base_of_same_identity", [one, two, start])


def what_breaks():
    whole = two_made()
    file = tuned(base_theta0(), bases=[whole])
    for what, description, broken in (
            ("broken_segment", "The segment digest of the base's alpha is wrong.", damaged(whole, 0)),
            ("broken_fingerprint", "The fingerprint of the base's generator is wrong.",
             two_made(edit=put("generators", 0, "fingerprint", value=bytes(32)))),
            ("broken_values", "A beta of the base's codes is NaN, which the manifest shows.",
             two_made(edit=put("codes", 0, "beta", value=float("nan")))),
            ("broken_magic", "The base is no file of this format.", changed(whole, 0, b"\x7fELF")),
            ("broken_version", "The base is of another major version.", changed(whole, 8, struct.pack("<H", 2))),
            ("broken_end", "The base is cut short.", changed(whole, len(whole.data) - 1)),
            ("empty", "The base is a file of no bytes.", changed(whole, 0))):
        yield invalid(RULE, what, description, file, "base_beside_segment", [broken])
    yield invalid(RULE, "broken_first", "The first of two files with the weights that are asked for is broken.", file,
                  "base_beside_segment", [damaged(whole, 0), whole])
    root = start_of("bf16", rational(16))
    middle = tuned(base_theta0(dtype="bf16"), bases=[root])
    yield invalid(RULE, "of_base_broken", "The base of the base is broken.", tuned(base_theta0(), bases=[middle]),
                  "base_chain", [middle, damaged(root, 0)])


def costs(name, description, file, added, bases=None, **other):
    """A limit of what the file and its bases take, and one below; added: by name of the limit, what the bases add."""
    for limit, amount in added.items():
        exact = file.manifest["budget"][limit] + amount
        rule = {"multiply_adds": "limit.multiply_adds", "scratch_bytes": "limit.scratch"}[limit]
        for what, number in (("exact", exact), ("one_below", exact - 1)):
            case = limited(f"base_{name}_{limit.partition('_')[0]}_{what}", description, file, {limit: number, **other},
                           [rule, RULE], number < exact)
            case.bases = bases
            yield case


def what_it_costs():
    whole = two_made()
    scratch = whole.manifest["budget"]["scratch_bytes"]
    file = tuned(base_theta0(), bases=[whole])
    yield from costs("one", "One of three tensors of a base is taken: it is charged, its file's memory is.", file,
                     {"multiply_adds": 48, "scratch_bytes": scratch},
                     output_bytes=file.manifest["budget"]["output_bytes"])
    yield from costs("two", "Two tensors start from one: it is charged twice, its file's memory once.",
                     tuned(base_theta0(), base_theta0(0, "w"), names="wx", bases=[whole]),
                     {"multiply_adds": 96, "scratch_bytes": scratch})
    start = start_of("f32", rational(16))
    yield from costs("beside", "Beside the base stands a file that is not needed.", file,
                     {"multiply_adds": 48, "scratch_bytes": scratch}, [start, whole])
    middle = tuned(base_theta0(), base_theta0(0, "x16"), names="wy", bases=[with_second()])
    yield from costs("chain", "A base and its base; of both only what the file's one tensor leads to.",
                     tuned(base_theta0(), bases=[middle]),
                     {"multiply_adds": 48 + 48, "scratch_bytes": middle.manifest["budget"]["scratch_bytes"]
                      + with_second().manifest["budget"]["scratch_bytes"]})
    yield from costs("shared", "A tensor that starts from a base, and one tied to it.",
                     build(model([generator(sine(8))], [codes(ALPHA)],
                                 [tensor("v", (16,), shared(1)), tensor("w", (16,), generated(0, 0, base_theta0()))],
                                 bases=[base(whole)])), {"multiply_adds": 96})
    square = build(model([generator(sine(8))], [codes(ALPHA)], [tensor("f", (4, 4), generated(0, 0, uniform()))]))
    yield from costs("factor", "A factor that starts from a base, and is both factors of a product.",
                     build(model([generator(sine(8))], [codes(ALPHA)],
                                 [tensor("f", (4, 4), generated(0, 0, base_theta0()), "f32", True),
                                  tensor("w", (4, 4), product(0, 0))], bases=[base(square)])),
                     {"multiply_adds": 3 * 48})
    wrong = tuned(base_theta0(), bases=[whole], edit=put("tensors", 0, "digest", value=bytes(range(32))))
    yield limited("base_before_tensors", "Above the limit with its base; the digest of its tensor is wrong, too.",
                  wrong, {"multiply_adds": wrong.manifest["budget"]["multiply_adds"] + 47},
                  ["limit.multiply_adds", RULE], True)


def with_second():
    """A base of two tensors that can be named, w and x16, which cost 48 each."""
    return build(model([generator(sine(8))], [codes(ALPHA + ALPHA)],
                       [tensor("w", (16,), generated(0, 0, constant(0.5))), tensor("x16", (16,), generated(0, 16))]))


def cases():
    yield from what_is_decoded()
    yield from how_deep()
    yield from what_breaks()
    yield from what_it_costs()
