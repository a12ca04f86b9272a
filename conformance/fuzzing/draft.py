# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""A file in parts that can be changed one by one, and how a file is put together from them again."""

import hashlib
import struct

from specification import spec

from .structure import SEGMENT, SEGMENTS, Structure

PREAMBLE = "<8sHHIQQ"
FIELDS = ("magic", "major", "minor", "features", "manifest_length", "file_length")


class Draft:
    def __init__(self, manifest, places, segments):
        self.manifest = bytearray(manifest)
        self.places = places  # path -> position of scalars and digests
        self.known = None
        self.segments = list(segments)  # stored bytes
        self.padding = {}  # index of a segment -> what stands before it, where it is not zeros
        self.preamble = {}  # fields that are not what they should be; "digest" is one too
        self.tail = b""  # behind the last segment
        self.length = None  # the file is cut, or filled with zeros, to that many bytes

    @property
    def structure(self):
        """Of the manifest as it was when somebody first asked."""
        if self.known is None:
            self.known = Structure(bytes(self.manifest))
        return self.known

    def insert(self, place, data):
        self.manifest[place:place] = data
        self.places = {path: at + len(data) * (at >= place) for path, at in self.places.items() if at is not None}
        self.known = None

    def write(self, at, size, value):
        """Where later changes may have left nothing."""
        if at is not None and at + size <= len(self.manifest):
            self.manifest[at:at + size] = value.to_bytes(size, "little") if isinstance(value, int) else value

    def place_segments(self):
        """Makes offset, stored length and digest of all segments right."""
        end = 64 + len(self.manifest)
        for index, stored in enumerate(self.segments):
            offset = spec.next_offset(end)
            end = offset + len(stored)
            for name, size, value in (("offset", 8, offset), ("stored_length", 8, len(stored)),
                                      ("digest", 32, hashlib.sha256(stored).digest())):
                self.write(self.places.get(SEGMENTS + (index, SEGMENT[name])), size, value)

    def file(self):
        out = bytearray(64) + self.manifest
        for index, stored in enumerate(self.segments):
            padding = bytes(-len(out) % 64)
            out += self.padding.get(index, padding)[:len(padding)].ljust(len(padding), b"\0") + stored
        out += self.tail
        right = dict(zip(FIELDS, (spec.MAGIC, 1, 0, 0, len(self.manifest), len(out))))
        fields = {**right, **self.preamble}
        struct.pack_into(PREAMBLE, out, 0, *(fields[name] for name in FIELDS))
        digest = hashlib.sha256(out[:32] + self.manifest).digest()
        out[32:64] = self.preamble.get("digest", digest)
        if self.length is not None:
            out = out[:self.length].ljust(self.length, b"\0")
        return bytes(out)


class Seed:
    """A valid file that cases are made from."""

    def __init__(self, name, data, bases=()):
        self.name = name
        self.bases = bases
        self.data = data
        self.manifest = data[64:64 + int.from_bytes(data[16:24], "little")]
        self.structure = Structure(self.manifest)
        self.model = spec.read_manifest(self.manifest)
        self.segments = [data[s["offset"]:s["offset"] + s["stored_length"]] for s in self.model["segments"]]

    def draft(self):
        draft = Draft(self.manifest, self.structure.places, self.segments)
        draft.known = self.structure
        return draft
