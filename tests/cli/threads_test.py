# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Threads and instruction sets change how long decoding takes, and nothing else."""

import os
import pathlib
import unittest

from support import CliTest, read_safetensors

VECTORS = pathlib.Path(__file__).parents[2] / 'conformance' / 'vectors' / 'valid'
LARGE = [
    'chunks_100', 'code_dim_9_chunk_dim_1024', 'codes_per_chunk_3', 'float_16_24_160_stored', 'float_5_32_32_5000',
    'leaves_5_and_1_byte', 'leaves_generated', 'tensors_300',
]
THREADS = ['1', '2', '3', '7']


class ThreadsTest(CliTest):
    def targets(self):
        """(all, the one in use)"""
        return self.said(self.mcnc('--version', '-v')[0].decode())

    def said(self, text):
        listed, used = text.splitlines()[1].removeprefix('targets: ').split('; in use: ')
        return listed.split(', '), used

    def decode_each_way(self, path):
        """Decodes with digests checked, every way, and holds the bytes to the scalar ones."""
        expected = self.mcnc('decode', '--threads', '1', '--target', 'scalar', path)[0]
        for target in self.targets()[0]:
            for threads in THREADS:
                decoded = self.mcnc('decode', '--threads', threads, '--target', target, path)[0]
                self.assertTrue(decoded == expected, f'{path}: {target}, {threads} threads')
        self.assertTrue(self.mcnc('decode', path)[0] == expected)

    def test_vectors(self):
        for name in LARGE:
            self.decode_each_way(VECTORS / name / 'model.mcnc')

    def test_tensors_of_many_pieces(self):
        self.decode_each_way(self.make('pieces'))

    def test_every_command_that_decodes(self):
        self.make('changed', bases=[self.base()])
        self.make('adapter')
        how = ('--threads', '2', '--target', 'scalar')
        base = ('--base', 'pieces.mcnc')
        self.mcnc('verify', *how, *base, 'changed.mcnc')
        self.mcnc('digest', *how, *base, 'changed.mcnc')
        self.mcnc('decode', *how, *base, 'changed.mcnc', '-o', 'changed.safetensors')
        self.mcnc('diff', *how, *base, 'changed.mcnc', 'changed.safetensors')
        self.mcnc('export', *how, '--peft', 'adapter.mcnc', '-o', 'peft')
        self.mcnc('merge', *how, *base, 'pieces.safetensors', 'changed.mcnc', '-o', 'merged.safetensors')
        sizes = [{name: len(data) for name, data in read_safetensors((self.folder / name).read_bytes())[1].items()}
                 for name in ('merged.safetensors', 'pieces.safetensors')]
        self.assertEqual(*sizes)

    def base(self):
        self.make('pieces')
        self.mcnc('decode', 'pieces.mcnc', '-o', 'pieces.safetensors')
        return 'pieces.mcnc'

    def test_the_best_is_used_or_what_the_environment_names(self):
        targets, used = self.targets()
        self.assertEqual(targets[-1], 'scalar')
        if 'MCNC_TARGET' not in os.environ:
            self.assertEqual(used, targets[0])
        for target in targets:
            text = self.mcnc('--version', '-v', env={**os.environ, 'MCNC_TARGET': target})[0].decode()
            self.assertEqual(self.said(text), (targets, target))

    def test_the_version_alone_is_one_line(self):
        self.assertEqual(len(self.mcnc('--version')[0].splitlines()), 1)

    def test_wrong_usage(self):
        self.make('tiny')
        for command in ('decode', 'verify', 'digest'):
            for threads in ('0', '1025', '-1', 'x', ''):
                self.assertIn(b'--threads', self.mcnc(command, '--threads', threads, 'tiny.mcnc', code=2)[1])
            for target in ('MMX', 'avx2', ''):
                _, err = self.mcnc(command, '--target', target, 'tiny.mcnc', code=2)
                self.assertIn(b'--target: "' + target.encode() + b'" is not ', err)
                self.assertIn(b'scalar', err)


if __name__ == '__main__':
    unittest.main()
