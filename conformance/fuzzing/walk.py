# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Models, the dicts of the pseudo-code, walked along the tables of the schema. Where the file has the index of a
segment, they have its Data.
"""

import functools

from model import Data
from specification import spec

from . import content

SEGMENT_FIELDS = {kind: [name for name, type, _ in fields if type == "u32" and name.split("_")[-1] == "segment"]
                  for kind, fields in spec.TABLES.items()}


def is_data(value):
    return isinstance(value, Data)


def is_vector(type):
    """Of tables."""
    return type[1:-1] in spec.TABLES


def copy(value):
    """A model of its own, whose vectors are lists."""
    if isinstance(value, dict):
        return {name: copy(inner) for name, inner in value.items()}
    if isinstance(value, tuple) and value:  # a union; an absent vector is an empty one
        return value[0], copy(value[1])
    return [copy(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def tables(kind, table):
    """(kind, table) of this one and all below."""
    yield kind, table
    for name, type, _ in spec.TABLES[kind]:
        value = table.get(name)
        if type in spec.UNIONS and isinstance(value, tuple):
            yield from tables(*value)
        elif type in spec.TABLES and isinstance(value, dict):
            yield from tables(type, value)
        elif is_vector(type) and name != "segments":
            for inner in value or ():
                yield from tables(type[1:-1], inner)


def fields(m):
    """(table, name, type, default) of all fields but those of tables, vectors of tables and digests among them."""
    for kind, table in tables("Manifest", m):
        for name, type, default in spec.TABLES[kind]:
            if type not in spec.TABLES and name != "segments":
                yield table, name, type, default


def segment_fields(m):
    return [(table, name) for kind, table in tables("Manifest", m) for name in SEGMENT_FIELDS[kind]]


@functools.lru_cache(maxsize=None)
def model_of(seed):
    """To be copied before it is changed."""
    data = []
    for s, stored in zip(seed.model["segments"], seed.segments):
        raw = s["encoding"] == spec.RAW
        data.append(Data(stored) if raw else Data(content.decoded(stored, s["decoded_length"]), stored))
    m = copy(seed.model)
    m["segments"] = []
    for table, name in segment_fields(m):
        if table[name] != spec.OPTIONAL:
            table[name] = data[table[name]]
    return m


def encoded(rng, data, zstd):
    """As a frame, with that probability, or raw."""
    return Data(data, content.frame(rng, data)) if data and rng.random() < zstd else Data(data)
