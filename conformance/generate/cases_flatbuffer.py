# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Manifests that are no FlatBuffer of the schema, or one that unfolds into more than it holds.

Where it can be done, the buffer reads as the valid twin for a reader that does not check: only the check is missing.
"""

import struct

from bases import kept, one, several
from builder import Numbers, find
from cases import invalid
from cases_valid_container import footprint_text, shared_text, shared_text_model, union_without_type
from container import build
from model import entry, model, stored, tensor

REQUIRED = (
    ("budget", ("budget",)), ("identity", ("weights_identity",)), ("segment_digest", ("segments", 0, "digest")),
    ("layers", ("generators", 0, "layers")), ("fingerprint", ("generators", 0, "fingerprint")),
    ("name", ("tensors", 0, "name")), ("source", ("tensors", 0, "source")), ("tensor_digest", ("tensors", 0, "digest")),
    ("key", ("metadata", 0, "key")), ("value", ("metadata", 0, "value")), ("text", ("metadata", 0, "value", "value")),
    ("theta0", ("tensors", 1, "source", "theta0")))


def broken(what, description, m, twin, **changes):
    return invalid("manifest.flatbuffer", what, description, build(m, **changes), twin)


def patched(what, description, patch, m=one, twin="one_sine"):
    return broken(what, description, m(), twin, patch=patch)


def shifted(what, description, path, shift, m=one, twin="one_sine"):
    def nodes(root):
        find(root, *path).shift = shift

    return broken(what, description, m(), twin, nodes=nodes)


def start():
    yield patched("identifier", "Another identifier.", lambda b: b.write(4, "<4s", b"MCNX"))
    yield patched("identifier_absent", "No identifier.", lambda b: b.write(4, "<4s", bytes(4)))
    yield broken("15_bytes", "A manifest of 15 bytes.", model(), "empty",
                 patch=lambda b: b.data.__delitem__(slice(15, None)))
    yield broken("1_byte", "A manifest of 1 byte.", model(), "empty",
                 patch=lambda b: b.data.__delitem__(slice(1, None)))
    yield patched("size_prefix", "A size before the buffer.",
                  lambda b: b.data.__setitem__(slice(0, 0), struct.pack("<I", len(b.data))))
    for what, offset in (("0", 0), ("beyond_end", 1 << 20), ("2_31", 1 << 31), ("max", 2**32 - 1)):
        yield patched(f"root_{what}", f"A root offset of {offset}.", lambda b, offset=offset: b.write(0, "<I", offset))
    yield patched("root_at_end", "A root offset to the end of the buffer.", lambda b: b.write(0, "<I", len(b.data)))


def vtables():
    def distance(change):
        def patch(b):
            at = b.position("tensors", 0)
            b.write(at, "<i", change(b, at))
        return patch

    yield patched("vtable_before_start", "A vtable before the buffer.", distance(lambda b, at: at + 2))
    yield patched("vtable_behind_end", "A vtable behind the buffer.", distance(lambda b, at: at - len(b.data)))
    yield patched("vtable_far", "A distance of -2^31 to the vtable.", distance(lambda b, at: -(1 << 31)))
    for what, size in (("odd", 17), ("beyond_end", 0xFFFE)):
        yield patched(f"vtable_size_{what}", f"A vtable of {size} bytes.",
                      lambda b, size=size: b.write(b.node("tensors", 0).vtable, "<H", size))

    def unaligned(root):
        find(root, "tensors", 0).own_vtable = True
        find(root, "tensors", 0).vtable_shift = 1

    yield broken("vtable_unaligned", "A vtable at an odd position.", one(), "one_sine", nodes=unaligned)
    yield patched("field_beyond_end", "A field 65,532 bytes behind its table.",
                  lambda b: b.write(b.slot("codes", 0, "beta"), "<H", 0xFFFC))
    yield patched("digest_beyond_end", "A digest that ends behind the buffer.",
                  lambda b: b.write(b.slot("weights_identity"), "<H", len(b.data) - b.position() - 31))


def alignment():
    yield shifted("table_unaligned", "A table at 2 modulo 4.", ("tensors", 0, "source"), 2)
    yield shifted("table_odd", "A table at an odd position.", ("tensors", 0), 1)
    yield shifted("string_unaligned", "A string at 2 modulo 4.", ("tensors", 0, "name"), 2)
    yield shifted("vector_unaligned", "A vector at 2 modulo 4.", ("tensors",), 2)
    yield shifted("u64_unaligned", "u64 fields at 4 modulo 8.", ("segments", 0), 4)
    yield shifted("shape_unaligned", "The elements of a shape at 4 modulo 8.", ("tensors", 0, "shape"), 4)
    yield shifted("f64_unaligned", "An f64 field at 4 modulo 8.", ("metadata", 0, "value"), 4,
                  lambda: kept(metadata=[entry("a.b", "Real", 0.1)]), "metadata_types")


def offsets():
    def offset(*path, value):
        return lambda b: b.write(b.field(*path), "<I", value)

    yield patched("offset_0", "An offset of 0.", offset("tensors", value=0))
    yield patched("offset_2_31", "An offset of 2^31.", offset("tensors", value=1 << 31))
    yield patched("offset_backwards", "An offset that is negative as i32.", offset("tensors", value=2**32 - 64))
    yield patched("offset_beyond_end", "An offset to behind the buffer.", offset("budget", value=1 << 16))
    yield patched("element_beyond_end", "An element of a vector that leads out of the buffer.",
                  lambda b: b.write(b.position("tensors") + 4, "<I", 1 << 16))
    yield patched("element_max", "An element of 2^32 - 1: 32 bits wrap to the byte before it.",
                  lambda b: b.write(b.position("tensors") + 4, "<I", 2**32 - 1))

    def no_type_no_target(b):
        b.write(b.field("tensors", 0, "source", "theta0"), "<I", 1 << 16)

    yield broken("union_no_type_beyond_end", "A union of type 0 whose offset leads out of the buffer.", one(),
                 "buffer_union_no_type", nodes=union_without_type, patch=no_type_no_target)


def counts():
    for what, count in (("beyond_end", 1 << 16), ("wraps", 1 << 30), ("max", 2**32 - 1)):
        yield patched(f"vector_{what}", f"A vector of {count} tables.",
                      lambda b, count=count: b.write(b.position("tensors"), "<I", count))
    for what, count in (("beyond_end", 1 << 12), ("wraps", 1 << 29), ("max", 2**32 - 1)):
        yield patched(f"shape_{what}", f"A shape of {count} dimensions.",
                      lambda b, count=count: b.write(b.position("tensors", 0, "shape"), "<I", count))
    for what, count in (("beyond_end", 1 << 16), ("max", 2**32 - 1), ("wraps_to_0", 2**32 - 5)):
        yield patched(f"string_{what}", f"A string of {count} bytes.",
                      lambda b, count=count: b.write(b.position("tensors", 0, "name"), "<I", count))
    yield patched("string_no_zero", "A string without a zero byte behind it.",
                  lambda b: b.write(b.position("tensors", 0, "name") + 4 + len("weight"), "<B", 0x21))


def absent():
    for what, path in REQUIRED:
        def drop(root, path=path):
            del find(root, *path[:-1]).fields[path[-1]]

        yield broken(f"no_{what}", f"{what.replace('_', ' ').capitalize()} is missing.", several(), "several",
                     nodes=drop)


def work():
    def many_codes(root):
        """Visits of 8 bytes each, so that their number is too large before what they charge is."""
        for name in ("segments", "generators", "tensors"):
            del root.fields[name]
        find(root, "codes").items[:] = [find(root, "codes", 0)] * 200

    def room_for_201(b):
        b.data += bytes(8 * 201 + 7 - len(b.data))

    yield broken("tables", "202 tables to visit - Manifest, Budget and 200 Codes - where 201 are allowed.", one(),
                 "one_sine", nodes=many_codes, patch=room_for_201)


def footprint():
    def refused(what, description, m, twin, nodes):
        return invalid("manifest.footprint", what, description, build(m, nodes=nodes), twin)

    def repeated(*path, times):
        def nodes(root):
            find(root, *path[:-1]).items[:] = [find(root, *path)] * times
        return nodes

    yield refused("tensors", "30 tensors that are one.", one(), "tensors_300", repeated("tensors", 0, times=30))
    yield refused("segments", "64 segments that are one.", one(), "one_sine", repeated("segments", 0, times=64))
    yield refused("metadata", "100 entries that are one.", several(), "metadata_types",
                  repeated("metadata", 0, times=100))
    yield refused("text", "A text that two entries share, one byte too long for two.",
                  shared_text_model(footprint_text(-2)), "buffer_footprint_full", shared_text)

    def dag(generators, layers):
        def nodes(root):
            repeated("generators", 0, "layers", 0, times=layers)(root)
            repeated("generators", 0, times=generators)(root)
        return nodes

    yield refused("dag", "4 generators that are one, of 10 layers that are one.", one(), "generators_2", dag(4, 10))
    bomb = refused("dag_bomb", "1000 generators that are one, of 1000 layers that are one: a million tables.", one(),
                   "generators_2", dag(1000, 1000))
    bomb.also = "manifest.flatbuffer"
    yield bomb

    def shapes(root):
        shape = Numbers([1] * 16)
        for t in find(root, "tensors").items:
            t.fields["shape"] = shape

    many = model(tensors=[tensor(f"t{i:02}", (1,) * 16, stored(bytes([i])), "u8") for i in range(40)])
    yield refused("shapes", "40 tensors with one shape of 16 dimensions.", many, "dimensions_16", shapes)


def cases():
    yield from start()
    yield from vtables()
    yield from alignment()
    yield from offsets()
    yield from counts()
    yield from absent()
    yield from work()
    yield from footprint()
