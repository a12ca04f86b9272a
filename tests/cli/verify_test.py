# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

import unittest

from support import CliTest


class VerifyTest(CliTest):
    def test_one_line_a_file(self):
        self.make('tiny')
        self.make('every')
        out = self.mcnc('verify', 'tiny.mcnc', 'every.mcnc')[0].decode()
        self.assertEqual(out, 'tiny.mcnc: ok (2 tensors, 3 segments, 600 B decoded)\n'
                              'every.mcnc: ok (8 tensors, 7 segments, 767 B decoded)\n')

    def test_quiet(self):
        self.make('tiny')
        self.assertEqual(self.mcnc('verify', '-q', 'tiny.mcnc')[0], b'')

    def test_the_largest_code_wins_and_good_files_are_still_said(self):
        self.make('tiny')
        (self.folder / 'garbage').write_bytes(b'garbage')
        out, err = self.mcnc('verify', 'missing', 'garbage', 'tiny.mcnc', code=5)
        self.assertTrue(out.startswith(b'tiny.mcnc: ok'))
        self.assertEqual(len(err.splitlines()), 2)
        self.mcnc('verify', 'garbage', 'tiny.mcnc', code=3)

    def test_limits(self):
        self.make('large')
        for option, too_little, enough in (('--max-output-bytes', '16383K', '16M'),
                                           ('--max-multiply-adds', '12582911', '13m'),
                                           ('--max-scratch-bytes', '384K', '1g')):
            _, err = self.mcnc('verify', option, too_little, 'large.mcnc', code=6)
            self.assertIn(b'[rule limit.', err)
            self.mcnc('verify', option, enough, 'large.mcnc')
        for nonsense in ('', 'M', '-1', '1.5', '1X', '1KB', ' 1', '18446744073709551616', '16777216T'):
            self.mcnc('verify', '--max-output-bytes', nonsense, 'large.mcnc', code=2)

    def test_a_stream_counts_as_scratch(self):
        data = self.make('tiny').read_bytes()
        self.mcnc('verify', '-', input=data)
        self.mcnc('verify', '--max-scratch-bytes', str(len(data) - 1), '-', input=data, code=6)

    def test_names_of_files_are_escaped(self):
        name = 'a\n\u202eb\x1b.mcnc'
        self.make('tiny', name)
        out, _ = self.mcnc('verify', name)
        self.assertTrue(out.startswith(rb'a\u{a}\u{202e}b\u{1b}.mcnc: ok'), out)
        self.mcnc('verify', 'no' + name, code=5)


if __name__ == '__main__':
    unittest.main()
