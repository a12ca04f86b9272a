# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Where output goes, and what is left where it cannot."""

import os
import pty
import resource
import signal
import subprocess
import time
import unittest

from support import MCNC, CliTest


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

    def test_full_devices(self):
        self.make('every')
        for command in (['info'], ['info', '--json'], ['verify'], ['digest'], ['dump'], ['decode']):
            with open('/dev/full', 'wb') as full:
                self.mcnc(*command, 'every.mcnc', stdout=full, code=5)
        self.mcnc('decode', 'every.mcnc', '-o', '/dev/full', code=5)
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

    def test_an_interrupt_leaves_nothing(self):
        self.make('huge')
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with subprocess.Popen([MCNC, 'decode', 'huge.mcnc', '-o', 'out'], cwd=self.folder,
                                  stderr=subprocess.PIPE) as process:
                while process.poll() is None and len(self.files()) < 2:
                    time.sleep(0.001)
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
        self.assertEqual(self.files(), ['folder', 'tiny.mcnc'])

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
