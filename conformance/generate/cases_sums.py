# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that break a rule of metadata, budget, identity, fingerprint or tensor digest."""

import fractions
import hashlib
import struct

from bases import ALPHA, family, kept, large_layers, one, one_float, pair, several
from cases import invalid, put
from cases_valid_numbers import FUSED_ALPHA, FUSED_BETA, FUSED_THETA0, fused, subnormal
from container import build
from model import (codes, entry, float_identity, float_sine, floats, generated, generator, model, run, shared, sine,
                   stored, stored_theta0, tensor, uniform, zstd)
from specification import spec

KEYS = (
    ("empty", b""), ("one_word", b"general"), ("first_dot", b".a"), ("last_dot", b"a."), ("two_dots", b"a..b"),
    ("dot", b"."), ("upper_case", b"general.Name"), ("space", b"a.b c"), ("hyphen", b"a.b-c"), ("slash", b"a/b.c"),
    ("nul", b"a.b\x00"), ("unicode", "a.\u00e9".encode("utf-8")), ("257_bytes", b"a." + b"b" * 255))


def broken(rule, what, description, m, twin, **changes):
    return invalid(rule, what, description, build(m, **changes), twin)


def metadata():
    def described(*entries):
        return kept(metadata=entries)

    for what, key in KEYS:
        yield broken("metadata.key", what, f"A key of {key[:16]!r}{'...' * (len(key) > 16)}.",
                     described(entry(key, "Integer", 1)),
                     "metadata_key_256_bytes" if len(key) > 16 else "metadata_key_words")
    for what, description, keys in (("duplicate", "A key twice.", ("a.b", "a.b")),
                                    ("descending", "a.c before a.b.", ("a.c", "a.b")),
                                    ("prefix", "a.bc before a.b.", ("a.bc", "a.b")),
                                    ("words", "Sorted by words: a.b before a_.b is right.", ("a_.b", "a.b"))):
        yield broken("metadata.order", what, description, described(*[entry(key, "Integer", 1) for key in keys]),
                     "metadata_key_words")
    for what, text, twin in (
            ("65537_bytes", b"t" * 65537, "metadata_text_65536_bytes"), ("nul", b"a\x00b", "metadata_text_any"),
            ("latin_1", b"caf\xe9", "metadata_text_any"),
            ("surrogates", b"\xed\xa0\xbe\xed\xb7\xa0", "metadata_text_any"),
            ("overlong_nul", b"\xc0\x80", "metadata_text_any"), ("cut_short", b"\xf0\x9f\xa7", "metadata_text_any")):
        yield broken("metadata.text", what, f"A text of {text[:16]!r}{'...' * (len(text) > 16)}.",
                     described(entry("a.b", "Text", text)), twin)
    for what, value in (("nan", float("nan")), ("inf", float("inf")), ("minus_inf", float("-inf"))):
        yield broken("metadata.real", what, f"A real of {value}.", described(entry("a.b", "Real", value)),
                     "metadata_extremes")


def budget():
    for name in ("output_bytes", "multiply_adds", "scratch_bytes"):
        for what, change in (("less", -1), ("more", 1), ("2_32_more", 1 << 32)):
            yield broken("budget.exact", f"{name}_{what}", f"{name} is {change:+} off.", several(), "several",
                         late=lambda m, name=name,
                         change=change: m["budget"].update({name: m["budget"][name] + change}))
    yield broken("budget.exact", "max", "Every number is 2^64 - 1.", several(), "several",
                 late=lambda m: m["budget"].update({name: 2**64 - 1 for name in m["budget"]}))
    yield broken("budget.exact", "zero", "Every number is 0.", several(), "several",
                 late=lambda m: m["budget"].update({name: 0 for name in m["budget"]}))
    yield broken("budget.exact", "shared_left_out", "Shared tensors are not counted.", several(), "several",
                 late=lambda m: m["budget"].update(output_bytes=m["budget"]["output_bytes"] - 24))
    large = tensor("t00", (2**59,), stored(zstd(b"\x00")), "u8")
    tied = [tensor(f"t{i:02}", (2**59,), shared(0), "u8") for i in range(1, 32)]
    yield broken("budget.exact", "output_bytes_wraps", "32 tensors of 2^59 bytes: the sum is 2^64, the budget says 0.",
                 model(tensors=[large, *tied]), "shared_twice", edit=put("segments", 0, "decoded_length", value=2**59))

    def layers(m):
        for layer in m["generators"][0]["layers"]:
            layer["width"] = 2**28
        m["codes"][0]["chunks"] = 2**10
        m["tensors"][0]["shape"] = [2**38]
        m["segments"][0]["decoded_length"] = 3 * 2**10

    yield broken("budget.exact", "multiply_adds_wraps", "2^10 chunks of a generator with 2^56 weights and more.",
                 model([generator(sine(8), sine(8))], [codes(run(1, 6), chunks=2)], [tensor("w", (16,), generated())]),
                 "layers_2", edit=layers)


def float_budget():
    """What careless writers leave out, or count once too little or too much."""
    def off(what, description, m, twin, name, change):
        return broken("budget.exact", what, description, m, twin,
                      late=lambda m: m["budget"].update({name: m["budget"][name] + change}))

    yield off("shared_for_nothing", "A tied tensor is made for nothing.", several(), "several", "multiply_adds", -24)
    two = model([generator(sine(8))], [codes(ALPHA)],
                [tensor("a", (4,), generated()), tensor("b", (12,), generated(0, 4))])
    yield off("chunk_once", "A chunk that two tensors take part of is made once.", two, "flat", "multiply_adds", -24)
    yield off("product_free", "The product itself is made for nothing.", family(), "family", "multiply_adds", -12)
    yield off("factors_once", "Factors are made for themselves, and not once more for their product.", family(),
              "family",
              "multiply_adds", -96)
    yield off("factors_in_output", "Factors are counted as output.", pair(), "product", "output_bytes", 40)


def scratch_budget():
    """Other ideas of what a decoder holds at a time."""
    def off(what, description, m, twin, change, **options):
        def edit(m):
            m["budget"]["scratch_bytes"] += change(m) if callable(change) else change

        return broken("budget.exact", f"scratch_{what}", description, m, twin, late=edit, **options)

    def own(m):
        return [spec.scratch_of(m, t) for t in m["tensors"]]

    start = one(generated(0, 0, stored_theta0(floats([0.5] * 16))))
    yield off("every_segment", "Segments of all tensors at a time.", several(), "several",
              lambda m: sum(s["decoded_length"] for s in m["segments"])
              - sum(m["segments"][i]["decoded_length"] for i in spec.shared_segments(m)))
    yield off("every_tensor", "What each of the tensors takes, added up.", several(), "several",
              lambda m: sum(own(m)) - max(own(m)))
    yield off("no_tensor", "What tensors share and nothing else.", several(), "several", lambda m: -max(own(m)))
    yield off("codes_dropped", "Codes are let go with the tensor.", several(), "several",
              lambda m: -sum(m["segments"][c["alpha_segment"]]["decoded_length"] for c in m["codes"]))
    yield off("theta0_streamed", "A stored theta0 takes no memory.", start, "theta0_stored_f32", -64)
    yield off("outputs_streamed", "The outputs of a code take no memory.", one(), "one_sine", -256)
    yield off("factors_streamed", "The elements of factors take no memory.", pair(), "product", -40)
    yield off("factors_in_turn", "What the second factor is made of takes the place of what the first one is made of.",
              pair(), "product", -16)
    yield off("weights_as_bytes", "float32 weights take a byte.", one_float(), "float_one_sine", -576)
    yield off("weights_exact", "Weights not in blocks of 64 outputs.", one_float(), "float_one_sine", -672)
    yield off("bias", "A bias takes no memory.", one_float(float_sine(8, bias=[0.5] * 8)), "float_bias", -256)
    yield off("bf16_weights_as_stored", "bfloat16 weights take 2 bytes when expanded.",
              one_float(float_sine(8, weights=[0.5] * 24, kind="bf16")), "float_weights_bf16", -384)
    for what, description, change in (
            ("drawn_kept", "Every weight of a large drawn layer is kept.", 4 * 4096),
            ("drawn_free", "A large drawn layer takes no memory.", -4 * 2**24)):
        yield off(what, description, large_layers()["drawn"], "float_one_sine", change, expands=False)


def identity():
    def changed(change):
        return lambda m: m.update(weights_identity=change(m))

    for what, description, change in (
            ("bit", "A flipped bit.", lambda m: bytes([m["weights_identity"][0] ^ 1]) + m["weights_identity"][1:]),
            ("absent", "Zeros.", lambda m: bytes(32)),
            ("without_start", "A hash without mcnc-weights-v1.", lambda m: without_start(m["tensors"])),
            ("without_shape", "A hash that leaves out the shapes.",
             lambda m: spec.weights_identity([{**t, "shape": []} for t in m["tensors"]])),
            ("of_none", "The identity of no tensors.", lambda m: spec.weights_identity([]))):
        yield broken("manifest.identity", what, description, several(), "several", late=changed(change))
    yield broken("manifest.identity", "with_factors", "The identity of all tensors, factors included.", pair(),
                 "product",
                 late=changed(lambda m: spec.weights_identity(m["tensors"])))
    yield broken("manifest.identity", "renamed", "A tensor was renamed.", kept(), "stored_only",
                 late=put("tensors", 0, "name", value=b"norn"))


def without_start(tensors):
    data = b"".join(spec.le(len(t["name"]), 4) + t["name"] + spec.le(t["dtype"], 1) + spec.le(len(t["shape"]), 4)
                    + b"".join(spec.le(n, 8) for n in t["shape"]) + t["digest"] for t in tensors)
    return hashlib.sha256(data).digest()


def fingerprints():
    rule, path = "generator.fingerprint", ("generators", 0, "fingerprint")
    g = build(one()).manifest["generators"][0]
    weights = spec.expand(g, 1, {})
    only = b"".join(spec.le(w % 256, 1) for w in weights[0])
    outputs = [spec.phi(g, weights, alpha) for alpha in spec.probes(g, 1)]
    probewise = b"".join(spec.le(y % 2**32, 4) for probe in outputs for y in probe)
    yield broken(rule, "absent", "Zeros.", one(), "one_sine", edit=put(*path, value=bytes(32)))
    for what, description, data in (("weights_only", "A hash of the weights without the probes.", only),
                                    ("with_weights", "A hash of the weights, then of the probes.", only + probewise),
                                    ("probe_by_probe", "All outputs of a probe before the next probe.", probewise)):
        yield broken(rule, what, description, one(), "one_sine", edit=put(*path, value=spec.sha256(data)))
    yield broken(rule, "three_probes", "A hash of three probes.", one(), "one_sine",
                 edit=put(*path, value=spec.sha256(b"".join(spec.le(outputs[t][j] % 2**32, 4)
                                                            for j in range(8) for t in range(3)))))
    yield broken(rule, "seed", "Another seed.", one(), "one_sine", edit=put("generators", 0, "seed", value=2))
    yield broken(rule, "seed_high_word", "Another high word of the seed.", one(), "one_sine",
                 edit=put("generators", 0, "seed", value=1 + 2**32))
    yield broken(rule, "frequency", "Another frequency.", one(), "one_sine",
                 edit=put("generators", 0, "layers", 0, "frequency", value=(1 << 18) + 1))
    yield broken(rule, "second", "Another seed of the second generator.", several(), "several",
                 edit=put("generators", 1, "seed", value=8))


def fuse(theta0, beta, g):
    """theta0 + beta * g rounded once, as a fused multiply-add does."""
    exact = fractions.Fraction(theta0) + fractions.Fraction(beta) * g
    near = spec.f32(float(exact))  # may be off by the double rounding; its neighbours are looked at too
    bits = spec.uint(struct.pack("<f", near), 0, 4)
    around = [struct.unpack("<f", spec.le(bits + i, 4))[0] for i in (-1, 0, 1)]
    return min(around, key=lambda x: abs(fractions.Fraction(x) - exact))


def digests():
    rule = "tensor.digest"

    def digest_of(data, index=0):
        return put("tensors", index, "digest", value=spec.tensor_digest(data))

    norm = b"\x00\x3c\x00\x38"
    for what, description, digest in (
            ("absent", "Zeros.", bytes(32)),
            ("sha256", "A SHA-256 without the byte that marks a leaf.", spec.sha256(norm)),
            ("node", "A leaf hashed as a node.", spec.sha256(b"\x01" + norm)),
            ("of_nothing", "The digest of no bytes.", spec.tensor_digest(b"")),
            ("big_endian", "The digest of big-endian elements.", spec.tensor_digest(b"\x3c\x00\x38\x00"))):
        yield broken(rule, what, description, kept(), "stored_only", edit=put("tensors", 0, "digest", value=digest))
    yield broken(rule, "empty_leaf", "An empty tensor with the digest of one empty leaf.",
                 kept(shape=(0,), content=b""),
                 "segment_empty_only", edit=put("tensors", 0, "digest", value=spec.sha256(b"\x00")))

    leaf = spec.sha256(b"\x00" + b"\xa5" * 65536)
    node = spec.sha256(b"\x01" + leaf + leaf)
    three = kept(shape=(3 * 65536,), content=run(0xA5, 3 * 65536), dtype="u8")
    for what, description, digest in (
            ("tree_right", "Three leaves, of which the last two are joined first.", spec.sha256(b"\x01" + leaf + node)),
            ("tree_doubled", "Three leaves, the last one twice.",
             spec.sha256(b"\x01" + node + node)),
            ("tree_flat", "All bytes as one leaf.", spec.sha256(b"\x00" + b"\xa5" * 3 * 65536))):
        yield broken(rule, what, description, three, "leaves_3", edit=put("tensors", 0, "digest", value=digest))

    values = [fuse(FUSED_THETA0, FUSED_BETA, code[0]) for code in FUSED_ALPHA]
    yield broken(rule, "fused", "The weights that a fused multiply-add gives.", fused(), "sum_unfused",
                 edit=digest_of(struct.pack("<4f", *values)))
    yield broken(rule, "flushed", "The weights that flushing subnormal numbers to zero gives.", subnormal(),
                 "sum_subnormal", edit=digest_of(bytes(16)))
    yield broken(rule, "cut_f16", "float16 weights cut instead of rounded.", one(dtype="f16"), "output_f16",
                 edit=digest_of(cut_to_f16(decoded(one())[0])))
    late_theta0 = model([generator(sine(8))], [codes(ALPHA)],
                        [tensor("a", (8,), generated()), tensor("b", (8,), generated(0, 8, uniform()))])
    yield broken(rule, "theta0_by_position", "theta0 drawn at the place in the codes table, not in the tensor.",
                 late_theta0, "theta0_uniform_streams",
                 edit=digest_of(decoded(one(generated(0, 0, uniform())))[0][32:], 1))
    yield broken(rule, "second", "One of several tensors, and the one tied to it.", several(), "several",
                 edit=lambda m: [m["tensors"][i].update(digest=bytes(range(32))) for i in (1, 6)])


def decoded(m):
    limits = dict.fromkeys(("output_bytes", "multiply_adds", "scratch_bytes"), 1 << 20)
    return [data for name, data in spec.decode_file(build(m).data, limits)]


def cut_to_f16(data):
    """f32 to f16 by dropping the lowest bits."""
    words = [spec.uint(data, at, 4) & 0xFFFFE000 for at in range(0, len(data), 4)]
    return b"".join(spec.le(spec.narrow(struct.unpack("<f", spec.le(word, 4))[0], 5, 10), 2) for word in words)


def cases():
    yield from metadata()
    yield from budget()
    yield from float_budget()
    yield from scratch_budget()
    yield from identity()
    yield from fingerprints()
    yield from digests()
