# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Zstandard frames, right ones and others: headers, sizes, what stands around them, raw and run-length blocks."""

import frames
from bases import kept
from cases import invalid, valid
from container import build
from model import Data, codes, generated, generator, model, sine, tensor

ZEROS = bytes(1000)
STRICT = "strict-zstd"  # the flag of what some version of libzstd takes for valid


def framed(stored, decoded=ZEROS):
    """A stored u8 tensor whose segment is those frames."""
    return build(kept(shape=(len(decoded),), content=Data(decoded, stored), dtype="u8"))


def zeros(content_size=1000, **options):
    return frames.header(content_size, **options) + frames.rle_block(0, 1000)


def refused(what, twin, description, stored, decoded=ZEROS, strict=False):
    file = framed(stored, decoded)
    file.flags = sorted({*file.flags, STRICT} if strict else file.flags)
    return invalid("segment.frame", what, description, file, twin)


def padded(blocks):
    """A frame of 1000 zero bytes in some run-length blocks, with so many empty blocks in front."""
    runs = ((1, 1, b"\x00"), (1, 1, b"\x00"), (1, 998, b"\x00"))
    return frames.joined(1000, *[(0, 0, b"")] * blocks, *runs)


def right():
    yield valid("zstd", "A frame with a raw block.", framed(frames.raw_frame(ZEROS)))
    yield valid("zstd_blocks", "A raw, an empty and two run-length blocks.",
                framed(frames.joined(1000, frames.raw(bytes(10)), frames.raw(b""), (1, 900, b"\x00"),
                                     (1, 90, b"\x00"))))
    yield valid("zstd_size_1_byte", "A content size in one byte.",
                framed(frames.raw_frame(b"x" * 255, size_bytes=1), b"x" * 255))
    yield valid("zstd_size_2_bytes", "A content size in two bytes, less 256.", framed(zeros(size_bytes=2)))
    yield valid("zstd_size_2_bytes_least", "256: two bytes of 0.",
                framed(frames.raw_frame(b"x" * 256, size_bytes=2), b"x" * 256))
    yield valid("zstd_size_8_bytes", "A content size in eight bytes.", framed(zeros(size_bytes=8)))
    yield valid("zstd_compressed", "Huffman-coded literals and sequences, written by a library.",
                framed(frames.COMPRESSED_FRAME, frames.COMPRESSED_BYTES))
    yield valid("zstd_codes", "The same as alpha: 256 codes of 3 numbers.",
                build(model([generator(sine(3))],
                            [codes(Data(frames.COMPRESSED_BYTES, frames.COMPRESSED_FRAME), chunks=256)],
                            [tensor("w", (256, 3), generated())])))
    for size, what in ((1 << 17, "a frame holds"), ((1 << 17) + 1, "a frame holds, and one more")):
        yield valid(f"zstd_content_{size}", f"{size:,} bytes: as many as {what}.",
                    framed(frames.run_frames(7, size), b"\x07" * size))
    parts = [bytes([i]) * min(frames.CONTENT, (9 << 20) + 5 - at)
             for i, at in enumerate(range(0, (9 << 20) + 5, frames.CONTENT))]
    yield valid("zstd_9_mib", "73 frames, the last one of five bytes.",
                framed(b"".join(frames.run_frames(part[0], len(part)) for part in parts), b"".join(parts)))
    yield valid("zstd_longest_frame", "A frame of 132,096 bytes, most of them headers of empty blocks.",
                framed(padded(44025)))


def headers():
    return (
        ("magic", "zstd", "The magic of a legacy frame.", b"\x27" + zeros()[1:]),
        ("magicless", "zstd", "A frame without its magic.", zeros()[4:]),
        ("gzip", "zstd", "A gzip member.", bytes.fromhex("1f8b08000000000002030300000000000000000000")),
        ("5_bytes", "zstd", "A frame cut in its header.", zeros()[:5]),
        ("no_size", "zstd", "No content size.", zeros(window=0, size_bytes=0)),
        ("size_unknown", "zstd_size_8_bytes", "A content size of 2^64 - 1.", zeros(2**64 - 1, size_bytes=8)),
        ("size_less", "zstd", "A content size of one byte less.", zeros(content_size=999)),
        ("size_more", "zstd", "A content size of one byte more.", zeros(content_size=1001)),
        ("size_2_32", "zstd_size_8_bytes", "A content size 2^32 too high.", zeros(content_size=2**32 + 1000,
                                                                                  size_bytes=8)),
        ("size_256", "zstd_size_2_bytes", "A two-byte content size from which 256 was not taken.",
         zeros(content_size=1256, size_bytes=2)),
        ("size_wraps", "zstd_size_1_byte", "A one-byte content size of 1000 mod 256.", zeros(size_bytes=1)),
        ("dictionary_1_byte", "zstd", "A dictionary id.", zeros(descriptor_bits=1, dictionary=b"\x07")),
        ("dictionary_4_bytes", "zstd", "A long dictionary id.",
         zeros(descriptor_bits=3, dictionary=b"\x07\x00\x00\x00")),
        ("dictionary_0", "zstd", "A dictionary id of 0, which says none.",
         zeros(descriptor_bits=1, dictionary=b"\x00")),
        ("reserved_bit", "zstd", "The reserved bit.", zeros(descriptor_bits=8)),
        ("unused_bit", "zstd", "The bit that RFC 8878 leaves unused.", zeros(descriptor_bits=16)),
        ("window", "zstd", "A window of 1 KiB: not a single segment.", zeros(window=0)),
        ("window_128_kib", "zstd", "A window as large as a frame may be.", zeros(window=7 << 3)),
        ("window_largest", "zstd", "The largest window there is.", zeros(window=255)),
        ("checksum", "zstd", "A content checksum, which is right.",
         zeros(checksum=True) + frames.ZEROS_1000_CHECKSUM),
        ("checksum_absent", "zstd", "A content checksum is promised and missing.", zeros(checksum=True)))


def bodies():
    head = frames.header(1000)
    run = frames.rle_block
    good = head + run(0, 1000)
    return (
        ("skippable", "zstd", "A skippable frame only.", frames.skippable_frame(bytes(12))),
        ("skippable_before", "zstd", "A skippable frame before it.", frames.skippable_frame(b"hidden") + good),
        ("skippable_behind", "zstd", "A skippable frame behind it.", good + frames.skippable_frame(b"hidden")),
        ("two", "zstd_content_131073", "Two frames that together have the size, the first one too small.",
         frames.run_frames(0, 500) + frames.run_frames(0, 500)),
        ("twice", "zstd", "The frame twice.", good + good),
        ("empty_frame_behind", "zstd", "An empty frame behind it.",
         good + frames.header(0, size_bytes=1) + frames.raw_block(b"")),
        ("empty_frame_before", "zstd", "An empty frame before it.",
         frames.header(0, size_bytes=1) + frames.raw_block(b"") + good),
        ("byte_behind", "zstd", "A zero byte behind it.", good + b"\x00"),
        ("cut", "zstd", "Its last byte is missing.", good[:-1]),
        ("no_block", "zstd", "No block.", head),
        ("no_last_block", "zstd_blocks", "No block is the last one.", head + run(0, 1000, False)),
        ("too_little", "zstd", "Its blocks have one byte less than it says.", head + run(0, 999)),
        ("too_little_first", "zstd", "A first frame of one byte less than it says, and a second one of that byte.",
         head + run(0, 999) + frames.run_frames(0, 1)),
        ("too_much", "zstd", "Its blocks have one byte more than it says.", head + run(0, 1001)),
        ("too_much_later", "zstd_blocks", "Its second block has one byte more than is left.",
         head + run(0, 999, False) + run(0, 2)),
        ("bomb", "zstd", "Its blocks have 128 times what it says.", head + run(0, 1 << 17)),
        ("block_reserved", "zstd", "A block of the reserved type with 1,000 bytes.",
         head + frames.block(3, 1000, ZEROS)),
        ("block_reserved_run", "zstd", "A block of the reserved type with one byte.",
         head + frames.block(3, 1000, b"\x00")),
        ("block_beyond", "zstd", "A raw block that ends behind the frame.", head + frames.block(0, 1000, bytes(999))),
        ("too_long", "zstd_longest_frame", "A frame of 132,099 bytes.", padded(44026)))


def wrong():
    for fields in (*headers(), *bodies()):
        yield refused(*fields)
    most = frames.CONTENT
    yield refused("content_131073", "zstd_content_131073", "131,073 bytes in one frame, in blocks of at most 131,072.",
                  frames.joined(most + 1, (1, most, b"\x00"), (1, 1, b"\x00")), bytes(most + 1))
    yield refused("content_131071", "zstd_content_131073", "A first frame of one byte less than it must have.",
                  frames.run_frames(0, most - 1) + frames.run_frames(0, 2), bytes(most + 1))
    yield refused("9_mib", "zstd_9_mib", "9 MiB in one frame: a single segment, its window all of it.",
                  frames.joined(72 * most, *[(1, most, bytes([i])) for i in range(72)]),
                  b"".join(bytes([i]) * most for i in range(72)))
    yield refused("block_above_128_kib", "zstd_content_131072", "A run-length block of 131,073 bytes.",
                  frames.joined(most + 1, (1, most + 1, b"\x00")), bytes(most + 1))
    yield invalid("segment.frame", "raw", "Raw bytes said to be zstd.", build(kept(content=Data(b"1234", b"1234"))),
                  "stored_only")


def cases():
    yield from right()
    yield from wrong()
