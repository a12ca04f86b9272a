#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Makes conformance/vectors/ and the `vectors` column of spec/rules.csv.

    python3 conformance/generate            writes them
    python3 conformance/generate --check    says what differs from what would be written, and writes nothing

Files are built with the pseudo-code of the specification. What they decode to, or the rule they are refused for, has
to be the same in the pseudo-code and in conformance/independent/, which is where the expected answers come from.
"""

import argparse
import csv
import fnmatch
import hashlib
import io
import json
import sys
from functools import partial

import cases_container
import cases_flatbuffer
import cases_floats
import cases_generators
import cases_limits
import cases_products
import cases_readings
import cases_segments
import cases_slices
import cases_sums
import cases_tensors
import cases_valid_container
import cases_valid_floats
import cases_valid_generators
import cases_valid_numbers
import cases_valid_products
import cases_valid_tensors
import cases_zstd
import cases_zstd_blocks
from families import FAMILIES
from readme import readme
from specification import ROOT, load_rules, spec

sys.path.insert(0, str(ROOT / "conformance/independent"))
import mcnc_decoder  # noqa: E402

MODULES = (cases_valid_generators, cases_valid_numbers, cases_valid_tensors, cases_valid_container, cases_valid_floats,
           cases_valid_products, cases_zstd, cases_zstd_blocks, cases_readings, cases_container, cases_flatbuffer,
           cases_generators, cases_floats, cases_tensors, cases_products, cases_slices, cases_segments, cases_sums,
           cases_limits)
VECTORS = ROOT / "conformance/vectors"
RULES = ROOT / "spec/rules.csv"
LIMITS = mcnc_decoder.DEFAULT_LIMITS


def supplied(case):
    """(name of the file, File) of each base."""
    files = case.file.supplies() if case.bases is None else case.bases
    return [(f"base{i + 1 if i else ''}.mcnc", file) for i, file in enumerate(files)]


def read_pseudo_code(data, limits, files):
    """The rule that the pseudo-code refuses a file for, or None and the tensors: name -> (dtype, shape, bytes)."""
    try:
        m = spec.open_file(data, limits)
        bases = []
        for entry in m["bases"]:
            found = [file for file in files if file.manifest["weights_identity"] == entry["weights_identity"]]
            rule, tensors = read_pseudo_code(found[0].data, limits, files) if found else (None, {})
            if rule:
                return rule, {}
            bases.append(tensors)
        shapes = {t["name"]: (t["dtype"], t["shape"]) for t in m["tensors"]}
        return None, {name: (*shapes[name], data) for name, data in spec.decode_file(data, limits, bases)}
    except spec.Refused as error:
        return str(error), {}


def expected(case, codes):
    """(the answer, what is wrong with it)"""
    files = [file for _, file in supplied(case)]
    answer = mcnc_decoder.decode(case.file.data, case.limits, True, [file.data for file in files])
    rule = case.rules[0] if case.refused else None
    read, tensors = read_pseudo_code(case.file.data, {**LIMITS, **case.limits}, files)
    for who, found in (("pseudo-code", (read, [spec.tensor_digest(data).hex() for _, _, data in tensors.values()])),
                       ("independent decoder", (answer.get("rule"), [t["digest"] for t in answer.get("tensors", [])]))):
        if found[0] != rule and found[0] not in (case.also or rule,):
            return answer, f"{case.name}: the {who} says {found[0] or 'ok'}, not {rule or 'ok'}"
        if rule is None and found[1] != [t["digest"].hex() for t in spec.outputs_of(case.file.manifest)]:
            return answer, f"{case.name}: the {who} decodes to other tensors"
    if rule is not None:
        answer = {"class": answer["class"], "code": answer["code"], "rule": rule}
        if answer["code"] != codes[rule]:
            return answer, f"{case.name}: code {answer['code']}, not {codes[rule]}"
    if case.also:
        del answer["rule"]
    return answer, None


def collect(rules):
    """(cases by name, problems)"""
    cases = {}
    problems = []
    for module in MODULES:
        for case in module.cases():
            if case.name in cases:
                problems.append(f"{case.name}: twice")
            cases[case.name] = case
    order = {rule["rule"]: i for i, rule in enumerate(rules)}
    for case in cases.values():
        twin = cases.get(case.twin)
        if twin is not None and case.rules[0] not in twin.rules:
            twin.rules.append(case.rules[0])
        elif twin is None and case.twin:
            problems.append(f"{case.name}: no case {case.twin}")
    for case in cases.values():
        case.rules[case.refused:] = sorted(case.rules[case.refused:], key=order.get)
    return cases, problems


def case_json(case, answer):
    fields = {"name": case.name, "description": case.description, "rules": case.rules, "flags": case.file.flags,
              "twin": case.twin, "limits": case.limits, "bases": [name for name, _ in supplied(case)],
              "file_sha256": hashlib.sha256(case.file.data).hexdigest(),
              "expect": answer}
    fields = {key: value for key, value in fields.items() if value or key not in ("twin", "limits", "bases")}
    return (json.dumps(fields, indent=1) + "\n").encode("ascii")


def rules_csv(rules, cases):
    """Each rule names what is refused for it, and the cases with limits."""
    out = io.StringIO()
    writer = csv.DictWriter(out, rules[0].keys(), lineterminator="\n")
    writer.writeheader()
    for rule in rules:
        names = [case.name for case in cases.values()
                 if not case.name.startswith("valid/") and rule["rule"] in case.rules]
        writer.writerow({**rule, "vectors": " ".join(sorted(names))})
    return out.getvalue().encode("utf-8")


def sort_families(names):
    """((number, title, names of cases) of each family, problems)"""
    families = []
    problems = []
    for number, (title, patterns) in FAMILIES.items():
        families.append((number, title, [name for name in names if any(map(partial(fnmatch.fnmatch, name), patterns))]))
        problems += [f"family {number}: no case is {pattern}" for pattern in patterns
                     if not fnmatch.filter(names, pattern)]
    return families, problems


def write(files):
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    for path in sorted(VECTORS.rglob("*"), reverse=True):
        if path.is_file() and path not in files:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def differences(files):
    for path, content in files.items():
        if not path.exists():
            yield f"{path.relative_to(ROOT)} is missing"
        elif path.read_bytes() != content:
            yield f"{path.relative_to(ROOT)} differs"
    for path in sorted(VECTORS.rglob("*")):
        if path.is_file() and path not in files:
            yield f"{path.relative_to(ROOT)} is no file of a case"


def main():
    arguments = argparse.ArgumentParser(description="Makes the vectors of the conformance suite.")
    arguments.add_argument("--check", action="store_true", help="compare with what is there, write nothing")
    check = arguments.parse_args().check

    rules = load_rules()
    codes = {rule["rule"]: rule["code"] for rule in rules}
    cases, problems = collect(rules)
    files = {}
    for case in cases.values():
        answer, problem = expected(case, codes)
        if problem:
            problems.append(problem)
        else:
            files[VECTORS / case.name / "case.json"] = case_json(case, answer)
            files[VECTORS / case.name / "model.mcnc"] = case.file.data
            files.update({VECTORS / case.name / name: file.data for name, file in supplied(case)})
    files[RULES] = rules_csv(rules, cases)
    families, without_case = sort_families(list(cases))
    problems += without_case
    files[VECTORS / "README.md"] = readme(list(cases), families)
    if check:
        problems += differences(files)
    elif not problems:
        write(files)

    for number, title, found in families:
        print(f"family {number:2}: {len(found):3} cases, {title}")
    kinds = [name.partition("/")[0] for name in cases]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("valid", "invalid", "limits"))
    print(f"{len(cases)} cases: {counts}; {sum(map(len, files.values())) - len(files[RULES])} bytes")
    print(*problems, sep="\n", end="\n" if problems else "")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
