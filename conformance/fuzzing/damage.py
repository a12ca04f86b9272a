# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Changes to the bytes of a draft: what no honest writer would write. Each takes (rng, draft, seeds)."""

import struct

import frames
from specification import spec

from . import content, pools
from .draft import FIELDS


def flip(rng, draft, _):
    at = rng.randrange(len(draft.manifest))
    draft.manifest[at] ^= 1 << rng.randrange(8)


def change_bytes(rng, draft, _):
    draft.manifest[:] = pools.few(rng, draft.manifest)


def change_scalar(rng, draft, _):
    if not draft.structure.scalars:
        return
    _, kind, at = rng.choice(draft.structure.scalars)
    size = pools.WIDTHS[kind] // 8
    old = int.from_bytes(draft.manifest[at:at + size], "little")
    draft.write(at, size, pools.scalar(rng, kind, old))


def change_offset(rng, draft, _):
    """To another place that something refers to, next to where it was, or to nowhere."""
    if not draft.structure.offsets:
        return
    path, at, target = rng.choice(draft.structure.offsets)
    choice = rng.random()
    if choice < 0.4:
        others = [(other, there) for other, _, there in draft.structure.offsets if there > at]
        alike = [there for other, there in others if other[:1] + other[-1:] == path[:1] + path[-1:]]
        target = rng.choice(alike if alike and rng.random() < 0.6 else [there for _, there in others] or [target])
    elif choice < 0.7:
        target += rng.choice((-8, -4, -2, -1, 1, 2, 4, 8))
    elif choice < 0.8:
        target = len(draft.manifest) - rng.randrange(-4, 12)
    else:
        target = at + pools.scalar(rng, "I", target - at)
    draft.write(at, 4, target - at & 0xFFFFFFFF)


def change_vtable(rng, draft, _):
    """The distance to it, its size, or where it says that a field is."""
    if not draft.structure.tables:
        return
    _, at, vtable, fields = rng.choice(draft.structure.tables)
    choice = rng.random()
    if choice < 0.15:
        other = rng.choice((rng.choice(draft.structure.tables)[2], vtable + rng.choice((-4, -2, -1, 1, 2, 4))))
        draft.write(at, 4, at - other & 0xFFFFFFFF)
    elif choice < 0.2:
        draft.write(at, 4, pools.scalar(rng, "i", at - vtable))
    elif choice < 0.4:
        size = int.from_bytes(draft.manifest[vtable:vtable + 2], "little")
        draft.write(vtable, 2, pools.scalar(rng, "H", size) if rng.random() < 0.4 else
                    max(0, size + rng.choice((-4, -2, -1, 1, 2, 4))))
    elif fields:
        slots = [vtable + 4 + 2 * field for field in range(fields)]
        slot = rng.choice(slots)
        old = int.from_bytes(draft.manifest[slot:slot + 2], "little")
        other = rng.choice(slots)
        value = rng.choice((0, old + rng.choice((-8, -4, -1, 1, 4, 8)), pools.scalar(rng, "H", old),
                            int.from_bytes(draft.manifest[other:other + 2], "little")))
        draft.write(slot, 2, value & 0xFFFF)


def change_vector(rng, draft, _):
    """Its count, an element, or the order of elements."""
    if not draft.structure.vectors:
        return
    _, at, count, size = rng.choice(draft.structure.vectors)
    choice = rng.random()
    one, two = (at + 4 + size * rng.randrange(count) for _ in "ab") if count else (at, at)
    if choice < 0.35 or not count:
        draft.write(at, 4, max(0, count + rng.choice((-2, -1, 1, 2))) if rng.random() < 0.6 else
                    pools.scalar(rng, "I", count))
    elif size == 4:
        targets = [position + struct.unpack_from("<I", draft.manifest, position)[0] for position in (one, two)]
        draft.write(one, 4, targets[1] - one & 0xFFFFFFFF)
        if choice < 0.7:
            draft.write(two, 4, targets[0] - two & 0xFFFFFFFF)
    elif size == 8:
        draft.write(one, 8, pools.scalar(rng, "Q", int.from_bytes(draft.manifest[one:one + 8], "little")))
    else:
        text = pools.text(rng, bytes(draft.manifest[at + 4:at + 4 + count]))[:count]
        draft.write(at + 4, len(text), text)


def change_digest(rng, draft, _):
    if not draft.structure.digests:
        return
    at, other = (rng.choice(draft.structure.digests)[1] for _ in "ab")
    draft.write(at, 32, rng.choice((bytes(32), bytes(draft.manifest[other:other + 32]).ljust(32, b"\0"),
                                    rng.randbytes(32))))


def pointers(structure):
    """(position, target, sign) of everything that says where something else stands."""
    for _, at, target in structure.offsets:
        yield at, target, 1
    for _, at, vtable, _ in structure.tables:
        yield at, vtable, -1


def insert(draft, place, data):
    """Puts bytes into the manifest, a multiple of 8 of them; what points across them is made to fit."""
    manifest = draft.manifest
    found = list(pointers(draft.structure))
    for _, at, count, size in draft.structure.vectors:
        for slot in range(at + 4, at + 4 + 4 * count, 4) if size == 4 else ():
            found.append((slot, slot + struct.unpack_from("<I", manifest, slot)[0], 1))
    draft.insert(place, data)
    for at, target, sign in found:
        # What pointed to that very place now points to the new bytes.
        at, target = at + len(data) * (at >= place), target + len(data) * (target > place)
        struct.pack_into("<I", manifest, at, sign * (target - at) & 0xFFFFFFFF)


def repeat_elements(rng, draft, _):
    """Many references to the same table: what would make a reader's memory explode."""
    vectors = [vector for vector in draft.structure.vectors if vector[3] == 4]
    if not vectors:
        return
    _, at, count, _ = rng.choice(vectors)
    more = rng.choice((1, 2, 3, 5, 9, 40, 200))
    size = 4 + 4 * more + -(4 + 4 * more) % 8
    slots = range(at + 4, at + 4 + 4 * count, 4)
    tables = [slot + struct.unpack_from("<I", draft.manifest, slot)[0] + size for slot in slots]
    one = rng.choice(tables)
    targets = (tables if rng.random() < 0.5 else []) + [one] * more
    elements = [target - at - 4 - 4 * i for i, target in enumerate(targets[:more])]
    insert(draft, at, struct.pack(f"<{1 + len(elements)}I", len(elements), *elements).ljust(size, b"\0"))


def move_to_end(rng, draft, _):
    """A string or shape of another length, behind all else."""
    leaves = [vector for vector in draft.structure.vectors if vector[3] != 4]
    if not leaves:
        return
    path, at, count, size = rng.choice(leaves)
    offset = next((offset for offset in draft.structure.offsets if offset[0] == path), None)
    if offset is None:
        return
    old = bytes(draft.manifest[at + 4:at + 4 + count * size])
    if size == 1:
        new = pools.text(rng, old)
        count, content = len(new), new + b"\0"
    else:
        values = [int.from_bytes(old[i:i + 8], "little") for i in range(0, len(old), 8)]
        new = change_list(rng, values)
        count, content = len(new), struct.pack(f"<{len(new)}Q", *new)
    draft.manifest += bytes(-(len(draft.manifest) + 4) % 8)
    target = len(draft.manifest)
    draft.manifest += struct.pack("<I", count) + content
    draft.write(offset[1], 4, target - offset[1])


def change_list(rng, values):
    """Dimensions: others, more, fewer, or in another order."""
    values = list(values)
    choice = rng.random()
    if choice < 0.3:
        values.insert(rng.randrange(len(values) + 1), rng.choice((0, 1, 1, 2, pools.scalar(rng, "Q"))))
    elif choice < 0.4:
        values += [1] * rng.randrange(12, 18)
    elif choice < 0.6 and values:
        del values[rng.randrange(len(values))]
    elif choice < 0.7:
        values.reverse()
    elif values:
        at = rng.randrange(len(values))
        values[at] = pools.scalar(rng, "Q", values[at])
    return values


def splice(rng, draft, seeds):
    """A piece of another manifest, at the same place or any."""
    other = rng.choice(seeds).manifest
    size = min(rng.choice((1, 2, 4, 8, 16, 32, 64, 256)), len(other))
    start = rng.randrange(0, len(other) - size + 1)
    to = start if rng.random() < 0.5 else rng.randrange(len(draft.manifest))
    draft.write(to, size, other[start:start + size])


def change_segment(rng, draft, seeds):
    if not draft.segments:
        return
    index = rng.randrange(len(draft.segments))
    stored = draft.segments[index]
    choice = rng.random()
    if stored[:4] == frames.MAGIC and choice < 0.7:
        stored = content.damage_frame(rng, stored)
    elif choice < 0.5:
        stored = pools.few(rng, stored)
    elif choice < 0.7:
        stored = pools.numbers(rng, len(stored))
    elif choice < 0.8:
        stored = stored[:max(0, len(stored) - rng.choice((1, 2, 4)))]
    elif choice < 0.9:
        stored += bytes(rng.choice((1, 2, 4, 64)))
    else:
        stored = rng.choice(rng.choice(seeds).segments or [b""])
    draft.segments[index] = stored


def change_preamble(rng, draft, _):
    name = rng.choice(FIELDS + ("digest",))
    right = {"magic": spec.MAGIC, "major": 1, "minor": 0, "features": 0, "manifest_length": len(draft.manifest),
             "file_length": 0, "digest": bytes(32)}[name]
    if isinstance(right, bytes):
        draft.preamble[name] = pools.few(rng, right)
    elif name == "file_length":
        right = len(draft.file())
        draft.preamble[name] = pools.scalar(rng, "Q", right)
    else:
        draft.preamble[name] = pools.scalar(rng, {"major": "H", "minor": "H", "features": "I"}.get(name, "Q"), right)


def change_length(rng, draft, _):
    choice = rng.random()
    size = len(draft.file())
    if choice < 0.3:
        draft.tail += rng.choice((b"\0", b"\n", bytes(63), b"PK\5\6"))
        if choice < 0.15:
            draft.preamble["file_length"] = size
    elif choice < 0.7:
        draft.length = max(0, size - rng.choice((1, 2, 8, 64, rng.randrange(max(1, size)))))
        if choice < 0.4:
            draft.preamble["file_length"] = draft.length
    else:
        draft.length = rng.randrange(0, 80) if choice < 0.9 else size + rng.choice((1, 64))


def change_padding(rng, draft, _):
    if draft.segments:
        draft.padding[rng.randrange(len(draft.segments))] = bytes(rng.randrange(64)) + rng.choice((b"\1", b"\x80"))


def change_segments(rng, draft, _):
    """One more, one fewer, another order."""
    if not draft.segments:
        return
    choice = rng.random()
    at = rng.randrange(len(draft.segments))
    if choice < 0.4:
        draft.segments.insert(at, draft.segments[at])
    elif choice < 0.7:
        del draft.segments[at]
    else:
        draft.segments.reverse()


WEIGHTS = {flip: 4, change_bytes: 4, change_scalar: 24, change_offset: 10, change_vtable: 8, change_vector: 8,
           change_digest: 3, repeat_elements: 3, move_to_end: 8, splice: 5, change_segment: 10, change_preamble: 2,
           change_length: 2, change_padding: 1, change_segments: 1}
BY_NAME = {change.__name__: change for change in WEIGHTS}
