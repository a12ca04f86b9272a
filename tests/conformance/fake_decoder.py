#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""A decoder that knows all answers, from the case.json beside each file, and misbehaves where it is told to.

    fake_decoder.py BEHAVIOUR NAME (--pipe | [--stages] [--max-...-bytes N]... FILE)

For cases whose name contains NAME it does what BEHAVIOUR says, for others it answers well.
"""

import copy
import json
import os
import pathlib
import signal
import sys
import time

ZERO = 64 * "0"
OK = {"class": 0, "code": "ok", "weights_identity": ZERO, "tensors": []}


def well(answer):
    """Leaves it as it is. Behaviours of a whole run do so for each case."""


def wrong_sine(answer):
    if "stages" in answer:
        answer["stages"]["codes"][0]["layers"][0].update(sine=ZERO, activation=ZERO)
    answer["tensors"][0]["digest"] = ZERO


def refuse_fingerprint(answer):
    """Refuses a file that is valid, as a decoder does that expands a generator wrongly. Gives its stages."""
    stages = answer.get("stages")
    answer.clear()
    answer.update({"class": 1, "code": "fingerprint", "rule": "generator.fingerprint"})
    return stages


def wrong_fingerprint(answer):
    """Its stages go on after that."""
    stages = refuse_fingerprint(answer)
    if stages:
        stages["generators"][0]["weights"] = ZERO
        answer["stages"] = stages


def wrong_probes(answer):
    """Computes nothing wrong but the fingerprint."""
    stages = refuse_fingerprint(answer)
    if stages:
        answer["stages"] = stages


def partial_stages(answer):
    """Knows little of its way, and where it does it is wrong."""
    answer["tensors"][0]["digest"] = ZERO
    if "stages" in answer:
        answer["stages"] = {"tensors": [{"theta0": answer["stages"]["tensors"][0]["theta0"], "sum": ZERO}]}


def few_stages(answer):
    """Knows little of its way; that is right."""
    answer["tensors"][0]["digest"] = ZERO
    if "stages" in answer:
        del answer["stages"]["codes"]


def no_answer(text=None):
    """Ends, after some words that are not an answer."""
    if text is not None:
        print(text, flush=True)
    sys.exit(0)


BEHAVIOURS = {
    "allocates": lambda answer: bytearray(1 << 33),
    "bad_rule": lambda answer: answer.update(rule="other.rule"),
    "bad_shape": lambda answer: answer["tensors"][0].update(shape=[2, 2.0]),
    "bad_stage": lambda answer: answer["stages"]["codes"][0]["layers"][0].update(phase=ZERO),
    "crashes": lambda answer: os.kill(os.getpid(), signal.SIGSEGV),
    "dies_loudly": lambda answer: sys.exit("out of luck\x1b[2J"),
    "few_stages": few_stages,
    "garbage": lambda answer: print("decoded 3 tensors", flush=True),
    "hangs": lambda answer: time.sleep(1000),
    "no_rule": lambda answer: answer.pop("rule"),
    "not_supported": lambda answer: (answer.clear(), answer.update(not_supported="sines")),
    "partial_stages": partial_stages,
    "says_ok": lambda answer: (answer.clear(), answer.update(OK)),
    "silent": lambda answer: no_answer(),
    "unordered": lambda answer: answer.update(id="another"),
    "wrong_fingerprint": wrong_fingerprint,
    "wrong_fingerprint_alone": refuse_fingerprint,
    "wrong_probes": wrong_probes,
    "wrong_sine": wrong_sine,
}


def expected(file):
    return json.loads(pathlib.Path(file).with_name("case.json").read_text(encoding="utf-8"))


def answer_to(file, stages, behaviour, name, id=None):
    case = expected(file)
    answer = copy.deepcopy(case["expect"])
    if not stages:
        answer.pop("stages", None)
    if name in case["name"]:
        BEHAVIOURS.get(behaviour, well)(answer)
    return answer if id is None else {"id": id, **answer}


def main(behaviour, name, *arguments):
    if behaviour == "exits_0":
        return 0
    if arguments == ("--pipe",):
        for line in sys.stdin:
            request = json.loads(line)
            answer = answer_to(request["file"], request.get("stages", False), behaviour, name, request["id"])
            print(json.dumps(answer), flush=True)
            if behaviour == "talks_on" and name in request["file"]:
                print(json.dumps(answer), flush=True)
        if behaviour == "never_ends":
            time.sleep(1000)
        return 3 if behaviour == "ends_badly" else 0
    answer = answer_to(arguments[-1], "--stages" in arguments, behaviour, name)
    print(json.dumps(answer))
    return 0 if behaviour == "exit_code_0" else answer.get("class", 8)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
