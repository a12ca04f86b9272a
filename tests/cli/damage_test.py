# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that are damaged, hostile or no files at all. Every bit of a small one: tests/container/hostile_test.cc."""

import os
import pathlib
import struct
import subprocess
import time
import unittest

from support import MCNC, CliTest

COMMANDS = (['info'], ['info', '--json'], ['verify'], ['decode', '-o', 'out'], ['digest'], ['dump'])


class DamageTest(CliTest):
    def refused(self, data, code, commands=COMMANDS):
        """All commands answer with `code` and leave nothing, from a file and from a stream."""
        (self.folder / 'bad').write_bytes(data)
        for command in commands:
            self.mcnc(*command, 'bad', code=code)
            self.mcnc(*command, '-', input=data, code=code)
        self.assertEqual(self.files(), ['bad'])

    def tiny(self):
        path = self.make('tiny')
        data = path.read_bytes()
        path.unlink()
        return data

    def test_no_such_things(self):
        for command in COMMANDS:
            self.mcnc(*command, 'missing', code=5)
            self.mcnc(*command, '.', code=5)
        self.mcnc('info', '/dev/zero', code=5)
        with open('/dev/zero', 'rb') as zeros:
            self.mcnc('info', '-', stdin=zeros, code=3)

    def test_empty_and_garbage(self):
        self.refused(b'', 3)
        self.refused(b'\x8d', 3)
        self.refused(b'\0' * 1000, 3)
        self.refused(b'{"not": "mcnc"}' * 100, 3)

    def test_truncations(self):
        data = self.tiny()
        for size in (7, 8, 31, 63, 64, 65, len(data) // 2, len(data) - 1):
            self.refused(data[:size], 3)

    def test_trailing_bytes(self):
        data = self.tiny()
        self.refused(data + b'\0', 3)
        self.refused(data + data, 3)

    def test_versions_and_features(self):
        data = self.tiny()
        self.refused(data[:8] + b'\x02' + data[9:], 4)
        self.refused(data[:15] + b'\x80' + data[16:], 4)

    def test_lengths_that_lie(self):
        data = self.tiny()
        for offset, least in ((16, 0), (24, 1)):
            for lie in (0, least, 2**31, 2**63, 2**64 - 1):
                changed = data[:offset] + struct.pack('<Q', lie) + data[offset + 8:]
                (self.folder / 'bad').write_bytes(changed)
                for command in COMMANDS:
                    self.mcnc(*command, 'bad', code=3)

    def test_flipped_bits(self):
        data = self.tiny()
        manifest_end = 64 + struct.unpack_from('<Q', data, 16)[0]
        for position in (40, 64, 100, manifest_end - 1):
            self.refused(data[:position] + bytes([data[position] ^ 4]) + data[position + 1:], 1)
        decoding = [command for command in COMMANDS if command[0] != 'info']
        padding = manifest_end
        self.refused(data[:padding] + b'\1' + data[padding + 1:], 3, decoding)
        self.refused(data[:-1] + bytes([data[-1] ^ 4]), 1, decoding)

    def cost(self, *command):
        """Exit code, seconds and KiB at most of a run."""
        begin = time.monotonic()
        process = subprocess.Popen([MCNC, *command], cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, time.monotonic() - begin, usage.ru_maxrss

    def test_time_and_memory(self):
        """64 MiB in all; with a sanitizer, whose start alone takes more, what a bad file adds to the start."""
        sanitized = b'__asan_init' in pathlib.Path(MCNC).read_bytes()
        start = self.cost('--version')[2] if sanitized else 0
        data = self.tiny()
        for size in (0, 10, 64, len(data) // 2, len(data) - 1):
            (self.folder / 'bad').write_bytes(data[:size])
            code, seconds, kib = self.cost('verify', 'bad')
            self.assertEqual(code, 3)
            self.assertLess(seconds, 2)
            self.assertLess(kib - start, (8 if sanitized else 64) << 10)

    def test_dump_shows_a_whole_file(self):
        self.make('every')
        text = self.mcnc('dump', 'every.mcnc')[0].decode()
        for word in ('8d 4d 43 4e 43 0d 0a 1a', 'manifest length', 'file digest ok', 'segment 0: codes 0 alpha'):
            self.assertIn(word, text)
        self.assertEqual(text.count(', digest ok'), 7)
        self.assertNotIn('\u202e', text)

    def test_dump_shows_what_is_left(self):
        data = self.tiny()
        (self.folder / 'bad').write_bytes(data[:20])
        out, _ = self.mcnc('dump', 'bad', code=3)
        self.assertIn(b'cut off: 4 of them are there', out)
        self.assertNotIn(b'file length', out)

        (self.folder / 'bad').write_bytes(data[:-10] + b'\0' * 5)
        out, err = self.mcnc('dump', 'bad', code=3)
        self.assertIn(b'file digest ok', out)
        self.assertIn(b'cut off', out.splitlines()[-1])
        self.assertIn(b'[rule container.truncated', err)

        (self.folder / 'bad').write_bytes(data[:-1] + b'\0' + b'more')
        out, err = self.mcnc('dump', 'bad', code=3)
        self.assertIn(b'digest differs', out)
        self.assertIn(b'trailing bytes', out)

        (self.folder / 'bad').write_bytes(data[:40] + b'\0\0' + data[42:])
        out, err = self.mcnc('dump', 'bad', code=1)
        self.assertIn(b'file digest differs', out)
        self.assertIn(b'segment 2: tensor b', out)

    def test_usage(self):
        for arguments in ([], ['frob'], ['info'], ['info', 'a', 'b'], ['info', '--frob', 'a'], ['-x']):
            done = subprocess.run([MCNC, *arguments], capture_output=True)
            self.assertEqual((done.returncode, done.stdout), (2, b''))
            self.assertNotEqual(done.stderr, b'')
        for arguments in (['--help'], ['-v'], ['--version'], *([c[0], '-h'] for c in COMMANDS)):
            out, _ = self.mcnc(*arguments)
            self.assertNotEqual(out, b'')
        self.assertIn(b'6 refused by a limit', self.mcnc('decode', '--help')[0])


if __name__ == '__main__':
    unittest.main()
