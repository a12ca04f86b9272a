# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Section 14, steps 4 to 11: rules that speak of the manifest.

Each is checked for the whole manifest, because the first broken *rule* decides, not the first bad table. What checks
find out on the way is kept in the tables: sizes, who uses whom.
"""

import re

from common import DEFAULT_LIMITS, DTYPE_SIZE, F32, FLOATS, IDENTITY, INTEGER, RAW, SINE, need, weights_identity

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
    layers = [(g.arithmetic == INTEGER, layer) for g in generators for layer in g.layers]
    need("generator.frequency", all((layer.frequency >= 1) == (integer and layer.activation == SINE)
                                    for integer, layer in layers))
    need("generator.float", not any(g.unit_norm for g in generators if g.arithmetic == INTEGER))
    for integer, layer in layers:
        need("generator.float", 0 < abs(layer.turns) <= 2.0**16
             if not integer and layer.activation == SINE else layer.turns == 0)
        need("generator.float", 0 < layer.weights_scale <= 2.0**16
             if not integer and layer.weights_segment is None else layer.weights_scale == 0)
        need("generator.float", layer.weights_type == F32 and layer.bias_segment is None
             if integer else layer.weights_type in FLOATS)
    for g in (g for g in generators if g.arithmetic != INTEGER):
        need("generator.inputs", all(layer.n_in <= 1 << 20 for layer in g.layers))
        need("generator.inputs", g.chunk_dim <= 1 << 20 or not g.unit_norm)
    need("codes.generator", all(c.generator < len(generators) for c in codes))
    for c in codes:
        c.phi = generators[c.generator]
        if c.phi.arithmetic == INTEGER and c.phi.layers[-1].activation == IDENTITY:
            largest_input = 127 if len(c.phi.layers) > 1 else 128 if c.alpha_type == 0 else 32768
            need("generator.bound", c.phi.layers[-1].n_in * 128 * largest_input < 1 << 31)
    need("generator.use", {c.generator for c in codes} == set(range(len(generators))))

def check_codes(codes):
    for c in codes:
        need("codes.count", c.chunks >= 1 and 1 <= c.codes_per_chunk <= 65536)
        need("codes.count", c.count * c.phi.code_dim < 1 << 48 and c.chunks * c.phi.chunk_dim < 1 << 48)
    for c in codes:
        need("codes.alpha_type", c.alpha_type <= 1 and c.alpha_scale == 1
             if c.phi.arithmetic == INTEGER else 0 < c.alpha_scale <= 2.0**16)
    need("codes.exponent", all(-64 <= c.beta_exponent <= 63 for c in codes))
    for c in codes:
        need("codes.beta", beta_is_good(c, c.beta) and (c.beta == 0 or c.beta_segment is None))

def beta_is_good(c, value):  # the product is exact in binary64, and the answer is no for a NaN
    return abs(value) * 2.0**c.beta_exponent <= (2.0**64 if c.phi.arithmetic == INTEGER else 2.0**48)

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

def check_tensors(codes, tensors):
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
        need("tensor.generated", t.elements >= 1 and t.dtype in FLOATS and t.source.codes < len(codes))
    for t in generated:
        slices, d = t.source.slices, codes[t.source.codes].phi.chunk_dim
        need("tensor.slices", slices == 1 or slices > 1 and t.shape and t.shape[0] % slices == 0
             and t.source.first % d == 0)
        t.slice_elements = t.elements // slices
        t.slice_stride = t.slice_elements + -t.slice_elements % d
    theta0s = [t.source.theta0 for t in tensors if t.source.theta0 is not None]
    for theta0 in theta0s:
        need("tensor.theta0", abs(theta0.value) <= 2.0**64 if theta0.kind == "constant" else
             0 < theta0.scale <= 2.0**48 if theta0.kind == "uniform" else theta0.dtype in FLOATS)
    streams = [(theta0.seed, theta0.stream) for theta0 in theta0s if theta0.kind == "uniform"]
    need("tensor.stream", len(streams) == len(set(streams)))
    for t in (t for t in tensors if t.source.kind == "shared"):
        other = tensors[t.source.tensor] if t.source.tensor < len(tensors) else t
        need("tensor.shared", other.source.kind != "shared" and not other.factor)
        need("tensor.shared", (t.dtype, t.shape, t.digest) == (other.dtype, other.shape, other.digest))
        t.target = other
    for t in generated:
        codes[t.source.codes].tensors.append(t)

def check_products(tensors):
    used = set()
    for t in (t for t in tensors if t.source.kind == "product"):
        indices = t.source.b, t.source.a
        need("tensor.product", max(indices) < len(tensors))
        used.update(indices)
        t.b, t.a = b, a = [tensors[index] for index in indices]
        need("tensor.product", all(factor.source.kind in ("generated", "stored") and factor.dtype in FLOATS
                                   and len(factor.shape) == 2 for factor in (b, a)))
        need("tensor.product", t.shape == b.shape[:1] + a.shape[1:] and t.elements >= 1 and t.dtype in FLOATS)
        need("tensor.product", b.shape[1] == a.shape[0] and 1 <= a.shape[0] <= 65536)
        need("tensor.product", abs(t.source.scale) <= 2.0**16 and not t.factor)
    need("tensor.factor", all(index in used for index, t in enumerate(tensors) if t.factor))

def check_bases(tensors, bases):
    theta0s = [t.source.theta0 for t in tensors if t.source.theta0 is not None and t.source.theta0.kind == "base"]
    need("base.index", all(theta0.base < len(bases) for theta0 in theta0s))
    need("base.name", all(is_name(base.name) for base in bases))
    need("base.name", all(not theta0.tensor or is_name(theta0.tensor) for theta0 in theta0s))
    need("base.use", {theta0.base for theta0 in theta0s} == set(range(len(bases))))

def check_coverage(c, d):
    """The tensors of a codes table tile its n * d weights. Puts them in that order, and sets first and end of each."""
    c.tensors.sort(key=lambda t: t.source.first)
    end = 0
    for t in c.tensors:
        t.first = t.source.first
        t.end = t.first + (t.source.slices - 1) * t.slice_stride + t.slice_elements
        need("codes.coverage", t.first in (end, end + -end % d))
        end = t.end
    need("codes.coverage", (c.chunks - 1) * d < end <= c.chunks * d)

def check_references(generators, codes, tensors, segments):
    uses = []  # (segment, bytes) in the order of the walk
    for g in generators:
        for layer in g.layers:
            if layer.weights_segment is not None:
                uses.append((layer.weights_segment, layer.n_in * layer.width
                             * (1 if g.arithmetic == INTEGER else DTYPE_SIZE[layer.weights_type])))
            if layer.bias_segment is not None:
                uses.append((layer.bias_segment, layer.width * 4))
    for c in codes:
        uses.append((c.alpha_segment, c.count * c.phi.code_dim * c.alpha_size))
        if c.beta_segment is not None:
            uses.append((c.beta_segment, c.count * DTYPE_SIZE[c.beta_type]))
    for t in tensors:
        theta0 = t.source.theta0
        if t.source.kind == "stored":
            uses.append((t.source.segment, t.size))
        elif theta0 is not None and theta0.kind == "stored":
            uses.append((theta0.segment, t.elements * DTYPE_SIZE[theta0.dtype]))
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

def multiply_adds(codes, t):
    if t.source.kind == "generated":
        c = codes[t.source.codes]
        chunks = -(-t.end // c.phi.chunk_dim) - t.first // c.phi.chunk_dim
        return chunks * c.codes_per_chunk * c.phi.weight_count
    if t.source.kind == "shared":
        return multiply_adds(codes, t.target)
    if t.source.kind == "product":
        return t.elements * t.a.shape[0] + multiply_adds(codes, t.b) + multiply_adds(codes, t.a)
    return 0

def blocks(width):
    return -(-width // 64) * 64

def generator_bytes(g):
    size = 1 if g.arithmetic == INTEGER else 4
    total = 0
    for layer in g.layers:
        weights = layer.n_in * blocks(layer.width)
        if layer is g.layers[-1] and size == 4 and layer.weights_segment is None:
            weights = min(weights, 2**24)
        total += size * (weights + (blocks(layer.width) if layer.bias_segment is not None else 0))
    return total

def memory_of(codes, t):
    """What making a tensor takes that is let go before the next one."""
    if t.source.kind == "shared":
        return 0  # the target's is there
    if t.source.kind == "stored":
        return t.size
    theta0 = t.source.theta0
    kept = t.elements * DTYPE_SIZE[theta0.dtype] if theta0 is not None and theta0.kind == "stored" else 0
    if t.source.kind == "generated":
        return kept + 4 * sum(blocks(layer.width) for layer in codes[t.source.codes].phi.layers)
    return kept + sum(memory_of(codes, factor) + 4 * factor.elements for factor in (t.b, t.a))

def scratch_bytes(m):
    shared = [layer.weights_segment for g in m.generators for layer in g.layers]
    shared += [layer.bias_segment for g in m.generators for layer in g.layers]
    shared += [segment for c in m.codes for segment in (c.alpha_segment, c.beta_segment)]
    return (sum(map(generator_bytes, m.generators)) + sum(m.segments[i].decoded_length for i in shared if i is not None)
            + max((memory_of(m.codes, t) for t in m.tensors), default=0))

def check_manifest(m, manifest_end, file_length, limits):
    """All of it."""
    check_placement(m.segments, manifest_end, file_length)
    check_generators(m.generators, m.codes)
    check_codes(m.codes)
    check_tensors(m.codes, m.tensors)
    check_products(m.tensors)
    check_bases(m.tensors, m.bases)
    for c in m.codes:
        check_coverage(c, c.phi.chunk_dim)
    check_references(m.generators, m.codes, m.tensors, m.segments)
    check_metadata(m.metadata)
    need("budget.exact", m.budget == {
        "output_bytes": sum(t.size for t in m.tensors if not t.factor),
        "multiply_adds": sum(multiply_adds(m.codes, t) for t in m.tensors),
        "scratch_bytes": scratch_bytes(m)})
    need("manifest.identity", weights_identity(m.tensors, [t.digest for t in m.tensors]) == m.weights_identity)
    check_limits(m.budget, limits)

def check_limits(cost, limits):
    for name, rule in zip(DEFAULT_LIMITS, ("limit.output", "limit.multiply_adds", "limit.scratch")):
        limit = limits.get(name, DEFAULT_LIMITS[name])
        need(rule, cost[name] <= limit, f"{cost[name]} > {limit}")
