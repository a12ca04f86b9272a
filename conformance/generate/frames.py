# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Zstandard frames (RFC 8878) made by hand, so that their bytes depend on no library and can lie about anything."""

import struct

MAGIC = bytes.fromhex("28b52ffd")
MAX_BLOCK = 1 << 17
ZEROS_1000_CHECKSUM = bytes.fromhex("5a074479")  # low half of XXH64 of 1000 zero bytes

# 768 bytes and their frame by zstd 1.5.4, level 19: Huffman-coded literals and sequences.
COMPRESSED_BYTES = bytes(((i * i // 7) % 23 - 11) % 256 for i in range(768))
COMPRESSED_FRAME = bytes.fromhex(
    "28b52ffd600002c5030072091a13e06d227b67928901000040df9b3657f6a69d02bbdce815bb40949f61ee1fd984ea401fcf221e78110d65"
    "00cad679ae61b58af6ac039bf25ea325491635dbae1a0ee56f427b05f5cb6e89805103e1de69a69de3e0641d7c05ae9896dc6f227b56128e"
    "a947cdbb1b0300e442b2fa4685ec21009801")


def header(content_size, size_bytes=4, window=None, checksum=False, descriptor_bits=0, dictionary=b""):
    """Without a window byte the frame is a single segment. size_bytes 0: the content size is not stated."""
    flag = {0: 0, 1: 0, 2: 1, 4: 2, 8: 3}[size_bytes]
    descriptor = flag << 6 | (window is None) << 5 | checksum << 2 | descriptor_bits
    size = (content_size - (256 if size_bytes == 2 else 0)) % (1 << 8 * size_bytes)
    window_byte = b"" if window is None else bytes([window])
    return MAGIC + bytes([descriptor]) + window_byte + dictionary + size.to_bytes(size_bytes, "little")


def block(kind, size, content, last=True):
    return struct.pack("<I", size << 3 | kind << 1 | last)[:3] + content


def raw_block(content, last=True):
    return block(0, len(content), content, last)


def rle_block(byte, count, last=True):
    return block(1, count, bytes([byte]), last)


def raw_frame(content, **options):
    return header(len(content), **options) + raw_block(content)


def run_frame(byte, count):
    """A few bytes that decode to `count` times the same one."""
    counts = [MAX_BLOCK] * (count // MAX_BLOCK) + [count % MAX_BLOCK] * (count % MAX_BLOCK > 0)
    blocks = [rle_block(byte, n, last=i == len(counts) - 1) for i, n in enumerate(counts)]
    return header(count, size_bytes=8) + b"".join(blocks)


def skippable_frame(content):
    return struct.pack("<II", 0x184D2A50, len(content)) + content
