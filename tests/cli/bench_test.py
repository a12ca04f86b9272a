# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

import json
import re
import unittest

from support import CliTest

MEMORY = ['memcpy', 'memset', 'safetensors', 'zstd-3']
MODELS = [
    'sine1-9-1024-f32', 'sine1-9-1024-f32-theta0', 'sine1-9-1024-bf16', 'sine1-9-1024-f16', 'sine1-9-4096-f32',
    'sine3-9-256-256-1024-f32', 'float3-9-1000-1000-5000-f32', 'linear-16-1600-f32', 'product-8-4096-f32',
]
TINY = ('--size', '1MiB', '--rounds', '1')


class BenchTest(CliTest):
    def bench(self, *args):
        return json.loads(self.mcnc('bench', *TINY, '--json', *args)[0])

    def test_every_case_once(self):
        cases = self.bench('--threads', '1')
        decoded = [(name, digests) for name in MODELS for digests in (False, True)]
        self.assertEqual([(case['case'], case['digests']) for case in cases],
                         [(name, False) for name in MEMORY] + decoded)
        for case in cases:
            self.assertEqual(case['threads'], 1)
            self.assertEqual(case['rounds'], 1)
            self.assertGreater(case['gigabytes_per_second'], 0)
            self.assertGreater(case['ratio_min'], 0)
            self.assertLessEqual(case['ratio_min'], case['ratio_to_memcpy'])
            self.assertLessEqual(case['ratio_to_memcpy'], case['ratio_max'])
            if case['case'] in MEMORY:
                self.assertIsNone(case['target'])
            else:
                self.assertTrue(case['target'])
                self.assertGreater(case['weights_per_second'], 0)
                self.assertGreater(case['multiply_adds_per_second'], 0)
            if 'share_of_peak' in case:
                self.assertEqual(case['case'], 'sine3-9-256-256-1024-f32')
                self.assertGreater(case['peak_multiply_adds_per_second'], 0)
        self.assertEqual(cases[0]['ratio_to_memcpy'], 1)
        self.assertEqual(cases[0]['bytes'], 1 << 20)

    def test_threads_target_and_pattern(self):
        cases = self.bench('--threads', '1,3', '--target', 'scalar', '--cases', 'sine1-*-f32')
        names = ['memcpy'] + [name for name in MODELS if name.startswith('sine1-') and name.endswith('-f32')
                              for _ in range(2)]
        self.assertEqual([(case['threads'], case['case']) for case in cases],
                         [(threads, name) for threads in (1, 3) for name in names])
        self.assertEqual({case['target'] for case in cases[1:]} - {None}, {'scalar'})

    def test_table(self):
        text = self.mcnc('bench', *TINY, '--cases', '*[es]*4-f32', '--threads', '1', '--target', 'scalar')[0].decode()
        lines = text.splitlines()
        self.assertIn('target scalar, 1.00 MiB of output, 1 round', lines[0])
        self.assertRegex(lines[2], '^case +threads +digests +GB/s +x memcpy +min +max ')
        self.assertEqual([re.split(' +', line)[0] for line in lines[3:]],
                         ['memcpy'] + ['sine1-9-1024-f32'] * 2 + ['sine3-9-256-256-1024-f32'] * 2)

    def test_leaves_no_file(self):
        self.mcnc('bench', *TINY, '--cases', 'safetensors', env={'TMPDIR': str(self.folder)})
        self.assertEqual(self.files(), [])

    def test_wrong_usage(self):
        for args, word in ((['--size', '1'], '"1" is not a size'), (['--size', '1MB'], '"1MB" is not a size'),
                           (['--size', '65G'], 'is not a size'), (['--threads', '0'], '--threads'),
                           (['--threads', '1,1025'], '--threads'), (['--rounds', '0'], '--rounds'),
                           (['--target', 'NEON9'], 'NEON9'), (['--cases', 'float4*'], 'float4*')):
            self.assertIn(word, self.mcnc('bench', *args, code=2)[1].decode())

    def test_no_folder_for_temporary_files(self):
        _, err = self.mcnc('bench', *TINY, '--cases', 'safetensors', env={'TMPDIR': '/nowhere'}, code=5)
        self.assertIn(b'temporary files', err)


if __name__ == '__main__':
    unittest.main()
