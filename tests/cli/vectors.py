# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The vectors of the conformance suite, for tests of programs on all of them."""

import json
import pathlib

VECTORS = pathlib.Path(__file__).resolve().parents[2] / 'conformance' / 'vectors'


class Vector:
    """A case: its name, its file, the bases that it is decoded with, and what is expected of it."""

    def __init__(self, case):
        self.case = json.loads(case.read_text())
        self.name = self.case['name']
        self.file = str(case.parent / 'model.mcnc')
        self.bases = [str(case.parent / base) for base in self.case.get('bases', ())]
        self.expect = self.case['expect']

    def base_options(self):
        return [word for base in self.bases for word in ('--base', base)]


def vectors(kind):
    """Those of a kind: valid, invalid or limits."""
    return [Vector(case) for case in sorted((VECTORS / kind).glob('**/case.json'))]
