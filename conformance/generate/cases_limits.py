# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Valid files that a caller's limits admit or refuse."""

import frames
from bases import ALPHA, family, large_layers, one_float, pair, several
from cases import limited, put
from container import build
from model import (Data, codes, float_identity, float_sine, generated, generator, model, product, run, shared, sine,
                   stored,
                   tensor)

RULES = {"output_bytes": "limit.output", "multiply_adds": "limit.multiply_adds", "scratch_bytes": "limit.scratch"}
WIDTH = 1 << 28


def bomb():
    """10^15 weights in four codes tables; alpha said to be 250 MB of zeros each."""
    alpha = frames.header(250_000_000, size_bytes=8) + frames.rle_block(0, 1)
    shape = (250_000_000, 1_000_000)
    m = model([generator(sine(1_000_000), k=1)],
              [codes(Data(b"", alpha), chunks=shape[0]) for _ in range(4)],
              [tensor(name, shape, generated(i)) for i, name in enumerate("abcd")])

    def edit(m):
        for s in m["segments"]:
            s["decoded_length"] = shape[0]

    return build(m, edit=edit, expands=False)


def widest():
    """One layer of 2^28 outputs, the most there may be."""
    m = model([generator(sine(WIDTH), k=1)], [codes([[1]])], [tensor("w", (WIDTH,), generated())])
    return build(m, expands=False)


def zeros():
    """2^40 zero bytes said to be in a segment of a few bytes."""
    m = model(tensors=[tensor("w", (1 << 40,), stored(run(0, 1)), "u8")])
    return build(m, edit=put("segments", 0, "decoded_length", value=1 << 40), expands=False)


def amplifier(description, name, m, **limits):
    """A small file that asks for the same work over and over: the limit for all of it, and one below."""
    file = build(m)
    exact = file.manifest["budget"]["multiply_adds"]
    for what, limit in (("exact", exact), ("one_below", exact - 1)):
        yield limited(f"{name}_{what}", description, file, {"multiply_adds": limit}, ["limit.multiply_adds"],
                      limit < exact)


def amplifiers():
    tied = [tensor(f"t{i:03}", (16,), shared(0)) for i in range(1, 1000)]
    yield from amplifier("999 tensors tied to one: each costs what making it takes.", "shared_999",
                         model([generator(sine(8))], [codes(ALPHA)], [tensor("t000", (16,), generated()), *tied]))
    made = [tensor("f", (4, 4), generated(), "f32", True)]
    yield from amplifier("99 products of one generated factor.", "products_99",
                         model([generator(sine(8))], [codes(ALPHA)],
                               made + [tensor(f"p{i:02}", (4, 4), product(0, 0)) for i in range(99)]))
    yield from amplifier("16 tensors of one chunk.", "chunk_16",
                         model([generator(sine(16))], [codes(ALPHA[:1])],
                               [tensor(f"t{i:02}", (1,), generated(0, i)) for i in range(16)]))
    yield from amplifier("A chunk for each element.", "slices_64",
                         model([generator(sine(16))], [codes(ALPHA * 32)],
                               [tensor("w", (64,), generated(0, 0, slices=64))]))
    yield from amplifier("A product, its factors and a tensor tied to it.", "family", family())


def float_inputs():
    """Widths of 2^20, the most that float32 arithmetic takes, which cost as many multiply-adds."""
    most = 1 << 20
    for what, m in (
            ("code_dim", one_float(float_identity(1), k=most, count=1, alpha=run(1, most), chunks=1)),
            ("hidden", one_float(float_sine(most), float_identity(1), k=1, count=1, alpha=[[1]])),
            ("unit_norm", one_float(float_identity(most), k=1, count=1, alpha=[[1]], unit_norm=True)),
            ("last", one_float(float_identity(most + 1), k=1, count=1, alpha=[[1]]))):
        yield limited(f"float_inputs_{what}", "The most inputs, or more outputs than that.", build(m, expands=False),
                      {"multiply_adds": most - 1}, ["limit.multiply_adds", "generator.inputs"], True)


def large():
    """Of a drawn last layer of float32 arithmetic 2^24 weights count, of others all."""
    for what, m in large_layers().items():
        file = build(m, expands=False)
        yield limited(f"large_{what}_one_below", "A layer of more than 2^24 weights, one byte above the limit.", file,
                      {"scratch_bytes": file.manifest["budget"]["scratch_bytes"] - 1}, ["limit.scratch", "budget.exact"],
                      True)


def factors():
    file = build(pair())
    budget = file.manifest["budget"]
    for name, rule in RULES.items():
        short = rule.partition(".")[2]
        yield limited(f"factors_{short}_one_below", f"{name} of a product one above the limit.", file,
                      {name: budget[name] - 1}, [rule], True)
    yield limited("factors_exact", "What a product and its factors take.", file, dict(budget), list(RULES.values()),
                  False)


def cases():
    yield from amplifiers()
    yield from float_inputs()
    yield from large()
    yield from factors()
    file = build(several())
    budget = file.manifest["budget"]
    yield limited("all_exact", "Each limit is what the file takes.", file, dict(budget), list(RULES.values()), False)
    for name, rule in RULES.items():
        short = rule.partition(".")[2]
        yield limited(f"{short}_exact", f"{name} at the limit.", file, {name: budget[name]}, [rule], False)
        yield limited(f"{short}_one_below", f"{name} one above the limit.", file, {name: budget[name] - 1}, [rule],
                      True)
        yield limited(f"{short}_0", f"A limit of no {name}.", file, {name: 0}, [rule], True)
    yield limited("order", "All three are above their limits; the first one is named.", file, dict.fromkeys(RULES, 0),
                  list(RULES.values()), True)
    yield limited("nothing_needed", "An empty file within limits of 0.", build(model()), dict.fromkeys(RULES, 0),
                  list(RULES.values()), False)

    bombs = {"output_bytes": 1 << 38, "multiply_adds": 10**15, "scratch_bytes": 1 << 32}
    yield limited("generator_bomb", "A kilobyte that asks for 10^15 weights.", bomb(), bombs, ["limit.output"], True)
    yield limited("generator_bomb_scratch", "The same, with room for the weights but not for alpha.", bomb(),
                  {**bombs, "output_bytes": 1 << 52, "scratch_bytes": 1 << 29}, ["limit.scratch"], True)
    yield limited("segment_bomb", "A terabyte of zeros in a segment of some bytes.", zeros(),
                  {**bombs, "output_bytes": 1 << 41}, ["limit.scratch"], True)
    yield limited("widest_layer", "A width of 2^28 is valid, and costs as many multiply-adds.", widest(),
                  {**bombs, "multiply_adds": WIDTH - 1}, ["limit.multiply_adds", "generator.width"], True)
