# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Sections 4.1 and 4.3: reading a FlatBuffer, and what reading is charged for."""

import struct

from common import Refused, need

SIZE = {"b": 1, "B": 1, "H": 2, "i": 4, "I": 4, "f": 4, "q": 8, "Q": 8, "d": 8}

class Buffer:
    """The manifest, and what is counted while it is read."""

    def __init__(self, data):
        self.data = data
        self.tables_left = len(data) // 8
        self.footprint_left = len(data)
        # The rule of a value that this version does not know. Such rules are step 3: one is reported once all of the
        # buffer is known to be readable, which is step 2.
        self.unknown = None

    def check(self, at, size, alignment):
        if not 0 <= at <= len(self.data) - size or at % alignment != 0:
            raise Refused("manifest.flatbuffer", f"range at {at}")

    def number(self, kind, at):
        self.check(at, SIZE[kind], SIZE[kind])
        return struct.unpack_from("<" + kind, self.data, at)[0]

    def follow(self, at):
        distance = self.number("I", at)
        need("manifest.flatbuffer", 0 < distance < 1 << 31 and at + distance < len(self.data), f"offset at {at}")
        return at + distance

    def charge(self, size):
        self.footprint_left -= size
        need("manifest.footprint", self.footprint_left >= 0)

class Table:
    """A table at a known position. Its vtable is checked here, each field when it is read."""

    def __init__(self, buffer, at, least_size):
        buffer.tables_left -= 1
        need("manifest.flatbuffer", buffer.tables_left >= 0, "number of tables")
        self.buffer, self.at = buffer, at
        vtable = at - buffer.number("i", at)
        vtable_size = buffer.number("H", vtable)
        buffer.check(vtable, vtable_size, 2)
        need("manifest.flatbuffer", vtable_size % 2 == 0, "odd size of a vtable")
        # Two sizes, then a distance for each field; no table has more than ten.
        self.distances = struct.unpack_from(f"<{min(vtable_size // 2, 2 + 10)}H", buffer.data, vtable)[2:]
        buffer.charge(least_size)

    def position(self, field, required=False):
        """Where the field is, or None where it is absent."""
        distance = self.distances[field] if field < len(self.distances) else 0
        need("manifest.flatbuffer", distance or not required, "a required field")
        return self.at + distance if distance else None

    def scalar(self, field, kind, default=0):
        at = self.position(field)
        return default if at is None else self.buffer.number(kind, at)

    def boolean(self, field):
        return self.scalar(field, "B") != 0

    def enum(self, field, count, rule):
        """A u8 below count; of a later version where it is not."""
        value = self.scalar(field, "B")
        if value >= count:
            self.buffer.unknown = self.buffer.unknown or rule
        return value

    def digest(self, field):
        at = self.position(field, required=True)
        self.buffer.check(at, 32, 1)
        return self.buffer.data[at:at + 32]

    def union(self, field, members, rule, required=True):
        """Fields `field` (type) and `field + 1` (offset). None is not a value, or one of a later version."""
        number = self.scalar(field, "B")
        at = self.position(field + 1, required=required or number != 0)
        target = self.buffer.follow(at) if at is not None else None
        if 1 <= number <= len(members):
            return members[number - 1](type(self)(self.buffer, target, 4))
        if number != 0 or required:
            self.buffer.unknown = self.buffer.unknown or rule
        return None

    def vector(self, field, required=False):
        """(number of elements, position of the first); no elements where the field is absent."""
        at = self.position(field, required)
        if at is None:
            return 0, 0
        at = self.buffer.follow(at)
        return self.buffer.number("I", at), at + 4

    def string(self, field):
        length, at = self.vector(field, required=True)
        self.buffer.check(at, length + 1, 1)
        need("manifest.flatbuffer", self.buffer.data[at + length] == 0, f"end of string at {at}")
        self.buffer.charge(length)
        return self.buffer.data[at:at + length]

    def u64s(self, field):
        length, at = self.vector(field)
        self.buffer.check(at, 8 * length, 8 if length else 1)
        self.buffer.charge(8 * length)
        return struct.unpack_from(f"<{length}Q", self.buffer.data, at)

    def tables(self, field, parse, least_size, required=False):
        length, at = self.vector(field, required)
        self.buffer.check(at, 4 * length, 4)
        slots = range(at, at + 4 * length, 4)
        return [parse(type(self)(self.buffer, slot + self.buffer.number("I", slot), least_size)) for slot in slots]
