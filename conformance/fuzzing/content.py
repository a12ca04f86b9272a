# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Zstandard frames, right ones and others, made of the bytes that a segment decodes to."""

import ctypes
import functools

import frames

from . import independent, pools


@functools.lru_cache(maxsize=None)
def library():
    zstd = ctypes.CDLL("libzstd.so.1")
    zstd.ZSTD_compress.restype = ctypes.c_size_t
    return zstd


def compress(data, level):
    room = ctypes.create_string_buffer(len(data) + 512)
    size = library().ZSTD_compress(room, ctypes.c_size_t(len(room)), data, ctypes.c_size_t(len(data)), level)
    return room.raw[:size]


def decoded(stored, length):
    """What a frame decodes to; zeros where it does not."""
    try:
        return bytes(independent.decompress(stored, length))
    except independent.Refused:
        return bytes(length)


def frame(rng, data):
    """A frame of these bytes: usually a valid one."""
    choice = rng.random()
    if choice < 0.3:
        return compress(data, rng.choice((-5, 1, 3, 19)))
    least = 1 if len(data) < 256 else 2 if len(data) < 65792 else 4
    sizes = [size for size in (1, 2, 4, 8) if size >= least and (size != 2 or len(data) >= 256)]
    options = {"size_bytes": rng.choice(sizes)}
    if rng.random() < 0.05 and options["size_bytes"] != 1:
        options["window"] = rng.choice((0, 1, 7, 0x38, 0xFF))
    if rng.random() < 0.1:
        options["descriptor_bits"] = 1 << rng.choice((0, 1, 3, 4))
    if rng.random() < 0.05:
        options["checksum"] = True
    out = frames.header(len(data), **options) + blocks(rng, data)
    return out + rng.randbytes(4) if options.get("checksum") else out


def blocks(rng, data):
    """Raw and run-length blocks, empty ones among them."""
    out = b""
    at = 0
    while True:
        size = rng.choice((0, 1, 2, len(data) - at, len(data) - at))
        piece = data[at:at + size]
        at += len(piece)
        last = at == len(data) and rng.random() < 0.7
        if len(piece) > 0 and piece.count(piece[0]) == len(piece) and rng.random() < 0.8:
            out += frames.rle_block(piece[0], len(piece), last)
        else:
            out += frames.raw_block(piece, last)
        if last:
            return out


def damage_frame(rng, stored):
    choice = rng.random()
    if choice < 0.3:
        at = rng.randrange(4, min(len(stored), 14)) if len(stored) > 4 else 0
        return stored[:at] + pools.few(rng, stored[at:at + 1]) + stored[at + 1:]
    if choice < 0.5:
        return pools.few(rng, stored)
    if choice < 0.6:
        return stored[:rng.randrange(len(stored))]
    if choice < 0.7:
        return stored + rng.choice((b"\0", stored, frames.skippable_frame(b""), frames.raw_block(b"")))
    if choice < 0.75:
        return frames.skippable_frame(b"ab") + stored
    if choice < 0.85:
        return toggled_checksum(stored)
    return frame(rng, decoded(stored, 16))


def toggled_checksum(stored):
    descriptor = stored[4:5] or b"\0"
    return stored[:4] + bytes([descriptor[0] ^ 4]) + stored[5:]
