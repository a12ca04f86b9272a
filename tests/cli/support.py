# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What the tests of the mcnc program share. MCNC and MAKE_FILE in the environment name the programs."""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

MCNC = os.environ['MCNC']
MAKE_FILE = os.environ['MAKE_FILE']

SIZES = {'F32': 4, 'F16': 2, 'BF16': 2, 'I64': 8, 'U16': 2, 'U8': 1, 'I8': 1}


class CliTest(unittest.TestCase):
    """A test with a folder of its own, where the programs run."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='mcnc-cli-'))
        self.addCleanup(shutil.rmtree, self.folder)

    def make(self, kind, name=None, bases=()):
        """Writes the model `kind` of make_file.cc; returns its path."""
        path = self.folder / (name or kind + '.mcnc')
        subprocess.run([MAKE_FILE, kind, path, *bases], check=True, cwd=self.folder)
        return path

    def mcnc(self, *args, code=0, **options):
        """Runs mcnc, checks the exit code, returns (stdout, stderr) as bytes."""
        options = {'stdout': subprocess.PIPE, **options}
        done = subprocess.run([MCNC, *args], cwd=self.folder, stderr=subprocess.PIPE, timeout=60, **options)
        self.assertEqual(done.returncode, code, done.stderr.decode(errors='replace'))
        if code == 0 and args[0] == 'import':
            # It says what it made.
            self.assertTrue(done.stderr == b'' or done.stderr.startswith(b'mcnc: '), done.stderr)
        elif code == 0:
            self.assertEqual(done.stderr, b'')
        else:
            self.assertTrue(done.stderr.startswith(b'mcnc: '), done.stderr)
            self.assertTrue(done.stderr.isascii() and b'\x1b' not in done.stderr, done.stderr)
        return done.stdout, done.stderr

    def info(self, path):
        return json.loads(self.mcnc('info', '--json', path)[0])

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())


def ramp(size):
    """The stored bytes that make_file.cc writes."""
    return bytes(37 * i % 256 for i in range(size))


def read_safetensors(data):
    """(header, {name: bytes}), after a check of everything the format asks for."""
    (length,) = struct.unpack_from('<Q', data)
    assert length % 8 == 0
    header = json.loads(data[8:8 + length])
    body = data[8 + length:]
    tensors = {}
    ends = []
    for name, entry in header.items():
        if name == '__metadata__':
            assert all(isinstance(value, str) for value in entry.values())
            continue
        begin, end = entry['data_offsets']
        elements = 1
        for dimension in entry['shape']:
            elements *= dimension
        size = SIZES[entry['dtype']]
        assert end - begin == elements * size
        assert begin % size == 0
        tensors[name] = body[begin:end]
        ends.append((begin, end))
    position = 0
    for begin, end in sorted(ends):
        assert begin == position
        position = end
    assert position == len(body)
    return header, tensors
