# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Zstandard frames (RFC 8878) made by hand, so that their bytes depend on no library and can lie about anything."""

import struct

MAGIC = bytes.fromhex("28b52ffd")
CONTENT = 1 << 17  # of a frame, and the most of a block
ZEROS_1000_CHECKSUM = bytes.fromhex("5a074479")  # low half of XXH64 of 1000 zero bytes

# 768 bytes and their frame by zstd 1.5.4, level 19: Huffman-coded literals and sequences.
COMPRESSED_BYTES = bytes(((i * i // 7) % 23 - 11) % 256 for i in range(768))
COMPRESSED_FRAME = bytes.fromhex(
    "28b52ffd600002c5030072091a13e06d227b67928901000040df9b3657f6a69d02bbdce815bb40949f61ee1fd984ea401fcf221e78110d65"
    "00cad679ae61b58af6ac039bf25ea325491635dbae1a0ee56f427b05f5cb6e89805103e1de69a69de3e0641d7c05ae9896dc6f227b56128e"
    "a947cdbb1b0300e442b2fa4685ec21009801")

# Frames by zstd 1.5.7 with 3 blocks each, and the SHA-256 of their content. The first, 967 bytes, has tables of finite
# state entropy, which the next block uses again, as it does the Huffman tree; the second, 787 bytes, has literals in
# one stream and in four, these with the tree of the block before.
TABLES_FRAME = bytes.fromhex(
    "28b52ffd60c7020c0300d2c3080ad0e724299190010028337b3686cfc67076f6b846a22f321b04ba72317cf3c6928b8e19a88093a94cfb06"
    "1024e6950710065620c954db0118724e84007529a526a22c80a9c28bf58eb690ec00900b990edf1da29aff538827643b5e2105dc0100b300"
    "01b3cfce1e18f013e97a5669478c94704fc0c91b77d618193a3a4920e4f0932364e0d2369849cce12d3ac3bbd402e5a0c9a1656069c42eda"
    "0ccd01001064671880e0c752e894f6becd08e6694ce91ae93a574cba1295cc86e322f2d15d370b589f694636fd2a29598607619870e01c08"
    "748ad97301")
TABLES_SIZE, TABLES_SHA256 = 967, "a7f7945fd4b4223ffe013320d6a97841759e7ffceaaf4232a9e1b46f818ca20f"
STREAMS_FRAME = bytes.fromhex(
    "28b52ffd60130204060066102f25902749079b9046483722b4b66cb4ffffffffffffffffff9fe316232042b6d9d6486b7bcb142300240025"
    "005990983e6682eb939d0a75026986a3b0fb30de4d30aab9756bca3cec4a6ba82bcf29030b81a98c3510706ae21f5c25ebd098137c166c2a"
    "c441e4bd156c351e89fcd16703d81917a84c55b795349c0f6623712d50a56d98f248fe72f6241e877477fcb1052add16ee41821c0a869634"
    "249b95159b689ca6b1bb99273ca868d8dce2500dd2108404b3efb2714b698b871100ec0500a2cf2b23a027e952ca4dc492dd6dadede3ffff"
    "ffffffffffff3bfe3bffff36d2cd6eb2a594320546c7f28fc90636e103fb14d8872afa60c4fa4f34d3831a6c397a528f3cdf3e7c0962744e"
    "c04fd6a96cf64f8ab40842f2a64108691d250952b72b245e8bcfe9ab59391ba9a2d5f9c22d34717b985f121c4369e061d3dd00b75c548239"
    "e685c65e57e3ae645056cf634c52662b062fc9500c0d7f5efb792fbf15c51eb8eb8467d78a229c0252754b6f271f6b03040153fae1d53255"
    "d51e15050037502624002500270065e5dc1f4e10786348e916cbbd17ca7ef5721a61cdd602e00af8fa5049cd09bbd46911d629e92a7e3e28"
    "baf6260d0bb048459ccd705af122f69521754ed208b6d2115286333ad55c2727d900f487590dbc50b12d5eff3896006b24176425475ef203"
    "18b10f56b8b0cf02610668ac71550723d299742901c8ee1e4c44aaed94ddc43eae454b282a639e8fdd35376362f3a2eada0100405fb0a2")
STREAMS_SIZE, STREAMS_SHA256 = 787, "c18b09e4e8c13c099f6142aa05d3d2734c548cc56890305833796dc9afac777a"


def header(content_size, size_bytes=4, window=None, checksum=False, descriptor_bits=0, dictionary=b""):
    """Without a window byte the frame is a single segment, as it must be. size_bytes 0: no content size is stated."""
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


def run_frames(byte, count):
    """A few bytes that decode to `count` times the same one."""
    frames = []
    for at in range(0, count, CONTENT):
        size = min(CONTENT, count - at)
        frames.append(header(size, size_bytes=8) + rle_block(byte, size))
    return b"".join(frames)


def skippable_frame(content):
    return struct.pack("<II", 0x184D2A50, len(content)) + content


def joined(content_size, *blocks):
    """A frame of (type, size, bytes) of each block."""
    return header(content_size) + b"".join(block(*fields, last=i + 1 == len(blocks)) for i, fields in enumerate(blocks))


def raw(content):
    return 0, len(content), content


def compressed(*parts):
    content = b"".join(parts)
    return 2, len(content), content


def raw_literals(content):
    if len(content) < 32:
        return bytes([len(content) << 3]) + content
    return (len(content) << 4 | 4).to_bytes(2, "little") + content


def bitstream(*reads):
    """Of (value, number of bits) in the order in which a decoder reads them, which is from the end."""
    number = 1
    for value, bits in reads:
        number = number << bits | value
    return number.to_bytes(-(-number.bit_length() // 8), "little")


def sequences(literal_code, offset_code, match_code, *extra, modes=0x54, more=()):
    """Sequences that share their codes, so that no state takes bits. extra: of each the bits of offset, match and
    literals; more: what is read in addition."""
    widths = offset_code, 0, 0  # the codes of matches and literals that are used here stand for one number
    reads = [(value, bits) for one in extra for value, bits in zip(one, widths)]
    return bytes([len(extra), modes, literal_code, offset_code, match_code]) + bitstream(*reads, *more)


def match(value, length, literals=b"", **options):
    """A block of one sequence. value: 1 to 3, or 3 more than the offset; length: 3 to 34; at most 15 literals."""
    code = value.bit_length() - 1
    return compressed(raw_literals(literals),
                      sequences(len(literals), code, length - 3, (value - (1 << code), 0, 0), **options))


def huffman(weights, count, *streams, form=0, treeless=False):
    """Literals of one stream (form 0) or four. weights: of all literals but the last; streams: bytes of each."""
    tree = b"" if treeless else bytes([127 + len(weights)]) + bytes(
        weights[i] << 4 | (weights[i + 1:] or [0])[0] for i in range(0, len(weights), 2))
    jumps = b"" if form == 0 else b"".join(struct.pack("<H", len(stream)) for stream in streams[:3])
    content = tree + jumps + b"".join(streams)
    kind = 3 if treeless else 2
    return (len(content) << 14 | count << 4 | form << 2 | kind).to_bytes(3, "little") + content
