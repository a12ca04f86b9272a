#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""A decoder of .mcnc files, written from the text of spec/mcnc.md alone and sharing no line with the SDK.

It is the second opinion of the conformance suite: where it and another decoder disagree, one of them or the
specification is wrong. Read it beside the specification; headings name its sections. The command line is that of
conformance/PROTOCOL.md; as a module, decode() gives the answer of the protocol, decode_file() the decoded tensors.
It needs the standard library, spec/rules.csv for the code of each rule, and libzstd for files with zstd segments.
"""

import argparse
import csv
import hashlib
import json
import os
import re
import struct
import sys
from array import array
from functools import lru_cache, partial
from itertools import repeat
from operator import add, mul
from types import SimpleNamespace as Record

DEFAULT_LIMITS = {"output_bytes": 1 << 38, "multiply_adds": 10**15, "scratch_bytes": 1 << 32}

# Section 15: the classes of codes.
CODES = {
    0: "ok", 1: "file_digest segment_digest fingerprint tensor_digest identity", 2: "argument", 4: "version feature",
    3: "truncated magic layout flatbuffer manifest compression value text", 5: "read write memory cancelled",
    6: "limit"}
CLASS_OF_CODE = {code: number for number, codes in CODES.items() for code in codes.split()}

@lru_cache(maxsize=None)
def rules():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "spec", "rules.csv")
    with open(path, encoding="utf-8", newline="") as file:
        return {row["rule"]: row for row in csv.DictReader(file)}

class Refused(Exception):
    """The file breaks a rule: arguments are its id and a detail."""

class NotSupported(Exception):
    """This decoder, as installed, cannot do what the file needs."""

def need(rule, condition, detail="it is not so"):
    if not condition:
        raise Refused(rule, detail)

def pack(kind, numbers):
    return struct.pack("<%d%s" % (len(numbers), kind), *numbers)

def sha256(data):
    return hashlib.sha256(data).digest()

# ------------------------------------------------------------------------------------------- Section 3.1: preamble

def read_preamble(data):
    """Gives the bytes of the manifest."""
    need("container.magic", b"\x8dMCNC\r\n\x1a".startswith(data[:8]))
    need("container.short", len(data) >= 64)
    major, _minor, features, manifest_length, file_length = struct.unpack_from("<HHIQQ", data, 8)
    need("container.version", major == 1)
    need("container.features", features == 0)
    need("container.manifest_length", 0 < manifest_length <= 1 << 24 and 64 + manifest_length <= file_length)
    need("container.truncated", len(data) >= file_length)
    need("container.trailing", len(data) == file_length)
    manifest = data[64:64 + manifest_length]
    need("container.digest", sha256(data[:32] + manifest) == data[32:64])
    return manifest

# ------------------------------------------------------------- Sections 4.1 and 4.3: reading a FlatBuffer, footprint

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
        # Two sizes, then a distance for each field; no table has more than nine.
        self.distances = struct.unpack_from(f"<{min(vtable_size // 2, 2 + 9)}H", buffer.data, vtable)[2:]
        buffer.charge(least_size)

    def position(self, field, required=False):
        """Where the field is, or None where it is absent."""
        distance = self.distances[field] if field < len(self.distances) else 0
        need("manifest.flatbuffer", distance or not required, "a required field")
        return self.at + distance if distance else None

    def scalar(self, field, kind, default=0):
        at = self.position(field)
        return default if at is None else self.buffer.number(kind, at)

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
        """Fields `field` (type) and `field + 1` (offset). None is no value, or one of a later version."""
        number = self.scalar(field, "B")
        at = self.position(field + 1, required=required or number != 0)
        target = self.buffer.follow(at) if at is not None else None
        if 1 <= number <= len(members):
            return members[number - 1](Table(self.buffer, target, 4))
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
        return [parse(Table(self.buffer, slot + self.buffer.number("I", slot), least_size)) for slot in slots]

# ---------------------------------------------------------------------------------- Section 4.2: tables of the schema

RAW, SINE, IDENTITY = 0, 0, 1
F32, F16, BF16 = range(3)  # also the values of BetaType
DTYPES = "F32 F16 BF16 F64 I8 I16 I32 I64 U8 U16 U32 U64 BOOL F8_E4M3 F8_E5M2".split()  # names of safetensors
DTYPE_SIZE = (4, 2, 2, 8, 1, 2, 4, 8, 1, 2, 4, 8, 1, 1, 1)

def parse_manifest(data):
    buffer = Buffer(data)
    need("manifest.flatbuffer", len(data) >= 16 and data[4:8] == b"MCNC", "identifier")
    t = Table(buffer, buffer.follow(0), 0)
    budget = Table(buffer, buffer.follow(t.position(5, required=True)), 0)
    manifest = Record(
        segments=t.tables(0, parse_segment, 40), generators=t.tables(1, parse_generator, 44),
        codes=t.tables(2, parse_codes, 8), tensors=t.tables(3, parse_tensor, 56),
        metadata=t.tables(4, parse_metadata, 16), weights_identity=t.digest(6),
        budget={name: budget.scalar(field, "Q") for field, name in enumerate(DEFAULT_LIMITS)})
    need(buffer.unknown, buffer.unknown is None)
    return manifest

def parse_segment(t):
    return Record(offset=t.scalar(0, "Q"), stored_length=t.scalar(1, "Q"), decoded_length=t.scalar(2, "Q"),
                  encoding=t.enum(3, 2, "segment.encoding"), digest=t.digest(4))

def parse_generator(t):
    t.enum(0, 1, "generator.arithmetic")
    g = Record(code_dim=t.scalar(1, "I"), seed=t.scalar(2, "Q"), layers=t.tables(3, parse_layer, 8, required=True),
               fingerprint=t.digest(4))
    n_in = g.code_dim
    for layer in g.layers:
        layer.n_in, n_in = n_in, layer.width
    g.chunk_dim = n_in
    g.weight_count = sum(layer.n_in * layer.width for layer in g.layers)
    return g

def parse_layer(t):
    return Record(width=t.scalar(0, "I"), activation=t.enum(1, 2, "generator.activation_type"),
                  frequency=t.scalar(2, "I"), weights_segment=t.scalar(3, "I", None))

def parse_codes(t):
    c = Record(generator=t.scalar(0, "I"), chunks=t.scalar(1, "Q"), codes_per_chunk=t.scalar(2, "I", 1),
               alpha_size=1 + t.enum(3, 2, "codes.type"), alpha_segment=t.scalar(4, "I"),
               beta_type=t.enum(5, 3, "codes.type"), beta_exponent=t.scalar(6, "b"),
               beta_segment=t.scalar(7, "I", None), beta=t.scalar(8, "f", 0.0), tensors=[])
    c.count = c.chunks * c.codes_per_chunk
    return c

def parse_tensor(t):
    theta0s = (
        lambda u: Record(kind="constant", value=u.scalar(0, "f", 0.0)),
        lambda u: Record(kind="uniform", seed=u.scalar(0, "Q"), stream=u.scalar(1, "I"), bound=u.scalar(2, "f", 0.0)),
        lambda u: Record(kind="stored", segment=u.scalar(0, "I"), dtype=u.enum(1, 15, "tensor.dtype")))
    sources = (
        lambda s: Record(kind="generated", codes=s.scalar(0, "I"), first=s.scalar(1, "Q"),
                         theta0=s.union(2, theta0s, "tensor.theta0_type", required=False)),
        lambda s: Record(kind="stored", segment=s.scalar(0, "I")),
        lambda s: Record(kind="shared", tensor=s.scalar(0, "I")))
    return Record(name=t.string(0), dtype=t.enum(1, 15, "tensor.dtype"), shape=t.u64s(2),
                  source=t.union(3, sources, "tensor.source"), digest=t.digest(5))

def parse_metadata(t):
    values = (lambda v: v.string(0), lambda v: v.scalar(0, "q"), lambda v: v.scalar(0, "d", 0.0),
              lambda v: v.scalar(0, "B") != 0)
    return Record(key=t.string(0), value=t.union(1, values, "metadata.type"))

# ----------------------------------------------------------------------------- Section 14: validation, steps 4 to 11
#
# Each rule is checked for the whole manifest, because the first broken *rule* decides, not the first bad table.

def check_placement(segments, manifest_end, file_length):
    end = manifest_end
    for s in segments:
        s.previous_end, end = end, s.offset + s.stored_length
        need("segment.offset", s.offset == s.previous_end + -s.previous_end % 64 and end <= file_length)
    need("segment.end", end == file_length)
    for s in segments:
        need("segment.length", s.stored_length == s.decoded_length if s.encoding == RAW else
             s.stored_length >= 1 and s.decoded_length >= 1)

def check_generators(generators, codes):
    need("generator.layers", all(1 <= len(g.layers) <= 16 for g in generators))
    need("generator.width", all(1 <= size <= 1 << 28 for g in generators
                                for size in (g.code_dim, *(layer.width for layer in g.layers))))
    need("generator.activation", all(layer.activation == SINE for g in generators for layer in g.layers[:-1]))
    need("generator.frequency", all((layer.frequency >= 1) == (layer.activation == SINE)
                                    for g in generators for layer in g.layers))
    need("codes.generator", all(c.generator < len(generators) for c in codes))
    for c in codes:
        layers = generators[c.generator].layers
        if layers[-1].activation == IDENTITY:
            largest_input = 127 if len(layers) > 1 else 1 << 8 * c.alpha_size - 1
            need("generator.bound", layers[-1].n_in * 128 * largest_input < 1 << 31)
    need("generator.use", {c.generator for c in codes} == set(range(len(generators))))

def check_codes(generators, codes):
    for c in codes:
        g = generators[c.generator]
        need("codes.count", c.chunks >= 1 and 1 <= c.codes_per_chunk <= 65536)
        need("codes.count", c.count * g.code_dim < 1 << 48 and c.chunks * g.chunk_dim < 1 << 48)
    need("codes.exponent", all(-64 <= c.beta_exponent <= 63 for c in codes))
    for c in codes:
        need("codes.beta", beta_is_good(c.beta, c.beta_exponent) and (c.beta == 0 or c.beta_segment is None))

def beta_is_good(value, exponent):
    return abs(value) * 2.0**exponent <= 2.0**64  # exact in binary64, false for a NaN

def utf8(data):
    """The text, or None. Python's decoder is as strict as table 3-7 of the Unicode Standard."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None

def is_name(name):
    text = utf8(name)
    path_like = re.match(rb"/|.:", name, re.DOTALL) or b"\\" in name or {b".", b".."} & set(name.split(b"/"))
    return (text is not None and 1 <= len(name) <= 1024 and not re.search("[\0-\x1f\x7f-\x9f]", text)
            and name != b"__metadata__" and not path_like)

def check_tensors(generators, codes, tensors):
    need("tensor.name", all(is_name(t.name) for t in tensors))
    need("tensor.order", all(a.name < b.name for a, b in zip(tensors, tensors[1:])))
    for t in tensors:
        t.elements, least_one = 1, DTYPE_SIZE[t.dtype]
        for dimension in t.shape[:16]:  # no more, so that the numbers stay small
            t.elements, least_one = t.elements * dimension, least_one * max(dimension, 1)
        t.size = t.elements * DTYPE_SIZE[t.dtype]
        need("tensor.shape", len(t.shape) <= 16 and least_one < 1 << 60)
    generated = [t for t in tensors if t.source.kind == "generated"]
    for t in generated:
        need("tensor.generated", t.elements >= 1 and t.dtype in (F32, F16, BF16) and t.source.codes < len(codes))
    theta0s = [t.source.theta0 for t in generated if t.source.theta0 is not None]
    for theta0 in theta0s:
        need("tensor.theta0", abs(theta0.value) <= 2.0**64 if theta0.kind == "constant" else
             0 < theta0.bound <= 2.0**48 if theta0.kind == "uniform" else theta0.dtype in (F32, F16, BF16))
    streams = [(theta0.seed, theta0.stream) for theta0 in theta0s if theta0.kind == "uniform"]
    need("tensor.stream", len(streams) == len(set(streams)))
    for t in (t for t in tensors if t.source.kind == "shared"):
        other = tensors[t.source.tensor] if t.source.tensor < len(tensors) else t
        need("tensor.shared", other.source.kind != "shared")
        need("tensor.shared", (t.dtype, t.shape, t.digest) == (other.dtype, other.shape, other.digest))
    for t in generated:
        codes[t.source.codes].tensors.append(t)
    for c in codes:
        check_coverage(c, generators[c.generator].chunk_dim)

def check_coverage(c, d):
    """The tensors of a codes table tile its n * d weights. Puts them in that order, and sets first and end of each."""
    c.tensors.sort(key=lambda t: t.source.first)
    end = 0
    for t in c.tensors:
        t.first, t.end = t.source.first, t.source.first + t.elements
        need("codes.coverage", t.first in (end, end + -end % d))
        end = t.end
    need("codes.coverage", (c.chunks - 1) * d < end <= c.chunks * d)

def check_references(generators, codes, tensors, segments):
    uses = []  # (segment, bytes) in the order of the walk
    for g in generators:
        uses += [(l.weights_segment, l.n_in * l.width) for l in g.layers if l.weights_segment is not None]
    for c in codes:
        uses.append((c.alpha_segment, c.count * generators[c.generator].code_dim * c.alpha_size))
        if c.beta_segment is not None:
            uses.append((c.beta_segment, c.count * DTYPE_SIZE[c.beta_type]))
    for t in tensors:
        if t.source.kind == "stored":
            uses.append((t.source.segment, t.size))
        elif t.source.kind == "generated" and t.source.theta0 is not None and t.source.theta0.kind == "stored":
            uses.append((t.source.theta0.segment, t.elements * DTYPE_SIZE[t.source.theta0.dtype]))
    need("segment.reference", [segment for segment, _ in uses] == list(range(len(segments))))
    need("segment.size", all(s.decoded_length == size for s, (_, size) in zip(segments, uses)))

def check_metadata(metadata):
    key = re.compile(rb"[a-z0-9_]+(\.[a-z0-9_]+)+")
    need("metadata.key", all(len(entry.key) <= 256 and key.fullmatch(entry.key) for entry in metadata))
    need("metadata.order", all(a.key < b.key for a, b in zip(metadata, metadata[1:])))
    values = [entry.value for entry in metadata]
    need("metadata.text", all(len(value) <= 65536 and utf8(value) is not None and b"\0" not in value
                              for value in values if isinstance(value, bytes)))
    need("metadata.real", all(abs(value) < float("inf") for value in values if isinstance(value, float)))

def weights_identity(tensors, digests):
    parts = [b"mcnc-weights-v1\0"]
    for t, digest in zip(tensors, digests):
        parts += (pack("I", [len(t.name)]), t.name, pack("B", [t.dtype]), pack("I", [len(t.shape)]),
                  pack("Q", t.shape), digest)
    return sha256(b"".join(parts))

def open_file(data, limits):
    """Steps 1 to 11: everything but the segments. Gives the manifest."""
    manifest_bytes = read_preamble(data)
    m = parse_manifest(manifest_bytes)
    check_placement(m.segments, 64 + len(manifest_bytes), len(data))
    check_generators(m.generators, m.codes)
    check_codes(m.generators, m.codes)
    check_tensors(m.generators, m.codes, m.tensors)
    check_references(m.generators, m.codes, m.tensors, m.segments)
    check_metadata(m.metadata)
    need("budget.exact", m.budget == {
        "output_bytes": sum(t.size for t in m.tensors),
        "multiply_adds": sum(c.count * m.generators[c.generator].weight_count for c in m.codes),
        "scratch_bytes": sum(g.weight_count for g in m.generators) + sum(s.decoded_length for s in m.segments)})
    need("manifest.identity", weights_identity(m.tensors, [t.digest for t in m.tensors]) == m.weights_identity)
    for name, rule in zip(DEFAULT_LIMITS, ("limit.output", "limit.multiply_adds", "limit.scratch")):
        limit = limits.get(name, DEFAULT_LIMITS[name])
        need(rule, m.budget[name] <= limit, f"{m.budget[name]} > {limit}")
    return m

# -------------------------------------------------------------------------------- Sections 6.2 and 6.3: segment bytes

def load_segment(data, s):
    need("segment.padding", not any(data[s.previous_end:s.offset]))
    stored = data[s.offset:s.offset + s.stored_length]
    need("segment.digest", sha256(stored) == s.digest, f"segment at {s.offset}")
    if s.encoding == RAW:
        return stored
    check_frame(stored, s.decoded_length)
    return decompress(stored, s.decoded_length)

def check_frame(frame, decoded_length):
    """Walks header and blocks of a Zstandard frame, so that nothing is allocated for one that cannot be right."""
    at = 0
    good = partial(need, "segment.frame")

    def take(size):
        nonlocal at
        at += size
        good(at <= len(frame), "early end")
        return int.from_bytes(frame[at - size:at], "little")

    good(take(4) == 0xFD2FB528, "magic")
    descriptor = take(1)
    single_segment, has_checksum, size_flag = descriptor >> 5 & 1, descriptor >> 2 & 1, descriptor >> 6
    good(descriptor & 0b1011 == 0, "dictionary or reserved bit")
    window = decoded_length
    if not single_segment:
        window_byte = take(1)
        window = 8 + (window_byte & 7) << 7 + (window_byte >> 3)  # 2^(10+e) + a * 2^(7+e)
        good(window <= 8 << 20, "window")
        good(size_flag != 0, "no content size")
    good(take(1 << size_flag) + (256 if size_flag == 1 else 0) == decoded_length, "content size")
    # RFC 8878, section 3.1.1.2: a block header has three bytes, a run-length block one byte of content. A compressed
    # block gives any number of bytes up to the largest size of a block.
    largest_block, at_least, at_most, last = min(window, 128 << 10), 0, 0, 0
    while not last:
        header = take(3)
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        good(kind != 3 and size <= largest_block, "block type or size")
        take(1 if kind == 1 else size)
        at_least += 0 if kind == 2 else size
        at_most += largest_block if kind == 2 else size
    take(4 * has_checksum)
    good(at == len(frame), "bytes after the frame")
    good(at_least <= decoded_length <= at_most, "sum of the blocks")

def decompress(frame, decoded_length):
    import ctypes  # only where it is needed: it takes longer to load than a small file to decode
    try:
        library = ctypes.CDLL("libzstd.so.1")
    except OSError:
        raise NotSupported("zstd segments: libzstd.so.1 is not installed here") from None
    library.ZSTD_decompress.restype = ctypes.c_size_t
    library.ZSTD_decompress.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t
    decoded = bytearray(decoded_length)
    target = (ctypes.c_char * decoded_length).from_buffer(decoded)
    written = library.ZSTD_decompress(target, decoded_length, frame, len(frame))  # an error is a very large number
    need("segment.frame", written == decoded_length, "content")
    return decoded

# ------------------------------------------------------------------------------------------ Section 7: random numbers

WEIGHTS, UNIFORM, PROBES = 1, 2, 3  # domains
ODD = bytes(byte | 1 for byte in range(256))

def random_bytes(seed, domain, stream, start, count):
    """Bytes start ... start + count - 1 of the blocks of Philox4x32-10, one after the other."""
    keys = [(seed + i * 0x9E3779B9 & 0xFFFFFFFF, (seed >> 32) + i * 0xBB67AE85 & 0xFFFFFFFF) for i in range(10)]
    words = array("I")
    for block in range(start // 16, -(-(start + count) // 16)):
        a, b, c, d = block & 0xFFFFFFFF, block >> 32, stream, domain
        for key0, key1 in keys:
            left, right = 0xD2511F53 * a, 0xCD9E8D57 * c
            a, b, c, d = right >> 32 ^ b ^ key0, right & 0xFFFFFFFF, left >> 32 ^ d ^ key1, left & 0xFFFFFFFF
        words.extend((a, b, c, d))
    return pack("I", words)[start % 16:start % 16 + count]

def random_odd_int8(seed, domain, stream, start, count):
    return array("b", random_bytes(seed, domain, stream, start, count).translate(ODD))

# --------------------------------------------------------------------------------------------- Section 8: generators

def load_generator(g, segments):
    """Gives the i8 weights of each layer, input-major."""
    weights = [
        random_odd_int8(g.seed, WEIGHTS, index, 0, layer.n_in * layer.width) if layer.weights_segment is None else
        array("b", segments[layer.weights_segment]) for index, layer in enumerate(g.layers)]
    check = hashlib.sha256(b"".join(weights))
    for probe in range(4):
        alpha = random_odd_int8(g.seed, PROBES, 0, probe * g.code_dim, g.code_dim)
        check.update(pack("i", run_generator(g, weights, alpha, [])))
    need("generator.fingerprint", check.digest() == g.fingerprint)
    return weights

def run_generator(g, weights, alpha, trace):
    """phi(alpha): the chunk_dim integers g. Appends the steps of each layer to the list trace."""
    x = alpha
    for layer, layer_weights in zip(g.layers, weights):
        acc = [0] * layer.width  # (width)
        for i, x_i in enumerate(x):
            row = layer_weights[i * layer.width:(i + 1) * layer.width]
            acc = list(map(add, acc, map(mul, repeat(x_i), row)))
        acc = [a & 0xFFFFFFFF for a in acc]
        steps = {"accumulator": pack("I", acc)}
        if layer.activation == IDENTITY:
            outputs = [a - (a >> 31 << 32) for a in acc]
        else:
            phase = [(layer.frequency * a & 0xFFFFFFFF) >> 16 for a in acc]
            outputs = list(map(sine, phase))
            steps.update(phase=pack("H", phase), sine=pack("h", outputs))
            if layer is not g.layers[-1]:
                x = [max(-127, min(s + 128 >> 8, 127)) for s in outputs]
                steps.update(activation=pack("b", x))
        trace.append(steps)
    return outputs

@lru_cache(maxsize=65536)
def sine(phase):
    """Section 8.3: the distance from a quarter turn as a triangle wave, bent by a polynomial."""
    distance = (phase - 16384 + 32768) % 65536 - 32768
    x = max(-32767, min(2 * (16384 - abs(distance)), 32767))
    u = x * x + 16384 >> 15
    p = (2356 * u + 16384 >> 15) - 21041
    p = (p * u + 16384 >> 15) + 18688
    return max(-32767, min(x + (x * p + 16384 >> 15), 32767))

# ----------------------------------------------------------------------------------------- Floats, sections 2.2 and 9
#
# array("f") rounds binary64 to binary32, to nearest, ties to even. So a product or a sum of two binary32 numbers
# rounds twice: first as Python computes it, then here. That is harmless. A product has at most 48 significant bits
# and an exponent far inside of binary64, so the first rounding does nothing. A sum rounded to 53 >= 2 * 24 + 2 bits
# and then to 24 is the sum rounded to 24 (Figueroa, 1995); where the result is subnormal the sum is exact.

def read_floats(data, dtype):
    """F32, F16 or BF16 widened to binary32."""
    if dtype == F16:
        return array("f", (value for value, in struct.iter_unpack("<e", data)))
    if dtype == BF16:  # the upper half of a binary32
        words = bytearray(2 * len(data))
        words[2::4], words[3::4] = data[0::2], data[1::2]
        data = words
    values = array("f")
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values

def write_floats(values, dtype):
    """Finite binary32 numbers, narrowed where dtype asks for it."""
    if dtype == F32:
        return pack("f", values)
    if dtype == F16:  # "e" rounds to nearest, ties to even, but raises OverflowError for what rounds to 2^16 or more
        return pack("e", [w if abs(w) < 65520 else w * float("inf") for w in values])
    words = struct.unpack(f"<{len(values)}I", pack("f", values))
    return pack("H", [word + 0x7FFF + (word >> 16 & 1) >> 16 for word in words])

# ------------------------------------------------------------------------------ Sections 9 and 10.3: generated tensors

def load_betas(c, segments):
    """The scaled float32 beta of every code; one for all where there is no segment."""
    values = [c.beta] if c.beta_segment is None else read_floats(segments[c.beta_segment], c.beta_type)
    need("codes.beta", all(beta_is_good(value, c.beta_exponent) for value in values))
    return array("f", (value * 2.0**c.beta_exponent for value in values))

def load_theta0(theta0, segments):
    """A function that gives the float32 values of elements start ... start + count - 1."""
    if theta0 is None or theta0.kind == "constant":
        value = array("f", [0.0 if theta0 is None else theta0.value])
        return lambda start, count: value * count
    if theta0.kind == "uniform":
        return lambda start, count: array("f", [theta0.bound * r for r, in struct.iter_unpack(
            "<h", random_bytes(theta0.seed, UNIFORM, theta0.stream, 2 * start, 2 * count))])
    values = read_floats(segments[theta0.segment], theta0.dtype)
    need("tensor.theta0", all(abs(value) <= 2.0**64 for value in values))
    return lambda start, count: values[start:start + count]

def generate(g, c, weights, segments, first_code):
    """Yields (tensor, theta0, sum) for each run of elements in a chunk, in order. first_code gets its steps."""
    d, betas = g.chunk_dim, load_betas(c, segments)

    def products_of(code):  # beta * g, (d)
        size = c.alpha_size
        alpha = [int.from_bytes(segments[c.alpha_segment][at:at + size], "little", signed=True)
                 for at in range(code * size, c.count * g.code_dim * size, c.count * size)]
        beta = betas[0 if c.beta_segment is None else code]
        layers = []
        outputs = run_generator(g, weights, alpha, layers)
        if code == 0:
            first_code.update(
                code=0, alpha=pack("i", alpha), beta=pack("f", [beta]), layers=layers, g=pack("i", outputs))
        return array("f", map(mul, repeat(beta), array("f", outputs)))

    current, products = None, []
    for t in c.tensors:
        theta0_of = load_theta0(t.source.theta0, segments)
        for chunk in range(t.first // d, -(-t.end // d)):
            if chunk != current:  # two tensors can meet in a chunk
                current = chunk
                products = [products_of(chunk * c.codes_per_chunk + j) for j in range(c.codes_per_chunk)]
            first, stop = max(t.first, chunk * d), min(t.end, chunk * d + d)
            theta0 = total = theta0_of(first - t.first, stop - first)
            for product in products:
                total = array("f", map(add, total, product[first - chunk * d:stop - chunk * d]))
            yield t, theta0, total

def merkle_root(data):  # section 11
    level = [sha256(b"\0" + data[at:at + 65536]) for at in range(0, len(data), 65536)]
    while len(level) > 1:  # neighbours are joined, one left over goes up as it is: the tree of RFC 6962
        pairs = [level[i:i + 2] for i in range(0, len(level), 2)]
        level = [sha256(b"\1" + b"".join(pair)) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0] if level else sha256(b"")

# --------------------------------------------------------------------------------------------------- The whole decoder

def decode_file(data, limits=None, trace=None):
    """Verifies and decodes a file or raises Refused. Gives its manifest; each tensor in it has `decoded` and `root`.

    The dictionary trace gets the bytes behind each hash of the protocol's `stages`.
    """
    manifest = open_file(data, limits or {})
    segments = [load_segment(data, s) for s in manifest.segments]
    weights = [load_generator(g, segments) for g in manifest.generators]
    codes = [{} for _ in manifest.codes]
    for t in manifest.tensors:
        t.decoded = segments[t.source.segment] if t.source.kind == "stored" else bytearray()
        t.stages = {"theta0": bytearray(), "sum": bytearray()} if t.source.kind == "generated" else {}
    for c, first_code in zip(manifest.codes, codes):
        g = manifest.generators[c.generator]
        for t, theta0, total in generate(g, c, weights[c.generator], segments, first_code):
            t.decoded += write_floats(total, t.dtype)
            if trace is not None:
                t.stages["theta0"] += write_floats(theta0, F32)
                t.stages["sum"] += write_floats(total, F32)
    for t in manifest.tensors:
        if t.source.kind == "shared":
            t.decoded = manifest.tensors[t.source.tensor].decoded
        t.root = merkle_root(t.decoded)
        need("tensor.digest", t.root == t.digest, f"{t.name}")
    if trace is not None:
        generators = [{"weights": b"".join(layers)} for layers in weights]
        trace.update(generators=generators, codes=codes, tensors=[t.stages for t in manifest.tensors])
    return manifest

def hashed(value):
    """The same structure, with the SHA-256 of bytes in their place."""
    if isinstance(value, dict):
        return {key: hashed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [hashed(inner) for inner in value]
    return value if isinstance(value, int) else sha256(value).hex()

def decode(data, limits=None, stages=False):
    """The answer of conformance/PROTOCOL.md for the bytes of a file."""
    trace = {} if stages else None
    try:
        manifest = decode_file(data, limits, trace)
    except Refused as error:
        rule = rules()[error.args[0]]
        return {"class": CLASS_OF_CODE[rule["code"]], "code": rule["code"], "rule": rule["rule"],
                "message": f"broken: {rule['statement']}; {error.args[1]}"}
    except NotSupported as error:
        return {"not_supported": str(error)}
    except MemoryError:
        return {"class": 5, "code": "memory", "message": "out of memory"}
    identity = weights_identity(manifest.tensors, [t.root for t in manifest.tensors]).hex()
    answer = {"class": 0, "code": "ok", "weights_identity": identity, "tensors": [
        {"name": t.name.decode("utf-8"), "dtype": DTYPES[t.dtype], "shape": list(t.shape), "digest": t.root.hex()}
        for t in manifest.tensors]}
    return {**answer, "stages": hashed(trace)} if stages else answer

# --------------------------------------------------------------------------------------------------- The command line

def answer_request(request):
    """The answer for one request. An exception that nobody foresaw is told as such, not hidden in a class."""
    answer = {"id": request["id"]} if isinstance(request, dict) and "id" in request else {}
    try:
        with open(request["file"], "rb") as file:
            data = file.read()
        answer.update(decode(data, request.get("limits"), request.get("stages", False)))
    except OSError as error:
        answer.update({"class": 5, "code": "read", "message": str(error)})
    except Exception as error:
        answer.update({"class": -1, "code": "crash", "message": f"{type(error).__name__}: {error}"})
    return answer

def parse_request(line):
    try:
        return json.loads(line)
    except ValueError:
        return None

def main():
    parser = argparse.ArgumentParser(description="Decodes .mcnc files as conformance/PROTOCOL.md says.")
    parser.add_argument("--pipe", action="store_true", help="answer requests of standard input")
    parser.add_argument("--stages", action="store_true", help="answer with digests of each stage")
    for name, limit in DEFAULT_LIMITS.items():
        parser.add_argument("--max-" + name.replace("_", "-"), dest=name, type=int, default=limit, metavar="N")
    parser.add_argument("file", nargs="?")
    options = vars(parser.parse_args())
    if options["pipe"] == (options["file"] is not None):
        parser.error("either a file or --pipe")
    if options["pipe"]:
        for line in sys.stdin.buffer:
            print(json.dumps(answer_request(parse_request(line))), flush=True)
        return 0
    answer = answer_request({**options, "limits": {name: options[name] for name in DEFAULT_LIMITS}})
    print(json.dumps(answer))
    return answer.get("class", 8) & 255

if __name__ == "__main__":
    sys.exit(main())
