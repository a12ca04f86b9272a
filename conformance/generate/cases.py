# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What one case is."""

import dataclasses

from container import File


@dataclasses.dataclass
class Case:
    name: str  # the folder's path below vectors/
    description: str
    file: File
    rules: list
    twin: str = ""
    limits: dict = dataclasses.field(default_factory=dict)
    refused: bool = False  # for breaking rules[0]
    also: str = ""  # a rule of the same step and code that the file breaks too, so either answer is right


def valid(name, description, file, rules=()):
    return Case(f"valid/{name}", description, file, list(rules))


def invalid(rule, what, description, file, twin):
    return Case(f"invalid/{rule}_{what}", description, file, [rule], f"valid/{twin}", refused=True)


def limited(name, description, file, limits, rules, refused):
    return Case(f"limits/{name}", description, file, list(rules), limits=limits, refused=refused)


def put(*path, value):
    """An edit: sets what stands at that path of the model."""
    def edit(m):
        fields = m
        for key in path[:-1]:
            fields = fields[key]
        fields[path[-1]] = value

    return edit
