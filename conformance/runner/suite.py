# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The cases under vectors/: found, read, and checked before any decoder sees them."""

import dataclasses
import fnmatch
import hashlib
import json
import pathlib

from . import schema

ROOT = pathlib.Path(__file__).resolve().parents[1]
MODEL, CASE = "model.mcnc", "case.json"
FOLDERS = ("valid", "invalid", "limits")  # in the order in which they are run


@dataclasses.dataclass
class Case:
    name: str
    model: pathlib.Path
    data: dict  # case.json

    @property
    def expect(self):
        return self.data["expect"]

    @property
    def limits(self):
        return self.data.get("limits", {})

    @property
    def bases(self):
        return [self.model.with_name(name) for name in self.data.get("bases", ())]

    def simplicity(self):
        """The key to sort cases by: valid ones first, since nothing else means much before they pass; of each folder
        those first that need the fewest features and have the smallest files."""
        size = sum(path.stat().st_size for path in (self.model, *self.bases))
        return FOLDERS.index(self.name.partition("/")[0]), len(self.data["flags"]), size, self.name

    @property
    def group(self):
        """The folder; of invalid cases, whose names begin with a rule, also the first word of it."""
        folder, _, name = self.name.partition("/")
        area, dot, _ = name.partition(".")
        return f"{folder}/{area}" if folder == "invalid" and dot else folder


class Suite:
    """All cases, simplest first, and what is wrong with the suite itself."""

    def __init__(self, vectors=ROOT / "vectors"):
        self.vectors = pathlib.Path(vectors)
        self.cases = []
        self.broken = []  # sentences
        case_schema = schema.Schema(json.loads((ROOT / "case.schema.json").read_text(encoding="utf-8")))
        folders = {path.parent for file in (MODEL, CASE) for path in self.vectors.rglob(file)}
        for folder in sorted(folders):
            name = folder.relative_to(self.vectors).as_posix()
            try:
                self.cases.append(self._read(name, folder, case_schema))
            except (OSError, ValueError) as error:
                self.broken.append(f"{name}: {error}")
        self.cases.sort(key=Case.simplicity)
        names = {case.name for case in self.cases}
        for case in self.cases:
            twin = case.data.get("twin")
            if twin is not None and twin not in names:
                self.broken.append(f"{case.name}: its twin {twin} is not a case")

    def _read(self, name, folder, case_schema):
        data = json.loads((folder / CASE).read_text(encoding="utf-8"))
        problems = case_schema.problems(data)
        if not problems:
            problems = list(self._contradictions(name, data))
        if not problems:
            digest = hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
            if digest != data["file_sha256"]:
                problems = [f"{MODEL} has the SHA-256 {digest}, {CASE} says {data['file_sha256']}"]
        if not problems:
            problems = [f"there is no {path.name}" for path in Case(name, folder / MODEL, data).bases
                        if not path.is_file()]
        if problems:
            raise ValueError("; ".join(problems))
        return Case(name, folder / MODEL, data)

    @staticmethod
    def _contradictions(name, data):
        """What case.json gets wrong though it keeps the schema."""
        expect = data["expect"]
        if data["name"] != name:
            yield f"its name is {data['name']}"
        classes = {"valid": (0,), "invalid": (1, 3, 4), "limits": (0, 6)}[data["name"].split("/")[0]]
        if expect["class"] not in classes:
            yield f"class {expect['class']} is not for this folder"
        if data["name"].startswith("invalid/"):
            if not data["rules"]:
                yield "no rule is broken"
            elif expect.get("rule", data["rules"][0]) != data["rules"][0]:
                yield "the first of its rules is not the one expected to be broken"

    def select(self, pattern):
        """The cases whose name matches a pattern of the shell, or contains it where it has no wildcard."""
        if not any(wildcard in pattern for wildcard in "*?["):
            pattern = f"*{pattern}*"
        return [case for case in self.cases if fnmatch.fnmatchcase(case.name, pattern)]
