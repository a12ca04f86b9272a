#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""A decoder of .mcnc files, written from the text of spec/mcnc.md alone and sharing no line with the SDK.

It is the second opinion of the conformance suite: where it and another decoder disagree, one of them or the
specification is wrong. Read it beside the specification; headings name its sections. The command line is that of
conformance/PROTOCOL.md; as a module, decode() gives the answer of the protocol, decode_file() the decoded tensors.
It needs the standard library, and spec/rules.csv for the code of each rule.
"""

import argparse
import hashlib
import json
import struct
import sys
from array import array
from itertools import repeat
from operator import add, mul
from types import SimpleNamespace as Record

from arithmetic import (PROBES, UNIFORM, WEIGHTS, multiply, random_bytes, random_odd_int8, random_uniform, read_floats,
                        run_float, run_integer, write_floats)
from common import (CLASS_OF_CODE, DEFAULT_LIMITS, DTYPES, F32, INTEGER, NO_LIMITS, RAW, Refused, merkle_root, need,
                    pack, rules, sha256, weights_identity)
from flatbuffer import Buffer, Table
from rfc8878 import read_frame
from validation import beta_is_good, check_limits, check_manifest, multiply_adds

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

# ---------------------------------------------------------------------------------- Section 4.2: tables of the schema

def parse_manifest(data):
    buffer = Buffer(data)
    need("manifest.flatbuffer", len(data) >= 16 and data[4:8] == b"MCNC", "identifier")
    t = Table(buffer, buffer.follow(0), 0)
    budget = Table(buffer, buffer.follow(t.position(5, required=True)), 0)
    manifest = Record(
        segments=t.tables(0, parse_segment, 40), generators=t.tables(1, parse_generator, 44),
        codes=t.tables(2, parse_codes, 8), tensors=t.tables(3, parse_tensor, 56),
        metadata=t.tables(4, parse_metadata, 16), weights_identity=t.digest(6), bases=t.tables(7, parse_base, 44),
        budget={name: budget.scalar(field, "Q") for field, name in enumerate(DEFAULT_LIMITS)})
    need(buffer.unknown, buffer.unknown is None)
    return manifest

def parse_segment(t):
    return Record(offset=t.scalar(0, "Q"), stored_length=t.scalar(1, "Q"), decoded_length=t.scalar(2, "Q"),
                  encoding=t.enum(3, 2, "segment.encoding"), digest=t.digest(4))

def parse_generator(t):
    g = Record(arithmetic=t.enum(0, 2, "generator.arithmetic"), code_dim=t.scalar(1, "I"), seed=t.scalar(2, "Q"),
               layers=t.tables(3, parse_layer, 8, required=True), fingerprint=t.digest(4), unit_norm=t.boolean(5))
    n_in = g.code_dim
    for layer in g.layers:
        layer.n_in, n_in = n_in, layer.width
    g.chunk_dim = n_in
    g.weight_count = sum(layer.n_in * layer.width for layer in g.layers)
    return g

def parse_layer(t):
    return Record(width=t.scalar(0, "I"), activation=t.enum(1, 2, "generator.activation_type"),
                  frequency=t.scalar(2, "I"), weights_segment=t.scalar(3, "I", None), turns=t.scalar(4, "f", 0.0),
                  weights_scale=t.scalar(5, "f", 0.0), weights_type=t.enum(6, 15, "tensor.dtype"),
                  bias_segment=t.scalar(7, "I", None))

ALPHA_SIZE = (1, 2, 4, 2, 2)

def parse_codes(t):
    c = Record(generator=t.scalar(0, "I"), chunks=t.scalar(1, "Q"), codes_per_chunk=t.scalar(2, "I", 1),
               alpha_type=t.enum(3, 5, "codes.type"), alpha_segment=t.scalar(4, "I"),
               beta_type=t.enum(5, 3, "codes.type"), beta_exponent=t.scalar(6, "b"),
               beta_segment=t.scalar(7, "I", None), beta=t.scalar(8, "f", 0.0), alpha_scale=t.scalar(9, "f", 1.0),
               tensors=[])
    c.alpha_size = ALPHA_SIZE[c.alpha_type] if c.alpha_type < len(ALPHA_SIZE) else 0
    c.count = c.chunks * c.codes_per_chunk
    return c

def parse_base_theta0(t):
    return Record(kind="base", base=t.scalar(0, "I"), tensor=t.string(1) if t.position(1) is not None else b"",
                  dtype=t.enum(2, 15, "tensor.dtype"), digest=t.digest(3))

THETA0S = (
    lambda t: Record(kind="constant", value=t.scalar(0, "f", 0.0)),
    lambda t: Record(kind="uniform", seed=t.scalar(0, "Q"), stream=t.scalar(1, "I"), scale=t.scalar(2, "f", 0.0)),
    lambda t: Record(kind="stored", segment=t.scalar(0, "I"), dtype=t.enum(1, 15, "tensor.dtype")),
    parse_base_theta0)

def parse_theta0(t, field):
    return t.union(field, THETA0S, "tensor.theta0_type", required=False)

SOURCES = (
    lambda t: Record(kind="generated", codes=t.scalar(0, "I"), first=t.scalar(1, "Q"), theta0=parse_theta0(t, 2),
                     slices=t.scalar(4, "I", 1)),
    lambda t: Record(kind="stored", segment=t.scalar(0, "I"), theta0=None),
    lambda t: Record(kind="shared", tensor=t.scalar(0, "I"), theta0=None),
    lambda t: Record(kind="product", b=t.scalar(0, "I"), a=t.scalar(1, "I"), scale=t.scalar(2, "f", 1.0),
                     theta0=parse_theta0(t, 3)))

def parse_tensor(t):
    return Record(name=t.string(0), dtype=t.enum(1, 15, "tensor.dtype"), shape=t.u64s(2),
                  source=t.union(3, SOURCES, "tensor.source"), digest=t.digest(5), factor=t.boolean(6))

def parse_base(t):
    return Record(name=t.string(0), weights_identity=t.digest(1))

VALUES = (lambda t: t.string(0), lambda t: t.scalar(0, "q"), lambda t: t.scalar(0, "d", 0.0), lambda t: t.boolean(0))

def parse_metadata(t):
    return Record(key=t.string(0), value=t.union(1, VALUES, "metadata.type"))

def open_file(data, limits):
    """Steps 1 to 11 of section 14: everything but the segments. Gives the manifest."""
    manifest_bytes = read_preamble(data)
    m = parse_manifest(manifest_bytes)
    check_manifest(m, 64 + len(manifest_bytes), len(data), limits)
    return m

# -------------------------------------------------------------------------------- Sections 6.2 and 6.3: segment bytes

FRAME_CONTENT, LARGEST_FRAME = 1 << 17, (1 << 17) + 1024

def load_segment(data, s):
    need("segment.padding", not any(data[s.previous_end:s.offset]))
    stored = data[s.offset:s.offset + s.stored_length]
    need("segment.digest", sha256(stored) == s.digest, f"segment at {s.offset}")
    if s.encoding == RAW:
        return stored
    return decompress(stored, s.decoded_length)

def decompress(stored, decoded_length):
    """The content of frames that have 128 KiB each, the last one the rest."""
    decoded, at = bytearray(), 0
    while len(decoded) < decoded_length:
        frame = stored[at:at + LARGEST_FRAME]
        content, size = read_frame(frame, min(decoded_length - len(decoded), FRAME_CONTENT))
        decoded += content
        at += size
    need("segment.frame", at == len(stored), "bytes behind the last frame")
    return decoded

# --------------------------------------------------------------------------------------------- Section 8: generators

def load_generator(g, segments, compare=need):
    """Gives (weights of each layer, input-major; biases of each layer, none for integer arithmetic).

    compare is told whether the fingerprint is right.
    """
    if g.arithmetic == INTEGER:
        weights, biases = [load_integers(g, index, layer, segments) for index, layer in enumerate(g.layers)], []
    else:
        weights = [load_floats(g, index, layer, segments) for index, layer in enumerate(g.layers)]
        biases = [stored_floats(segments[layer.bias_segment], F32) if layer.bias_segment is not None else array("f")
                  for layer in g.layers]
    outputs = []
    for probe in range(4):
        alpha = random_odd_int8(g.seed, PROBES, 0, probe * g.code_dim, g.code_dim)
        if g.arithmetic == INTEGER:
            outputs.append(run_integer(g, weights, alpha, []))
        else:
            outputs.append(run_float(g, weights, biases, [x * 2.0**-6 for x in alpha], []))
    together = [output for column in zip(*outputs) for output in column]
    kind = "i" if g.arithmetic == INTEGER else "f"
    made = hashlib.sha256(pack(kind, together)).digest()
    compare("generator.fingerprint", made == g.fingerprint, "another one")
    return weights, biases

def load_integers(g, index, layer, segments):
    if layer.weights_segment is None:
        return random_odd_int8(g.seed, WEIGHTS, index, 0, layer.n_in * layer.width)
    return array("b", segments[layer.weights_segment])

def load_floats(g, index, layer, segments):
    if layer.weights_segment is None:
        drawn = random_uniform(g.seed, WEIGHTS, index, layer.n_in * layer.width)
        return array("f", map(mul, repeat(layer.weights_scale), drawn))
    return stored_floats(segments[layer.weights_segment], layer.weights_type)

def stored_floats(data, dtype):
    values = read_floats(data, dtype)
    need("generator.weights", all(abs(value) <= 2.0**16 for value in values))
    return values

def generator_stages(g, loaded):
    if g.arithmetic == INTEGER:
        return {"weights": b"".join(loaded[0])}
    return {"weights": b"".join(pack("f", part) for layer in zip(*loaded) for part in layer)}

# ------------------------------------------------------------------------------ Sections 9 and 10.3: generated tensors

def load_alphas(c, segments):
    """(k, n * m), planar: integers, or float32 numbers where there is a scale."""
    data = segments[c.alpha_segment]
    if c.alpha_type <= 1:
        values = [value for value, in struct.iter_unpack(("<b", "<h")[c.alpha_type], data)]
    else:
        values = read_floats(data, c.alpha_type - 2)
    if c.phi.arithmetic == INTEGER:
        return values
    scaled = array("f", map(mul, repeat(c.alpha_scale), values))
    need("codes.alpha", all(abs(value) <= 2.0**16 for value in scaled))
    return scaled

def load_betas(c, segments):
    """The scaled float32 beta of every code; one for all where there is no segment."""
    values = [c.beta] if c.beta_segment is None else read_floats(segments[c.beta_segment], c.beta_type)
    need("codes.beta", all(beta_is_good(c, value) for value in values))
    return array("f", (value * 2.0**c.beta_exponent for value in values))

def load_theta0(theta0, segments):
    """A function that gives the float32 values of elements start ... start + count - 1."""
    if theta0 is None or theta0.kind == "constant":
        value = array("f", [0.0 if theta0 is None else theta0.value])
        return lambda start, count: value * count
    if theta0.kind == "uniform":
        return lambda start, count: array("f", [theta0.scale * r for r, in struct.iter_unpack(
            "<h", random_bytes(theta0.seed, UNIFORM, theta0.stream, 2 * start, 2 * count))])
    values = read_floats(theta0.content if theta0.kind == "base" else segments[theta0.segment], theta0.dtype)
    need("tensor.theta0", all(abs(value) <= 2.0**64 for value in values))
    return lambda start, count: values[start:start + count]

def generate(g, c, loaded, segments, first_code):
    """Yields (tensor, theta0, sum) for each run of elements in a chunk, in order. first_code gets its steps."""
    d, alphas, betas = g.chunk_dim, load_alphas(c, segments), load_betas(c, segments)
    weights, biases = loaded
    kind = "i" if g.arithmetic == INTEGER else "f"

    def products_of(code):  # beta * g, (d)
        alpha = alphas[code::c.count]
        beta = betas[0 if c.beta_segment is None else code]
        layers = []
        if g.arithmetic == INTEGER:
            outputs = run_integer(g, weights, alpha, layers)
        else:
            outputs = run_float(g, weights, biases, alpha, layers)
        if code == 0:
            first_code.update(
                code=0, alpha=pack(kind, alpha), beta=pack("f", [beta]), layers=layers, g=pack(kind, outputs))
        return array("f", map(mul, repeat(beta), array("f", outputs)))

    current, products = None, []
    for t in c.tensors:
        theta0_of = load_theta0(t.source.theta0, segments)
        for index in range(t.source.slices):
            begin, end = t.first + index * t.slice_stride, t.first + index * t.slice_stride + t.slice_elements
            for chunk in range(begin // d, -(-end // d)):
                if chunk != current:  # two tensors can meet in a chunk
                    current = chunk
                    products = [products_of(chunk * c.codes_per_chunk + j) for j in range(c.codes_per_chunk)]
                first, stop = max(begin, chunk * d), min(end, chunk * d + d)
                theta0 = total = theta0_of(index * t.slice_elements + first - begin, stop - first)
                for product in products:
                    total = array("f", map(add, total, product[first - chunk * d:stop - chunk * d]))
                yield t, theta0, total

# --------------------------------------------------------------------------------- Section 10.4: products

def load_factor(t):
    values = read_floats(t.decoded, t.dtype)
    need("tensor.factor_value", all(abs(value) <= 2.0**40 for value in values))
    return values

def make_product(t, segments):
    """(theta0, sum)"""
    b, a = load_factor(t.b), load_factor(t.a)
    theta0 = load_theta0(t.source.theta0, segments)(0, t.elements)
    return theta0, multiply(b, a, t.shape[1], t.source.scale, theta0)

# ------------------------------------------------------------------------------------------ Section 10.5: base models

MAX_CHAIN = 8  # bases in a row beneath a file

class Base:
    """One that is supplied: the bytes of a .mcnc file, or a model as name -> (dtype, shape, bytes). `identity` is None
    for a file that breaks a rule: nothing asks for it then."""

    def __init__(self, content):
        self.content = content
        self.manifest = None
        if isinstance(content, dict):
            self.identity = identity_of_model(content)
            return
        try:
            self.manifest = open_file(content, NO_LIMITS)
        except Refused:
            self.identity = None
        else:
            self.identity = self.manifest.weights_identity

    def find(self, name):
        """Of a file: (index, tensor) of that name, or None. Factors are for the file itself."""
        tensors = self.manifest.tensors if self.manifest is not None else []
        return next(((i, t) for i, t in enumerate(tensors) if t.name == name and not t.factor), None)

class Bases:
    """What the caller supplies. They are found by weights identity, for a `user`: one of them, which is not a base of
    itself, or None for the file that is decoded."""

    def __init__(self, contents):
        self.supplied = [Base(content) for content in contents]
        self.at_work = []  # files that are being decoded, each for the one before it

    def of(self, m, theta0, user):
        """The base that a theta0 of the manifest m names, or None."""
        identity = m.bases[theta0.base].weights_identity
        return next((base for base in self.supplied if base.identity == identity and base is not user), None)

    def user(self):
        return self.at_work[-1] if self.at_work else None

    def read(self, base, name):
        """(dtype, shape, bytes) of one tensor, or None. Nothing else of a file is decoded."""
        if base is None:
            return None
        if base.manifest is None:
            return base.content.get(name)
        if base.find(name) is None or len(self.at_work) == MAX_CHAIN:
            return None
        self.at_work.append(base)
        try:
            tensors = decode_file(base.content, NO_LIMITS, bases=self, wanted=name).tensors
        except Refused as error:
            raise Refused("tensor.base", f"a base is broken: {error.args[0]}, {error.args[1]}") from None
        finally:
            self.at_work.pop()
        return next((t.dtype, t.shape, t.decoded) for t in tensors if t.name == name)

    def check_limits(self, m, limits):
        """What is taken from .mcnc files has to fit in what the file with the manifest m leaves of the limits: level by
        level, how often each tensor of each file is made."""
        spent, opened, level = dict(m.budget), [], [(None, m, [1] * len(m.tensors))]
        for _ in range(MAX_CHAIN):
            following = {}
            for user, manifest, made in level:
                for t, count in zip(manifest.tensors, with_parts(manifest, made)):
                    theta0 = t.source.theta0
                    base = self.of(manifest, theta0, user) if is_from_base(theta0) and count else None
                    found = base.find(theta0.tensor or t.name) if base is not None else None
                    if found is None:
                        continue
                    index, tensor = found
                    spent["multiply_adds"] += count * multiply_adds(base.manifest.codes, tensor)
                    if base not in opened:
                        opened.append(base)
                        spent["scratch_bytes"] += base.manifest.budget["scratch_bytes"]
                    no_tensor = [0] * len(base.manifest.tensors)
                    following.setdefault(id(base), (base, base.manifest, no_tensor))[2][index] += count
            level = list(following.values())
        check_limits(spent, limits)

def is_from_base(theta0):
    return theta0 is not None and theta0.kind == "base"

def with_parts(m, made):
    """Adds what is made for tensors that are shared, and for products. Only the former can follow the latter."""
    made = list(made)
    for kind in ("shared", "product"):
        for t, count in zip(m.tensors, list(made)):
            if t.source.kind == kind:
                for index in ((t.source.tensor,) if kind == "shared" else (t.source.b, t.source.a)):
                    made[index] += count
    return made

def identity_of_model(tensors):
    named = [Record(name=name, dtype=tensors[name][0], shape=tensors[name][1], factor=False)
             for name in sorted(tensors)]
    return weights_identity(named, [merkle_root(tensors[t.name][2]) for t in named])

def take_from_base(m, t, bases):
    """Gives the theta0 of a tensor its bytes."""
    theta0 = t.source.theta0
    name = theta0.tensor or t.name
    found = bases.read(bases.of(m, theta0, bases.user()), name)
    need("tensor.base", found is not None, f"{name} of {m.bases[theta0.base].name}")
    dtype, shape, theta0.content = found
    need("tensor.base", dtype == theta0.dtype and tuple(shape) == t.shape, "dtype or shape")
    need("tensor.base", merkle_root(theta0.content) == theta0.digest, "digest")

# --------------------------------------------------------------------------------------------------- The whole decoder

class Parts:
    """What it takes to make the tensor of the name `wanted`, or all of a manifest where that is None: tensors, and
    indices of codes tables, generators and segments."""

    def __init__(self, m, wanted):
        self.tensors = m.tensors
        self.codes, self.generators, self.segments = (
            range(len(items)) for items in (m.codes, m.generators, m.segments))
        if wanted is not None:
            self.choose(m, wanted)

    def choose(self, m, wanted):
        self.tensors = [t for t in m.tensors if t.name == wanted]
        for kind, parts_of in (("shared", lambda t: (t.target,)), ("product", lambda t: (t.b, t.a))):
            for t in list(self.tensors):
                if t.source.kind == kind:
                    self.tensors += [part for part in parts_of(t) if all(part is not t for t in self.tensors)]
        self.codes = {t.source.codes for t in self.tensors if t.source.kind == "generated"}
        self.generators = {m.codes[index].generator for index in self.codes}
        layers = [layer for index in self.generators for layer in m.generators[index].layers]
        self.segments = {segment for layer in layers for segment in (layer.weights_segment, layer.bias_segment)}
        for c in (m.codes[index] for index in self.codes):
            self.segments |= {c.alpha_segment, c.beta_segment}
            c.tensors = [t for t in c.tensors if any(t is other for other in self.tensors)]
        for t in self.tensors:
            self.segments |= {getattr(user, "segment", None) for user in (t.source, t.source.theta0)}

    @staticmethod
    def only(indices, items, load):
        """load(item) of those with such an index, None in the place of the others."""
        return [load(item) if index in indices else None for index, item in enumerate(items)]

def decode_file(data, limits=None, trace=None, bases=(), wanted=None):
    """Decodes the tensor of the name `wanted`, or verifies and decodes the whole file; or raises Refused. Gives the
    manifest; each tensor in it that was asked for has `decoded` and `root`.

    The dictionary trace gets the bytes behind each hash of the protocol's `stages`, also where the fingerprint of a
    generator or the digest of a tensor is wrong: that is told at the end then. Of bases, see Bases.
    """
    limits = limits or {}
    manifest = open_file(data, limits)
    if not isinstance(bases, Bases):
        bases = Bases(bases)
        bases.check_limits(manifest, limits)
    wrong = []

    def compare(rule, condition, detail):
        if trace is None:
            need(rule, condition, detail)
        elif not condition:
            wrong.append(Refused(rule, detail))

    parts = Parts(manifest, wanted)
    segments = parts.only(parts.segments, manifest.segments, lambda s: load_segment(data, s))
    generators = parts.only(parts.generators, manifest.generators, lambda g: load_generator(g, segments, compare))
    codes = [{} for _ in manifest.codes]
    for t in parts.tensors:
        t.decoded = segments[t.source.segment] if t.source.kind == "stored" else bytearray()
        t.stages = {"theta0": bytearray(), "sum": bytearray()} if t.source.kind in ("generated", "product") else {}
        if is_from_base(t.source.theta0):
            take_from_base(manifest, t, bases)

    def append(t, theta0, total):
        t.decoded += write_floats(total, t.dtype)
        if trace is not None:
            t.stages["theta0"] += write_floats(theta0, F32)
            t.stages["sum"] += write_floats(total, F32)

    for index in sorted(parts.codes):
        c = manifest.codes[index]
        for part in generate(c.phi, c, generators[c.generator], segments, codes[index]):
            append(*part)
    for t in parts.tensors:
        if t.source.kind == "product":
            append(t, *make_product(t, segments))
    for t in parts.tensors:
        if t.source.kind == "shared":
            t.decoded = t.target.decoded
        t.root = merkle_root(t.decoded)
        compare("tensor.digest", t.root == t.digest, f"{t.name}")
    if trace is not None:
        trace.update(generators=list(map(generator_stages, manifest.generators, generators)), codes=codes,
                     tensors=[t.stages for t in manifest.tensors])
    if wrong:
        raise wrong[0]
    return manifest

def hashed(value):
    """The same structure, with the SHA-256 of bytes in their place."""
    if isinstance(value, dict):
        return {key: hashed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [hashed(inner) for inner in value]
    return value if isinstance(value, int) else sha256(value).hex()

def decode(data, limits=None, stages=False, bases=()):
    """The answer of conformance/PROTOCOL.md for the bytes of a file."""
    trace = {} if stages else None
    try:
        manifest = decode_file(data, limits, trace, bases)
    except Refused as error:
        rule = rules()[error.args[0]]
        answer = {"class": CLASS_OF_CODE[rule["code"]], "code": rule["code"], "rule": rule["rule"],
                  "message": f"broken: {rule['statement']}; {error.args[1]}"}
        return {**answer, "stages": hashed(trace)} if trace else answer
    except MemoryError:
        return {"class": 5, "code": "memory", "message": "out of memory"}
    identity = weights_identity(manifest.tensors, [t.root for t in manifest.tensors]).hex()
    answer = {"class": 0, "code": "ok", "weights_identity": identity, "tensors": [
        {"name": t.name.decode("utf-8"), "dtype": DTYPES[t.dtype], "shape": list(t.shape), "digest": t.root.hex()}
        for t in manifest.tensors if not t.factor]}
    return {**answer, "stages": hashed(trace)} if stages else answer

# --------------------------------------------------------------------------------------------------- The command line

def read_file(path):
    with open(path, "rb") as file:
        return file.read()

class Malformed(Exception):
    """A request that is none."""

def is_text(value):
    return isinstance(value, str) and "\0" not in value

def is_limit(value):
    return type(value) is int and 0 <= value < 1 << 64

REQUEST = {
    "id": lambda value: isinstance(value, str), "file": is_text, "stages": lambda value: isinstance(value, bool),
    "bases": lambda value: isinstance(value, list) and all(map(is_text, value)),
    "limits": lambda value: isinstance(value, dict) and all(
        name in DEFAULT_LIMITS and is_limit(limit) for name, limit in value.items())}

def check_request(request):
    if not isinstance(request, dict):
        raise Malformed("no JSON object")
    for key in ("id", "file"):
        if key not in request:
            raise Malformed(f"no {key}")
    for key, value in request.items():
        if key not in REQUEST or not REQUEST[key](value):
            raise Malformed(f"{key!r} is not a key, or has a wrong value")

def answer_request(request):
    """The answer for one request. An exception that nobody foresaw is told as such, not hidden in a class."""
    try:
        bases = [read_file(path) for path in request.get("bases", ())]
        return decode(read_file(request["file"]), request.get("limits"), request.get("stages", False), bases)
    except OSError as error:
        return {"class": 5, "code": "read", "message": str(error)}
    except Exception as error:
        return {"class": -1, "code": "crash", "message": f"{type(error).__name__}: {error}"}

def answer_line(line, limits):
    """The answer for a line of input, whatever it is. limits: those that a request does not state."""
    request = None
    try:
        request = json.loads(line.decode("utf-8"))
        check_request(request)
        answer = answer_request({**request, "limits": {**limits, **request.get("limits", {})}})
    except (ValueError, RecursionError, Malformed) as error:
        answer = {"class": 2, "code": "argument", "message": f"not a request: {error}"}
    known = isinstance(request, dict) and isinstance(request.get("id"), str)
    return {"id": request["id"] if known else "", **answer}

def main():
    parser = argparse.ArgumentParser(description="Decodes .mcnc files as conformance/PROTOCOL.md says.")
    parser.add_argument("--pipe", action="store_true", help="answer requests of standard input")
    parser.add_argument("--stages", action="store_true", help="answer with digests of each stage")
    for name, limit in DEFAULT_LIMITS.items():
        parser.add_argument("--max-" + name.replace("_", "-"), dest=name, type=int, default=limit, metavar="N")
    parser.add_argument("--base", dest="bases", action="append", default=[], metavar="PATH", help="a .mcnc file")
    parser.add_argument("file", nargs="?")
    options = vars(parser.parse_args())
    if options["pipe"] == (options["file"] is not None):
        parser.error("either a file or --pipe")
    limits = {name: options[name] for name in DEFAULT_LIMITS}
    if options["pipe"]:
        for line in sys.stdin.buffer:
            print(json.dumps(answer_line(line, limits)), flush=True)
        return 0
    answer = answer_request({**options, "limits": limits})
    print(json.dumps(answer))
    return answer.get("class", 8) & 255

if __name__ == "__main__":
    sys.exit(main())
