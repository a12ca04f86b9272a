# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Where output goes, and what is left where it cannot."""

import json
import os
import pty
import resource
import signal
import struct
import subprocess
import time
import unittest

from support import MCNC, CliTest, writes_in

# Commands that write a file of the models `every.mcnc` and `recipe`.
WRITING = (['decode', 'every.mcnc'], ['import', 'recipe'], ['transcode', 'every.mcnc', '--zstd-level', '3'],
           ['meta', 'every.mcnc', 'set', 'general.name=x'])


def little_disk():
    """No file of this process may grow beyond 100 KB; the write fails instead of killing it."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


class OutputTest(CliTest):
    def test_nothing_is_replaced_unless_told(self):
        self.make('tiny')
        out = self.folder / 'out'
        out.write_text('precious')
        _, err = self.mcnc('decode', 'tiny.mcnc', '-o', 'out', code=2)
        self.assertIn(b'--force', err)
        self.assertEqual(out.read_text(), 'precious')
        self.mcnc('decode', 'tiny.mcnc', '-f', '-o', 'out')
        self.assertNotEqual(out.read_bytes(), b'precious')
        self.assertEqual(self.files(), ['out', 'tiny.mcnc'])

    def write_recipe(self, name, size):
        """A file of one tensor that does not get smaller, and what imports it."""
        header = json.dumps({'w': {'dtype': 'U8', 'shape': [size], 'data_offsets': [0, size]}}).encode()
        (self.folder / (name + '.safetensors')).write_bytes(struct.pack('<Q', len(header)) + header + os.urandom(size))
        (self.folder / name).write_text(json.dumps({'recipe': 1, 'store_all': [name + '.safetensors']}))

    def test_full_devices(self):
        self.make('every')
        self.write_recipe('recipe', 1000)
        for command in (['info'], ['info', '--json'], ['verify'], ['digest'], ['dump'], ['decode']):
            with open('/dev/full', 'wb') as full:
                self.mcnc(*command, 'every.mcnc', stdout=full, code=5)
        for command in WRITING:
            self.mcnc(*command, '-o', '/dev/full', code=5)
            with open('/dev/full', 'wb') as full:
                self.mcnc(*command, '-o', '-', stdout=full, code=5)
        with open('/dev/full', 'wb') as full:
            self.mcnc('--help', stdout=full, code=5)

    def test_a_disk_that_fills(self):
        self.make('large')
        out = self.folder / 'out'
        out.write_text('old')
        self.mcnc('decode', 'large.mcnc', '-f', '-o', 'out', code=5, preexec_fn=little_disk)
        self.assertEqual(out.read_text(), 'old')
        self.mcnc('decode', 'large.mcnc', '-o', 'new', code=5, preexec_fn=little_disk)
        self.assertEqual(self.files(), ['large.mcnc', 'out'])

    def test_a_disk_that_fills_while_a_model_is_written(self):
        self.write_recipe('recipe', 200_000)
        self.mcnc('import', 'recipe', '-o', 'full.mcnc')
        files = self.files()
        for command in (['import', 'recipe'], ['transcode', 'full.mcnc', '--zstd-level', '3'],
                        ['meta', 'full.mcnc', 'set', 'general.name=x']):
            self.mcnc(*command, '-o', 'new', code=5, preexec_fn=little_disk)
            self.mcnc(*command, '-f', '-o', 'full.mcnc', code=5, preexec_fn=little_disk)
            self.assertEqual(self.files(), files)
        self.mcnc('verify', 'full.mcnc')

    def test_models_to_a_stream(self):
        """By way of the temporary folder, where nothing stays."""
        self.make('every')
        self.write_recipe('recipe', 300_000)
        temporary = self.folder / 'temporary'
        temporary.mkdir()
        for command in WRITING:
            environment = {**os.environ, 'TMPDIR': str(temporary)}
            out = subprocess.run([MCNC, *command, '-o', '-'], cwd=self.folder, env=environment, stderr=subprocess.PIPE,
                                 stdout=subprocess.PIPE, check=True).stdout
            subprocess.run([MCNC, *command, '-o', 'out'], cwd=self.folder, stderr=subprocess.PIPE, check=True)
            self.assertEqual((self.folder / 'out').read_bytes(), out)
            (self.folder / 'out').unlink()
            self.assertEqual(list(temporary.iterdir()), [])
        self.mcnc('import', 'recipe', '-o', '-', code=5, env={**os.environ, 'TMPDIR': str(temporary / 'missing')})

    def started(self, *command):
        """The command, once it has begun to write. It ends on a hangup, also where these tests run under nohup."""
        process = subprocess.Popen([MCNC, *command], cwd=self.folder, stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
        while process.poll() is None and not writes_in(self.folder, process.pid):
            time.sleep(0.001)
        return process

    def test_a_source_that_gets_shorter(self):
        self.write_recipe('recipe', 24_000_000)
        process = self.started('import', 'recipe', '-o', 'out')
        os.truncate(self.folder / 'recipe.safetensors', 1_000_000)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 3, err)
        self.assertIn(b'/store_all/0: tensor w of recipe.safetensors: ', err)
        self.assertEqual(self.files(), ['recipe', 'recipe.safetensors'])

    def test_an_interrupt_leaves_no_model(self):
        self.write_recipe('recipe', 24_000_000)
        self.mcnc('import', 'recipe', '--zstd-level', '1', '-o', 'in')
        files = self.files()
        for command in (['import', 'recipe'], ['transcode', 'in', '--zstd-level', '19']):
            process = self.started(*command, '-o', 'out')
            process.send_signal(signal.SIGTERM)
            process.communicate()
            self.assertEqual(process.returncode, -signal.SIGTERM)
            self.assertEqual(self.files(), files)

    def test_an_interrupt_leaves_nothing(self):
        self.make('huge')
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = self.started('decode', 'huge.mcnc', '-o', 'out')
            process.send_signal(number)
            process.communicate()
            self.assertEqual(process.returncode, -number)
            self.assertEqual(self.files(), ['huge.mcnc'])

    def test_places_that_cannot_be_written(self):
        self.make('tiny')
        (self.folder / 'folder').mkdir()
        self.mcnc('decode', 'tiny.mcnc', '-o', 'folder', code=5)
        self.mcnc('decode', 'tiny.mcnc', '-f', '-o', 'folder', code=5)
        self.mcnc('decode', 'tiny.mcnc', '-o', 'no/such/place', code=5)
        self.write_recipe('recipe', 1000)
        for command in (['import', 'recipe'], ['transcode', 'tiny.mcnc', '--zstd-level', '3']):
            self.mcnc(*command, '-f', '-o', 'folder', code=5)
            self.mcnc(*command, '-o', 'no/such/place', code=5)
        self.assertEqual(self.files(), ['folder', 'recipe', 'recipe.safetensors', 'tiny.mcnc'])

    def test_closed_standard_streams(self):
        self.make('tiny')
        self.mcnc('info', 'tiny.mcnc', code=5, preexec_fn=lambda: os.close(1))
        self.mcnc('info', '-', code=5, preexec_fn=lambda: os.close(0))
        # Messages must not land in the output that took the place of standard error.
        done = subprocess.run([MCNC, 'decode', 'tiny.mcnc', '-t', 'w', '--raw', '-o', 'out'], cwd=self.folder,
                              preexec_fn=lambda: os.close(2))
        self.assertEqual((done.returncode, (self.folder / 'out').stat().st_size), (0, 200))

    def test_terminals(self):
        """Headings are bold, and weights are not written to one."""
        self.make('tiny')
        for options, expected in (({}, True), ({'NO_COLOR': '1'}, False), ({'TERM': 'dumb'}, False)):
            master, terminal = pty.openpty()
            environment = {**os.environ, 'TERM': 'xterm', **options}
            self.mcnc('info', 'tiny.mcnc', stdout=terminal, env=environment)
            self.mcnc('decode', 'tiny.mcnc', stdout=terminal, code=2)
            os.close(terminal)
            self.assertEqual(b'\033[1m' in os.read(master, 100_000), expected)
            os.close(master)


if __name__ == '__main__':
    unittest.main()
