# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Models that cases are made from by changing one thing. Each call gives a fresh one."""

from container import build
from model import (base, base_theta0, codes, constant, entry, float_generator, float_identity, float_sine, floats,
                   generated, generator, identity, model, product, run, shared, sine, stored, stored_theta0, tensor,
                   uniform, zstd)
from specification import spec

ALPHA = [(5, -7, 100), (-1, 2, 3)]
BETAS = floats([0.5 * 2.0**-15, 0.25 * 2.0**-15])


def one(source=None, shape=(2, 8), dtype="f32", generators=None, metadata=(), alpha=None, **options):
    """k = 3, d = 8, two chunks, one tensor."""
    return model(generators or [generator(sine(8))], [codes(alpha or ALPHA, **options)],
                 [tensor("weight", shape, source or generated(), dtype)], metadata)


def kept(name="norm", shape=(2,), content=b"\x00\x3c\x00\x38", dtype="f16", metadata=()):
    """One stored tensor and nothing else."""
    return model(tensors=[tensor(name, shape, stored(content), dtype)], metadata=metadata)


def several():
    """Two generators, two codes tables, every kind of tensor, metadata, raw and zstd segments."""
    hidden = generator(sine(4), identity(8), seed=7)
    return model(
        [generator(sine(8)), hidden],
        [codes(ALPHA, BETAS),
         codes([(1, 2, 3), (-4, 5, -6), (7, -8, 9), (-128, 127, 0), (1, 1, 1), (2, 2, 2)],
               zstd(floats([2.0**-20] * 6)), m=2, generator=1)],
        [tensor("a.bias", (4,), generated(0, 8), "bf16"),
         tensor("a.weight", (2, 3), generated(0, 0, uniform())),
         tensor("b.weight", (2, 8), generated(1, 0, constant(0.25)), "f16"),
         tensor("c.weight", (3,), generated(1, 16, stored_theta0(floats([1.0, -1.0, 0.5], "f16"), "f16"))),
         tensor("norm", (2,), stored(b"\x00\x3c\x00\x38"), "f16"),
         tensor("step", (), stored(b"\x07\x00\x00\x00\x00\x00\x00\x00"), "i64"),
         tensor("tied", (2, 3), shared(1))],
        [entry("general.name", "Text", b"several"), entry("train.steps", "Integer", 1000)])


def one_float(*layers, alpha=None, count=16, source=None, dtype="f32", k=3, seed=1, unit_norm=False, beta=1.0,
              **options):
    """One generator of float32 arithmetic, k = 3, d = 8, two chunks, one tensor."""
    return model([float_generator(*(layers or [float_sine(8)]), k=k, seed=seed, unit_norm=unit_norm)],
                 [codes(alpha or ALPHA, beta, **options)], [tensor("w", (count,), source or generated(), dtype)])


def large_layers():
    """By what it is: a generator with a layer of a few weights more than 2^24, too large to be expanded here."""
    k, width = 4097, 4096
    options = {"k": k, "alpha": run(1, k), "chunks": 1, "count": 1}
    return {"drawn": one_float(float_identity(width), **options),
            "hidden": one_float(float_sine(width), float_identity(1), **options),
            "stored": one_float(float_identity(width, weights=run(0, 2 * k * width), kind="bf16"), **options),
            "integer": model([generator(sine(width), k=k)], [codes(run(1, k), chunks=1)],
                             [tensor("w", (1,), generated())])}


def pair(b=(1.0, 2.0, 3.0, 4.0), a=(0.5, -1.0, 2.0, 0.25, 8.0, -3.0), rank=2, scale=0.5, theta0=spec.OPTIONAL,
         dtype="f32", b_kind="f32", a_kind="f32", factor=True):
    """A product of two stored factors."""
    rows, columns = len(b) // rank, len(a) // rank
    return model(tensors=[tensor("w", (rows, columns), product(2, 1, scale, theta0), dtype),
                          tensor("w.a", (rank, columns), stored(floats(a, a_kind)), a_kind, factor),
                          tensor("w.b", (rows, rank), stored(floats(b, b_kind)), b_kind, factor)])


def family():
    """A float32 generator of two layers, generated and stored factors, products on a base and without one."""
    start = build(model(tensors=[tensor("layer.weight", (2, 3), stored(floats([1, -0.5, 0.25, 2, 0, -1], "f16")),
                                        "f16"),
                                 tensor("w", (2, 2), stored(floats([1, 2, 3, 4])))]))
    weights = [((i * 7) % 25 - 12) * 0.125 for i in range(24)]
    g = float_generator(float_sine(4, 0.5), float_identity(6, weights=weights, kind="bf16", bias=[0.1] * 6), k=2,
                        seed=3,
                        unit_norm=True)
    return model(
        [g, generator(sine(8))],
        [codes([(1.0, 2.5), (-3.0, 0.75)], 2.0, alpha_type=3, scale=0.25), codes(ALPHA, generator=1)],
        [tensor("b", (2, 8), generated(1)), tensor("norm", (1,), stored(b"\x00\x3c"), "f16"),
         tensor("w", (2, 2), product(6, 3, 1.0, base_theta0())), tensor("w.a", (2, 2), stored(floats([1, 2, 3, 4])),
                                                                       "f32", True),
         tensor("weight", (2, 3), product(6, 5, 0.5, base_theta0(0, "layer.weight", "f16")), "bf16"),
         tensor("weight.a", (2, 3), generated(0, 0, uniform(2.0**-18)), "f32", True),
         tensor("weight.b", (2, 2), generated(0, 6), "f16", True),
         tensor("weight.tied", (2, 3), shared(4), "bf16")],
        bases=[base(start, "example base")])
