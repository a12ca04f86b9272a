# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that break a rule of float32 arithmetic, or of what belongs to one arithmetic only."""

from bases import one, one_float, several
from cases import invalid, put
from container import build
from model import Data, bits, float_identity, float_sine, floats, generator, identity, run, sine
from specification import spec

NAN, INF = float("nan"), float("inf")
ABOVE = float.fromhex("0x1.000002p+16")
LAYER = ("generators", 0, "layers", 0)


def broken(rule, what, description, m, twin, **changes):
    return invalid(rule, what, description, build(m, **changes), twin)


def edited(rule, what, description, *path, value, m=one_float, twin="float_one_sine"):
    return broken(rule, what, description, m(), twin, edit=put(*path, value=value))


def stored_identity():
    return one_float(float_identity(8, weights=[1.0] * 24))


def fields():
    rule = "generator.float"
    for name, values in (("turns", (0.5, NAN, -INF)), ("weights_scale", (1.0, NAN)), ("weights_type", (1, 14))):
        for value in values:
            yield edited(rule, f"integer_{name}_{value}", f"Integer arithmetic with {name} of {value}.", *LAYER, name,
                         value=value, m=one, twin="one_sine")
    yield edited(rule, "integer_stored_type", "Stored int8 weights said to be bfloat16.", *LAYER, "weights_type",
                 value=2, m=lambda: one(generators=[generator(sine(8,
                                                                   weights=range(24)))]), twin="stored_weights_first")
    yield broken(rule, "integer_bias", "Integer arithmetic with a bias.",
                 one(generators=[generator({**sine(8), "bias_segment": Data(floats([0.0] * 8))})]), "one_sine")
    yield edited(rule, "integer_unit_norm", "Integer arithmetic with unit norm.", "generators", 0, "unit_norm",
                 value=True, m=one, twin="one_sine")
    yield edited(rule, "integer_second", "turns in the last layer of the second generator.", "generators", 1, "layers",
                 1, "turns", value=0.25, m=several, twin="several")
    for what, value in (("0", 0.0), ("minus_0", -0.0), ("nan", NAN), ("inf", INF), ("too_large", ABOVE),
                        ("too_low", -ABOVE)):
        yield edited(rule, f"turns_{what}", f"A sine layer with turns of {value}.", *LAYER, "turns", value=value,
                     twin="float_sine_largest")
    yield edited(rule, "turns_identity", "An identity layer with turns.", *LAYER, "turns", value=0.25,
                 m=lambda: one_float(float_identity(8)), twin="float_identity")
    for what, value in (("0", 0.0), ("minus_0", -0.0), ("negative", -1.0), ("nan", NAN), ("inf", INF),
                        ("too_large", ABOVE)):
        yield edited(rule, f"scale_{what}", f"Drawn weights with a scale of {value}.", *LAYER, "weights_scale",
                     value=value, twin="float_scale_largest")
    yield edited(rule, "scale_stored", "Stored weights with a scale.", *LAYER, "weights_scale", value=1.0,
                 m=stored_identity, twin="float_weights_f32")
    yield edited(rule, "scale_stored_nan", "Stored weights with a scale of NaN.", *LAYER, "weights_scale", value=NAN,
                 m=stored_identity, twin="float_weights_f32")
    for kind in ("f64", "i8", "f8_e5m2"):
        yield edited(rule, f"type_{kind}", f"Drawn weights of {kind}.", *LAYER, "weights_type",
                     value=spec.DTYPES.index(kind), twin="float_drawn_type_unused")
    yield broken(rule, "type_stored_f64", "Weights stored as float64.",
                 one_float({**float_identity(8, weights=Data(bytes(192))), "weights_type": 3}), "float_weights_f32")
    yield edited("generator.frequency", "float_sine", "A sine layer of float32 arithmetic with a frequency.", *LAYER,
                 "frequency", value=1)
    yield edited("generator.frequency", "float_identity", "An identity layer of float32 arithmetic with a frequency.",
                 *LAYER, "frequency", value=1 << 18, m=lambda: one_float(float_identity(8)), twin="float_identity")
    yield broken("generator.activation", "float", "An identity layer of float32 arithmetic before a sine layer.",
                 one_float(float_identity(4), float_sine(8)), "float_layers_3")
    yield broken("generator.bound", "float_alpha", "alpha said to be float16 into a wide integer identity layer.",
                 one(generators=[generator(identity(1), k=512)], shape=(1,), alpha=[(0,) * 512], alpha_type=3),
                 "identity_bound_int16")


def inputs():
    rule, above = "generator.inputs", (1 << 20) + 1
    options = {"count": 1, "alpha": [[1]], "k": 1}
    yield broken(rule, "code_dim", "A code_dim of 2^20 + 1.",
                 one_float(float_identity(1), k=above, count=1, alpha=run(1, above), chunks=1), "float_identity",
                 expands=False)
    yield broken(rule, "hidden", "A hidden layer of width 2^20 + 1.",
                 one_float(float_sine(above), float_identity(1), **options), "float_layers_3", expands=False)
    yield broken(rule, "unit_norm", "Unit norm of 2^20 + 1 outputs.",
                 one_float(float_identity(above), unit_norm=True, **options), "float_unit_norm_33", expands=False)


def stored_values():
    rule = "generator.weights"
    for what, values, kind, twin in (
            ("nan", bits([0x7FC00000] + [0] * 23, 4), "f32", "float_weights_f32"),
            ("inf", bits([0] * 23 + [0xFF800000], 4), "f32", "float_weights_f32"),
            ("too_large", floats([0.0] * 23 + [ABOVE]), "f32", "float_weights_largest"),
            ("too_low", floats([0.0] * 23 + [-ABOVE]), "f32", "float_weights_largest"),
            ("f16_inf", bits([0x7C00] + [0] * 23, 2), "f16", "float_weights_f16"),
            ("f16_nan", bits([0] * 23 + [0xFE01], 2), "f16", "float_weights_f16"),
            ("bf16_nan", bits([0x7F81] + [0] * 23, 2), "bf16", "float_weights_bf16"),
            ("bf16_too_large", bits([0x4781] + [0] * 23, 2), "bf16", "float_weights_bf16")):
        yield broken(rule, what, "A stored weight is not finite or too large.",
                     one_float(float_identity(8, weights=Data(values), kind=kind)), twin)
    for what, values in (("bias_nan", bits([0] * 7 + [0xFFC00000], 4)), ("bias_inf", bits([0x7F800000] + [0] * 7, 4)),
                         ("bias_too_large", floats([0.0] * 7 + [-ABOVE]))):
        yield broken(rule, what, "A bias is not finite or too large.", one_float(float_identity(8, bias=Data(values))),
                     "float_bias_largest")


def alphas():
    rule = "codes.alpha_type"
    for alpha_type in (2, 3, 4):
        yield broken(rule, f"integer_{('f32', 'f16', 'bf16')[alpha_type - 2]}", "Float codes of integer arithmetic.",
                     one(alpha_type=alpha_type), f"float_alpha_{('f32', 'f16', 'bf16')[alpha_type - 2]}")
    for what, value in (("2", 2.0), ("0", 0.0), ("minus_1", -1.0), ("nan", NAN), ("above_1", 1 + 2.0**-23)):
        yield edited(rule, f"integer_scale_{what}", f"Integer arithmetic with an alpha_scale of {value}.", "codes", 0,
                     "alpha_scale", value=value, m=one, twin="one_sine")
    for what, value in (("0", 0.0), ("minus_0", -0.0), ("negative", -1.0), ("nan", NAN), ("inf", INF),
                        ("too_large", ABOVE)):
        yield edited(rule, f"float_scale_{what}", f"An alpha_scale of {value}.", "codes", 0, "alpha_scale", value=value,
                     twin="float_alpha_f16_subnormal")

    rule = "codes.alpha"
    for what, values, alpha_type, scale, twin in (
            ("f32_nan", bits([0] * 5 + [0x7FC00000], 4), 2, 1.0, "float_alpha_f32"),
            ("f32_inf", bits([0x7F800000] + [0] * 5, 4), 2, 1.0, "float_alpha_f32"),
            ("f32_inf_scaled", bits([0xFF800000] + [0] * 5, 4), 2, 2.0**-149, "float_alpha_subnormal"),
            ("f32_too_large", floats([0.0] * 5 + [ABOVE]), 2, 1.0, "float_alpha_largest"),
            ("f32_too_large_scaled", floats([0.0] * 5 + [-65536.0]), 2, 1 + 2.0**-23, "float_alpha_largest"),
            ("f32_overflows", floats([2.0**120] + [0.0] * 5), 2, 65536.0, "float_alpha_largest"),
            ("f16_nan", bits([0] * 5 + [0x7E00], 2), 3, 1.0, "float_alpha_f16"),
            ("f16_inf", bits([0xFC00] + [0] * 5, 2), 3, 1.0, "float_alpha_f16"),
            ("f16_too_large_scaled", bits([0x7BFF] + [0] * 5, 2), 3, 1.5, "float_alpha_f16_scaled"),
            ("bf16_nan", bits([0xFF81] + [0] * 5, 2), 4, 1.0, "float_alpha_bf16"),
            ("bf16_too_large", bits([0x4781] + [0] * 5, 2), 4, 1.0, "float_alpha_bf16"),
            ("int8_too_large", bytes([0, 0, 0, 0, 0, 3]), 0, 32768.0, "float_alpha_int8_scaled"),
            ("int16_too_large", bits([0x8000] + [0] * 5, 2), 1, spec.f32(2.0000005), "float_alpha_int16_extremes")):
        yield broken(rule, what, "A number of alpha is not finite or too large.",
                     one_float(alpha=Data(values), chunks=2, alpha_type=alpha_type, scale=scale), twin)

    above = float.fromhex("0x1.000002p+48")
    yield edited("codes.beta", "float_one_too_large", "The one beta of a float32 generator is above 2^48.", "codes", 0,
                 "beta", value=above, twin="float_beta_largest")
    yield broken("codes.beta", "float_too_large", "A beta of a float32 generator is above 2^48.",
                 one_float(beta=floats([1.0, -above])), "float_beta_largest_scaled")
    yield broken("codes.beta", "float_too_large_scaled", "A beta of 2^49, by the exponent.",
                 one_float(beta=floats([4.0, 1.0]), exponent=47), "float_beta_largest_scaled")
    yield broken("codes.beta", "float_nan", "A beta of a float32 generator is NaN.",
                 one_float(beta=Data(bits([0x3F800000, 0x7F800001], 4))), "float_beta_largest_scaled")


def sizes():
    for what, m, twin in (
            ("weights_f32_for_bf16", one_float(float_identity(8, weights=Data(bytes(96)), kind="bf16")),
             "float_weights_bf16"),
            ("weights_int8_for_f32", one_float(float_identity(8, weights=Data(bytes(24)))), "float_weights_f32"),
            ("bias_short", one_float(float_sine(8, bias=[0.0] * 7)), "float_bias"),
            ("bias_long", one_float(float_sine(8, bias=[0.0] * 9)), "float_bias"),
            ("bias_bf16", one_float(float_sine(8, weights=[0.5] * 24, kind="bf16", bias=Data(bytes(16)))),
             "float_bias"),
            ("alpha_f16_for_f32", one_float(alpha=Data(bytes(12)), chunks=2, alpha_type=2), "float_alpha_f32"),
            ("alpha_f32_for_bf16", one_float(alpha=Data(bytes(24)), chunks=2, alpha_type=4), "float_alpha_bf16")):
        yield broken("segment.size", what, "A segment of another size than its user needs.", m, twin)

    def bias_first(m):
        m["generators"][0]["layers"][0].update(weights_segment=1, bias_segment=0)

    yield broken("segment.reference", "bias_first", "A bias before its weights.",
                 one_float(float_identity(1, weights=[1.0], bias=[0.0]), k=1, alpha=[[1], [2]], count=2), "float_bias",
                 edit=bias_first)


def fingerprints():
    rule, path = "generator.fingerprint", ("generators", 0, "fingerprint")
    bias = [0.25, -0.5] * 4
    m = one_float(float_sine(8, weights=[0.125 * i for i in range(24)], kind="bf16", bias=bias))
    g = build(m).manifest["generators"][0]
    weights = [[0.125 * i for i in range(24)]]

    def hashed(unit, biases=[bias]):
        alphas = [[spec.odd_int8(1, 3, 0, 3 * t + i) * unit for i in range(3)] for t in range(4)]
        outputs = [spec.float_phi(g, weights, biases, alpha) for alpha in alphas]
        return spec.sha256(floats([y for column in zip(*outputs) for y in column], "f32"))

    for what, description, value in (
            ("without_bias", "Outputs without the bias.", hashed(2.0**-6, [None])),
            ("probes_unscaled", "Probes of whole numbers.", hashed(1.0)),
            ("probes_2_7", "Probes times 2^-7.", hashed(2.0**-7))):
        yield broken(rule, f"float_{what}", description, m, "float_bias", edit=put(*path, value=value))
    for what, name, value in (("turns", "turns", 0.375), ("scale", "weights_scale", 1.5)):
        yield edited(rule, f"float_{what}", f"Another {name}.", *LAYER, name, value=value)
    yield edited(rule, "float_unit_norm", "Unit norm that the writer did not mean.", "generators", 0, "unit_norm",
                 value=True)
    yield broken(rule, "float_as_integer", "The fingerprint of the integer generator of this seed.", one_float(),
                 "float_and_integer", edit=put(*path, value=build(one()).manifest["generators"][0]["fingerprint"]))


def cases():
    yield from fields()
    yield from inputs()
    yield from stored_values()
    yield from alphas()
    yield from sizes()
    yield from fingerprints()
