# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Where everything stands in a manifest.

The independent decoder reads it with its own tables of the schema; here its reader is given a Buffer and a Table that
take notes. So whatever the decoder learns to read can be mutated.

A path is the fields and indices from the root: (3, 0, 2) is field 2 (shape) of the first element of field 3 (tensors).
"""

import contextlib

from specification import spec

from . import independent

ID = {kind: {name: number for number, (name, _, _) in enumerate(fields)} for kind, fields in spec.TABLES.items()}


class Digest(bytes):
    """A digest of the manifest that knows where it stands; see repair.py for `found`."""

    at = 0
    found = None

    def __eq__(self, other):
        if type(other) is bytes and len(other) == 32:
            self.found = other
            return True
        return bytes.__eq__(self, other)

    __hash__ = bytes.__hash__


class Buffer(independent.Buffer):
    def __init__(self, data):
        super().__init__(data)
        self.scalars = []  # (path, format, position)
        self.offsets = []  # (path, position, target)
        self.tables = []  # (path, position, position of the vtable, fields in it)
        self.vectors = []  # (path, position of the count, count, bytes of an element)
        self.digests = []  # (path, Digest)
        self.next_path = ()
        self.paths = {}  # target -> path

    def follow(self, at):
        target = super().follow(at)
        self.offsets.append((self.next_path, at, target))
        self.paths[target] = self.next_path
        return target


class Table(independent.Table):
    def __init__(self, buffer, at, least_size):
        super().__init__(buffer, at, least_size)
        self.path = buffer.paths.get(at, ())
        buffer.tables.append([self.path, at, at - buffer.number("i", at), len(self.distances)])

    def position(self, field, required=False):
        self.buffer.next_path = self.path + (field,)
        return super().position(field, required)

    def scalar(self, field, kind, default=0):
        at = self.position(field)
        if at is None:
            return default
        self.buffer.scalars.append((self.path + (field,), kind, at))
        return self.buffer.number(kind, at)

    def digest(self, field):
        digest = Digest(super().digest(field))
        digest.at = self.position(field)
        self.buffer.digests.append((self.path + (field,), digest))
        return digest

    def string(self, field, **options):
        text = super().string(field, **options)
        if text is not None and self.position(field) is not None:
            self._vector(field, len(text), 1)
        return text

    def u64s(self, field):
        values = super().u64s(field)
        if values:
            self._vector(field, len(values), 8)
        return values

    def tables(self, field, parse, least_size, **options):
        indices = iter(range(1 << 24))

        def parse_one(table):
            table.path = self.path + (field, next(indices))
            self.buffer.tables[-1][0] = table.path
            return parse(table)

        result = super().tables(field, parse_one, least_size, **options)
        if result:
            self._vector(field, len(result), 4)
        return result

    def _vector(self, field, count, size):
        at = self.position(field)
        target = at + self.buffer.number("I", at)
        self.buffer.vectors.append((self.path + (field,), target, count, size))


class Structure:
    """The notes of one reading. What was not reached is not there."""

    def __init__(self, manifest):
        buffer = Buffer(manifest)
        with independent.replaced(Buffer=lambda _: buffer, Table=Table), contextlib.suppress(independent.Refused):
            independent.parse_manifest(manifest)
        self.scalars, self.offsets, self.tables = buffer.scalars, buffer.offsets, buffer.tables
        self.vectors = buffer.vectors
        self.digests = [(path, digest.at) for path, digest in buffer.digests]
        self.places = {path: at for path, _, at in self.scalars}
        self.places.update(self.digests)


IDENTITY = (ID["Manifest"]["weights_identity"],)
BUDGET = {name: (ID["Manifest"]["budget"], number) for name, number in ID["Budget"].items()}
SEGMENTS = (ID["Manifest"]["segments"],)  # then the index of one, then a field of SEGMENT
SEGMENT = ID["Segment"]
