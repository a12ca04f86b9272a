# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Relations between the tables of a model, put right after a change: without that, nearly every model would be refused
for the same few rules. Each function takes (rng, model).
"""

from model import take_segments
from specification import spec

from . import pools
from .walk import copy, encoded, is_data, segment_fields, tables

# Fields that are an index into a vector of the manifest.
INDICES = {"Codes": {"generator": "generators"}, "Generated": {"codes": "codes"}, "Shared": {"tensor": "tensors"},
           "Product": {"b": "tensors", "a": "tensors"}, "BaseTheta0": {"base": "bases"}}
FLOATS = (0, 1, 2)  # the dtypes that can be computed


def indices(m):
    """(table, name, vector) of each index into a vector."""
    return [(table, name, vector) for kind, table in tables("Manifest", m)
            for name, vector in INDICES.get(kind, {}).items()]


def rearrange(m, vector, items):
    """Gives a vector other items; an index still means the item it meant, if that is there."""
    old = m[vector]
    m[vector] = items
    if len(old) == len(items) and all(a is b for a, b in zip(old, items)):
        return
    place = {id(item): index for index, item in enumerate(items)}
    for table, name, target in indices(m):
        if target == vector and table[name] < len(old):
            table[name] = place.get(id(old[table[name]]), table[name])


def names(rng, m):
    """Unique and ascending."""
    for vector, name in (("tensors", "name"), ("metadata", "key")):
        seen = set()
        for item in m[vector]:
            while item[name] in seen:
                item[name] += rng.choice((b"_", b"2", b".b"))
            seen.add(item[name])
        rearrange(m, vector, sorted(m[vector], key=lambda item: item[name]))


def references(rng, m):
    """To what is there."""
    for table, name, vector in indices(m):
        if table[name] >= len(m.get(vector, ())) > 0:
            table[name] = rng.randrange(len(m[vector]))


def users(_, m):
    """Nothing without one."""
    used = {(vector, table[name]) for table, name, vector in indices(m)}
    for vector in ("generators", "bases"):
        if vector in m:
            rearrange(m, vector, [item for index, item in enumerate(m[vector]) if (vector, index) in used])
    factors = {source[name] for member, source in sources(m) if member == "Product" for name in "ba"}
    for index, t in enumerate(m["tensors"]):
        if t.get("factor"):
            t["factor"] = index in factors


def sources(m):
    return [t["source"] for t in m["tensors"]]


def layers(rng, m):
    """What fits their activation and the generator's arithmetic."""
    for g in m["generators"]:
        integer = g["arithmetic"] == 0
        for i, layer in enumerate(g["layers"]):
            if i < len(g["layers"]) - 1:
                layer["activation"] = spec.SINE
            sine = layer["activation"] == spec.SINE
            layer["frequency"] = max(layer["frequency"], 1) if sine and integer else 0
            if "turns" in layer:
                float_layer(rng, layer, integer, sine)
        if "unit_norm" in g:
            g["unit_norm"] = g["unit_norm"] and not integer


def float_layer(rng, layer, integer, sine):
    stored = layer["weights_segment"] != spec.OPTIONAL
    layer["turns"] = 0.0 if integer or not sine else layer["turns"] or rng.choice((0.25, -1.0, 0.15625))
    layer["weights_scale"] = 0.0 if integer or stored else layer["weights_scale"] or rng.choice((0.5, 1.0))
    if integer:
        layer["weights_type"], layer["bias_segment"] = 0, spec.OPTIONAL


def codes(_, m):
    for c in m["codes"]:
        integer = c["generator"] < len(m["generators"]) and m["generators"][c["generator"]]["arithmetic"] == 0
        if integer:
            c["alpha_type"] = min(c["alpha_type"], 1)
            c.update({"alpha_scale": 1.0} if "alpha_scale" in c else {})
        if c["beta_segment"] != spec.OPTIONAL:
            c["beta"] = 0.0


def streams(_, m):
    """Each drawn once."""
    seen = set()
    for kind, table in tables("Manifest", m):
        if kind == "Uniform":
            while (table["seed"], table["stream"]) in seen:
                table["stream"] = table["stream"] + 1 & 0xFFFFFFFF
            seen.add((table["seed"], table["stream"]))


def kin(rng, m):
    """Tensors that share, and products, have the shape that follows."""
    for t in m["tensors"]:
        member, source = t["source"]
        if member == "Shared":
            adopt(rng, m, t, source)
        elif member == "Product":
            multiply(rng, m, t, source)


def adopt(rng, m, t, source):
    owners = [i for i, other in enumerate(m["tensors"]) if other["source"][0] != "Shared" and not other.get("factor")]
    if owners and source["tensor"] not in owners:
        source["tensor"] = rng.choice(owners)
    if owners:
        owner = m["tensors"][source["tensor"]]
        t["dtype"], t["shape"], t["digest"] = owner["dtype"], list(owner["shape"]), owner["digest"]


def multiply(rng, m, t, source):
    factors = [i for i, other in enumerate(m["tensors"]) if other["source"][0] in ("Generated", "Stored")]
    if not factors:
        return
    for name in "ba":
        if source[name] not in factors:
            source[name] = rng.choice(factors)
    b, a = m["tensors"][source["b"]], m["tensors"][source["a"]]
    for factor in (b, a):
        if len(factor["shape"]) != 2:
            factor["shape"] = [rng.randrange(1, 5), rng.randrange(1, 5)]
    a["shape"] = [b["shape"][1], a["shape"][1]]
    t["shape"] = [b["shape"][0], a["shape"][1]]
    for each in (t, b, a):
        each["dtype"] = each["dtype"] if each["dtype"] in FLOATS else rng.choice(FLOATS)
    t.update({"factor": False} if "factor" in t else {})


def places(rng, m):
    """Tensors of a codes table one after the other, and as many chunks as they take."""
    for index, c in enumerate(m["codes"]):
        if c["generator"] >= len(m["generators"]) or not m["generators"][c["generator"]]["layers"]:
            continue
        d = max(1, m["generators"][c["generator"]]["layers"][-1]["width"])
        mine = [t for t in m["tensors"] if t["source"][0] == "Generated" and t["source"][1]["codes"] == index]
        end = 0
        for t in sorted(mine, key=lambda t: t["source"][1]["first_element"]):
            source = t["source"][1]
            slices = source.get("slices", 1)
            if slices > 1 and (not t["shape"] or t["shape"][0] % slices):
                source["slices"] = slices = rng.choice((1, max(1, t["shape"][0]))) if t["shape"] else 1
            end += -end % d if slices > 1 else rng.choice((0, -end % d))
            source["first_element"] = end
            size = spec.elements(t) // max(slices, 1)
            end += max(slices - 1, 0) * (size + -size % d) + size
        if 0 < end < 1 << 40:
            c["chunks"] = -(-end // d)


def sizes(rng, m):
    """As many bytes in each segment as its user needs."""
    whole = copy(m)
    data = take_segments(whole)
    try:
        needed = [size for _, size in spec.references(whole)]
    except (LookupError, TypeError):
        return
    if len(needed) != len(data):
        return
    right = {}
    for old, size in zip(data, needed):
        if size != len(old.decoded) and size <= 1 << 14:
            fill = pools.numbers(rng, max(0, size - len(old.decoded)))
            right[id(old)] = encoded(rng, (old.decoded + fill)[:size], old.encoding)
    for table, name in segment_fields(m):
        if is_data(table[name]):
            table[name] = right.get(id(table[name]), table[name])


RELATIONS = (names, references, users, layers, codes, streams, kin, places, sizes)


def settle(rng, m):
    """Every relation, but for one in sixteen."""
    for relation in RELATIONS:
        if rng.random() < 15 / 16:
            relation(rng, m)
