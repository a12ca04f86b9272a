#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""A released schema is never changed, only added to.

usage: conformity_test.py FLATC SCHEMA_FOLDER

flatc --conform alone lets pass what this test also refuses: removed trailing fields, changed enums, grown structs, a
changed identifier.
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def declarations(text):
    """{(kind, name): [field or member, in order, with its type and default]}, and the other statements."""
    text = re.sub(r"//[^\n]*", "", text)
    tables = {}
    pattern = r"\b(table|struct|enum|union)\s+(\w+)\s*(:\s*\w+\s*)?\{([^}]*)\}"
    for kind, name, base, body in re.findall(pattern, text):
        separator = r";" if kind in ("table", "struct") else r","
        fields = ["".join(part.split()) for part in re.split(separator, body)]
        tables[kind, name] = ["".join(base.split())] + [field for field in fields if field]
    rest = {"".join(part.split()) for part in re.sub(pattern, "", text).split(";") if part.strip()}
    return tables, rest


def changes(old_text, new_text):
    """What new_text took away from or changed in old_text."""
    old, old_rest = declarations(old_text)
    new, new_rest = declarations(new_text)
    found = sorted(f"changed or removed: {statement}" for statement in old_rest - new_rest)
    for key, fields in old.items():
        now = new.get(key)
        if now is None:
            found.append(f"removed: {' '.join(key)}")
        elif now[: len(fields)] != fields:
            found.append(f"changed: {' '.join(key)}")
        elif key[0] == "struct" and len(now) != len(fields):
            found.append(f"grown: {' '.join(key)}")
    return found


def main():
    flatc, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    current = folder / "manifest.fbs"
    released = sorted((folder / "released").glob("*.fbs"))
    assert released, "no released schema"
    failures = []
    for old in released:
        run = subprocess.run([flatc, "--conform", old, "--cpp", "-o", tempfile.gettempdir(), current],
                             capture_output=True, text=True, check=False)
        if run.returncode != 0:
            failures.append(f"{old.name}: flatc: {run.stdout}{run.stderr}")
        failures += [f"{old.name}: {change}" for change in changes(old.read_text(), current.read_text())]

    # The comparison itself sees every kind of change.
    text = current.read_text()
    broken = {
        "removed trailing field": text.replace("  scratch_bytes:ulong;\n", ""),
        "changed enum value": text.replace("sine = 0", "sine = 2"),
        "changed default": text.replace("codes_per_chunk:uint = 1", "codes_per_chunk:uint = 2"),
        "grown struct": text.replace("  bytes:[ubyte:32];\n", "  bytes:[ubyte:32];\n  more:ubyte;\n"),
        "changed identifier": text.replace('"MCNC"', '"MCND"'),
        "reordered union": text.replace("union Source { Generated, Stored,", "union Source { Stored, Generated,"),
    }
    for what, changed in broken.items():
        if changed == text or not changes(text, changed):
            failures.append(f"not seen: {what}")
    added = text.replace("Shared, Product }", "Shared, Product, Constant }")
    if changes(text, added):
        failures.append("an added union member counts as a change")

    print("\n".join(failures) or f"{len(released)} released, {len(broken)} kinds of change seen")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
