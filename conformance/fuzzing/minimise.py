# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Makes a case smaller that decoders disagree about, greedily: fewer steps, then fewer bytes that differ."""

import dataclasses
import hashlib


def minimise(maker, case, still_wrong):
    """The smallest case found for which still_wrong(case) holds."""
    best = case
    shrinking = True
    while shrinking:
        shrinking = False
        for plan in smaller_plans(best.plan):
            candidate = maker.case(plan)
            if candidate is not None and still_wrong(candidate):
                best, shrinking = candidate, True
                break
    return fewer_bytes(maker.seeds[best.plan.seed].data, best, still_wrong)


def smaller_plans(plan):
    for name in ("remodel", "damage"):
        steps = getattr(plan, name)
        for i in range(len(steps)):
            yield dataclasses.replace(plan, **{name: steps[:i] + steps[i + 1:]})
    if plan.limits:
        yield dataclasses.replace(plan, limits=())
    if plan.level:
        yield dataclasses.replace(plan, level=plan.level - 1)


def fewer_bytes(seed, case, still_wrong):
    """Puts back bytes of the seed, in runs of half the length each time, where the file is as long as its seed."""
    if len(seed) != len(case.data):
        return case
    size = len(seed)
    while size > 0:
        for start in range(64, len(seed), size):
            if case.data[start:start + size] == seed[start:start + size]:
                continue
            data = bytearray(case.data)
            data[start:start + size] = seed[start:start + size]
            end = 64 + int.from_bytes(data[16:24], "little")
            data[32:64] = hashlib.sha256(data[:32] + data[64:end]).digest()
            candidate = dataclasses.replace(case, data=bytes(data))
            if still_wrong(candidate):
                case = candidate
        size //= 2
    return case
