# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that a plausible wrong reading of the specification takes for something else: most of them refuse what is
valid. They lie at the edges of several rules.
"""

import struct

from bases import kept, family, one, one_float, pair
from builder import find
from cases import invalid, limited, put, valid
from container import build
from model import (codes, constant, entry, float_identity, float_sine, floats, generated, generator, identity, model,
                   run, sine, stored_theta0, tensor)
from specification import spec

MINUS_ZERO = -0.0


def short_vtable(size, at_end=False):
    """Budget as a table without fields whose vtable says that it has `size` bytes: less than its own two sizes."""
    def patch(buffer):
        table = buffer.node("budget")
        if at_end:
            buffer.data += bytes(len(buffer.data) % 2) + bytes(2)
            table.vtable = len(buffer.data) - 2
            at = buffer.position("budget")
            buffer.write(at, "<i", at - table.vtable)
        buffer.write(table.vtable, "<H", size)

    def nodes(root):
        find(root, "budget").own_vtable = True

    return build(model(), nodes=nodes, patch=patch)


def vector_behind(buffer):
    """Moves the vector of metadata to the end: as signed numbers, its elements lead back to the tables."""
    old = buffer.position("metadata")
    count = buffer.read(old, "<I")
    slots = range(old + 4, old + 4 + 4 * count, 4)
    tables = [slot + buffer.read(slot, "<I") for slot in slots]
    buffer.data += bytes(-len(buffer.data) % 4)
    new = len(buffer.data)
    buffer.data += struct.pack(f"<I{count}i", count, *[table - new - 4 - 4 * i for i, table in enumerate(tables)])
    field = buffer.field("metadata")
    buffer.write(field, "<I", new - field)


def buffers():
    for size in (0, 2):
        yield valid(f"buffer_vtable_{size}", f"A vtable of {size} bytes: no field is there.", short_vtable(size))
        yield valid(f"buffer_vtable_{size}_at_end", f"A vtable of {size} bytes in the last two of the manifest.",
                    short_vtable(size, at_end=True))
    yield invalid("manifest.flatbuffer", "element_backwards", "Elements of a vector that as i32 lead back.",
                  build(kept(metadata=[entry("a.b", "Boolean", True)]), patch=vector_behind), "buffer_bool_2")
    for what, m, path in (
            ("factor", pair(), ("tensors", 1, "factor")),
            ("unit_norm", one_float(unit_norm=True), ("generators", 0, "unit_norm"))):
        def is_2(buffer, path=path):
            buffer.data[buffer.field(*path)] = 2

        yield valid(f"buffer_bool_2_{what}", f"A {what} of 2 is true.", build(m, patch=is_2))


def charged(kind, table):
    """Section 4.3, of a model."""
    total = spec.LEAST_SIZE.get(kind, 0)
    for name, type, default in spec.TABLES[kind]:
        value = table.get(name, default)
        if value in (spec.OPTIONAL, spec.REQUIRED, ()):
            continue
        if type == "string":
            total += len(value)
        elif type == "[u64]":
            total += 8 * len(value)
        elif type in spec.UNIONS:
            total += charged(*value)
        elif type[1:-1] in spec.TABLES:
            total += sum(charged(type[1:-1], item) for item in value)
        elif type in spec.TABLES:
            total += charged(type, value)
    return total


def full_manifest():
    """Every kind of table, and two texts that are one, so long that what is visited takes exactly the manifest."""
    def shared_text(root):
        find(root, "metadata", 1, "value").fields["value"] = find(root, "metadata", 0, "value", "value")

    def made(size, rest):
        m = family()
        m["tensors"][0]["source"] = generated(1, 0, constant(0.25))
        m["tensors"][6]["source"] = generated(0, 6, stored_theta0(floats([1, 2, 3, 4], "f16"), "f16"))
        m["metadata"] = [entry("a.a", "Text", b"t" * size), entry("a.b", "Text", b"t" * size),
                         entry("a.c", "Integer", 1), entry("a.d", "Real", 1.0), entry("a.e", "Boolean", True),
                         entry("a.f", "Text", b"r" * rest)]
        return build(m, nodes=shared_text)

    def room(file):
        return spec.uint(file.data, 16, 8) - charged("Manifest", file.manifest)

    for rest in range(4):
        guess = room(made(0, rest))  # a byte more is charged twice, and takes one
        for size in range(max(guess - 4, 0), guess + 8):
            file = made(size, rest)
            if room(file) == 0:
                return file
    raise ValueError("no such size")


def minus_zeros():
    """Where a field must be 0, -0 is 0 too."""
    layer = ("generators", 0, "layers", 0)
    for what, m, name in (
            ("turns_integer", one(), "turns"), ("scale_integer", one(), "weights_scale"),
            ("turns_identity", one_float(float_identity(8)), "turns"),
            ("scale_stored", one_float(float_sine(8, weights=[0.5] * 24)), "weights_scale")):
        yield valid(f"minus_zero_{what}", f"{name} of -0 where it must be 0.",
                    build(m, edit=put(*layer, name, value=MINUS_ZERO)))
    zeros = [(0, 0, 0)] * 2
    for beta_type, kind in ((1, "f16"), (2, "bf16")):
        yield valid(f"minus_zero_theta0_{kind}", "theta0 of -0, to which products of -0 are added.",
                    build(one(generated(0, 0, stored_theta0(floats([MINUS_ZERO] * 16, kind), kind)), alpha=zeros,
                              beta=-1.0)))
        yield valid(f"minus_zero_beta_{kind}", "Betas of -0: products are -0.",
                    build(one(generated(0, 0, constant(MINUS_ZERO)), alpha=zeros,
                              beta=floats([MINUS_ZERO] * 2, kind), beta_type=beta_type)))


def generators():
    yield valid("hidden_bound_none", "512 int16 codes into a sine layer: only identity layers are bounded.",
                build(model([generator(sine(4), identity(2), k=512)],
                            [codes([(-32768, 32767) * 256], alpha_type=1)], [tensor("w", (2,), generated())])))
    most = 1 << 20
    for what, g, alpha, chunks in (
            ("code_dim", generator(sine(1), k=most + 1), run(1, most + 1), 1),
            ("hidden", generator(sine(most + 1), sine(1), k=1), [[1]], None)):
        yield limited(f"integer_inputs_{what}", "More inputs than float32 arithmetic may have, of integer arithmetic.",
                      build(model([g], [codes(alpha, chunks=chunks)], [tensor("w", (1,), generated())]),
                            expands=False), {"multiply_adds": most}, ["limit.multiply_adds", "generator.inputs"], True)


def names():
    for what, name in (("2", "\u00e9:x"), ("3", "\u5c42:"), ("4", "\U0001f9e0:0")):
        yield valid(f"name_colon_after_{what}_bytes",
                    f"A colon as second character, behind a first one of {what} bytes.", build(kept(name=name)))
    yield invalid("tensor.name", "colon_second_byte", "A colon behind a digit, which is no drive letter.",
                  build(kept(name="0:x")), "name_colon_after_2_bytes")


def cases():
    yield from buffers()
    yield valid("buffer_footprint_full_family", "Every kind of table: what is visited takes exactly the manifest.",
                full_manifest(), ["manifest.footprint"])
    yield from minus_zeros()
    yield from generators()
    yield from names()
