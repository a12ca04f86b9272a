# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Models that cases are made from by changing one thing. Each call gives a fresh one."""

from model import (codes, constant, entry, floats, generated, generator, identity, model, shared, sine, stored,
                   stored_theta0, tensor, uniform, zstd)

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
