# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Checks that specification, spec/rules.csv and SDK know the same rules.

    python3 tests/spec/check_rules.py [root of the repository]

Prints `covered n/m`: how many of the m rules the SDK can report.
"""

import csv
import pathlib
import re
import sys

ID = r"[a-z_0-9]+\.[a-z_0-9]+"
VALIDATION = "14"  # the section that orders the rules
ERRORS = "15"  # the section that gives them codes


def outside_fences(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def paragraphs(text):
    """(section number, text) of every paragraph, list item and table row."""
    section = ""
    for block in re.split(r"\n\s*\n|\n(?=\* |\d+\. |\|)", text):
        heading = re.match(r"#+ (\d+(?:\.\d+)*|[A-Z](?:\.\d+)?) ", block.lstrip("\n"))
        if heading:
            section = heading.group(1)
        yield section, block


def codes_in_text(section, paragraph):
    """(rule, number and name of its code) of each rule in a row of the table of codes."""
    row = re.fullmatch(r"\| (\d+ \w+) \| (`.*`) \|", paragraph.strip())
    return [(id, row.group(1)) for id in re.findall(rf"`({ID})`", row.group(2))] if section == ERRORS and row else []


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    problems = []
    with open(root / "spec/rules.csv", encoding="utf-8", newline="") as file:
        rules = list(csv.DictReader(file))
    ids = [rule["rule"] for rule in rules]
    problems += [f"rules.csv: {id} twice" for id in sorted(set(ids)) if ids.count(id) > 1]

    header = (root / "sdk/include/mcnc/status.h").read_text(encoding="utf-8")
    numbers = {name.lower(): number for name, number in re.findall(r"^  k(\w+) = (\d+),", header, re.MULTILINE)}
    problems += [f"rules.csv: {rule['rule']} has code {rule['code']}, which is none of status.h"
                 for rule in rules if rule["code"].replace("_", "") not in numbers]

    text = (root / "spec/mcnc.md").read_text(encoding="utf-8")
    defined = {}
    order = []
    coded = []
    for section, paragraph in paragraphs(outside_fences(text)):
        for id in re.findall(rf"\[({ID})\]", paragraph):
            defined.setdefault(id, []).append(section)
        if section == VALIDATION and paragraph.startswith("|"):
            order += [id for id in re.findall(rf"`({ID})`", paragraph) if id not in order]
        coded += codes_in_text(section, paragraph)
        if "MUST" in paragraph and section.split(".")[0] != "2" and not re.search(rf"\[{ID}\]$", paragraph.rstrip()):
            problems.append(f"mcnc.md, section {section}: a MUST without a rule: {paragraph.strip()[:60]}")
    for rule in rules:
        sections = defined.get(rule["rule"], [])
        if sections != [rule["section"]]:
            problems.append(f"{rule['rule']}: defined in sections {sections}, rules.csv says {rule['section']!r}")
    problems += [f"mcnc.md: {id} is not a rule of rules.csv" for id in defined if id not in ids]
    code = "".join(re.findall(r"^```mcnc\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    problems += [f"mcnc.md, pseudo-code: {id} is not a rule of rules.csv"
                 for id in sorted(set(re.findall(rf'"({ID})"', code)) - set(ids))]
    if order != ids:
        problems.append(f"rules.csv is not in the order of mcnc.md, section {VALIDATION}")

    expected = sorted((rule["rule"], f"{numbers.get(rule['code'].replace('_', ''))} {rule['code']}") for rule in rules)
    problems += [f"{id}: mcnc.md, section {ERRORS}, and rules.csv do not agree that its code is {code}"
                 for id, code in sorted(set(expected) ^ set(coded))]
    if len(coded) != len(set(coded)):
        problems.append(f"mcnc.md, section {ERRORS}: a rule twice")

    sources = [path for path in sorted((root / "sdk/src").rglob("*")) if path.suffix in (".cc", ".h")]
    sdk = "".join(path.read_text(encoding="utf-8") for path in sources)
    missing = [id for id in ids if f'"{id}"' not in sdk]
    problems += [f"sdk/src: nothing reports {id}" for id in missing]

    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"covered {len(ids) - len(missing)}/{len(ids)}")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
