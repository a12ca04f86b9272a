# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Checks that conformance/vectors/ and spec/rules.csv agree, and that generating the vectors again gives equal bytes.

    python3 tests/spec/check_vectors.py [root of the repository]

Prints `covered n/m`: how many of the m rules have a case that is refused for them.
"""

import csv
import hashlib
import json
import pathlib
import subprocess
import sys


def read_cases(vectors):
    """(cases by name, problems)"""
    cases = {}
    problems = []
    for path in sorted(vectors.glob("*/*/case.json")):
        name = path.parent.relative_to(vectors).as_posix()
        case = json.loads(path.read_text(encoding="utf-8"))
        cases[name] = case
        if case["name"] != name:
            problems.append(f"{name}: calls itself {case['name']}")
        if hashlib.sha256((path.parent / "model.mcnc").read_bytes()).hexdigest() != case["file_sha256"]:
            problems.append(f"{name}: model.mcnc has another SHA-256")
    return cases, problems


def check_case(name, case, cases):
    kind = name.partition("/")[0]
    decodes = case["expect"]["class"] == 0
    if kind == "valid" and not decodes:
        yield f"{name}: is refused"
    if kind == "invalid":
        if decodes or not case["rules"] or case["expect"].get("rule", case["rules"][0]) != case["rules"][0]:
            yield f"{name}: is not refused for the first of its rules"
        twin = case.get("twin", "")
        if not twin.startswith("valid/") or twin not in cases:
            yield f"{name}: its twin {twin!r} is not a valid case"
        elif case["rules"][0] not in cases[twin]["rules"]:
            yield f"{name}: its twin {twin} does not name {case['rules'][0]}"
    if kind == "limits" and not (decodes or case["expect"]["class"] == 6 and case.get("limits")):
        yield f"{name}: neither decodes nor is refused by its limits"


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    with open(root / "spec/rules.csv", encoding="utf-8", newline="") as file:
        rules = {rule["rule"]: rule for rule in csv.DictReader(file)}
    cases, problems = read_cases(root / "conformance/vectors")
    for name, case in cases.items():
        problems += check_case(name, case, cases)
        problems += [f"{name}: {rule} is not a rule" for rule in case["rules"] if rule not in rules]

    covered = 0
    named = set()
    for id, rule in rules.items():
        names = rule["vectors"].split()
        named |= set(names)
        problems += [f"rules.csv: {id} names {name}, which is not a case for it" for name in names
                     if id not in cases.get(name, {"rules": ()})["rules"]]
        refused = [name for name in names if name in cases and cases[name]["expect"]["class"] != 0
                   and cases[name]["rules"][0] == id]
        covered += bool(refused)
        if not refused:
            problems.append(f"rules.csv: nothing is refused for {id}")
        admitted = any(cases[name]["expect"]["class"] == 0 for name in names if name in cases)
        if id.startswith("limit.") and not admitted:
            problems.append(f"rules.csv: no limit of {id} is kept by a case")
    problems += [f"rules.csv: {name} is named by no rule" for name in cases
                 if not name.startswith("valid/") and name not in named]

    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"covered {covered}/{len(rules)}", flush=True)
    again = subprocess.run([sys.executable, root / "conformance/generate", "--check"], check=False)
    sys.exit(bool(problems) or again.returncode)


if __name__ == "__main__":
    main()
