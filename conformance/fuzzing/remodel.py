# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Changes to the model behind a file: tables more, fewer, from elsewhere, in another order, with other values. It is
settled afterwards (settle.py) and built anew. Each change takes (rng, model, seeds).
"""

import struct

import builder
from model import Data, take_segments
from specification import spec

from . import pools
from .damage import change_list
from .draft import Draft
from .settle import rearrange
from .structure import BUDGET, IDENTITY, SEGMENT, SEGMENTS
from .walk import copy, encoded, fields, is_data, is_vector, model_of, segment_fields

FORMATS = {"u8": "B", "u32": "I", "u64": "Q", "i8": "b", "i64": "q", "f32": "f", "f64": "d"}


def pick(rng, m, wanted):
    """(table, name, type, default) of a field that is wanted, if there is one."""
    found = [field for field in fields(m) if wanted(*field)]
    return rng.choice(found) if found else None


def change_value(rng, m, _):
    """A number, a text, a shape."""
    found = pick(rng, m, lambda table, name, type, _: not is_data(table.get(name)) and not name.endswith("_type") and (
        type in FORMATS or type in spec.ENUMS or type in ("bool", "string", "[u64]")))
    if found is None:
        return
    table, name, type, default = found
    old = table.get(name, default)
    if type in spec.ENUMS:
        table[name] = rng.randrange(spec.ENUMS[type][0] + 2)
    elif type == "bool":
        table[name] = not old
    elif type == "string":
        table[name] = pools.text(rng, b"" if isinstance(old, str) else old)
    elif type == "[u64]":
        table[name] = change_list(rng, old)
    else:
        kind = FORMATS[type]
        bits = struct.pack("<" + kind, 0 if old == spec.OPTIONAL else old)
        bits = pools.scalar(rng, kind, int.from_bytes(bits, "little"))
        table[name] = struct.unpack("<" + kind, bits.to_bytes(pools.WIDTHS[kind] // 8, "little"))[0]


def forget_value(rng, m, _):
    found = pick(rng, m, lambda table, name, type, default: default != spec.REQUIRED and not is_vector(type))
    if found:
        table, name, _, default = found
        table[name] = default


def change_order(rng, m, _):
    """An element twice, none, or all in another order."""
    found = pick(rng, m, lambda table, name, type, _: is_vector(type) and table.get(name))
    if found is None:
        return
    table, name, _, _ = found
    items = list(table[name])
    at = rng.randrange(len(items))
    choice = rng.random()
    if choice < 0.4:
        items.insert(rng.randrange(len(items) + 1), copy(items[at]))
    elif choice < 0.7:
        del items[at]
    else:
        rng.shuffle(items)
    if table is m and rng.random() < 0.8:
        rearrange(m, name, items)
    else:
        table[name] = items


def take_from(rng, m, seeds):
    """A table, or a union's member, of another file."""
    donor = copy(model_of(rng.choice(seeds)))
    if rng.random() < 0.6:
        table, name, wanted, _ = pick(rng, m, lambda table, name, type, _: is_vector(type))
        found = pick(rng, donor, lambda other, _, type, __: type == wanted and other.get(name))
        if found:
            items = list(table[name])
            items.insert(rng.randrange(len(items) + 1), rng.choice(found[0][name]))
            if table is m:
                rearrange(m, name, items)
            else:
                table[name] = items
        return
    mine = pick(rng, m, lambda table, name, type, _: type in spec.UNIONS)
    other = mine and pick(rng, donor, lambda table, name, type, _: type == mine[2])
    if other:
        mine[0][mine[1]] = other[0][other[1]]


def change_member(rng, m, _):
    """A union's value becomes one of another type, made of nothing."""
    found = pick(rng, m, lambda table, name, type, _: type in spec.UNIONS)
    if found:
        table, name, type, _ = found
        table[name] = new_member(rng, type)


def new_member(rng, union):
    """Small numbers, no text, zero digests."""
    member = rng.choice(spec.UNIONS[union][0])
    out = {}
    for name, type, default in spec.TABLES[member]:
        if type in FORMATS and default != spec.OPTIONAL:
            out[name] = rng.choice((default, 0, 1, 2, 3))
        else:
            out[name] = {"Digest": bytes(32), "string": b"w"}.get(type, default if default != spec.REQUIRED else 0)
        if name == "segment":
            out[name] = Data(rng.randbytes(rng.randrange(32)))
    return member, out


def change_data(rng, m, _):
    """What a segment decodes to, or how it is encoded."""
    found = [field for field in segment_fields(m) if is_data(field[0][field[1]])]
    if not found:
        return
    table, name = rng.choice(found)
    data = table[name].decoded
    choice = rng.random()
    if choice < 0.5:
        data = pools.numbers(rng, len(data))
    elif choice < 0.8:
        data = pools.few(rng, data)
    table[name] = encoded(rng, data, 0.4)


def change_size(rng, m, _):
    """More or fewer elements in a tensor; settling makes codes and segments follow."""
    if m["tensors"]:
        t = rng.choice(m["tensors"])
        t["shape"] = [rng.choice((1, 2, 3, 5, 8, 9, 16, 17, 33)) for _ in range(rng.randrange(4))]


def build(m):
    """The draft of a model; None where it cannot be written down."""
    data = take_segments(m)
    # An offset of anything but 0, so that the field is there.
    m["segments"] = [{"offset": 64, "stored_length": len(d.stored), "decoded_length": len(d.decoded),
                      "encoding": d.encoding, "digest": bytes(32)} for d in data]
    try:
        m["budget"] = {name: number % 2**64 for name, number in spec.cost(m).items()}
    except (LookupError, TypeError, ArithmeticError, RecursionError):
        pass  # a model so broken keeps what it had
    try:
        buffer = builder.Buffer(builder.table("Manifest", m))
    except (struct.error, TypeError, KeyError, AttributeError, OverflowError):
        return None
    nodes = buffer.root.fields
    places = {IDENTITY: buffer.root.at["weights_identity"]}
    places.update((path, nodes["budget"].at.get(name)) for name, path in BUDGET.items())
    for index, node in enumerate(nodes["segments"].items if data else ()):
        places.update((SEGMENTS + (index, SEGMENT[name]), at) for name, at in node.at.items())
    draft = Draft(buffer.data, places, [d.stored for d in data])
    draft.place_segments()
    return draft


WEIGHTS = {change_value: 8, forget_value: 1, change_order: 3, take_from: 5, change_member: 3, change_data: 5,
           change_size: 4}
BY_NAME = {change.__name__: change for change in WEIGHTS}
