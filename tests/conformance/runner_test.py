# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The runner of the conformance suite against decoders that do everything wrong, and against broken suites."""

import hashlib
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

HERE = pathlib.Path(__file__).resolve().parent
CONFORMANCE = HERE.parents[1] / "conformance"
RUN = CONFORMANCE / "run"
FAKE = HERE / "fake_decoder.py"

sys.path.insert(0, str(CONFORMANCE))
from runner import mutations  # noqa: E402

HEX = {letter: 64 * letter for letter in "abcdef"}
STAGES = {
    "generators": [{"weights": HEX["a"]}],
    "codes": [{"code": 0, "alpha": HEX["a"], "beta": HEX["b"], "g": HEX["f"], "layers": [
        {"accumulator": HEX["c"], "phase": HEX["d"], "sine": HEX["e"], "activation": HEX["f"]}]}],
    "tensors": [{"theta0": HEX["a"], "sum": HEX["b"]}],
}


def decoded(**more):
    return {"class": 0, "code": "ok", "weights_identity": HEX["b"],
            "tensors": [{"name": "w", "dtype": "F32", "shape": [2, 2], "digest": HEX["c"]}], **more}


def refused(class_, code, rule):
    return {"class": class_, "code": code, "rule": rule}


CASES = {
    "valid/first": {"expect": decoded(), "flags": ["sines"]},
    "valid/second": {"expect": decoded(stages=STAGES)},
    "invalid/container.magic_wrong": {"expect": refused(3, "magic", "container.magic"), "rules": ["container.magic"],
                                      "twin": "valid/first"},
    "invalid/segment.digest_wrong": {"expect": refused(1, "segment_digest", "segment.digest"),
                                     "rules": ["segment.digest"]},
    "limits/output": {"expect": refused(6, "limit", "limit.output"), "limits": {"output_bytes": 3}},
}
ALL_PASS = "5 passed, 0 failed, 0 skipped"


class RunnerTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcnc-runner-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.vectors = self.folder / "vectors"
        for name, fields in CASES.items():
            self.write_case(name, **fields)

    def write_case(self, name, **fields):
        folder = self.vectors / name
        folder.mkdir(parents=True)
        model = name.encode("ascii")
        (folder / "model.mcnc").write_bytes(model)
        self.write_json(name, {"name": name, "description": "A case.", "rules": [], "flags": [],
                               "file_sha256": hashlib.sha256(model).hexdigest(), **fields})

    def write_json(self, name, case):
        (self.vectors / name / "case.json").write_text(json.dumps(case), encoding="utf-8")

    def read_json(self, name):
        return json.loads((self.vectors / name / "case.json").read_text(encoding="utf-8"))

    def run_suite(self, behaviour, name="second", *options, code):
        """Output of the runner, which must end with `code`."""
        decoder = shlex.join([sys.executable, "-S", str(FAKE), behaviour, name])
        return self.run_program("--decoder", decoder, "--vectors", self.vectors, *options, code=code)

    def run_program(self, *options, code):
        done = subprocess.run([sys.executable, RUN, *map(str, options)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False)
        output = done.stdout.decode("utf-8")
        self.assertEqual(done.returncode, code, output)
        self.assertNotIn("Traceback", output)
        return output

    def assert_summary(self, output, summary):
        self.assertEqual(re.findall(r"^\d+ passed, .*$", output, re.MULTILINE), [summary], output)

    def assert_one_fails(self, output, name, text):
        self.assert_summary(output, "4 passed, 1 failed, 0 skipped")
        self.assertRegex(output, re.compile(rf"^FAILED {re.escape(name)}$", re.MULTILINE))
        self.assertIn(text, output)


class WellTest(RunnerTest):
    def test_pipe(self):
        self.assert_summary(self.run_suite("well", code=0), ALL_PASS)

    def test_single(self):
        self.assert_summary(self.run_suite("well", "", "--mode", "single", code=0), ALL_PASS)

    def test_stages_jobs(self):
        self.assert_summary(self.run_suite("well", "", "--stages", "--jobs", "3", code=0), ALL_PASS)

    def test_filter(self):
        for pattern, summary in (("invalid/*", "2 passed, 0 failed, 0 skipped"),
                                 ("second", "1 passed, 0 failed, 0 skipped")):
            self.assert_summary(self.run_suite("well", "", "--filter", pattern, code=0), summary)


    def test_simplest_first(self):
        self.write_case("valid/a_feature", expect=decoded(), flags=["sines", "cosines"])
        self.write_case("valid/with_base", expect=decoded(), bases=["base.mcnc"], flags=["sines"])
        (self.vectors / "valid/with_base/base.mcnc").write_bytes(bytes(1000))
        file = self.folder / "report"
        self.run_suite("well", "", "--report", f"json={file}", code=0)
        names = [result["name"] for result in json.loads(file.read_text(encoding="utf-8"))["results"]]
        self.assertEqual(names, ["valid/second", "valid/first", "valid/with_base", "valid/a_feature",
                                 "invalid/segment.digest_wrong", "invalid/container.magic_wrong", "limits/output"])


class MisbehaviourTest(RunnerTest):
    """One case goes wrong; the others are answered all the same."""

    def test_in_pipe_and_single_mode(self):
        for behaviour, text in {
            "crashes": "crash: ended by SIGSEGV",
            "dies_loudly": "| out of luck\\x1b[2J",
            "garbage": "'decoded 3 tensors",
            "silent": "ended with exit code 0",
            "bad_shape": "tensor 0: came     {'name': 'w', 'dtype': 'F32', 'shape': [2, 2.0]",
            "says_ok": "expected 1 tensors, came 0",
        }.items():
            for mode in ("pipe", "single"):
                with self.subTest(behaviour=behaviour, mode=mode):
                    output = self.run_suite(behaviour, "second", "--mode", mode, code=1)
                    self.assert_one_fails(output, "valid/second", text)

    def test_hang(self):
        for mode in ("pipe", "single"):
            with self.subTest(mode=mode):
                output = self.run_suite("hangs", "second", "--mode", mode, "--timeout", "1", code=1)
                self.assert_one_fails(output, "valid/second", "hang: no answer in time")

    def test_memory(self):
        for mode in ("pipe", "single"):
            with self.subTest(mode=mode):
                output = self.run_suite("allocates", "second", "--mode", mode, "--memory", "1024", code=1)
                self.assert_one_fails(output, "valid/second", "MemoryError")

    def test_wrong_id(self):
        output = self.run_suite("unordered", code=1)
        self.assert_one_fails(output, "valid/second", "answered with id 'another'")

    def test_two_answers(self):
        output = self.run_suite("talks_on", "second", "--jobs", "1", code=1)
        self.assertIn("garbage: ", output)

    def test_exit_code_0_on_everything(self):
        for mode in ("pipe", "single"):
            with self.subTest(mode=mode):
                output = self.run_suite("exits_0", "", "--mode", mode, code=1)
                self.assert_summary(output, "0 passed, 5 failed, 0 skipped")

    def test_ok_on_everything(self):
        for mode in ("pipe", "single"):
            with self.subTest(mode=mode):
                output = self.run_suite("says_ok", "", "--mode", mode, code=1)
                self.assert_summary(output, "0 passed, 5 failed, 0 skipped")

    def test_exit_code_against_answer(self):
        output = self.run_suite("exit_code_0", "", "--mode", "single", code=1)
        self.assert_summary(output, "2 passed, 3 failed, 0 skipped")
        self.assertIn("its answer asks for exit code 6, it ended with 0", output)

    def test_end_of_input(self):
        output = self.run_suite("ends_badly", "", "--jobs", "1", code=1)
        self.assert_summary(output, "5 passed, 1 failed, 0 skipped")
        self.assertIn("exit code 3 at the end of the input", output)
        self.assertIn("hang", self.run_suite("never_ends", "", "--jobs", "1", "--timeout", "1", code=1))


class ComparisonTest(RunnerTest):
    def test_rule(self):
        output = self.run_suite("bad_rule", "magic", code=1)
        self.assert_one_fails(output, "invalid/container.magic_wrong",
                              "expected class 3, code magic, rule container.magic")
        output = self.run_suite("no_rule", "magic", code=1)
        self.assert_one_fails(output, "invalid/container.magic_wrong", "names no rule: --no-strict")
        for behaviour in ("bad_rule", "no_rule"):
            self.assert_summary(self.run_suite(behaviour, "magic", "--no-strict", code=0), ALL_PASS)

    def test_stages_compared(self):
        output = self.run_suite("bad_stage", "second", "--stages", code=1)
        self.assert_one_fails(output, "valid/second", "first differing stage: codes[0].layers[0].phase")

    def test_stages_explain(self):
        output = self.run_suite("wrong_sine", code=1)
        self.assert_one_fails(output, "valid/second", "first differing stage: codes[0].layers[0].sine")

    def test_stages_after_a_refusal(self):
        for behaviour, text in {
            "wrong_fingerprint": "first differing stage: generators[0].weights: expected aaaa",
            "wrong_fingerprint_alone": "stages: the answer has none, but after code fingerprint they are still wanted",
            "wrong_probes": "stages: all are equal",
        }.items():
            for options in ((), ("--stages",), ("--mode", "single")):
                with self.subTest(behaviour=behaviour, options=options):
                    self.assert_one_fails(self.run_suite(behaviour, "second", *options, code=1), "valid/second", text)

    def test_what_is_missing_hides_nothing(self):
        output = self.run_suite("partial_stages", code=1)
        self.assert_one_fails(output, "valid/second", "first differing stage: tensors[0].sum: expected bbbb")
        self.assertIn("(and generators[0].weights is missing)", output)
        output = self.run_suite("few_stages", code=1)
        self.assert_one_fails(output, "valid/second",
                              "stages: codes[0].code is missing, those that are there are equal")

    def test_not_supported(self):
        output = self.run_suite("not_supported", "first", code=0)
        self.assert_summary(output, "4 passed, 0 failed, 1 skipped")
        self.assertIn("1 not supported", output)
        output = self.run_suite("not_supported", "second", "--mode", "single", code=1)
        self.assert_one_fails(output, "valid/second", "the case has no flags")


class ExpectedFailuresTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.list = self.folder / "expected"
        self.list.write_text("# why\nvalid/second  # not yet\n", encoding="utf-8")

    def test_failure(self):
        output = self.run_suite("crashes", "second", "--expect-failures", self.list, code=0)
        self.assert_summary(output, "4 passed, 0 failed, 1 skipped")
        self.assertIn("1 expected to fail", output)

    def test_unexpected_pass(self):
        output = self.run_suite("well", "", "--expect-failures", self.list, code=1)
        self.assert_one_fails(output, "valid/second", "take it out")

    def test_stranger(self):
        self.list.write_text("valid/third\n", encoding="utf-8")
        self.assertIn("valid/third", self.run_suite("well", "", "--expect-failures", self.list, code=2))


class NothingRanTest(RunnerTest):
    def test_no_case(self):
        self.assertIn("no case", self.run_suite("well", "", "--filter", "nothing", code=2))
        shutil.rmtree(self.vectors)
        self.assertIn("no case", self.run_suite("well", code=2))
        self.write_case("valid/first", **CASES["valid/first"])
        self.assertIn("no case ran", self.run_suite("not_supported", "", code=2))

    def test_usage(self):
        for options in ([], ["--decoder", "/no/such/program"], ["--decoder", "cat", "--report", "pdf=x"],
                        ["--decoder", "cat", "--jobs", "0"], ["--matrix", self.folder / "nothing.json"]):
            with self.subTest(options=options):
                self.run_program(*options, code=2)


class BrokenSuiteTest(RunnerTest):
    def assert_broken(self, text):
        output = self.run_suite("well", code=1)
        self.assertRegex(output, r"BROKEN SUITE .*" + re.escape(text))
        self.assertRegex(output, re.compile(r"^\d passed, 1 failed, 0 skipped$", re.MULTILINE))

    def change(self, name, **fields):
        self.write_json(name, {**self.read_json(name), **fields})

    def test_missing_files(self):
        (self.vectors / "valid/second/model.mcnc").unlink()
        self.assert_broken("valid/second: ")

    def test_missing_case(self):
        (self.vectors / "valid/second/case.json").unlink()
        self.assert_broken("valid/second: ")

    def test_digest(self):
        (self.vectors / "valid/second/model.mcnc").write_bytes(b"changed")
        self.assert_broken("model.mcnc has the SHA-256")

    def test_no_json(self):
        (self.vectors / "valid/second/case.json").write_bytes(b"{")
        self.assert_broken("valid/second: ")
        (self.vectors / "valid/second/case.json").write_bytes(b'{"\xff": 1}')
        self.assert_broken("valid/second: ")

    def test_schema(self):
        good = self.read_json("valid/second")
        for fields, text in (
            ({"name": "valid/Second"}, "case.json.name does not match"),
            ({"colour": "red"}, "an unknown key 'colour'"),
            ({"rules": ["a.b", "a.b"]}, "case.json.rules has an item twice"),
            ({"limits": {"output_bytes": -1}}, "case.json.limits.output_bytes is below 0"),
            ({"limits": {"output_bytes": True}}, "case.json.limits.output_bytes is not an integer"),
            ({"expect": {"class": 0, "code": "ok"}}, "case.json.expect lacks tensors"),
            ({"expect": refused(3, "limit", "limit.output")}, "case.json.expect.code is none of"),
            ({"file_sha256": HEX["a"] + "\n"}, "case.json.file_sha256 does not match"),
        ):
            with self.subTest(fields=fields):
                self.write_json("valid/second", {**good, **fields})
                self.assert_broken(text)

    def test_contradictions(self):
        name = "invalid/container.magic_wrong"
        good = self.read_json(name)
        for fields, text in (
            ({"name": "invalid/other"}, "its name is invalid/other"),
            ({"rules": []}, "no rule is broken"),
            ({"rules": ["segment.digest"]}, "the first of its rules"),
            ({"expect": refused(6, "limit", "limit.output")}, "class 6 is not for this folder"),
            ({"twin": "valid/third"}, "its twin valid/third is not a case"),
        ):
            with self.subTest(fields=fields):
                self.write_json(name, {**good, **fields})
                self.assert_broken(text)


class MutationTest(unittest.TestCase):
    """A substitution that has lost its place in the source must not pass for a mutant."""

    def test_applies_once_or_never(self):
        mutation = mutations.Mutation("name", "a + b", "a - b", more=(("x", "y"),))
        self.assertEqual(mutation.apply("x = a + b"), "y = a - b")
        for source in ("x = a", "a + b", "x = a + b; a + b"):
            with self.assertRaisesRegex(ValueError, "mutation name no longer applies"):
                mutation.apply(source)

    def test_names(self):
        names = [mutation.name for mutation in mutations.all_mutations()]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreaterEqual(len(names), 40)


class ReportTest(RunnerTest):
    def test_reports_and_matrix(self):
        files = {kind: self.folder / kind for kind in ("json", "junit", "markdown")}
        reports = [option for kind, file in files.items() for option in ("--report", f"{kind}={file}")]
        self.run_suite("crashes", "magic", "--label", "fa|ke", *reports, code=1)

        report = json.loads(files["json"].read_text(encoding="utf-8"))
        self.assertEqual(report["summary"], {"passed": 4, "failed": 1, "skipped": 0})
        failed = [result for result in report["results"] if result["status"] == "failed"]
        self.assertEqual([result["name"] for result in failed], ["invalid/container.magic_wrong"])

        suite = ElementTree.parse(files["junit"]).getroot()
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("5", "1"))
        self.assertIn("SIGSEGV", suite.find("testcase/failure").get("message"))

        self.assertIn("| invalid/container | 0/1 |", files["markdown"].read_text(encoding="utf-8"))
        table = self.run_program("--matrix", files["json"], files["json"], code=0)
        self.assertEqual(table.splitlines()[0], "| vectors | fa\\|ke | fa\\|ke |")
        self.assertIn("| valid | 2/2 | 2/2 |", table)
        self.assertIn("| all | 4/5 | 4/5 |", table)


if __name__ == "__main__":
    unittest.main()
