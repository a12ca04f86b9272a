# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What came of a run: for a terminal, as JSON, as JUnit, and as a table of several decoders in Markdown."""

import json
from xml.etree import ElementTree

from .judge import FAILED, PASSED, SKIPPED

STDERR_LINES = 12


def printable(text):
    """Text from a decoder must not move the cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def groups(results):
    """Names of the folders with their results. Cases run simplest first, which mixes the folders within `invalid`; so
    those are in order of their names here."""
    found = {}
    for result in results:
        found.setdefault(result["group"], []).append(result)
    tops = list(dict.fromkeys(name.partition("/")[0] for name in found))
    return {name: found[name] for name in sorted(found, key=lambda name: (tops.index(name.partition("/")[0]), name))}


def count(results, status):
    return sum(result["status"] == status for result in results)


def document(label, options, results, broken, seconds):
    """Everything about a run, as it is written to JSON and as the other reports read it."""
    return {
        "label": label,
        "options": options,
        "summary": {status: count(results, status) for status in (PASSED, FAILED, SKIPPED)},
        "seconds": round(seconds, 3),
        "broken": broken,
        "results": results,
    }


def summary_line(report):
    """`N passed, N failed, N skipped`; what is broken in the suite has failed."""
    summary = report["summary"]
    failed = summary[FAILED] + len(report["broken"])
    return f"{summary[PASSED]} passed, {failed} failed, {summary[SKIPPED]} skipped"


def terminal(report):
    lines = []
    table = groups(report["results"])
    width = max(map(len, table), default=0)
    for group, results in table.items():
        counts = [f"{count(results, status):5} {status}" for status in (PASSED, FAILED, SKIPPED)
                  if status == PASSED or count(results, status)]
        lines.append("  ".join([group.ljust(width), *counts]))
    lines += [f"\nBROKEN SUITE {printable(text)}" for text in report["broken"]]
    for result in report["results"]:
        if result["status"] == FAILED:
            lines.append(f"\nFAILED {result['name']}")
            lines += [f"  {printable(line)}" for line in result["why"]]
            lines += [f"  | {printable(line)}" for line in result["stderr"].splitlines()[-STDERR_LINES:]]
    skipped = [result for result in report["results"] if result["status"] == SKIPPED]
    if skipped:
        expected = sum(result["expected_failure"] for result in skipped)
        lines.append(f"\nSkipped: {len(skipped) - expected} not supported, {expected} expected to fail")
        lines += [f"  {result['name']}: {printable(result['why'][0])}" for result in skipped]
    lines += ["", summary_line(report)]
    return "\n".join(lines)


def to_json(report):
    return json.dumps(report, indent=1, ensure_ascii=True) + "\n"


def to_junit(report):
    broken = report["broken"]
    suite = ElementTree.Element("testsuite", {
        "name": report["label"], "tests": str(len(report["results"]) + len(broken)),
        "failures": str(report["summary"][FAILED] + len(broken)), "skipped": str(report["summary"][SKIPPED]),
        "time": str(report["seconds"])})
    for result in report["results"]:
        case = ElementTree.SubElement(suite, "testcase", {
            "classname": "conformance." + result["group"].replace("/", "."), "name": result["name"],
            "time": str(result["seconds"])})
        text = "\n".join(map(printable, result["why"]))
        if result["status"] == FAILED:
            ElementTree.SubElement(case, "failure", {"message": text.split("\n")[0]}).text = text
        elif result["status"] == SKIPPED:
            ElementTree.SubElement(case, "skipped", {"message": text})
    for sentence in broken:
        case = ElementTree.SubElement(suite, "testcase", {"classname": "conformance.suite", "name": "suite"})
        ElementTree.SubElement(case, "failure", {"message": printable(sentence)})
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode") + "\n"


def cell(text):
    return printable(text).replace("|", "\\|")


def matrix(reports):
    """Groups of vectors by decoders, then what failed or was skipped."""
    names = sorted({group for report in reports for group in groups(report["results"])})
    rows = [["vectors", *(report["label"] for report in reports)]]
    for name in names:
        row = [name]
        for report in reports:
            results = groups(report["results"]).get(name, [])
            skipped = count(results, SKIPPED)
            text = f"{count(results, PASSED)}/{len(results)}" + (f" ({skipped} skipped)" if skipped else "")
            row.append(text if results else "-")
        rows.append(row)
    rows.append(["all", *(f"{report['summary'][PASSED]}/{len(report['results'])}" for report in reports)])
    lines = ["| " + " | ".join(map(cell, row)) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * (len(reports) + 1))
    for report in reports:
        rest = [result for result in report["results"] if result["status"] != PASSED]
        if rest or report["broken"]:
            lines += ["", f"**{cell(report['label'])}**: {summary_line(report)}", ""]
            lines += [f"* broken suite: {cell(sentence)}" for sentence in report["broken"]]
            lines += [f"* {result['status']}: {result['name']}: {cell(result['why'][0])}" for result in rest]
    return "\n".join(lines) + "\n"


def to_markdown(report):
    return matrix([report])


WRITERS = {"json": to_json, "junit": to_junit, "markdown": to_markdown}
