# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that break a rule of segments: which is whose, padding, digests, Zstandard frames."""

import frames
from bases import BETAS, kept, one, several
from cases import invalid, put
from cases_valid_container import ZEROS, framed
from container import build
from model import Data, floats, generated, generator, model, sine, stored, stored_theta0, tensor
from specification import spec


def broken(rule, what, description, m, twin, **changes):
    return invalid(rule, what, description, build(m, **changes), twin)


def bytes_tensors(*contents):
    return model(tensors=[tensor(f"t{i}", (len(content),), stored(content), "u8")
                          for i, content in enumerate(contents)])


def segment_of(index, value):
    return put("tensors", index, "source", 1, "segment", value=value)


def references():
    yield broken("segment.reference", "beyond", "Segment 1 of 1.", kept(), "stored_only", edit=segment_of(0, 1))
    yield broken("segment.reference", "max", "Segment 2^32 - 1.", kept(), "stored_only", edit=segment_of(0, 2**32 - 1))
    yield broken("segment.reference", "twice", "One segment of two tensors.", bytes_tensors(b"12"), "shared_stored",
                 edit=lambda m: m["tensors"].append({**m["tensors"][0], "name": b"t1"}))

    def swapped(m):
        m["tensors"][0]["source"][1]["segment"], m["tensors"][1]["source"][1]["segment"] = 1, 0

    yield broken("segment.reference", "order", "The first tensor has the second segment.", bytes_tensors(b"12", b"34"),
                 "stored_dtypes", edit=swapped)

    def beta_first(m):
        m["codes"][0].update(alpha_segment=1, beta_segment=0)

    yield broken("segment.reference", "beta_first", "beta before alpha.", one(beta=BETAS), "beta_f32", edit=beta_first)

    def unused(m):
        m["tensors"].pop()

    yield broken("segment.reference", "unused", "A last segment that nothing refers to.", bytes_tensors(b"12", b"34"),
                 "stored_dtypes", edit=unused)
    yield broken("segment.reference", "unused_first", "A first segment that nothing refers to.",
                 bytes_tensors(b"12", b"34"), "stored_dtypes", edit=lambda m: m["tensors"].pop(0))


def sizes():
    def weights(count):
        return one(generators=[generator(sine(8, weights=[1] * count))])

    def theta0(count):
        return one(generated(0, 0, stored_theta0(floats([0.5] * count))))

    for what, m, twin in (
            ("weights_short", weights(23), "stored_weights_first"),
            ("weights_long", weights(25), "stored_weights_first"),
            ("alpha_short", one(alpha=Data(b"x" * 5), chunks=2), "one_sine"),
            ("alpha_long", one(alpha=Data(b"x" * 7), chunks=2), "one_sine"),
            ("alpha_int8_for_int16", one(alpha=Data(b"x" * 6), chunks=2, alpha_type=1), "alpha_int16_small"),
            ("alpha_bits", one(alpha=Data(b"x" * 3), chunks=2), "one_sine"),
            ("beta_one", one(beta=BETAS[:4]), "beta_f32"),
            ("beta_f32_for_f16", one(beta=BETAS, beta_type=1), "beta_f16"),
            ("stored_short", kept(content=b"123"), "stored_only"),
            ("stored_long", kept(content=b"12345"), "stored_only"),
            ("stored_empty", kept(content=b""), "stored_only"),
            ("theta0_short", theta0(15), "theta0_stored_f32"), ("theta0_long", theta0(17), "theta0_stored_f32")):
        yield broken("segment.size", what, "A segment of another size than its user needs.", m, twin)


def padding_and_digests():
    def flipped(*positions):
        def flip(data):
            for at in positions:
                data[at] ^= 1
            return data
        return flip

    three = bytes_tensors(b"12345", b"12345", b"12345")
    offsets = [s["offset"] for s in build(three).manifest["segments"]]
    yield broken("segment.padding", "after_manifest", "A bit behind the manifest.", three, "segment_fills_64",
                 file=flipped(offsets[0] - 1))
    yield broken("segment.padding", "first_byte", "A bit right behind the first segment.", three, "segment_fills_64",
                 file=flipped(offsets[0] + 5))
    yield broken("segment.padding", "last_byte", "A bit right before the last segment.", three, "segment_fills_64",
                 file=flipped(offsets[2] - 1))
    empty_last = model(tensors=[tensor("a", (5,), stored(b"12345"), "u8"), tensor("b", (0,), stored(b""), "u8")])
    yield broken("segment.padding", "before_empty_last", "A bit before an empty segment, in the last byte of the file.",
                 empty_last, "segment_empty_last", file=flipped(-1))

    yield broken("segment.digest", "raw", "A flipped bit of a raw segment.", three, "segment_fills_64",
                 file=flipped(offsets[1]))
    yield broken("segment.digest", "last_bit", "A flipped bit in the last byte of the file.", three, "segment_fills_64",
                 file=flipped(-1))
    yield broken("segment.digest", "exchanged", "Two segments of equal size stand in each other's place.",
                 bytes_tensors(b"12345", b"abcde"), "segment_fills_64",
                 edit=lambda m: m["segments"].reverse())
    frame = frames.raw_frame(ZEROS)
    yield invalid("segment.digest", "zstd", "A flipped bit of a zstd segment.",
                  build(kept(shape=(1000,), content=Data(ZEROS, frame), dtype="u8"), file=flipped(-1)), "zstd")
    yield invalid("segment.digest", "decoded", "The digest of the decoded instead of the stored bytes.",
                  build(kept(shape=(1000,), content=Data(ZEROS, frame), dtype="u8"),
                        edit=put("segments", 0, "digest", value=spec.sha256(ZEROS))), "zstd")
    yield broken("segment.digest", "absent", "Zeros for a digest.", kept(), "stored_only",
                 edit=put("segments", 0, "digest", value=bytes(32)))
    yield broken("segment.digest", "of_alpha", "A flipped bit of alpha.", several(), "several",
                 file=flipped(build(several()).manifest["segments"][0]["offset"]))


def frame_headers():
    def zeros(content_size=1000, **options):
        return frames.header(content_size, **options) + frames.rle_block(0, 1000)

    return (
        ("magic", "zstd", "The magic of a legacy frame.", b"\x27" + zeros()[1:]),
        ("magicless", "zstd", "A frame without its magic.", zeros()[4:]),
        ("gzip", "zstd", "A gzip member.", bytes.fromhex("1f8b08000000000002030300000000000000000000")),
        ("5_bytes", "zstd", "A frame cut in its header.", zeros()[:5]),
        ("no_size", "zstd_window", "No content size.", zeros(window=0, size_bytes=0)),
        ("size_unknown", "zstd_size_8_bytes", "A content size of 2^64 - 1.", zeros(2**64 - 1, size_bytes=8)),
        ("size_less", "zstd", "A content size of one byte less.", zeros(999)),
        ("size_more", "zstd", "A content size of one byte more.", zeros(1001)),
        ("size_2_32", "zstd_size_8_bytes", "A content size 2^32 too high.", zeros(2**32 + 1000, size_bytes=8)),
        ("size_256", "zstd_size_2_bytes", "A two-byte content size from which 256 was not taken.",
         zeros(1256, size_bytes=2)),
        ("size_wraps", "zstd_size_1_byte", "A one-byte content size of 1000 mod 256.", zeros(size_bytes=1)),
        ("dictionary_1_byte", "zstd", "A dictionary id.", zeros(descriptor_bits=1, dictionary=b"\x07")),
        ("dictionary_4_bytes", "zstd", "A long dictionary id.",
         zeros(descriptor_bits=3, dictionary=b"\x07\x00\x00\x00")),
        ("dictionary_0", "zstd", "A dictionary id of 0, which says none.",
         zeros(descriptor_bits=1, dictionary=b"\x00")),
        ("reserved_bit", "zstd_unused_bit", "The reserved bit.", zeros(descriptor_bits=8)),
        ("window_9_mib", "zstd_window_8_mib", "A window of 9 MiB.", zeros(window=13 << 3 | 1)),
        ("window_largest", "zstd_window_8_mib", "The largest window there is.", zeros(window=255)),
        ("skippable", "zstd", "A skippable frame only.", frames.skippable_frame(bytes(12))),
        ("skippable_before", "zstd", "A skippable frame before it.", frames.skippable_frame(b"hidden") + zeros()))


def frame_bodies():
    head = frames.header(1000)
    run = frames.rle_block
    good = head + run(0, 1000)
    return (
        ("skippable_behind", "zstd", "A skippable frame behind it.", good + frames.skippable_frame(b"hidden")),
        ("two", "zstd", "Two frames that together have the size.",
         frames.header(500) + run(0, 500) + frames.header(500) + run(0, 500)),
        ("twice", "zstd", "The frame twice.", good + good),
        ("empty_frame_behind", "zstd", "An empty frame behind it.",
         good + frames.header(0, size_bytes=1) + frames.raw_block(b"")),
        ("byte_behind", "zstd", "A zero byte behind it.", good + b"\x00"),
        ("cut", "zstd", "Its last byte is missing.", good[:-1]),
        ("no_block", "zstd", "No block.", head),
        ("no_last_block", "zstd_blocks", "No block is the last one.", head + run(0, 1000, False)),
        ("too_little", "zstd", "Its blocks have one byte less than it says.", head + run(0, 999)),
        ("too_much", "zstd", "Its blocks have one byte more than it says.", head + run(0, 1001)),
        ("bomb", "zstd", "Its blocks have 128 times what it says.", head + run(0, 1 << 17)),
        ("block_reserved", "zstd", "A block of the reserved type.", head + frames.block(3, 1, b"\x00")),
        ("block_beyond", "zstd", "A raw block that ends behind the frame.", head + frames.block(0, 1000, bytes(999))),
        ("checksum", "zstd_checksum", "A wrong content checksum.", frames.header(1000, checksum=True) + run(0, 1000)
         + bytes(4)),
        ("checksum_absent", "zstd_checksum", "A content checksum is promised and missing.",
         frames.header(1000, checksum=True) + run(0, 1000)),
        ("huffman", "zstd_compressed", "A damaged Huffman table.",
         frames.COMPRESSED_FRAME[:13] + b"\xff\xff\xff" + frames.COMPRESSED_FRAME[16:]))


def zstandard():
    for what, twin, description, frame in (*frame_headers(), *frame_bodies()):
        decoded = frames.COMPRESSED_BYTES if what == "huffman" else ZEROS
        yield invalid("segment.frame", what, description, framed(frame, decoded), twin)
    yield invalid("segment.frame", "block_above_window", "A run-length block larger than the window of 1 KiB.",
                  framed(frames.header(3000, window=0) + frames.rle_block(0, 3000), bytes(3000)), "zstd_window")
    yield invalid("segment.frame", "block_above_128_kib", "A run-length block larger than 128 KiB.",
                  framed(frames.header(300000) + frames.rle_block(0, 300000), bytes(300000)), "zstd")
    yield broken("segment.frame", "raw", "Raw bytes said to be zstd.", kept(content=Data(b"1234", b"1234")),
                 "stored_only")


def cases():
    yield from references()
    yield from sizes()
    yield from padding_and_digests()
    yield from zstandard()
