# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

import hashlib
import unittest

from support import CliTest, ramp


class DigestTest(CliTest):
    def test_format(self):
        self.make('every')
        info = self.info('every.mcnc')
        lines = self.mcnc('digest', 'every.mcnc')[0].decode().splitlines()
        self.assertEqual(lines[0], f'weights {info["weights_identity"]}  every.mcnc')
        names = [t['name'].replace('\u202e', r'\u{202e}') for t in info['tensors']]
        self.assertEqual(lines[1:], [f'tensor  {t["digest"]}  {name}' for name, t in zip(names, info['tensors'])])

    def test_a_small_tensor_is_one_leaf(self):
        """RFC 6962: SHA-256 of a zero byte and the leaf."""
        self.make('tiny')
        leaf = hashlib.sha256(b'\0' + ramp(400)).hexdigest()
        self.assertIn(f'tensor  {leaf}  b\n', self.mcnc('digest', 'tiny.mcnc')[0].decode())

    def test_weights_only(self):
        self.make('tiny')
        self.assertEqual(len(self.mcnc('digest', '-w', 'tiny.mcnc')[0].splitlines()), 1)

    def sums(self, *files):
        text = self.mcnc('digest', *files)[0]
        (self.folder / 'sums').write_bytes(text)
        return text

    def test_check(self):
        self.make('tiny')
        self.make('every', 'odd \\ \n name')
        text = self.sums('tiny.mcnc', 'odd \\ \n name')
        out = self.mcnc('digest', '--check', 'sums')[0].decode()
        self.assertEqual(out.count(': OK\n'), 12)
        self.assertIn('tiny.mcnc: w: OK\n', out)
        self.assertIn('odd \\\\ \\u{a} name: weights: OK\n', out)
        self.assertEqual(self.mcnc('digest', '-c', '-', input=text)[0].decode(), out)

    def test_a_file_of_another_name(self):
        self.make('tiny')
        self.make('every')
        self.sums('tiny.mcnc')
        (self.folder / 'tiny.mcnc').rename(self.folder / 'moved')
        self.mcnc('digest', '-c', 'sums', code=5)
        self.mcnc('digest', '-c', 'sums', 'moved')
        out, _ = self.mcnc('digest', '-c', 'sums', 'every.mcnc', code=1)
        self.assertEqual(out.count(b': FAILED\n'), 3)
        self.mcnc('digest', '-c', 'sums', 'moved', 'every.mcnc', code=2)

    def test_mismatch(self):
        self.make('tiny')
        text = self.sums('tiny.mcnc').decode()
        b = text.splitlines()[1]
        (self.folder / 'sums').write_text(text.replace(b, b[:8] + '0' * 64 + b[72:]))
        out, _ = self.mcnc('digest', '-c', 'sums', code=1)
        self.assertEqual(out.decode(), 'tiny.mcnc: b: FAILED\ntiny.mcnc: w: OK\ntiny.mcnc: weights: OK\n')

    def test_digests_are_of_what_was_decoded(self):
        path = self.make('tiny')
        self.sums('tiny.mcnc')
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        self.assertEqual(self.mcnc('digest', 'tiny.mcnc', code=1)[0], b'')
        self.mcnc('digest', '-c', 'sums', code=1)

    def test_lists_that_are_none(self):
        self.make('tiny')
        good = self.sums('tiny.mcnc').decode()
        for bad in ('', 'garbage\n', '\n', good + '\n', good.splitlines()[1] + '\n', good.replace('  ', ' '),
                    good.upper(), good.replace('tiny', '\\tiny'), good[:60], 'weights ' + 'g' * 64 + '  x\n'):
            (self.folder / 'sums').write_text(bad)
            self.mcnc('digest', '-c', 'sums', code=3)
        self.mcnc('digest', '-c', 'missing', code=5)
        self.mcnc('digest', code=2)


if __name__ == '__main__':
    unittest.main()
