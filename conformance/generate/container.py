# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""From a model to the bytes of a file. Every step can be changed, and what follows is made to fit the change: digests,
offsets and lengths stay right, so that a file breaks the one rule it is meant to break.
"""

import copy
import functools
import struct

import builder
from model import expand, found, take_bases, take_segments, tensors_of
from specification import spec

SANE = 1 << 22  # a segment whose offset is behind the manifest and below this stands where the manifest says


NO_LIMITS = dict.fromkeys(("output_bytes", "multiply_adds", "scratch_bytes"), 2**64 - 1)


class File:
    def __init__(self, data, flags, manifest, bases):
        self.data = data
        self.flags = flags
        self.manifest = manifest  # as the pseudo-code reads it
        self.bases = bases  # File of each

    @functools.lru_cache(maxsize=None)
    def tensors(self):
        """name -> (dtype, shape, bytes): what it is as a base."""
        shapes = {t["name"]: (t["dtype"], t["shape"]) for t in self.manifest["tensors"]}
        decoded = spec.decode_file(self.data, NO_LIMITS, [base.tensors() for base in self.bases])
        return {name: (*shapes[name], data) for name, data in decoded}

    def supplies(self):
        """The bases it takes to decode it, those of bases too."""
        return list(dict.fromkeys(file for base in self.bases for file in (base, *base.supplies())))


def build(m, edit=None, late=None, nodes=None, patch=None, preamble=None, file=None, expands=True):
    """
    edit(m): changes the model after its digests are known, before budget, identity and placement are.
    late(m): changes what is known last: budget, identity, offsets.
    nodes(root): changes the nodes of the manifest before they are laid out.
    patch(buffer): changes the manifest's bytes.
    preamble: fields of the preamble that differ.
    file(data): changes the bytes of the whole file.
    expands: False for a model that is too large to find its digests; they are zero then.
    """
    m = copy.deepcopy(m)
    data = take_segments(m)
    bases = take_bases(m)
    m["segments"] = [{"offset": 0, "stored_length": len(d.stored), "decoded_length": len(d.decoded),
                      "encoding": d.encoding, "digest": spec.sha256(d.stored)} for d in data]
    add_digests(m, [d.decoded for d in data], expands, [base.tensors() for base in bases])
    flags = flags_of(m)
    if edit:
        edit(m)
    m["budget"] = {name: number % 2**64 for name, number in cost(m).items()}  # as a careless writer has it
    m["weights_identity"] = spec.weights_identity(spec.outputs_of(m))

    manifest_length = len(manifest_bytes(place(m, 64), late, nodes, patch))
    m = place(m, 64 + manifest_length)
    content = manifest_bytes(m, late, nodes, patch)
    if len(content) != manifest_length:
        raise ValueError("the manifest's length depends on where its segments stand")
    offsets = [s["offset"] for s in m["segments"]]
    if late:
        m = copy.deepcopy(m)
        late(m)
    out = bytearray(64) + content
    for s, true_offset, d in zip(m["segments"], offsets, data):
        at = s["offset"] if 64 + manifest_length <= s["offset"] <= SANE else true_offset
        out += bytes(max(at - len(out), 0))
        out[at:at + len(d.stored)] = d.stored
    write_preamble(out, content, preamble or {})
    if file:
        out = file(out)
    return File(bytes(out), flags, m, bases)


def add_digests(m, segments, expands, bases):
    expanded = found(lambda: expand(m, segments)) if expands else None
    tensors = found(lambda: tensors_of(m, segments, expanded, bases)) or [None] * len(m["tensors"])
    for index, g in enumerate(m["generators"]):
        g["fingerprint"] = expanded[index][2] if expanded else bytes(32)
    for t, data in zip(m["tensors"], tensors):
        t["digest"] = bytes(32) if data is None else spec.tensor_digest(data)


def cost(m):
    return found(lambda: spec.cost(m)) or dict.fromkeys(NO_LIMITS, 0)


def place(m, manifest_end):
    m = copy.deepcopy(m)
    end = manifest_end
    for s in m["segments"]:
        s["offset"] = spec.next_offset(end)
        end = s["offset"] + s["stored_length"]
    return m


def manifest_bytes(m, late, nodes, patch):
    if late:
        m = copy.deepcopy(m)
        late(m)
    root = builder.table("Manifest", m)
    if nodes:
        nodes(root)
    buffer = builder.Buffer(root)
    if patch:
        patch(buffer)
    return bytes(buffer.data)


def write_preamble(out, manifest, changes):
    fields = {"magic": spec.MAGIC, "major": 1, "minor": 0, "features": 0, "manifest_length": len(manifest),
              "file_length": len(out), **changes}
    out[:32] = struct.pack("<8sHHIQQ", fields["magic"], fields["major"], fields["minor"], fields["features"],
                           fields["manifest_length"], fields["file_length"])
    out[32:64] = changes.get("digest", spec.sha256(bytes(out[:32]) + manifest))


THETA0_FLAGS = {"Constant": "constant", "Uniform": "uniform", "StoredTheta0": "stored-theta0", "BaseTheta0": "base"}


def flags_of(m):
    """What a decoder may not have, although the format has it."""
    flags = set()
    for g in m["generators"]:
        flags |= {"layers"} if len(g["layers"]) > 1 else set()
        flags |= {"float32"} if g["arithmetic"] == spec.FLOAT32 else set()
        flags |= {"unit-norm"} if g["unit_norm"] else set()
        for layer in g["layers"]:
            flags |= {"identity"} if layer["activation"] == spec.IDENTITY else set()
            flags |= {"stored-weights"} if layer["weights_segment"] != spec.OPTIONAL else set()
            flags |= {"bias"} if layer["bias_segment"] != spec.OPTIONAL else set()
            flags |= {"f16", "bf16"} & {spec.DTYPES[layer["weights_type"]]}
    for c in m["codes"]:
        flags |= {"int16"} if c["alpha_type"] == 1 else set()
        flags |= {"float-alpha"} if c["alpha_type"] > 1 else set()
        flags |= {"alpha-scale"} if c["alpha_scale"] != 1 else set()
        flags |= {"codes-per-chunk"} if c["codes_per_chunk"] > 1 else set()
        flags |= {"f16", "bf16"} & {("f32", "f16", "bf16")[c["beta_type"]]}
    for t in m["tensors"]:
        member, source = t["source"]
        flags |= {"shared"} if member == "Shared" else set()
        flags |= {"product"} if member == "Product" else set()
        flags |= {"factor"} if t["factor"] else set()
        if member in ("Generated", "Product"):
            flags |= {"f16", "bf16"} & {spec.DTYPES[t["dtype"]]}
        flags |= {"slices"} if member == "Generated" and source["slices"] != 1 else set()
        kind, _ = spec.theta0_field(t)
        flags |= {THETA0_FLAGS[kind]} if kind else set()
    flags |= {"zstd"} if any(s["encoding"] == spec.ZSTD for s in m["segments"]) else set()
    return sorted(flags)
