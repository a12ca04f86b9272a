# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Values at which decoders go wrong."""

import re
import struct

from specification import load_rules


def bounds_of_rules():
    """The numbers that the rules name: 16, 1024, 2^28, ..."""
    for rule in load_rules():
        for base, power in re.findall(r"\b(\d+)(?:\^(\d+))?", rule["statement"]):
            yield int(base) ** int(power or 1)


def around(values):
    return sorted({near for value in values for near in (value - 1, value, value + 1)})


POWERS = [1 << power for power in (7, 8, 15, 16, 17, 24, 31, 32, 33, 45, 47, 60, 61, 62, 63, 64)]
INTEGERS = around({0, 1, 3, 132104, *POWERS, *bounds_of_rules()})
SMALL = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17]
LENGTHS = [value for value in INTEGERS if 0 <= value <= 1 << 17]

WIDTHS = {"b": 8, "B": 8, "H": 16, "i": 32, "I": 32, "f": 32, "q": 64, "Q": 64, "d": 64}

FLOATS = {
    "H": (0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x3C00, 0xBC00, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7C01,
          0x7E00, 0x0080, 0x3F80, 0x5F80, 0x5F81, 0x7F7F, 0x7F80, 0xFF80, 0x7FC0),
    "f": (0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF, 0x00800000, 0x3F800000, 0xBF800000, 0x3DCCCCCD,
          0x4B800000, 0x57800000, 0x57800001, 0x5F7FFFFF, 0x5F800000, 0x5F800001, 0xDF800000, 0x7F7FFFFF, 0x7F800000,
          0xFF800000, 0x7F800001, 0x7FC00000, 0xFFC00000),
    "d": (0, 1 << 63, 1, 0x000FFFFFFFFFFFFF, 0x0010000000000000, 0x3FF0000000000000, 0x7FEFFFFFFFFFFFFF,
          0x7FF0000000000000, 0xFFF0000000000000, 0x7FF0000000000001, 0x7FF8000000000000),
}

TEXT = (b"", b"a", b"w", b"/", b"/a", b"\\", b".", b"..", b"../a", b"a/..", b"a/../b", b"c:", b"c:a", b"\xc3\xa9:a",
        b"__metadata__", b"general.name", b"general", b"a.b", b".a", b"a.", b"a..b", b"A.b", b"a-b.c", b"\0", b"a\0b",
        b"\n", b"\x1f", b" ", b"\x7f", b"\xc2\x80", b"\xc2\x9f", b"\xc2\xa0", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80",
        b"\xe0\xa0\x80", b"\xed\x9f\xbf", b"\xed\xa0\x80", b"\xee\x80\x80", b"\xef\xbf\xbf", b"\xf0\x80\x80\x80",
        b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\x80", b"\xc3",
        b"\xe2\x82", b"\xf0\x9f\x98", b"\xff", "\u00e9".encode(), "\u2028".encode(), "\U0001f600".encode())


def scalar(rng, kind, old=0):
    """The bits of a value for a scalar of that struct format; old: the bits that stand there."""
    width = WIDTHS[kind]
    choice = rng.random()
    if kind in FLOATS and choice < 0.7:
        value = rng.choice(FLOATS[kind])
    elif choice < 0.3:
        value = old + rng.choice((-2, -1, 1, 2, old))
    elif choice < 0.4:
        value = old ^ 1 << rng.randrange(width)
    elif choice < 0.65:
        value = rng.choice(SMALL)
    elif choice < 0.95:
        value = rng.choice(INTEGERS)
    else:
        value = rng.getrandbits(width)
    return value & (1 << width) - 1


def text(rng, old=b""):
    choice = rng.random()
    if choice < 0.4:
        return rng.choice(TEXT)
    if choice < 0.6:
        return old + rng.choice(TEXT)
    if choice < 0.7:
        return rng.choice(TEXT) + old
    if choice < 0.8:
        return rng.choice(TEXT) + rng.choice((b"", b".", b"/")) + rng.choice(TEXT)
    if choice < 0.9:
        return (rng.choice((b"a", b"a.", b"ab")) * (1 << 17))[:rng.choice(LENGTHS) if rng.random() < 0.2 else
                                                           rng.choice((255, 256, 257, 1023, 1024, 1025))]
    return bytes(rng.choice(b"\x00\x7f\x80\xbf\xc2\xe0\xed\xf0\xf4./:aZ_0") for _ in range(rng.randrange(6)))


def numbers(rng, size):
    """Bytes of a segment: of one value, of special floats, or anything."""
    choice = rng.random()
    if choice < 0.3:
        return bytes([rng.choice((0, 1, 127, 128, 129, 255))]) * size
    if choice < 0.6:
        kind = rng.choice("Hf")
        values = rng.choices(FLOATS[kind], k=size // 2 + 1)
        return b"".join(struct.pack("<H" if kind == "H" else "<I", value) for value in values)[:size]
    return rng.randbytes(size)


def few(rng, data):
    """The same data, a few bytes of it changed."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4)) if data else 0):
        at = rng.randrange(len(data))
        if rng.random() < 0.5:
            data[at] ^= 1 << rng.randrange(8)
        else:
            data[at] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    return bytes(data)
