# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Cases kept under conformance/corpus/: HASH.mcnc, and HASH.json with the limits and both answers."""

import collections
import hashlib
import json
import re

from container import flags_of
from specification import spec

from . import ROOT
from .cases import Case

FOLDER = ROOT / "conformance/corpus"
LARGEST = 3000  # bytes of a file worth keeping for what it shows
ACCEPTED = "ok"
SHARE_OF_ACCEPTED = 15


def write(case, independent, answer):
    """The name of what was written."""
    stem = hashlib.sha256(case.data + json.dumps(case.limits).encode("ascii")).hexdigest()[:16]
    content = {"limits": case.limits, "bases": case.bases, "independent": plain(independent), "decoder": plain(answer)}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{stem}.mcnc").write_bytes(case.data)
    (FOLDER / f"{stem}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="ascii")
    return stem


def read():
    """(name, case, answers) of each case."""
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text(encoding="ascii"))
        yield path.stem, Case(path.with_suffix(".mcnc").read_bytes(), content["limits"],
                              tuple(content["bases"])), content


def plain(answer):
    """An answer without what is for people or for one exchange."""
    return {key: value for key, value in answer.items() if key not in ("id", "message")}


def signature(case, independent, answer):
    """Cases of one signature show the same, as far as the decoders' sentences and the features of a file tell."""
    if independent["class"] == 0:
        manifest = case.data[64:64 + int.from_bytes(case.data[16:24], "little")]
        return ACCEPTED, *flags_of(spec.read_manifest(manifest))
    texts = [re.sub(r"\d+", "#", each.get("message", "")) for each in (independent, answer)]
    return (independent.get("rule"), *texts)


class Novel:
    """Of each signature the smallest case."""

    def __init__(self):
        self.found = {}

    def add(self, case, independent, answer):
        if len(case.data) > LARGEST:
            return
        key = signature(case, independent, answer)
        if key not in self.found or len(case.data) < len(self.found[key][0].data):
            self.found[key] = (case, independent, answer)

    def merge(self, other):
        for each in other.found.values():
            self.add(*each)

    def best(self, count):
        """Rule by rule in turn, so that each has its share. That of what is accepted is larger."""
        shelves = collections.defaultdict(list)
        for key in sorted(self.found, key=str):
            shelves[key[0]].append(self.found[key])
        chosen = []
        while len(chosen) < count and any(shelves.values()):
            for rule, shelf in shelves.items():
                share = SHARE_OF_ACCEPTED if rule == ACCEPTED else 1
                chosen += shelf[:share]
                del shelf[:share]
        return chosen[:count]
