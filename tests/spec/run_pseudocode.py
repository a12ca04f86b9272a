# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Runs the pseudo-code of the specification: joins its `mcnc` blocks into a decoder, then runs every `mcnc-check` block.

    python3 tests/spec/run_pseudocode.py spec/mcnc.md
"""

import ast
import re
import sys

FENCE = re.compile(r"^```(mcnc|mcnc-check)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODULES = {"hashlib", "math", "struct"}

# What section 2.3 of the specification allows beyond expressions.
STATEMENTS = (ast.Import, ast.ClassDef, ast.FunctionDef, ast.Return, ast.Assign, ast.AugAssign, ast.For, ast.While,
              ast.If, ast.Raise, ast.Try, ast.Assert, ast.Expr, ast.Pass)
EXPRESSIONS_REFUSED = (ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.JoinedStr)


def blocks(text, tag):
    """(source, line of the document) of each block; blank lines in front make Python's line numbers the document's."""
    for match in FENCE.finditer(text):
        if match.group(1) == tag:
            yield "\n" * (text.count("\n", 0, match.start()) + 1) + match.group(2)


def parse(source, path):
    tree = ast.parse(source, path)
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, STATEMENTS) or isinstance(node, EXPRESSIONS_REFUSED):
            sys.exit(f"{path}:{node.lineno}: {type(node).__name__} is not part of the pseudo-code")
        if isinstance(node, ast.Import) and not {name.name for name in node.names} <= MODULES:
            sys.exit(f"{path}:{node.lineno}: only {', '.join(sorted(MODULES))} may be imported")
    return tree


def main():
    path = sys.argv[1]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    namespace = {"__name__": "mcnc"}
    definitions = list(blocks(text, "mcnc"))
    for source in definitions:
        exec(compile(parse(source, path), path, "exec"), namespace)
    checks = list(blocks(text, "mcnc-check"))
    assertions = 0
    for source in checks:
        tree = parse(source, path)
        assertions += sum(isinstance(node, ast.Assert) for node in ast.walk(tree))
        exec(compile(tree, path, "exec"), namespace)
    if not definitions or not assertions:
        sys.exit(f"{path}: no pseudo-code or no checks found")
    print(f"{len(definitions)} blocks, {len(checks)} check blocks, {assertions} assertions hold")


if __name__ == "__main__":
    main()
