# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Valid files: versions, placement, FlatBuffers that the writer would not make."""

import struct

from bases import kept, one, several
from builder import Numbers, String, find
from cases import valid
from container import build
from model import entry, model, stored, tensor

def later_minor(root):
    """Fields at the end of three tables, as a later minor version might add them."""
    root.later_field(struct.pack("<I", 12))
    find(root, "tensors", 0).later_field(String(b"field of a later version"))
    find(root, "codes", 0).later_field(struct.pack("<Q", 1))


def unused_bytes(buffer):
    buffer.data += b"bytes that nothing refers to"


def own_vtables(root):
    for path in (("tensors", 0), ("tensors", 1), ("tensors", 2), ("segments", 1)):
        find(root, *path).own_vtable = True


def defaults(root):
    """Fields stored although they have their default values."""
    find(root, "segments", 0).fields["encoding"] = b"\x00"
    find(root, "generators", 0, "layers", 0).fields["activation"] = b"\x00"
    find(root, "codes", 0).fields["codes_per_chunk"] = struct.pack("<I", 1)
    find(root, "codes", 0).fields["beta_exponent"] = b"\x00"
    find(root, "tensors", 0, "source").fields["theta0_type"] = b"\x00"


def table_size_unread(buffer):
    """The second u16 of a vtable, the size of the table, is not looked at."""
    buffer.write(buffer.node("tensors", 0).vtable + 2, "<H", 0xFFFF)


def vtable_behind(buffer):
    """Moves a vtable to the end of the buffer: the distance to it is negative."""
    table = buffer.node("codes", 0)
    size = buffer.read(table.vtable, "<H")
    copy = bytes(buffer.data[table.vtable:table.vtable + size])
    buffer.data += bytes(len(buffer.data) % 2) + copy
    buffer.write(buffer.position("codes", 0), "<i", buffer.position("codes", 0) - (len(buffer.data) - size))


def union_without_type(root):
    """theta0 of type 0 whose offset is there."""
    source = find(root, "tensors", 0, "source")
    source.fields["theta0"] = String(b"of no type")


def bool_is_2(buffer):
    buffer.data[buffer.field("metadata", 0, "value", "value")] = 2


def empty_shape_unaligned(root):
    """A vector of no elements has no elements to align."""
    find(root, "tensors", 0).fields["shape"] = Numbers([])
    find(root, "tensors", 0, "shape").shift = 4


def shared_text(root):
    """Two strings that are one: allowed where the buffer has room for both."""
    find(root, "metadata", 1, "value").fields["value"] = find(root, "metadata", 0, "value", "value")


def shared_text_model(size):
    return kept(metadata=[entry("a.a", "Text", b"t" * size), entry("a.b", "Text", b"t" * size)])


def footprint_text(slack):
    """Size of a text that, used twice, charges the whole manifest but `slack` bytes."""
    for size in range(512):
        file = build(shared_text_model(size), nodes=shared_text)
        least = 40 + 56 + 4 + 8 + len("norm") + 2 * (16 + 4 + len("a.a") + size)
        if struct.unpack_from("<Q", file.data, 16)[0] - least == slack:
            return size
    raise ValueError("no such size")


def container():
    yield valid("minor_7", "A later minor version with fields that 1.0 passes over.",
                build(one(), nodes=later_minor, preamble={"minor": 7}), ["container.features"])
    yield valid("minor_65535", "The last minor version.", build(one(), preamble={"minor": 65535}),
                ["container.version"])
    yield valid("segment_fills_64", "Segments of 64 bytes stand without padding between them.",
                build(model(tensors=[tensor(name, (64,), stored(bytes(range(64))), "u8") for name in "abc"])))
    yield valid("segment_empty_last", "An empty last segment: the file ends with the padding before it.",
                build(model(tensors=[tensor("a", (5,), stored(b"12345"), "u8"), tensor("b", (0,), stored(b""), "u8")])))
    yield valid("segment_empty_only", "One empty segment.", build(kept(shape=(0,), content=b"")))
    for rest in (0, 4, 60):
        yield valid(f"manifest_mod_64_{rest}", f"A manifest that ends {rest} bytes behind a multiple of 64.",
                    build(kept(), patch=lambda b, rest=rest: b.data.extend(bytes((rest - len(b.data)) % 64))))
    yield valid("manifest_odd_length", "A manifest of odd length.",
                build(kept(), patch=lambda b: b.data.extend(bytes(1 + len(b.data) % 2))))


def buffers():
    yield valid("buffer_unused_bytes", "Bytes in the manifest that nothing refers to.",
                build(one(), patch=unused_bytes))
    yield valid("buffer_own_vtables", "Equal vtables that are not shared.", build(several(), nodes=own_vtables))
    yield valid("buffer_defaults", "Fields stored with their default values.", build(one(), nodes=defaults))
    yield valid("buffer_table_size", "The size of a table in its vtable is not looked at.",
                build(one(), patch=table_size_unread))
    yield valid("buffer_vtable_behind", "A vtable behind its table.", build(one(), patch=vtable_behind))
    yield valid("buffer_union_no_type", "A union of type 0 whose offset is present and leads somewhere.",
                build(one(), nodes=union_without_type))
    yield valid("buffer_bool_2", "A bool of 2 is true.",
                build(kept(metadata=[entry("a.b", "Boolean", True)]), patch=bool_is_2))
    yield valid("buffer_empty_shape_unaligned", "An empty shape that stands at 4 modulo 8.",
                build(one(shape=(), alpha=[(1, 2, 3)]), nodes=empty_shape_unaligned))
    yield valid("buffer_shared_text", "A text that two entries share, where there is room for two.",
                build(shared_text_model(16), nodes=shared_text))
    yield valid("buffer_footprint_full", "A shared text: what is visited takes exactly the length of the manifest.",
                build(shared_text_model(footprint_text(0)), nodes=shared_text), ["manifest.footprint"])


def cases():
    yield from container()
    yield from buffers()
