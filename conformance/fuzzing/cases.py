# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""From numbers to files: a plan says how a case is made, so that it can be made again with fewer steps."""

import dataclasses
import random
import typing

from . import damage, remodel
from .repair import repair
from .settle import settle
from .walk import copy, model_of

LIMITS = {"output_bytes": 1 << 20, "multiply_adds": 10**7, "scratch_bytes": 1 << 20}

# How much is made right again: what only lengths and the file digest are, also segments, also budget and identity, all.
AS_IT_IS, PLACED, SUMMED, DECODED = range(4)


@dataclasses.dataclass(frozen=True)
class Plan:
    seed: int  # index
    remodel: typing.Tuple  # (name of a change, its random numbers) ...
    damage: typing.Tuple
    level: int
    dice: int
    limits: typing.Tuple  # (name, number) where a limit is not that of LIMITS


@dataclasses.dataclass
class Case:
    data: bytes
    limits: dict
    bases: typing.Tuple = ()  # paths below the root of the project
    plan: typing.Optional[Plan] = None


class Maker:
    def __init__(self, seeds, number):
        self.seeds = seeds
        self.number = number

    def plan(self, index):
        rng = random.Random(self.number << 48 | index)
        deep = rng.random()
        model = steps(rng, remodel.WEIGHTS, 1 + (deep < 0.1)) if deep < 0.16 else ()
        count = min(4, 1 + int(rng.expovariate(1.2)))
        bytes_ = () if model and rng.random() < 0.7 else steps(rng, damage.WEIGHTS, count)
        level = rng.choices((AS_IT_IS, PLACED, SUMMED, DECODED), (1, 2, 4, 10) if model else (8, 6, 2, 2))[0]
        limits = ()
        if rng.random() < 0.03:
            limits = ((rng.choice(list(LIMITS)), rng.choice((0, 1, 8, 16, 24, 32, 64, 100, 256))),)
        return Plan(rng.randrange(len(self.seeds)), model, bytes_, level, rng.getrandbits(32), limits)

    def case(self, plan):
        """None where a change of the model cannot be written down."""
        seed = self.seeds[plan.seed]
        rng = random.Random(plan.dice)
        draft = seed.draft()
        if plan.remodel:
            m = copy(model_of(seed))
            for name, dice in plan.remodel:
                remodel.BY_NAME[name](random.Random(dice), m, self.seeds)
            settle(rng, m)
            draft = remodel.build(m)
            if draft is None:
                return None
        for name, dice in plan.damage:
            damage.BY_NAME[name](random.Random(dice), draft, self.seeds)
        if plan.level >= PLACED:
            draft.place_segments()
        if plan.level >= SUMMED:
            spared = {rng.randrange(8)} if rng.random() < 0.15 else ()
            repair(draft, plan.level == DECODED, spared)
        return Case(draft.file(), {**LIMITS, **dict(plan.limits)}, seed.bases, plan)


def steps(rng, weights, count):
    return tuple((change.__name__, rng.getrandbits(32)) for change in rng.choices(list(weights), weights.values(),
                                                                                   k=count))
