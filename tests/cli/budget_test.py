# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What decoding is said to take, and what it takes.

    MCNC=build/check/tools/mcnc MAKE_FILE=build/check/tests/cli/make_file python3 tests/cli/budget_test.py [--heavy]

--heavy: with the cases that take a minute or gigabytes: PRANC at its published size, a tensor above the default limit.
"""

import array
import json
import os
import struct
import subprocess
import sys
import time
import unittest

from support import CliTest, MCNC, SANITIZED

MIB = 1 << 20
# The program itself, two windows of output and buffers of the system's.
FIXED = 24 * MIB
HEAVY = '--heavy' in sys.argv
SLOWNESS = 5  # how much slower than it should be a machine may be that does something else beside


class Folder(CliTest):
    def write(self, name, tensors):
        """tensors: {name: (dtype, shape, bytes, or None: zeros)}."""
        sizes = {'F32': 4, 'I8': 1, 'U8': 1, 'BF16': 2}
        header, end = {}, 0
        for tensor, (dtype, shape, _) in tensors.items():
            size = sizes[dtype]
            for dimension in shape:
                size *= dimension
            header[tensor] = {'dtype': dtype, 'shape': shape, 'data_offsets': [end, end + size]}
            end += size
        text = json.dumps(header).encode()
        with (self.folder / name).open('wb') as file:
            file.write(struct.pack('<Q', len(text)) + text)
            for tensor, (_, _, data) in tensors.items():
                begin, end = header[tensor]['data_offsets']
                if data is None:
                    file.truncate(file.seek(end - begin, os.SEEK_CUR))
                else:
                    file.write(data)

    def write_recipe(self, name='recipe', **recipe):
        (self.folder / name).write_text(json.dumps({'recipe': 1, **recipe}))

    def run_mcnc(self, *command):
        """(peak bytes, seconds, standard error)"""
        start = time.monotonic()
        process = subprocess.Popen([MCNC, *command], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        messages = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        self.assertEqual(process.returncode, 0, messages)
        return usage.ru_maxrss * 1024, time.monotonic() - start, messages

    def write_pranc(self, k, d=269722):
        numbers = array.array('f', (((i * 37) % 101 - 50) / 50 for i in range(k)))
        self.write('codes', {'alpha': ('F32', (1, k), numbers.tobytes())})
        self.write_recipe(files=['codes'], codes=[{'alpha': 'alpha', 'beta': 1}],
                          generators=[{'arithmetic': 'float32', 'code_dim': k, 'seed': 5,
                                       'layers': [{'width': d, 'activation': 'identity', 'weights_scale': 0.01}]}],
                          tensors=[{'name': 'w', 'shape': [d], 'generated': {}}])

    def pranc(self, k, seconds):
        """A linear generator of the width of a published model is imported and checked in so many seconds."""
        self.write_pranc(k)
        for command in (('import', 'recipe', '-o', 'w.mcnc'), ('verify', 'w.mcnc')):
            peak, taken, _ = self.run_mcnc(*command)
            self.assertLess(taken, SLOWNESS * seconds, command)
            if not SANITIZED:
                self.assertLess(peak, 256 * MIB, command)
        self.assertLessEqual(self.info('w.mcnc')['budget']['scratch_bytes'], 80 * MIB)


class BudgetTest(Folder):
    @unittest.skipIf(SANITIZED, 'sanitizers take time of their own')
    def test_pranc(self):
        self.pranc(1000, 2)

    @unittest.skipUnless(HEAVY, 'takes up to half a minute')
    def test_pranc_as_published(self):
        self.pranc(10000, 30)

    def test_stored_tensors_are_read_one_at_a_time(self):
        size = 4 * MIB
        self.write('in', {f't{i}': ('U8', [size], None) for i in range(12)})
        self.write_recipe(store_all=['in'])
        self.mcnc('import', 'recipe', '--zstd-level', '1', '-o', 'a.mcnc')
        self.assertEqual(self.info('a.mcnc')['budget']['scratch_bytes'], size)
        self.mcnc('verify', '--max-scratch-bytes', str(size), 'a.mcnc')
        _, error = self.mcnc('verify', '--max-scratch-bytes', str(size - 1), 'a.mcnc', code=6)
        self.assertIn(b'decoding takes 4194304 bytes of scratch memory, the limit scratch_bytes leaves 4194303', error)
        self.assertIn(b'--max-scratch-bytes allows more', error)

    def test_messages_name_the_option(self):
        path = self.make('every')
        for option in ('--max-output-bytes', '--max-multiply-adds', '--max-scratch-bytes'):
            _, error = self.mcnc('verify', option, '0', path, code=6)
            self.assertIn(option.encode() + b' allows more', error)

    def test_import_limits_generators(self):
        self.write('codes', {'alpha': ('I8', (1, 4096), bytes(4096))})
        self.write_recipe(files=['codes'], codes=[{'alpha': 'alpha', 'beta': 1}],
                          generators=[{'arithmetic': 'integer', 'code_dim': 4096, 'seed': 5,
                                       'layers': [{'width': 100, 'activation': 'sine', 'frequency': 65536}]}],
                          tensors=[{'name': 'w', 'shape': [100], 'generated': {}}])
        _, error = self.mcnc('import', 'recipe', '--max-scratch-bytes', '524287', '-o', 'w.mcnc', code=6)
        self.assertIn(b'/generators/0: its weights take 524288 bytes of memory, the limit is 524287', error)
        self.assertIn(b'--max-scratch-bytes allows more', error)
        self.mcnc('import', 'recipe', '--max-scratch-bytes', '512K', '-o', 'w.mcnc')

    @unittest.skipUnless(HEAVY, 'takes 4 GiB of memory and a minute')
    def test_import_says_when_decoders_refuse(self):
        self.write('in', {'t': ('U8', [(1 << 32) + 1], None)})
        self.write_recipe(store_all=['in'])
        _, _, messages = self.run_mcnc('import', 'recipe', '--zstd-level', '1', '-o', 'a.mcnc')
        self.assertIn('more than the 4294967296 that are allowed by default: decode it with --max-scratch-bytes '
                      '4294967297', messages)
        self.mcnc('verify', 'a.mcnc', code=6)


@unittest.skipIf(SANITIZED, 'the address sanitizer takes memory of its own')
class PeakTest(Folder):
    """Decoders hold what scratch_bytes says, laid out for the processor at up to three times its size."""

    def check(self, least=0):
        self.mcnc('import', 'recipe', '--zstd-level', '1', '-o', 'a.mcnc')
        scratch = self.info('a.mcnc')['budget']['scratch_bytes']
        self.assertGreaterEqual(scratch, least)  # or it would not show
        for command in (('verify', '--threads', '1', 'a.mcnc'), ('decode', '--threads', '2', '-f', 'a.mcnc', '-o', 'o')):
            peak, _, _ = self.run_mcnc(*command)
            self.assertLess(peak, 3 * scratch + FIXED, (scratch, command))

    def one_generator(self, arithmetic, k, layers, alpha, shape, **generator):
        self.write('codes', {'alpha': alpha})
        self.write_recipe(files=['codes'], codes=[{'alpha': 'alpha', 'beta': 1}],
                          generators=[{'arithmetic': arithmetic, 'code_dim': k, 'seed': 5, 'layers': layers, **generator}],
                          tensors=[{'name': 'w', 'shape': shape, 'generated': {}}])

    def test_stored(self):
        self.write('in', {f't{i}': ('F32', [8, MIB // 4], None) for i in range(16)})
        self.write_recipe(store_all=['in'])
        self.check(8 * MIB)

    def test_products_in_turn(self):
        tensors, entries = {}, []
        for i in range(8):
            tensors[f'{i}.b'] = ('BF16', (2048, 512), None)
            tensors[f'{i}.a'] = ('BF16', (512, 2048), None)
            entries += [{'name': f'{i}.b', 'factor': True, 'stored': f'{i}.b'},
                        {'name': f'{i}.a', 'factor': True, 'stored': f'{i}.a'},
                        {'name': f'{i}', 'product': {'b': f'{i}.b', 'a': f'{i}.a'}}]
        self.write('in', tensors)
        self.write_recipe(files=['in'], tensors=entries)
        self.check(12 * MIB)

    def test_narrow_layers(self):
        # Layers of one output, which vector units hold in whole blocks.
        k = 1 << 17
        for arithmetic, layer in (('float32', {'activation': 'identity', 'weights_scale': 1}),
                                  ('float32', {'activation': 'sine', 'omega': 1, 'weights_scale': 1}),
                                  ('integer', {'activation': 'sine', 'frequency': 65537})):
            self.one_generator(arithmetic, k, [{'width': 1, **layer}], ('I8', (1, k), None), [1])
            self.mcnc('import', 'recipe', '-f', '--zstd-level', '1', '-o', 'a.mcnc')
            scratch = self.info('a.mcnc')['budget']['scratch_bytes']
            self.assertLess(self.run_mcnc('verify', 'a.mcnc')[0], 3 * scratch + FIXED, (arithmetic, layer))

    def test_hidden_layers(self):
        width = 2048
        self.one_generator('float32', 9, [{'width': width, 'omega': 1, 'weights_scale': 1}] * 3, ('F32', (4, 9), None),
                           [4, width])
        self.check(32 * MIB)

    def test_large_drawn_layer(self):
        self.write_pranc(1000)
        self.check(64 * MIB)

    def test_many_codes(self):
        chunks = 1 << 16
        self.one_generator('float32', 64, [{'width': 64, 'activation': 'identity', 'weights_scale': 1}],
                           ('F32', (chunks, 64), None), [chunks, 64])
        self.check(16 * MIB)

    def test_many_generators(self):
        count = 8
        self.write('codes', {f'{i}': ('F32', (1, 1000), None) for i in range(count)})
        layers = [{'width': 1024, 'activation': 'identity', 'weights_scale': 1}]
        self.write_recipe(
            files=['codes'], codes=[{'name': f'c{i}', 'alpha': f'{i}', 'beta': 1, 'generator': f'g{i}'} for i in range(count)],
            generators=[{'name': f'g{i}', 'arithmetic': 'float32', 'code_dim': 1000, 'seed': i, 'layers': layers}
                        for i in range(count)],
            tensors=[{'name': f'{i}', 'shape': [1024], 'generated': {'codes': f'c{i}'}} for i in range(count)])
        self.check(30 * MIB)

    def test_stored_theta0(self):
        shape = (1, 4 * MIB)
        self.write('codes', {'alpha': ('F32', (6, 1), None), **{f'{i}': ('F32', shape, None) for i in range(6)}})
        self.write_recipe(
            files=['codes'], codes=[{'alpha': 'alpha', 'beta': 1}],
            generators=[{'arithmetic': 'float32', 'code_dim': 1, 'seed': 1,
                         'layers': [{'width': shape[1], 'activation': 'identity', 'weights_scale': 1}]}],
            tensors=[{'name': f'{i}', 'shape': shape, 'generated': {'theta0': {'stored': f'{i}'}}} for i in range(6)])
        self.check(32 * MIB)


if __name__ == '__main__':
    unittest.main(argv=[argument for argument in sys.argv if argument != '--heavy'])
