# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""From a model to the bytes of a file. Every step can be changed, and what follows is made to fit the change: digests,
offsets and lengths stay right, so that a file breaks the one rule it is meant to break.
"""

import copy
import struct

import builder
from model import take_segments, tensors_of, weights_of
from specification import spec

SANE = 1 << 22  # a segment whose offset is behind the manifest and below this stands where the manifest says


class File:
    def __init__(self, data, flags, manifest):
        self.data = data
        self.flags = flags
        self.manifest = manifest  # as the pseudo-code reads it


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
    m["segments"] = [{"offset": 0, "stored_length": len(d.stored), "decoded_length": len(d.decoded),
                      "encoding": d.encoding, "digest": spec.sha256(d.stored)} for d in data]
    add_digests(m, [d.decoded for d in data], expands)
    flags = flags_of(m)
    if edit:
        edit(m)
    m["budget"] = {name: number % 2**64 for name, number in spec.cost(m).items()}  # as a careless writer has it
    m["weights_identity"] = spec.weights_identity(m["tensors"])

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
    return File(bytes(out), flags, m)


def add_digests(m, segments, expands):
    weights = weights_of(m, segments) if expands else None
    fingerprints = found(lambda: [spec.fingerprint(g, g["seed"], w) for g, w in zip(m["generators"], weights)])
    digests = found(lambda: [spec.tensor_digest(data) for data in tensors_of(m, segments, weights)])
    for index, g in enumerate(m["generators"]):
        g["fingerprint"] = fingerprints[index] if fingerprints else bytes(32)
    for index, t in enumerate(m["tensors"]):
        t["digest"] = digests[index] if digests else bytes(32)


def found(compute):
    """None of a model so broken, or large, that there is nothing to compute."""
    try:
        return compute()
    except (spec.Refused, LookupError, TypeError):
        return None


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


def flags_of(m):
    """What a decoder may not have, although the format has it."""
    flags = set()
    for g in m["generators"]:
        flags |= {"layers"} if len(g["layers"]) > 1 else set()
        for layer in g["layers"]:
            flags |= {"identity"} if layer["activation"] == spec.IDENTITY else set()
            flags |= {"stored-weights"} if layer["weights_segment"] != spec.OPTIONAL else set()
    for c in m["codes"]:
        flags |= {"int16"} if c["alpha_type"] == 1 else set()
        flags |= {"codes-per-chunk"} if c["codes_per_chunk"] > 1 else set()
        flags |= {"f16", "bf16"} & {("f32", "f16", "bf16")[c["beta_type"]]}
    for t in m["tensors"]:
        member, source = t["source"]
        flags |= {"shared"} if member == "Shared" else set()
        if member == "Generated":
            flags |= {"f16", "bf16"} & {spec.DTYPES[t["dtype"]]}
            theta0 = source["theta0"]
            if theta0 != spec.OPTIONAL:
                flags |= {{"Constant": "constant", "Uniform": "uniform", "StoredTheta0": "stored-theta0"}[theta0[0]]}
    flags |= {"zstd"} if any(s["encoding"] == spec.ZSTD for s in m["segments"]) else set()
    return sorted(flags)
