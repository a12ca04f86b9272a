# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Runs cases through decoders, several at a time."""

import pathlib
import queue
import threading

from .decoder import Trouble
from .judge import FAILED, PASSED, SKIPPED, Result, run_case


def read_expected_failures(path):
    """Names of cases, one a line; `#` begins a comment."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    names = [line.split("#")[0].strip() for line in lines]
    return {name for name in names if name}


def run_cases(cases, make_decoder, jobs, strict, stages):
    """Results in the order of cases, then those about the decoder as a whole."""
    waiting = queue.SimpleQueue()
    for case in cases:
        waiting.put(case)
    results, decoders = {}, []

    def work(decoder):
        while True:
            try:
                case = waiting.get_nowait()
            except queue.Empty:
                break
            results[case.name] = run_case(decoder, case, strict, stages)
        try:
            decoder.close()
        except Trouble as trouble:
            results["end of input"] = Result("end of input", "protocol", FAILED, [str(trouble)], stderr=trouble.stderr)

    threads = []
    for _ in range(max(1, min(jobs, len(cases)))):
        decoders.append(make_decoder())
        threads.append(threading.Thread(target=work, args=(decoders[-1],), daemon=True))
        threads[-1].start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        for decoder in decoders:
            decoder.kill()
        raise
    order = [case.name for case in cases] + ["end of input"]
    return [results[name] for name in order if name in results]


def apply_expectations(results, expected_failures):
    """A failure that was expected is skipped; a pass that was not, fails."""
    for result in results:
        if result.name not in expected_failures:
            continue
        if result.status == FAILED:
            result.status, result.expected_failure = SKIPPED, True
        elif result.status == PASSED:
            result.status = FAILED
            result.why.append("passed, but is in the list of expected failures: take it out")
