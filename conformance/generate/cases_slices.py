# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files with tensors of several slices, valid and not."""

import struct

from bases import one
from builder import find
from cases import invalid, put, valid
from container import build
from model import (codes, float_generator, float_identity, float_sine, floats, generated, generator, model, product,
                   run, shared, sine, stored_theta0, tensor, uniform)
from specification import spec


def alphas(count):
    return [(i % 100 + 1, 5 - i % 50, i * i % 100) for i in range(count)]


def sliced(shape, slices, chunks, *others, first=0, theta0=spec.OPTIONAL, name="w", dtype="f32", **options):
    """d = 8, one codes table; others: (name, shape, first_element, slices)."""
    return model([generator(sine(8))], [codes(alphas(chunks), **options)], sorted(
        [tensor(name, shape, generated(0, first, theta0, slices), dtype),
         *[tensor(other, its, generated(0, at, spec.OPTIONAL, n)) for other, its, at, n in others]],
        key=lambda t: t["name"]))


def padded():
    """Three slices of five elements."""
    return sliced((3, 5), 3, 3)


def between():
    """Two of them; x and z start where the last slice before them ends, within its chunk."""
    return sliced((2, 3), 2, 7, ("a", (5,), 0, 1), ("x", (2,), 19, 1), ("y", (2, 9), 24, 2), ("z", (2,), 49, 1),
                  first=8)


def stated_default(root):
    find(root, "tensors", 1, "source").fields["slices"] = struct.pack("<I", 1)


def good():
    yield valid("slices_padding", "Each slice leaves the tail of its chunk.", build(padded()))
    yield valid("slices_whole_chunks", "Slices of exactly a chunk.", build(sliced((2, 2, 4), 2, 2)))
    yield valid("slices_of_3_chunks", "Slices of several chunks and a part of one.", build(sliced((2, 3, 7), 2, 6)))
    yield valid("slices_of_2_rows", "Slices of two rows.", build(sliced((6, 3), 3, 3)))
    yield valid("slices_of_1_element", "A chunk for each element of a vector.", build(sliced((3,), 3, 3)))
    yield valid("slices_300", "300 slices of one tensor, which stands for as many.",
                build(sliced((300, 2), 300, 300, name="layers.*.w")))
    yield valid("slices_between", "A sliced tensor among others; what follows it starts in its last chunk.",
                build(between()))
    yield valid("slices_twice", "Two sliced tensors in a row.", build(sliced((2, 3), 2, 5, ("a", (3, 1), 0, 3),
                                                                                  first=24)))
    yield valid("slices_1_stated", "One slice, said although it is the default, within a chunk.",
                build(sliced((5,), 1, 2, ("z", (2, 3), 5, 1)), nodes=stated_default))
    yield valid("slices_scalar", "A scalar, whose only slice it is, before a sliced tensor.",
                build(sliced((2, 1), 2, 3, ("s", (), 0, 1), first=8)))
    yield valid("slices_theta0_uniform", "theta0 is drawn by element, whatever lies between slices.",
                build(sliced((3, 5), 3, 3, theta0=uniform(), dtype="f16")))
    yield valid("slices_theta0_stored", "theta0 has an element each, none for what lies between slices.",
                build(sliced((3, 5), 3, 3, theta0=stored_theta0(floats(range(15), "bf16"), "bf16"), dtype="bf16")))
    yield valid("slices_codes_per_chunk_2", "Two codes a chunk, betas of their own.",
                build(sliced((2, 9), 2, 8, m=2, beta=floats([2.0**-15 * (i + 1) for i in range(8)]))))
    layers = float_sine(4, 0.3), float_identity(8, 0.5)
    yield valid("slices_float32", "A generator of float32 arithmetic, two codes a chunk.",
                build(model([float_generator(*layers)], [codes(alphas(8), 0.25, m=2)],
                            [tensor("w", (2, 3, 3), generated(0, 0, uniform(2.0**-20), 2))])))
    yield valid("slices_factor", "Factors of a product, cut by rows.",
                build(model([generator(sine(8))], [codes(alphas(5))],
                            [tensor("w", (3, 5), product(2, 1)),
                             tensor("w.a", (2, 5), generated(0, 24, spec.OPTIONAL, 2), "f32", True),
                             tensor("w.b", (3, 2), generated(0, 0, spec.OPTIONAL, 3), "f16", True)])))
    yield valid("slices_shared", "A tensor tied to a sliced one has the same elements.",
                build(model([generator(sine(8))], [codes(alphas(3))],
                            [tensor("a", (3, 5), shared(1)), tensor("w", (3, 5), generated(0, 0, spec.OPTIONAL, 3))])))


def rule():
    def broken(what, description, m, twin="slices_padding", **changes):
        return invalid("tensor.slices", what, description, build(m, **changes), twin)

    def cut(slices):
        return put("tensors", 0, "source", 1, "slices", value=slices)

    yield broken("0", "No slices.", padded(), edit=cut(0))
    yield broken("max", "2^32 - 1 slices.", padded(), edit=cut(2**32 - 1))
    yield broken("scalar", "Two slices of a scalar.", one(shape=(), alpha=alphas(1)), "slices_scalar", edit=cut(2))
    yield broken("scalar_0", "No slices of a scalar.", one(shape=(), alpha=alphas(1)), "slices_scalar", edit=cut(0))
    # Else these are as they would be if there were no such rule.
    yield broken("2", "Two slices of three rows.", sliced((3, 4), 2, 2))
    yield broken("second_dimension", "As many slices as the second dimension has.", sliced((2, 5), 5, 5))
    yield broken("elements", "As many slices as elements.", sliced((3, 5), 15, 15))
    yield broken("first_element", "Two slices that start behind another tensor, within its chunk.",
                 sliced((2, 2), 2, 2, ("a", (5,), 0, 1), first=5), "slices_between")
    yield broken("first_element_8", "First element 8 where d is 5.",
                 model([generator(sine(5))], [codes(alphas(3))],
                       [tensor("a", (8,), generated()), tensor("w", (2, 2), generated(0, 8, spec.OPTIONAL, 2))]),
                 "slices_between")


def coverage():
    def broken(what, description, m, twin="slices_padding", **changes):
        return invalid("codes.coverage", "slices_" + what, description, build(m, **changes), twin)

    yield broken("without_padding", "As many chunks as 15 elements take without slices.", sliced((3, 5), 3, 2))
    yield broken("unused_chunk", "A chunk more than the slices take.", sliced((3, 5), 3, 4))
    yield broken("one_too_many", "A slice more than chunks.", sliced((4, 5), 4, 3))
    yield broken("gap", "A tensor that starts one element behind the last slice.",
                 sliced((3, 5), 3, 3, ("z", (2,), 22, 1)), "slices_between")
    yield broken("next", "A tensor that starts where it would without padding.",
                 sliced((3, 5), 3, 3, ("z", (2,), 15, 1)), "slices_between")
    yield broken("in_padding", "A tensor that starts in what is left of the first slice.",
                 sliced((3, 5), 3, 3, ("z", (2,), 5, 1)), "slices_between")
    yield broken("whole_last_chunk", "A tensor behind the last chunk, which has no place of its own.",
                 sliced((3, 8), 3, 3, ("z", (2,), 24, 1)), "slices_whole_chunks")

    def many(m):
        m["tensors"][0]["shape"] = [2**29 + 1]
        m["tensors"][0]["source"][1]["slices"] = 2**29 + 1

    yield broken("wrap_2_32", "2^29 + 1 slices, the last of which starts at weight 2^32.", sliced((1,), 1, 1),
                 "slices_of_1_element", edit=many)
    yield broken("wrap_2_64", "Two slices, the second of which starts at weight 2^64.",
                 sliced((2,), 2, 2, ("a", (8,), 0, 1), first=8), "slices_of_1_element",
                 edit=put("tensors", 1, "source", 1, "first_element", value=2**64 - 8))


def sums():
    def budget(what, description, change, m=None, twin="slices_padding"):
        return invalid("budget.exact", "slices_" + what, description,
                       build(m or padded(), late=lambda m: m["budget"].update(
                           multiply_adds=m["budget"]["multiply_adds"] + change)), twin)

    yield budget("as_one", "The chunks that 15 elements take without slices.", -24)
    yield budget("one_more", "A chunk more than the slices take.", 24)
    yield budget("last_chunk", "Of each slice only whole chunks are counted.", -48, sliced((2, 3, 7), 2, 6),
                 "slices_of_3_chunks")

    def wide(m):
        for layer in m["generators"][0]["layers"]:
            layer["width"] = 2**28
        m["codes"][0]["chunks"] = 2**10
        m["tensors"][0]["shape"] = [2**10, 1]
        m["tensors"][0]["source"][1]["slices"] = 2**10
        m["segments"][0]["decoded_length"] = 3 * 2**10

    yield invalid("budget.exact", "slices_wraps", "2^10 slices of a chunk, of a generator with 2^56 weights and more.",
                  build(model([generator(sine(8), sine(8))], [codes(run(1, 6), chunks=2)],
                              [tensor("w", (16,), generated())]), edit=wide), "slices_of_1_element")


def digests():
    def broken(what, description, m, other, twin):
        """other: what its elements are taken for."""
        limits = dict.fromkeys(("output_bytes", "multiply_adds", "scratch_bytes"), 1 << 20)
        data = spec.decode_file(build(other).data, limits)[0][1]
        size = len(spec.decode_file(build(m).data, limits)[0][1])
        return invalid("tensor.digest", "slices_" + what, description,
                       build(m, edit=put("tensors", 0, "digest", value=spec.tensor_digest(data[:size]))), twin)

    yield broken("without_padding", "The elements that one slice of them all has.", padded(), sliced((3, 8), 1, 3),
                 "slices_padding")
    yield broken("by_chunk", "What lies between slices of several chunks is skipped behind each chunk.",
                 sliced((2, 3, 7), 2, 6), sliced((6, 7), 6, 6), "slices_of_3_chunks")
    late = [float(number) for row in range(3) for number in range(8 * row, 8 * row + 5)]
    yield broken("theta0_by_position", "theta0 taken at the place among the codes' weights.",
                 sliced((3, 5), 3, 3, theta0=stored_theta0(floats(range(15)))),
                 sliced((3, 5), 3, 3, theta0=stored_theta0(floats(late))), "slices_theta0_stored")


def cases():
    yield from good()
    yield from rule()
    yield from coverage()
    yield from sums()
    yield from digests()
