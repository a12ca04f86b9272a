# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""A corrupt file: every program that decodes says which part of it is wrong, and where that is."""

import re
import unittest

from support import CliTest
from vectors import vectors

# Rules on what segments hold, and on what tensors decode to.
SEGMENTS = ('segment.padding', 'segment.digest', 'segment.frame')
VALUES = ('generator.weights', 'codes.beta', 'codes.alpha', 'tensor.theta0')
TENSORS = ('tensor.digest', 'tensor.factor_value', 'generator.fingerprint', 'tensor.base')


class CorruptTest(CliTest):
    def commands(self, file, bases=()):
        return (['verify', file, *bases], ['digest', file, *bases], ['decode', file, '-o', 'out', *bases],
                ['diff', file, file, *bases], ['transcode', file, '--zstd-level', '1', '-o', 'out', *bases],
                ['meta', file, 'set', 'a.b=c', '-o', 'out', *bases])

    def test_every_segment(self):
        data = self.make('every').read_bytes()
        segments = self.info('every.mcnc')['segments']
        self.assertGreater(len(segments), 5)
        for index, segment in enumerate(segments):
            if segment['stored_length'] == 0:
                continue
            at = segment['offset'] + segment['stored_length'] - 1
            (self.folder / 'bad.mcnc').write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
            for command in self.commands('bad.mcnc'):
                err = self.mcnc(*command, code=1)[1].decode()
                self.assertRegex(err, r'bad\.mcnc: tensor [^:]+: ')
                self.assertIn(f'segment {index}: its bytes have changed since the file was written '
                              f'[rule segment.digest, byte {segment["offset"]}]', err)
            err = self.mcnc('dump', 'bad.mcnc', code=1)[1].decode()
            self.assertIn(f'segment {index}: ', err)
        self.assertEqual(self.files(), ['bad.mcnc', 'every.mcnc'])

    def test_vectors(self):
        """What is only seen when a file is decoded, in each invalid vector that has it."""
        seen = set()
        for vector in vectors('invalid'):
            rule = vector.case['rules'][0]
            err = self.mcnc('verify', vector.file, *vector.base_options(), code=vector.expect['class'])[1].decode()
            found = re.search(r'\[rule ([a-z0-9_.]+)(, byte \d+)?\]$', err.strip())
            # Some values are in the manifest, where their rule is checked before anything is read.
            decoded = re.search(r'model\.mcnc: tensor ', err) is not None and not re.search(r': tensor \d+[: ]', err)
            in_file = not (rule == 'tensor.theta0' and vector.bases)
            if rule in SEGMENTS or decoded and rule in VALUES and in_file:
                self.assertTrue(found and found[2], err)
            if rule in SEGMENTS:
                self.assertRegex(err, r': segment \d+: ')
            if rule in SEGMENTS + TENSORS:
                self.assertRegex(err, r'model\.mcnc: tensor [^:]+: ')
            if rule == 'generator.fingerprint':
                self.assertRegex(err, r': generator \d+: ')
            if decoded and rule in VALUES:
                self.assertRegex(err, r': (codes|generator) \d+: |: theta0 is ')
            if rule in SEGMENTS + TENSORS or decoded:
                seen.add(rule)
        self.assertEqual(seen, set(SEGMENTS + VALUES + TENSORS))


if __name__ == '__main__':
    unittest.main()
