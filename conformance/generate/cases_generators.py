# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that break a rule of generators or codes."""

from bases import ALPHA, BETAS, one, several
from cases import invalid, put
from container import build
from model import (Data, bits, codes, floats, generated, generator, identity, model, run, sine, tensor)

NAN, INF = float("nan"), float("inf")


def broken(rule, what, description, m, twin, **changes):
    return invalid(rule, what, description, build(m, **changes), twin)


def edited(rule, what, description, *path, value, twin="one_sine", m=one):
    return broken(rule, what, description, m(), twin, edit=put(*path, value=value))


def edited_late(rule, what, description, *path, value):
    """For an index that leads nowhere, so that the budget cannot follow from it."""
    return broken(rule, what, description, one(), "one_sine", late=put(*path, value=value))


def single(g, alpha, count, **options):
    return model([g], [codes(alpha, **options)], [tensor("w", (count,), generated())])


def generators():
    yield edited("generator.layers", "0", "No layers.", "generators", 1, "layers", value=[], m=several, twin="several")
    yield broken("generator.layers", "17", "17 layers.",
                      single(generator(*[sine(2 + i % 3) for i in range(16)], identity(4)), ALPHA, 8), "layers_16")

    layer = ("generators", 0, "layers", 0)
    for what, path, twin in (("code_dim", ("generators", 0, "code_dim"), "code_dim_1_chunk_dim_1"),
                             ("width", (*layer, "width"), "code_dim_1_chunk_dim_1")):
        for value in (0, 2**28 + 1, 2**32 - 1):
            yield edited("generator.width", f"{what}_{value}", f"A {what} of {value}.", *path, value=value, twin=twin)
    yield edited("generator.width", "hidden_0", "A hidden layer of width 0.", "generators", 1, "layers", 0, "width",
                 value=0, m=several, twin="several")

    yield broken("generator.activation", "first", "An identity layer before a sine layer.",
                      single(generator(identity(4), sine(8)), ALPHA, 16), "layers_identity_last")
    yield broken("generator.activation", "middle", "An identity layer between two others.",
                      single(generator(sine(4), identity(4), identity(8)), ALPHA, 16), "layers_identity_last")
    yield edited("generator.frequency", "sine_0", "A sine layer of frequency 0.", *layer, "frequency", value=0,
                 twin="frequency_1")
    yield edited("generator.frequency", "identity_1", "An identity layer with a frequency.", "generators", 1, "layers",
                 1,
                 "frequency", value=1, m=several, twin="several")

    yield edited_late("codes.generator", "1", "Generator 1 of 1.", "codes", 0, "generator", value=1)
    yield edited_late("codes.generator", "max", "Generator 2^32 - 1.", "codes", 0, "generator", value=2**32 - 1)
    yield edited_late("codes.generator", "none", "Codes without any generator.", "generators", value=[])

    yield broken("generator.bound", "int8", "131,072 int8 codes into an identity layer: the sum can be 2^31.",
                      single(generator(identity(1, run(0x80, 131072)), k=131072), run(0x80, 131072), 1, chunks=1),
                      "identity_bound_int8", expands=False)
    yield broken("generator.bound", "int16", "512 int16 codes into an identity layer.",
                      single(generator(identity(1, run(0x80, 512)), k=512), [(-32768,) * 512], 1, alpha_type=1),
                      "identity_bound_int16")
    yield broken("generator.bound", "hidden", "132,105 activations into an identity layer.",
                      single(generator(sine(132105, 1 << 24, run(64, 132105)), identity(1, run(0x80, 132105)), k=1),
                             [[1], [-1]], 2), "identity_bound_hidden", expands=False)
    yield broken("generator.bound", "second_codes", "Only the second of two codes tables, int16, is too wide.",
                      model([generator(identity(1), k=512)], [codes([(1,) * 512]), codes([(1,) * 512], alpha_type=1)],
                            [tensor("a", (1,), generated(0)), tensor("b", (1,), generated(1))]), "generator_shared")

    def unused(m):
        m["generators"].append(m["generators"][0])

    yield broken("generator.use", "last", "A second generator that no codes use.", one(), "generators_2", edit=unused)
    yield broken("generator.use", "first", "A first generator that no codes use.", several(), "several",
                 edit=lambda m: m["codes"][0].update(generator=1))


def counts():
    for what, name, value, twin in (
            ("chunks_0", "chunks", 0, "one_sine"), ("chunks_2_45", "chunks", 2**45, "one_sine"),
            ("chunks_2_63", "chunks", 2**63, "one_sine"), ("chunks_wrap", "chunks", (2**64 + 8) // 3, "one_sine"),
            ("codes_per_chunk_0", "codes_per_chunk", 0, "codes_per_chunk_2"),
            ("codes_per_chunk_65537", "codes_per_chunk", 65537, "codes_per_chunk_65536"),
            ("codes_per_chunk_max", "codes_per_chunk", 2**32 - 1, "codes_per_chunk_65536")):
        yield edited("codes.count", what, f"{name} of {value}.", "codes", 0, name, value=value, twin=twin)
        if what == "chunks_2_45":  # k = 3 and d = 8, so this one is over the bound by d alone; the next by k alone
            yield broken("codes.count", "codes_2_48", "chunks * codes_per_chunk * code_dim of 2^48.",
                         single(generator(sine(1), k=2), [(1, 2)], 1), "codes_per_chunk_65536",
                         edit=lambda m: m["codes"][0].update(chunks=2**31, codes_per_chunk=2**16))
    for value in (-65, -128, 64, 127):
        yield edited("codes.exponent", str(value).replace("-", "minus_"), f"An exponent of {value}.", "codes", 0,
                     "beta_exponent", value=value,
                     twin="beta_exponent_lowest" if value < 0 else "beta_exponent_highest")


def betas():
    above = float.fromhex("0x1.000002p+64")
    for what, value in (("nan", NAN), ("inf", INF), ("minus_inf", -INF), ("too_large", above), ("too_low", -above)):
        yield edited("codes.beta", f"one_{what}", f"The one beta is {value}.", "codes", 0, "beta", value=value,
                     twin="beta_one_largest")
    yield broken("codes.beta", "one_scaled", "The one beta times 2^63 is 2^65.", one(beta=2.0), "beta_one_largest",
                 edit=put("codes", 0, "beta_exponent", value=63), late=put("codes", 0, "beta", value=4.0))
    yield broken("codes.beta", "two_places", "A field beta of 1 beside a beta segment.", one(beta=BETAS),
                 "beta_field_minus_zero", edit=put("codes", 0, "beta", value=1.0))
    for what, segment, beta_type, exponent, twin in (
            ("f32_nan", bits([0x7FC00000, 0], 4), 0, 0, "beta_f32"),
            ("f32_signaling_nan", bits([0, 0x7F800001], 4), 0, 0, "beta_f32"),
            ("f32_inf", bits([0, 0x7F800000], 4), 0, 0, "beta_f32"),
            ("f32_inf_scaled", bits([0, 0xFF800000], 4), 0, -64, "beta_exponent_lowest"),
            ("f32_too_large", floats([2.0**64, above]), 0, 0, "beta_largest"),
            ("f32_too_large_scaled", floats([2.0, -4.0]), 0, 63, "beta_largest"),
            ("f16_inf", bits([0x7C00, 0], 2), 1, -10, "beta_f16"),
            ("f16_nan", bits([0, 0xFE00], 2), 1, -10, "beta_f16"),
            ("f16_too_large", floats([65504.0, 0.0], "f16"), 1, 63, "beta_f16_largest"),
            ("bf16_nan", bits([0, 0x7F81], 2), 2, 0, "beta_bf16"),
            ("bf16_inf", bits([0xFF80, 0], 2), 2, 0, "beta_bf16")):
        yield broken("codes.beta", what, "A beta of a segment is not finite or too large.",
                          one(beta=Data(segment), beta_type=beta_type, exponent=exponent), twin)


def cases():
    yield from generators()
    yield from counts()
    yield from betas()
