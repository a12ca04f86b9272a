# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Manners on a terminal: width, progress, help, and no model as text."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
import unittest

from support import MCNC, CliTest

WITHOUT_COLOURS = {**os.environ, 'TERM': 'dumb'}


def read_all(descriptor):
    """What is written to a terminal until its other end is closed."""
    text = b''
    try:
        while piece := os.read(descriptor, 65536):
            text += piece
    except OSError:
        pass
    return text


class TerminalTest(CliTest):
    def on_terminal(self, *args, width=80, stream='stdout', code=0):
        """What mcnc writes to a terminal that is `width` wide."""
        master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('4H', 24, width, 0, 0))
        streams = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, stream: terminal}
        text = []
        reader = threading.Thread(target=lambda: text.append(read_all(master)))
        reader.start()
        done = subprocess.run([MCNC, *map(str, args)], cwd=self.folder, env=WITHOUT_COLOURS, timeout=60, **streams)
        os.close(terminal)
        reader.join()
        os.close(master)
        self.assertEqual(done.returncode, code, done.stderr)
        return text[0].decode().replace('\r\n', '\n')

    def test_info_fits(self):
        for kind in ('every', 'family', 'adapter', 'lora'):
            path = self.make(kind)
            whole = self.mcnc('info', path.name)[0].decode()
            for width in (80, 100, 132, 400):
                text = self.on_terminal('info', path.name, width=width)
                widest = max(text.splitlines(), key=len)
                self.assertLessEqual(len(widest), width, widest)
                if width == 400:
                    self.assertEqual(text, whole)
                # Nothing is left out: digests and names are there, in pieces perhaps.
                self.assertEqual(sorted(re.sub(r'\s', '', whole)), sorted(re.sub(r'\s', '', text)))

    def test_help_fits_and_is_the_same(self):
        whole = self.mcnc('help')[0]
        self.assertEqual(whole, self.mcnc('--help')[0])
        for words in (['decode'], ['help'], ['meta'], ['sign']):
            self.assertEqual(self.mcnc('help', *words)[0], self.mcnc(*words, '--help')[0])
        self.make('tiny')
        self.assertEqual(self.mcnc('help', 'meta', 'set')[0].split(b'\n', 1)[0],
                         self.mcnc('meta', 'tiny.mcnc', 'set', '--help')[0].split(b'\n', 1)[0])
        self.assertIn(b'did you mean "decode"', self.mcnc('help', 'decod', code=2)[1])
        self.mcnc('help', 'decode', 'more', code=2)

    def test_no_model_on_a_terminal(self):
        self.make('tiny')
        for args in (['decode', 'tiny.mcnc'], ['decode', 'tiny.mcnc', '-o', '-'], ['transcode', 'tiny.mcnc', '-o', '-'],
                     ['meta', 'tiny.mcnc', 'set', 'a=b', '-o', '-'], ['decode', 'tiny.mcnc', '--raw', '-t', 'w', '-o', '-']):
            self.assertEqual(self.on_terminal(*args, code=2), '', args)
        for args in (['info', 'tiny.mcnc'], ['card', 'tiny.mcnc'], ['report', 'tiny.mcnc', '-o', '-']):
            self.assertNotEqual(self.on_terminal(*args), '', args)

    def slowly(self, stderr):
        """Decodes into a pipe that nobody reads for a second."""
        self.make('large')
        os.mkfifo(self.folder / 'pipe')
        process = subprocess.Popen([MCNC, 'decode', 'large.mcnc', '-o', 'pipe'], cwd=self.folder, stderr=stderr)
        with open(self.folder / 'pipe', 'rb') as pipe:
            time.sleep(1)
            while pipe.read(1 << 16):
                pass
        self.assertEqual(process.wait(60), 0)

    def test_progress(self):
        master, terminal = pty.openpty()
        text = []
        reader = threading.Thread(target=lambda: text.append(read_all(master)))
        reader.start()
        self.slowly(terminal)
        os.close(terminal)
        reader.join()
        os.close(master)
        self.assertRegex(text[0].decode(), r'\A(\rdecoding large\.mcnc: \d+ %, \d+ (s|min|h) left\x1b\[K)+\r\x1b\[K\Z')

    def test_no_progress_in_a_file(self):
        with open(self.folder / 'errors', 'wb') as errors:
            self.slowly(errors)
        self.assertEqual((self.folder / 'errors').read_bytes(), b'')


if __name__ == '__main__':
    unittest.main()
