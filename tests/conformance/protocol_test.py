#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""A decoder keeps what conformance/PROTOCOL.md says beyond the answers to good requests.

    protocol_test.py COMMAND...    how the decoder is called
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT / "conformance"
VECTORS = CONFORMANCE / "vectors"
GOOD = str(VECTORS / "valid/one_sine/model.mcnc")
COMMAND = []


def line(**fields):
    return json.dumps(fields).encode("ascii")


# (what is wrong, line, id of the answer)
MALFORMED = (
    ("empty", b"", ""),
    ("no JSON", b"decode this, please", ""),
    ("half of an object", b'{"id": "a", "file": ', ""),
    ("two objects", line(id="a", file=GOOD) + b" " + line(id="b", file=GOOD), ""),
    ("a list", b"[1, 2]", ""),
    ("a number beyond all", b'{"id": "a", "file": 1e999}', None),
    ("nested deeply", b"[" * 100_000, ""),
    ("not UTF-8", b'{"id": "a", "file": "\xff"}', ""),
    ("a NUL", b'{"id": "a"\x00}', ""),
    ("no id", line(file=GOOD), ""),
    ("an id that is not text", line(id=7, file=GOOD), ""),
    ("no file", line(id="a"), "a"),
    ("a file that is not text", line(id="a", file=[GOOD]), "a"),
    ("a file name with a NUL", line(id="a", file=GOOD + "\0.txt"), "a"),
    ("an unknown key", line(id="a", file=GOOD, colour="red"), "a"),
    ("stages that are no truth value", line(id="a", file=GOOD, stages=1), "a"),
    ("bases that are no list", line(id="a", file=GOOD, bases=GOOD), "a"),
    ("a base that is not text", line(id="a", file=GOOD, bases=[None]), "a"),
    ("limits that are no object", line(id="a", file=GOOD, limits=[1]), "a"),
    ("an unknown limit", line(id="a", file=GOOD, limits={"seconds": 1}), "a"),
    ("a negative limit", line(id="a", file=GOOD, limits={"output_bytes": -1}), "a"),
    ("a limit with a fraction", line(id="a", file=GOOD, limits={"output_bytes": 1.5}), "a"),
    ("a limit that is a truth value", line(id="a", file=GOOD, limits={"output_bytes": True}), "a"),
    ("a limit of 2^64", line(id="a", file=GOOD, limits={"output_bytes": 1 << 64}), "a"),
)


def ask(*lines, end=b"\n"):
    """The answers to these lines. The decoder has to end with exit code 0 after them."""
    done = subprocess.run([*COMMAND, "--pipe"], input=b"\n".join(lines) + end, capture_output=True, timeout=60,
                          check=False)
    assert done.returncode == 0, (done.returncode, done.stderr)
    return [json.loads(answer) for answer in done.stdout.decode("utf-8").splitlines()]


def run(*arguments):
    done = subprocess.run([*COMMAND, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout


class ProtocolTest(unittest.TestCase):
    def test_malformed_requests_are_answered_one_by_one(self):
        good = line(id="good", file=GOOD)
        lines = [each for _, malformed, _ in MALFORMED for each in (malformed, good)]
        answers = ask(*lines)
        self.assertEqual(len(answers), len(lines))
        for (what, _, id), answer, after in zip(MALFORMED, answers[::2], answers[1::2]):
            with self.subTest(what):
                self.assertEqual((answer.get("class"), answer.get("code")), (2, "argument"), answer)
                if id is not None:
                    self.assertEqual(answer.get("id"), id)
                self.assertEqual((after["id"], after["code"]), ("good", "ok"))

    def test_the_last_line_needs_no_end(self):
        self.assertEqual([answer["code"] for answer in ask(line(id="a", file=GOOD), end=b"")], ["ok"])
        self.assertEqual(ask(end=b""), [])

    def test_keys_may_be_left_out_or_state_their_defaults(self):
        plain, full = ask(line(id="a", file=GOOD), line(id="a", file=GOOD, stages=False, bases=[], limits={}))
        self.assertEqual(plain, full)
        most = dict.fromkeys(("output_bytes", "multiply_adds", "scratch_bytes"), (1 << 64) - 1)
        self.assertEqual(ask(line(id="a", file=GOOD, limits=most)), [plain])

    def test_what_cannot_be_read(self):
        with tempfile.TemporaryDirectory() as folder:
            missing = str(pathlib.Path(folder) / "missing.mcnc")
            answers = ask(line(id="1", file=missing), line(id="2", file=folder),
                          line(id="3", file=GOOD, bases=[missing]), line(id="4", file=GOOD))
            self.assertEqual([(answer["id"], answer["class"], answer["code"]) for answer in answers],
                             [("1", 5, "read"), ("2", 5, "read"), ("3", 5, "read"), ("4", 0, "ok")])
            for arguments in ((missing,), (folder,), ("--base", missing, GOOD)):
                code, output = run(*arguments)
                self.assertEqual((code, json.loads(output)["code"]), (5, "read"))

    def test_wrong_usage(self):
        for arguments in ((), (GOOD, "--pipe"), ("--colour", GOOD), ("--max-output-bytes", "many", GOOD)):
            self.assertEqual(run(*arguments), (2, b""), arguments)

    def test_limits_without_a_request_for_them(self):
        answer, = ask(line(id="a", file=GOOD))
        self.assertEqual(answer["code"], "ok")
        done = subprocess.run([*COMMAND, "--max-output-bytes", "0", "--pipe"], input=line(id="a", file=GOOD) + b"\n",
                              capture_output=True, timeout=60, check=True)
        self.assertEqual(json.loads(done.stdout)["code"], "limit")

    def test_stages_go_on_after_what_they_explain(self):
        wrong = sorted((VECTORS / "invalid").glob("generator.fingerprint_*"))
        wrong += [VECTORS / "invalid" / name for name in ("tensor.digest_absent", "tensor.digest_second")]
        self.assertGreater(len(wrong), 5)
        answers = ask(*[line(id="a", file=str(folder / "model.mcnc"), stages=True) for folder in wrong])
        for folder, answer in zip(wrong, answers):
            with self.subTest(folder.name):
                expected = json.loads((folder / "case.json").read_text(encoding="utf-8"))["expect"]
                self.assertEqual((answer["class"], answer["code"]), (expected["class"], expected["code"]))
                self.assertEqual(sorted(answer["stages"]), ["codes", "generators", "tensors"])

    def test_least_limits(self):
        text = (CONFORMANCE / "PROTOCOL.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `(\w+)` \| ([0-9,]+) \|$", text, re.MULTILINE)
        least = {name: int(number.replace(",", "")) for name, number in rows}
        self.assertEqual(list(least), ["output_bytes", "multiply_adds", "scratch_bytes"])
        requests = []
        for path in sorted((VECTORS / "valid").glob("*/case.json")):
            case = json.loads(path.read_text(encoding="utf-8"))
            bases = [str(path.with_name(name)) for name in case.get("bases", ())]
            requests.append(line(id=case["name"], file=str(path.with_name("model.mcnc")), bases=bases, limits=least))
        refused = [answer["id"] for answer in ask(*requests) if answer.get("code") == "limit"]
        self.assertEqual(refused, [])


if __name__ == "__main__":
    COMMAND, sys.argv[1:] = sys.argv[1:], []
    unittest.main()
