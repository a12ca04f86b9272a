# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The vectors of the conformance suite, for tests of programs on all of them."""

import json
import os
import pathlib
import subprocess

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
        """Those of its bases that can be opened: the suite has some that are broken, which count as not given to it, and
        which the command line refuses under their own names."""
        return [word for base in self.bases if is_sound(base) for word in ('--base', base)]


def is_sound(path):
    return subprocess.run([os.environ['MCNC'], 'info', path], capture_output=True).returncode == 0


def vectors(kind):
    """Those of a kind: valid, invalid or limits."""
    return [Vector(case) for case in sorted((VECTORS / kind).glob('**/case.json'))]
