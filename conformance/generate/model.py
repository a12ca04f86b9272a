# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Short words for models: the dicts of the pseudo-code, with Data where they will have the index of a segment."""

import struct

import frames
from specification import spec

SINE, IDENTITY = 0, 1
TURN = 1 << 18  # a frequency that moves through the sine at the pace of small codes


class Data:
    """What one segment holds, and how: raw, or a zstd frame given as `stored`."""

    def __init__(self, decoded, stored=None):
        self.decoded = decoded
        self.stored = decoded if stored is None else stored
        self.encoding = 0 if stored is None else 1


def zstd(decoded):
    return Data(decoded, frames.raw_frame(decoded))


def run(byte, count):
    return Data(bytes([byte]) * count, frames.run_frame(byte, count))


def int8s(values):
    return b"".join(struct.pack("<b", value) for value in values)


def int16s(values):
    return b"".join(struct.pack("<h", value) for value in values)


def floats(values, kind="f32"):
    return b"".join(spec.encode(spec.f32(value), kind) for value in values)


def bits(values, size):
    return b"".join(spec.le(value, size) for value in values)


def sine(width, frequency=TURN, weights=None):
    return layer(width, SINE, frequency, weights)


def identity(width, weights=None):
    return layer(width, IDENTITY, 0, weights)


def layer(width, activation, frequency, weights):
    fields = {"width": width, "activation": activation, "frequency": frequency, "weights_segment": spec.OPTIONAL}
    if weights is not None:
        fields["weights_segment"] = weights if isinstance(weights, Data) else Data(int8s(weights))
    return fields


def generator(*layers, k=3, seed=1, arithmetic=0):
    return {"arithmetic": arithmetic, "code_dim": k, "seed": seed, "layers": list(layers)}


def codes(alpha, beta=2.0**-15, m=1, generator=0, exponent=0, alpha_type=0, beta_type=0, chunks=None):
    """alpha: a list of codes, or Data (with chunks); beta: the one beta, or the bytes or Data of a segment."""
    if chunks is None:
        chunks = len(alpha) // m
        planar = [code[i] for i in range(len(alpha[0])) for code in alpha]  # (k, n * m)
        alpha = Data(int16s(planar) if alpha_type else int8s(planar))
    table = {"generator": generator, "chunks": chunks, "codes_per_chunk": m, "alpha_type": alpha_type,
             "alpha_segment": alpha, "beta_type": beta_type, "beta_exponent": exponent,
             "beta_segment": spec.OPTIONAL, "beta": 0.0}
    if isinstance(beta, float):
        table["beta"] = beta
    else:
        table["beta_segment"] = Data(beta) if isinstance(beta, bytes) else beta
    return table


def tensor(name, shape, source, dtype="f32"):
    name = name.encode("utf-8") if isinstance(name, str) else name
    return {"name": name, "dtype": spec.DTYPES.index(dtype), "shape": list(shape), "source": source}


def generated(codes=0, first=0, theta0=spec.OPTIONAL):
    return "Generated", {"codes": codes, "first_element": first, "theta0": theta0}


def stored(data):
    return "Stored", {"segment": data if isinstance(data, Data) else Data(data)}


def shared(index):
    return "Shared", {"tensor": index}


def constant(value):
    return "Constant", {"value": value}


def uniform(bound=2.0**-16, seed=1, stream=0):
    return "Uniform", {"seed": seed, "stream": stream, "bound": bound}


def stored_theta0(data, dtype="f32"):
    return "StoredTheta0", {"segment": data if isinstance(data, Data) else Data(data),
                            "dtype": spec.DTYPES.index(dtype)}


def entry(key, member, value):
    key = key.encode("ascii") if isinstance(key, str) else key
    return {"key": key, "value": (member, {"value": value})}


def model(generators=(), codes=(), tensors=(), metadata=()):
    return {"segments": [], "generators": list(generators), "codes": list(codes), "tensors": list(tensors),
            "metadata": list(metadata)}


def take_segments(m):
    """Replaces each Data by its index, in the order of references; gives them in that order."""
    found = []

    def take(fields, name):
        if isinstance(fields.get(name), Data):
            found.append(fields[name])
            fields[name] = len(found) - 1

    for g in m["generators"]:
        for fields in g["layers"]:
            take(fields, "weights_segment")
    for c in m["codes"]:
        take(c, "alpha_segment")
        take(c, "beta_segment")
    for t in m["tensors"]:
        member, source = t["source"]
        take(source, "segment")
        if member == "Generated" and source["theta0"] != spec.OPTIONAL:
            take(source["theta0"][1], "segment")
    return found


def weights_of(m, segments):
    """Of each generator, the weights of its layers; segments: decoded."""
    weights = []
    for g in m["generators"]:
        given = {l: segments[layer["weights_segment"]] for l, layer in enumerate(g["layers"])
                 if layer["weights_segment"] != spec.OPTIONAL}
        weights.append(spec.expand(g, g["seed"], given))
    return weights


def tensors_of(m, segments, weights):
    """The bytes of each tensor."""
    def at(index):
        return None if index == spec.OPTIONAL else segments[index]

    outputs = []
    for c in m["codes"]:
        g = m["generators"][c["generator"]]
        outputs.append([spec.phi(g, weights[c["generator"]],
                                 spec.alpha_of(c, g["code_dim"], at(c["alpha_segment"]), code))
                        for code in range(c["chunks"] * c["codes_per_chunk"])])
    tensors = []
    for t in m["tensors"]:
        member, source = t["source"]
        if member == "Generated":
            c = m["codes"][source["codes"]]
            d = spec.layer_sizes(m["generators"][c["generator"]])[-1][1]
            theta0 = source["theta0"]
            kept = at(theta0[1]["segment"]) if theta0[0] == "StoredTheta0" else None
            w = spec.theta0_of(theta0, spec.elements(t), kept)
            tensors.append(spec.generate(source["first_element"], w, t["dtype"], d, c["codes_per_chunk"],
                                         outputs[source["codes"]], spec.betas_of(c, at(c["beta_segment"]))))
        else:
            tensors.append(at(source["segment"]) if member == "Stored" else None)
    for index, t in enumerate(m["tensors"]):
        if t["source"][0] == "Shared":
            tensors[index] = tensors[t["source"][1]["tensor"]]
    return tensors
