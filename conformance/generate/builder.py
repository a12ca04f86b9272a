# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""A FlatBuffer builder that can also build what no honest one would.

A manifest is a graph of nodes, made from the dicts that the pseudo-code of the specification reads. Before it is laid
out, nodes can be shared, dropped and shifted off their alignment; after that, every position is known and can be
overwritten.
"""

import struct

from specification import spec

FORMATS = {"u8": "<B", "u32": "<I", "u64": "<Q", "i8": "<b", "i64": "<q", "f32": "<f", "f64": "<d", "bool": "<B"}


class Node:
    """Something an offset can point to."""

    shift = 0  # bytes to stand after the position that alignment asks for

    def children(self):
        return []

    def child(self, key):
        raise KeyError(key)


class String(Node):
    def __init__(self, text):
        self.text = text

    def place(self, out):
        out.align(4, self.shift)
        position = out.put(struct.pack("<I", len(self.text)))
        out.put(self.text + b"\x00")
        return position


class Numbers(Node):
    """A vector of u64."""

    def __init__(self, values):
        self.values = values

    def place(self, out):
        out.align(8, 4 + self.shift)  # the elements, behind the count, are what is aligned
        position = out.put(struct.pack("<I", len(self.values)))
        out.put(b"".join(struct.pack("<Q", value) for value in self.values))
        return position


class Vector(Node):
    """A vector of tables."""

    def __init__(self, items):
        self.items = items

    def children(self):
        return self.items

    def child(self, key):
        return self.items[key]

    def place(self, out):
        out.align(4, self.shift)
        position = out.put(struct.pack("<I", len(self.items)))
        for item in self.items:
            out.reference(item)
        return position


class Table(Node):
    """Fields by name: bytes in the table (alignment: their number, a digest's is 1), or a node."""

    own_vtable = False  # else the vtable of an equal table serves this one too
    vtable_shift = 0

    def __init__(self, kind, fields):
        self.kind = kind
        self.fields = fields
        self.ids = {name: id for id, (name, _, _) in enumerate(spec.TABLES[kind])}
        self.at = {}  # position of each field, once placed
        self.vtable = None

    def children(self):
        return [value for value in self.fields.values() if isinstance(value, Node)]

    def child(self, key):
        return self.fields[key]

    def later_field(self, value):
        """Appends a field that a later minor version might add."""
        name = f"later_{len(self.ids)}"
        self.ids[name] = len(self.ids)
        self.fields[name] = value

    def place(self, out):
        slots = [0] * (1 + max((self.ids[name] for name in self.fields), default=-1))
        size = 4
        offsets = {}
        for name, value in sorted(self.fields.items(), key=lambda field: -alignment(field[1])):
            align = alignment(value)
            size += -(size - 4) % align  # a table with 8-byte fields stands 4 bytes before a multiple of 8
            offsets[name] = slots[self.ids[name]] = size
            size += 4 if isinstance(value, Node) else len(value)
        self.vtable = out.vtable(struct.pack(f"<{2 + len(slots)}H", 4 + 2 * len(slots), size, *slots), self)
        widest = max([alignment(value) for value in self.fields.values()], default=4)
        out.align(max(widest, 4), (4 if widest == 8 else 0) + self.shift)
        position = out.put(struct.pack("<i", len(out.data) - self.vtable))
        for name, value in sorted(self.fields.items(), key=lambda field: offsets[field[0]]):
            out.put(bytes(position + offsets[name] - len(out.data)))
            self.at[name] = len(out.data)
            if isinstance(value, Node):
                out.reference(value)
            else:
                out.put(value)
        return position


def alignment(value):
    if isinstance(value, Node):
        return 4
    return len(value) if len(value) <= 8 else 1


class Buffer:
    """The laid-out manifest. Paths are field names and vector indices from the root: ("tensors", 0, "source")."""

    def __init__(self, root):
        self.root = root
        self.data = bytearray()
        self.positions = {}  # id of a node -> where it stands
        self.vtables = {}
        self.references = []
        self.reference(root)
        self.put(b"MCNC")
        for node in topological(root):
            self.positions[id(node)] = node.place(self)
        for at, node in self.references:
            self.write(at, "<I", self.positions[id(node)] - at)

    def align(self, alignment, shift=0):
        self.data += bytes((shift - len(self.data)) % alignment)

    def put(self, data):
        self.data += data
        return len(self.data) - len(data)

    def reference(self, node):
        self.references.append((self.put(bytes(4)), node))

    def vtable(self, content, table):
        if table.own_vtable or content not in self.vtables:
            self.align(2, table.vtable_shift)
            self.vtables[content] = self.put(content)
        return self.vtables[content]

    def write(self, at, format, value):
        struct.pack_into(format, self.data, at, value)

    def read(self, at, format):
        return struct.unpack_from(format, self.data, at)[0]

    def node(self, *path):
        return find(self.root, *path)

    def position(self, *path):
        return self.positions[id(self.node(*path))]

    def field(self, *path):
        """Where the last name of the path stands in its table; of a node: the offset to it."""
        return self.node(*path[:-1]).at[path[-1]]

    def slot(self, *path):
        """Where the vtable says at what distance that field is."""
        table = self.node(*path[:-1])
        return table.vtable + 4 + 2 * table.ids[path[-1]]


def find(root, *path):
    node = root
    for key in path:
        node = node.child(key)
    return node


def topological(root):
    """All nodes, each before what it refers to: an offset cannot be negative."""
    order = []
    seen = set()

    def visit(node):
        if id(node) not in seen:
            seen.add(id(node))
            for child in reversed(node.children()):
                visit(child)
            order.append(node)

    visit(root)
    return reversed(order)


def table(kind, values):
    """The node of a dict; what equals its default is left out."""
    fields = {}
    for name, type, default in spec.TABLES[kind]:
        value = values.get(name, default)
        absent = value in (spec.OPTIONAL, spec.REQUIRED) or (not value if default == () else
                                                             value == default and not is_minus_zero(value))
        if type in spec.UNIONS and not absent:
            number = 1 + spec.UNIONS[type][0].index(value[0])
            fields[f"{name}_type"] = struct.pack("<B", number)
            fields[name] = table(*value)
        elif not absent:
            fields[name] = field(type, value)
    return Table(kind, fields)


def is_minus_zero(value):
    return isinstance(value, float) and struct.pack("<d", value) == struct.pack("<d", -0.0)


def field(type, value):
    if type in FORMATS:
        return struct.pack(FORMATS[type], value)
    if type in spec.ENUMS:
        return struct.pack("<B", value)
    if type == "Digest":
        return value
    if type == "string":
        return String(value)
    if type == "[u64]":
        return Numbers(value)
    if type[0] == "[":
        return Vector([table(type[1:-1], item) for item in value])
    return table(type, value)
