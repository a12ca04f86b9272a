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
    return Data(bytes([byte]) * count, frames.run_frames(byte, count))


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
    fields = {"width": width, "activation": activation, "frequency": frequency, "weights_segment": spec.OPTIONAL,
              "turns": 0.0, "weights_scale": 0.0, "weights_type": 0, "bias_segment": spec.OPTIONAL}
    if weights is not None:
        fields["weights_segment"] = weights if isinstance(weights, Data) else Data(int8s(weights))
    return fields


def float_sine(width, turns=0.25, scale=1.0, weights=None, kind="f32", bias=None):
    """weights, bias: numbers or Data; where there are weights, scale says nothing."""
    return float_layer(width, SINE, turns, scale, weights, kind, bias)


def float_identity(width, scale=1.0, weights=None, kind="f32", bias=None):
    return float_layer(width, IDENTITY, 0.0, scale, weights, kind, bias)


def float_layer(width, activation, turns, scale, weights, kind, bias):
    fields = layer(width, activation, 0, None)
    fields.update(turns=spec.f32(turns), weights_scale=spec.f32(scale), weights_type=spec.DTYPES.index(kind))
    if weights is not None:
        fields.update(weights_scale=0.0, weights_segment=float_data(weights, kind))
    if bias is not None:
        fields.update(bias_segment=float_data(bias, "f32"))
    return fields


def float_data(values, kind):
    return values if isinstance(values, Data) else Data(floats(values, kind))


def generator(*layers, k=3, seed=1):
    return {"arithmetic": spec.INTEGER, "code_dim": k, "seed": seed, "layers": list(layers), "unit_norm": False}


def float_generator(*layers, k=3, seed=1, unit_norm=False):
    return {**generator(*layers, k=k, seed=seed), "arithmetic": spec.FLOAT32, "unit_norm": unit_norm}


ALPHA_TYPES = (int8s, int16s, floats, lambda values: floats(values, "f16"), lambda values: floats(values, "bf16"))


def codes(alpha, beta=2.0**-15, m=1, generator=0, exponent=0, alpha_type=0, beta_type=0, chunks=None, scale=1.0):
    """alpha: a list of codes, or Data (with chunks); beta: the one beta, or the bytes or Data of a segment."""
    if chunks is None:
        chunks = len(alpha) // m
        planar = [code[i] for i in range(len(alpha[0])) for code in alpha]  # (k, n * m)
        alpha = Data(ALPHA_TYPES[alpha_type](planar))
    table = {"generator": generator, "chunks": chunks, "codes_per_chunk": m, "alpha_type": alpha_type,
             "alpha_segment": alpha, "beta_type": beta_type, "beta_exponent": exponent,
             "beta_segment": spec.OPTIONAL, "beta": 0.0, "alpha_scale": spec.f32(scale)}
    if isinstance(beta, float):
        table["beta"] = beta
    else:
        table["beta_segment"] = Data(beta) if isinstance(beta, bytes) else beta
    return table


def tensor(name, shape, source, dtype="f32", factor=False):
    return {"name": utf8(name), "dtype": spec.DTYPES.index(dtype), "shape": list(shape), "source": source,
            "factor": factor}


def utf8(name):
    return name.encode("utf-8") if isinstance(name, str) else name


def generated(codes=0, first=0, theta0=spec.OPTIONAL, slices=1):
    return "Generated", {"codes": codes, "first_element": first, "theta0": theta0, "slices": slices}


def stored(data):
    return "Stored", {"segment": data if isinstance(data, Data) else Data(data)}


def shared(index):
    return "Shared", {"tensor": index}


def product(b, a, scale=1.0, theta0=spec.OPTIONAL):
    return "Product", {"b": b, "a": a, "scale": spec.f32(scale), "theta0": theta0}


def constant(value):
    return "Constant", {"value": spec.f32(value)}


def uniform(scale=2.0**-16, seed=1, stream=0):
    return "Uniform", {"seed": seed, "stream": stream, "scale": spec.f32(scale)}


def stored_theta0(data, dtype="f32"):
    return "StoredTheta0", {"segment": data if isinstance(data, Data) else Data(data),
                            "dtype": spec.DTYPES.index(dtype)}


def base_theta0(base=0, tensor=spec.OPTIONAL, dtype="f32", digest=None):
    """Without a digest it has that of the base's tensor."""
    return "BaseTheta0", {"base": base, "tensor": utf8(tensor) if tensor != spec.OPTIONAL else tensor,
                          "dtype": spec.DTYPES.index(dtype), "digest": digest}


def base(file, name="base"):
    """file: what container.build gives."""
    return {"name": utf8(name), "file": file}


def entry(key, member, value):
    key = key.encode("ascii") if isinstance(key, str) else key
    return {"key": key, "value": (member, {"value": value})}


def model(generators=(), codes=(), tensors=(), metadata=(), bases=()):
    return {"segments": [], "generators": list(generators), "codes": list(codes), "tensors": list(tensors),
            "metadata": list(metadata), "bases": list(bases)}


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
            take(fields, "bias_segment")
    for c in m["codes"]:
        take(c, "alpha_segment")
        take(c, "beta_segment")
    for t in m["tensors"]:
        take(t["source"][1], "segment")
        theta0 = t["source"][1].get("theta0", spec.OPTIONAL)
        if theta0 != spec.OPTIONAL:
            take(theta0[1], "segment")
    return found


def take_bases(m):
    """Replaces the file of each base by its identity, and adds digests; gives the files."""
    files = [entry.pop("file") for entry in m["bases"]]
    for entry, file in zip(m["bases"], files):
        entry["weights_identity"] = file.manifest["weights_identity"]
    for t in m["tensors"]:
        theta0 = t["source"][1].get("theta0", spec.OPTIONAL)
        if theta0 != spec.OPTIONAL and theta0[0] == "BaseTheta0" and theta0[1]["digest"] is None:
            name = t["name"] if theta0[1]["tensor"] in (spec.OPTIONAL, b"") else theta0[1]["tensor"]
            theta0[1]["digest"] = spec.tensor_digest(files[theta0[1]["base"]].tensors()[name][2])
    return files


def found(compute):
    """None of a model so broken, or large, that there is nothing to compute."""
    try:
        return compute()
    except (spec.Refused, ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        return None


def expand(m, segments):
    """Of each generator: (function phi of its arithmetic, arguments before alpha, fingerprint)."""
    expanded = []
    for g in m["generators"]:
        def stored(field, g=g):
            return {l: segments[layer[field]] for l, layer in enumerate(g["layers"]) if layer[field] != spec.OPTIONAL}

        if g["arithmetic"] == spec.INTEGER:
            weights = spec.expand(g, g["seed"], stored("weights_segment"))
            expanded.append((spec.phi, (g, weights), spec.fingerprint(g, g["seed"], weights)))
        else:
            weights = spec.expand_float(g, g["seed"], stored("weights_segment"))
            biases = spec.expand_biases(g, stored("bias_segment"))
            expanded.append((spec.float_phi, (g, weights, biases),
                             spec.float_fingerprint(g, g["seed"], weights, biases)))
    return expanded


def tensors_of(m, segments, expanded, bases):
    """The bytes of each tensor, None of one so broken that it has none.

    bases: of each, name -> (dtype, shape, bytes).
    """
    outputs, betas = [], []
    for c in m["codes"]:
        g = m["generators"][c["generator"]]
        function, arguments, _ = expanded[c["generator"]]
        read = spec.alpha_of if g["arithmetic"] == spec.INTEGER else spec.float_alpha_of
        outputs.append([function(*arguments, read(c, g["code_dim"], segments[c["alpha_segment"]], code))
                        for code in range(c["chunks"] * c["codes_per_chunk"])])
        betas.append(spec.betas_of(c, None if c["beta_segment"] == spec.OPTIONAL else segments[c["beta_segment"]],
                                   g["arithmetic"]))
    decoded = {}
    for member in ("Stored", "Generated", "Product", "Shared"):
        for index, t in enumerate(m["tensors"]):
            if t["source"][0] == member:
                decoded[index] = found(lambda: spec.decode_tensor(m, t, segments, outputs, betas, decoded, bases))
    return [decoded[index] for index in range(len(m["tensors"]))]
