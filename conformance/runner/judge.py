# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Compares answers with what cases expect."""

import dataclasses
import time
import typing

from .decoder import Trouble
from .schema import same

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"

# The order in which a decoder comes to its stages.
STAGES = ("generators", "weights", "codes", "code", "alpha", "beta", "layers", "accumulator", "phase", "turns",
          "sine", "activation", "g", "tensors", "theta0", "sum")

# Refusals that say no more than that the decoder computes something else. Its stages say what.
CODES_WITH_STAGES = ("fingerprint", "tensor_digest")


@dataclasses.dataclass
class Result:
    name: str
    group: str
    status: str
    why: typing.List[str] = dataclasses.field(default_factory=list)  # one line each
    answer: typing.Optional[dict] = None
    stderr: str = ""
    seconds: float = 0.0
    expected_failure: bool = False


def verdict(answer, with_rule=True):
    text = f"class {answer['class']}, code {answer['code']}"
    return f"{text}, rule {answer['rule']}" if with_rule and "rule" in answer else text


def flatten(stages, path=""):
    """(path, digest) of all stages, in the order they are computed."""
    if isinstance(stages, dict):
        known = [key for key in STAGES if key in stages]
        for key in known + sorted(set(stages) - set(known)):
            yield from flatten(stages[key], f"{path}.{key}" if path else key)
    elif isinstance(stages, list):
        for i, each in enumerate(stages):
            yield from flatten(each, f"{path}[{i}]")
    else:
        yield path, stages


def first_stage(expected, came):
    """A line about the first stage that differs, or None. One that is there and differs says more than one that is
    missing, so a missing stage is named only where all others are equal."""
    got = dict(flatten(came))
    wanted = dict(flatten(expected))
    missing = [path for path in wanted if path not in got]
    note = f" (and {missing[0]} is missing)" if missing else ""
    for path, digest in wanted.items():
        if path in got and not same(got[path], digest):
            return f"first differing stage: {path}: expected {digest}, came {got[path]}{note}"
    if missing:
        return f"stages: {missing[0]} is missing, those that are there are equal"
    unknown = [path for path in got if path not in wanted]
    return f"stages: {unknown[0]} is not expected" if unknown else None


def differences(expect, answer, strict):
    """What is wrong with an answer, in lines; stages aside."""
    verdicts = [f"expected {verdict(expect, strict)}", f"came     {verdict(answer)}"]
    if not same([expect["class"], expect["code"]], [answer["class"], answer["code"]]):
        return verdicts + ([f"message  {answer['message']}"] if "message" in answer else [])
    if expect["class"] != 0:
        if not strict or "rule" not in expect or expect["rule"] == answer.get("rule"):
            return []
        return verdicts if "rule" in answer else verdicts + ["the answer names no rule: --no-strict does without"]
    lines = []
    wanted, got = expect["tensors"], answer.get("tensors")
    if not isinstance(got, list) or len(got) != len(wanted):
        lines.append(f"expected {len(wanted)} tensors, came {len(got) if isinstance(got, list) else 'none'}")
    else:
        for i, (want, have) in enumerate(zip(wanted, got)):
            if not same(want, have):
                lines += [f"tensor {i}: expected {want}", f"tensor {i}: came     {have}"]
                break
    if answer.get("weights_identity") != expect["weights_identity"]:
        lines += [f"weights_identity: expected {expect['weights_identity']}",
                  f"weights_identity: came     {answer.get('weights_identity')}"]
    return lines


def run_case(decoder, case, strict=False, stages=False):
    """Asks about one case. Of a failure, asks again for stages where they can say more."""
    begin = time.monotonic()
    result = Result(case.name, case.group, PASSED)
    try:
        _judge(decoder, case, strict, stages, result)
    except Trouble as trouble:
        result.status = FAILED
        result.why.append(str(trouble))
        result.stderr = trouble.stderr
    result.seconds = time.monotonic() - begin
    return result


def _judge(decoder, case, strict, stages, result):
    answer = result.answer = decoder.ask(case, stages)
    if "not_supported" in answer:
        excused = bool(case.data["flags"])
        result.status = SKIPPED if excused else FAILED
        result.why.append(f"not supported: {answer['not_supported']}{'' if excused else ', but the case has no flags'}")
        return
    lines = result.why = differences(case.expect, answer, strict)
    wanted = case.expect.get("stages")
    if lines:
        result.status = FAILED
        if wanted is not None and not stages:
            answer = decoder.ask(case, True)
    if wanted is not None:
        explain(wanted, answer, result)


def explain(wanted, answer, result):
    """Says where the stages of an answer leave the expected ones. Stages that differ are a failure of their own."""
    failed = result.status == FAILED
    if "stages" in answer:
        differs = first_stage(wanted, answer["stages"])
        if differs:
            result.status = FAILED
            result.why.append(differs)
        elif failed:
            result.why.append("stages: all are equal")
    elif failed and answer.get("code") in CODES_WITH_STAGES:
        result.why.append(f"stages: the answer has none, but after code {answer['code']} they are still wanted")
