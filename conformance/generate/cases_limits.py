# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Valid files that a caller's limits admit or refuse."""

import frames
from bases import several
from cases import limited, put
from container import build
from model import Data, codes, generated, generator, model, run, sine, stored, tensor

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


def cases():
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
