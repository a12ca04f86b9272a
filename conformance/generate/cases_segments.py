# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that break a rule of segments: which is whose, padding, digests."""

import frames
from bases import BETAS, kept, one, several
from cases import invalid, put
from cases_zstd import ZEROS
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


def cases():
    yield from references()
    yield from sizes()
    yield from padding_and_digests()
