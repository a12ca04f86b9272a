# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that break a rule of the preamble or of placement."""

from bases import family, kept, one, several
from builder import find
from cases import invalid, put
from container import build
from model import Data, model, stored, tensor
from specification import spec

NOT_MAGIC = (
    ("line_ends_unix", "CR LF became LF, as in a text transfer.", bytes.fromhex("8d4d434e430a1a00")),
    ("line_ends_cr", "CR LF became CR.", bytes.fromhex("8d4d434e430d1a00")),
    ("seven_bits", "The high bit was lost.", bytes.fromhex("0d4d434e430d0a1a")),
    ("last_byte", "Its last byte differs.", bytes.fromhex("8d4d434e430d0a1b")),
    ("reversed", "Its bytes stand in the order of a big-endian number.", bytes.fromhex("1a0a0d434e434d8d")),
    ("zeros", "Eight zero bytes.", bytes(8)),
)


def preamble():
    base = build(one()).data
    start = spec.MAGIC

    def changed(**fields):
        return build(one(), preamble=fields)

    def replaced(content):
        return build(one(), file=lambda data: content)

    for what, description, magic in NOT_MAGIC:
        yield invalid("container.magic", what, f"No signature: {description}", changed(magic=magic), "one_sine")
    yield invalid("container.magic", "in_5_bytes", "A wrong start of 5 bytes: not a short file of this format.",
                  replaced(b"\x8dMCNX"), "one_sine")
    yield invalid("container.short", "0_bytes", "An empty file.", replaced(b""), "empty")
    yield invalid("container.short", "5_bytes", "The signature, cut.", replaced(start[:5]), "one_sine")
    yield invalid("container.short", "63_bytes", "A preamble, cut.", replaced(base[:63]), "one_sine")
    for what, major in (("0", 0), ("2", 2), ("big_endian", 256)):
        yield invalid("container.version", what, f"Major version {major}.", changed(major=major), "minor_65535")
    for what, features in (("bit_0", 1), ("bit_31", 1 << 31), ("all", 2**32 - 1)):
        yield invalid("container.features", what, f"Required features {features:#x}.", changed(features=features),
                      "minor_7")

    end = len(base)
    for what, manifest_length, file_length, twin in (
            ("0", 0, end, "one_sine"), ("above_16_mib", (1 << 24) + 1, 1 << 32, "one_sine"),
            ("max", 2**64 - 1, end, "one_sine"), ("beyond_file", end - 63, end, "empty"),
            ("beyond_claimed_file", 512, 575, "one_sine"), ("sum_wraps", 512, 63, "one_sine"),
            ("both_max", 2**64 - 1, 2**64 - 1, "one_sine"), ("sum_wraps_to_0", 2**64 - 64, end, "one_sine"),
            ("low_word_fits", (1 << 32) + 448, 1 << 40, "one_sine")):
        yield invalid("container.manifest_length", what, f"Manifest of {manifest_length}, file of {file_length} bytes.",
                      changed(manifest_length=manifest_length, file_length=file_length), twin)
    yield invalid("container.truncated", "16_mib_manifest",
                  "A manifest of 16 MiB, as long as allowed, that is not there.",
                  changed(manifest_length=1 << 24, file_length=64 + (1 << 24)), "one_sine")
    yield invalid("container.truncated", "file_length_max", "A file length of 2^64 - 1.",
                  changed(file_length=2**64 - 1), "one_sine")
    manifest_end = 64 + spec.uint(base, 16, 8)
    for what, size in (("after_preamble", 64), ("in_manifest", 200), ("after_manifest", manifest_end),
                       ("in_padding", manifest_end + 1), ("in_segment", end - 3), ("last_byte", end - 1)):
        yield invalid("container.truncated", what, f"Cut after {size} of {end} bytes.", replaced(base[:size]),
                      "one_sine")
    for what, description, more in (
            ("zero", "One zero byte behind the end.", b"\x00"), ("line_end", "A line end behind the end.", b"\r\n"),
            ("concatenated", "The same file twice.", base),
            ("zip", "An empty ZIP archive behind the end: a polyglot.", b"PK\x05\x06" + bytes(18))):
        yield invalid("container.trailing", what, description, replaced(base + more), "one_sine")


def digest():
    def flipped(at):
        def flip(data):
            data[at] ^= 1
            return data
        return build(one(), file=flip)

    manifest = build(one()).data[64:]
    manifest = manifest[:spec.uint(build(one()).data, 16, 8)]
    yield invalid("container.digest", "manifest_bit", "A flipped bit of the manifest.", flipped(100), "one_sine")
    yield invalid("container.digest", "digest_bit", "A flipped bit of the digest.", flipped(63), "one_sine")
    yield invalid("container.digest", "minor", "Another minor version under the old digest.", flipped(10), "minor_7")
    yield invalid("container.digest", "manifest_only", "The digest of the manifest without the preamble.",
                  build(one(), preamble={"digest": spec.sha256(manifest)}), "one_sine")
    yield invalid("container.digest", "absent", "Zeros for a digest.", build(one(), preamble={"digest": bytes(32)}),
                  "one_sine")


def placement():
    def three(late):
        return build(model(tensors=[tensor(name, (5,), stored(b"12345"), "u8") for name in "abc"]), late=late)

    def moved(index, by):
        def late(m):
            m["segments"][index]["offset"] = (m["segments"][index]["offset"] + by) % 2**64
        return late

    yield invalid("segment.offset", "gap", "64 bytes more than needed before the last segment.", three(moved(2, 64)),
                  "segment_empty_last")
    yield invalid("segment.offset", "gap_first", "64 bytes more than needed after the manifest.",
                  build(kept(), late=moved(0, 64)), "stored_only")
    yield invalid("segment.offset", "unaligned", "8 bytes behind a multiple of 64.", build(kept(), late=moved(0, 8)),
                  "stored_only")
    yield invalid("segment.offset", "packed", "The second segment right behind the first.", three(moved(1, -59)),
                  "segment_fills_64")
    yield invalid("segment.offset", "overlap", "Two segments at one place.", three(moved(1, -64)), "segment_fills_64")
    yield invalid("segment.offset", "in_manifest", "A segment within the manifest.",
                  build(kept(), late=put("segments", 0, "offset", value=64)), "stored_only")
    yield invalid("segment.offset", "zero", "An offset of 0.",
                  build(kept(), late=put("segments", 0, "offset", value=0)),
                  "stored_only")
    yield invalid("segment.offset", "beyond_file", "Beyond the end of the file.", build(kept(), late=moved(0, 2**40)),
                  "stored_only")
    yield invalid("segment.offset", "low_word_right", "2^32 too far.", build(kept(), late=moved(0, 2**32)),
                  "stored_only")

    def order(m):
        m["segments"][1]["offset"], m["segments"][2]["offset"] = (m["segments"][2]["offset"],
                                                                  m["segments"][1]["offset"])

    yield invalid("segment.offset", "order", "The last two segments stand in the other order.", three(order),
                  "segment_fills_64")

    def lengths(value):
        def edit(m):
            m["segments"][0].update(stored_length=value, decoded_length=value)
        return edit

    yield invalid("segment.offset", "length_beyond_file", "A stored length one byte beyond the file.",
                  build(kept(), late=lengths(5)), "stored_only")
    yield invalid("segment.offset", "length_max", "A stored length of 2^64 - 1: its end wraps.",
                  build(kept(), late=lengths(2**64 - 1)), "stored_only")
    yield invalid("segment.end", "tail", "Bytes of the file behind the last segment, zero.",
                  build(kept(), late=lengths(3)), "stored_only")
    yield invalid("segment.end", "no_segments", "A byte behind a manifest without segments.",
                  build(model(), preamble={"file_length": len(build(model()).data) + 1},
                        file=lambda data: data + b"\x00"), "empty")
    yield invalid("segment.end", "padding_after_last", "The last segment is padded to a multiple of 64.",
                  build(kept(), preamble={"file_length": len(build(kept()).data) + 60},
                        file=lambda data: data + bytes(60)), "stored_only")


def length():
    yield invalid("segment.length", "raw", "A raw segment that decodes to more than is stored.",
                  build(kept(), edit=put("segments", 0, "decoded_length", value=5)), "stored_only")
    yield invalid("segment.length", "raw_max", "A raw segment that decodes to 2^64 - 1 bytes.",
                  build(kept(), edit=put("segments", 0, "decoded_length", value=2**64 - 1)), "stored_only")
    yield invalid("segment.length", "zstd_stored_0", "A zstd segment of no stored bytes.",
                  build(kept(content=Data(b"\x00\x3c\x00\x38", b""))), "stored_only")
    yield invalid("segment.length", "zstd_decoded_0", "A zstd segment that decodes to no bytes.",
                  build(kept(shape=(0,), content=Data(b"", bytes.fromhex("28b52ffd2000010000")))),
                  "segment_empty_only")


def unknown():
    def with_field(*path, m=several):
        """The field is there to be patched, also where it has its default value."""
        def nodes(root):
            find(root, *path[:-1]).fields.setdefault(path[-1], b"\x00")

        def patched(value):
            return build(m(), nodes=nodes,
                         patch=lambda buffer: buffer.data.__setitem__(buffer.field(*path), value))
        return patched

    for rule, what, words, path, values in (
            ("segment.encoding", "", "An encoding", ("segments", 1, "encoding"), (2, 255)),
            ("generator.arithmetic", "", "An arithmetic", ("generators", 1, "arithmetic"), (2, 255)),
            ("generator.activation_type", "", "An activation", ("generators", 1, "layers", 0, "activation"), (2, 255)),
            ("codes.type", "alpha_", "An alpha type", ("codes", 1, "alpha_type"), (5, 255)),
            ("codes.type", "beta_", "A beta type", ("codes", 0, "beta_type"), (3, 255)),
            ("tensor.dtype", "", "A tensor's dtype", ("tensors", 1, "dtype"), (15, 255)),
            ("tensor.dtype", "theta0_", "A stored theta0's dtype", ("tensors", 3, "source", "theta0", "dtype"), (15,)),
            ("tensor.dtype", "weights_", "A type of weights", ("generators", 0, "layers", 0, "weights_type"),
             (15, 255)),
            ("tensor.source", "", "A source", ("tensors", 4, "source_type"), (0, 5, 255)),
            ("tensor.theta0_type", "", "A theta0", ("tensors", 2, "source", "theta0_type"), (5, 255)),
            ("metadata.type", "", "A metadata value", ("metadata", 0, "value_type"), (0, 5, 255))):
        for value in values:
            yield invalid(rule, f"{what}{value}", f"{words} of type {value}.", with_field(*path)(value), "several")
    for rule, what, words, path, values in (
            ("generator.arithmetic", "float_", "An arithmetic", ("generators", 0, "arithmetic"), (2,)),
            ("codes.type", "float_alpha_", "An alpha type", ("codes", 0, "alpha_type"), (5,)),
            ("tensor.dtype", "base_", "The dtype of a base's tensor", ("tensors", 4, "source", "theta0", "dtype"),
             (15,)),
            ("tensor.dtype", "float_weights_", "A type of weights", ("generators", 0, "layers", 1, "weights_type"),
             (15,)),
            ("tensor.source", "product_", "A source", ("tensors", 4, "source_type"), (5,)),
            ("tensor.theta0_type", "product_", "A theta0", ("tensors", 4, "source", "theta0_type"), (5,))):
        for value in values:
            yield invalid(rule, f"{what}{value}", f"{words} of type {value}.", with_field(*path, m=family)(value),
                          "family")


def cases():
    yield from preamble()
    yield from digest()
    yield from placement()
    yield from length()
    yield from unknown()
