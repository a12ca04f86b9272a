# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Adapters worked into base models."""

import json
import os
import pathlib
import struct
import subprocess
import unittest

from arrays import pack, uniform, unpack, write_safetensors
from rounding import fma, nearest, plus, times
from support import MCNC, CliTest, read_safetensors

MIB = 1 << 20


def merged(theta0, b, a, scale, dtype):
    """Lists of rows; each operation rounded once, the sum over the rank fused."""
    rows = []
    for w_row, b_row in zip(theta0, b):
        row = []
        for column, w in enumerate(w_row):
            acc = 0.0
            for r, factor in enumerate(b_row):
                acc = fma(factor, a[r][column], acc)
            row.append(nearest(plus(w, times(scale, acc)), dtype))
        rows.append(row)
    return rows


def rows_of(numbers, columns):
    return [numbers[i:i + columns] for i in range(0, len(numbers), columns)]


class MergeTest(CliTest):
    Q0, V0, Q1 = ('model.layers.' + module for module in ('0.q_proj', '0.v_proj', '1.q_proj'))

    def base(self, **changes):
        """A base for make_file's adapter; returns its tensors."""
        tensors = {
            'embed': ('I64', (2, 3), [1, 2, 3, 4, 5, -6]),
            self.Q0 + '.weight': uniform(1, (8, 16)),
            self.V0 + '.weight': ('F16', (4, 16), unpack('F16', pack('F16', uniform(2, (4, 16))[2]))),
            self.Q1 + '.weight': ('BF16', (8, 16), unpack('BF16', pack('BF16', uniform(3, (8, 16))[2]))),
            'norm': ('F32', (16,), [1.0] * 16),
            'flag': ('U8', (3,), [1, 0, 1]),
            **changes,
        }
        tensors = {name: tensor for name, tensor in tensors.items() if tensor}
        write_safetensors(self.folder / 'base', tensors)
        return tensors

    def read(self, name):
        return read_safetensors((self.folder / name).read_bytes())

    def factors(self, file, module):
        """(b, a) as lists of rows."""
        header, tensors = read_safetensors(self.mcnc('decode', file, '--factors')[0])
        answer = []
        for name in (module + '.b', module + '.a'):
            numbers = unpack(header[name]['dtype'], tensors[name])
            answer.append(rows_of(numbers, header[name]['shape'][1]))
        return answer

    def test_products_are_added_by_the_definition(self):
        base = self.base()
        self.make('adapter')
        self.mcnc('merge', 'base', 'adapter.mcnc', '-o', 'out')
        header, tensors = self.read('out')
        for module, scale in ((self.Q0, 2), (self.V0, 2), (self.Q1, 0.75)):
            dtype, shape, numbers = base[module + '.weight']
            b, a = self.factors('adapter.mcnc', module)
            expected = merged(rows_of(numbers, 16), b, a, scale, dtype)
            self.assertEqual(rows_of(unpack(dtype, tensors[module + '.weight']), 16), expected)
            self.assertEqual(header[module + '.weight']['dtype'], dtype)
        for name in ('embed', 'norm', 'flag'):
            self.assertEqual(tensors[name], pack(base[name][0], base[name][2]))
        self.assertEqual(set(tensors), set(base))
        self.assertEqual(header['__metadata__'], {'format': 'pt'})

    def test_on_zero_it_is_what_the_decoder_makes(self):
        self.base(**{module + '.weight': ('F32', (rows, 16), [0.0] * (16 * rows))
                     for module, rows in ((self.Q0, 8), (self.V0, 4), (self.Q1, 8))})
        self.make('adapter')
        self.mcnc('merge', 'base', 'adapter.mcnc', '-o', 'out')
        decoded = read_safetensors(self.mcnc('decode', 'adapter.mcnc')[0])[1]
        tensors = self.read('out')[1]
        self.assertEqual({name: tensors[name] for name in decoded}, decoded)

    def test_pairs_need_to_be_told_their_scale(self):
        base = self.base()
        self.make('lora')
        self.make('lora_that_says_alpha')
        self.assertIn(b'--alpha', self.mcnc('merge', 'base', 'lora.mcnc', '-o', 'out', code=2)[1])
        self.mcnc('merge', 'base', 'lora.mcnc', '-o', 'four', '--alpha', '4')
        self.mcnc('merge', 'base', 'lora_that_says_alpha.mcnc', '-o', 'three')
        self.mcnc('merge', 'base', 'lora_that_says_alpha.mcnc', '-o', 'five', '--alpha', '5')
        header, pair = read_safetensors(self.mcnc('decode', 'lora.mcnc')[0])
        stem = 'base_model.model.' + self.Q0
        b = rows_of(unpack('F32', pair[stem + '.lora_B.weight']), 2)
        a = rows_of(unpack('F32', pair[stem + '.lora_A.weight']), 16)
        theta0 = rows_of(base[self.Q0 + '.weight'][2], 16)
        for name, alpha in (('four', 4), ('three', 3), ('five', 5)):
            numbers = unpack('F32', self.read(name)[1][self.Q0 + '.weight'])
            self.assertEqual(rows_of(numbers, 16), merged(theta0, b, a, alpha / 2, 'F32'))

    def test_a_file_that_starts_from_the_base_is_decoded(self):
        base = self.base()
        for kind in ('adapted', 'changed'):
            self.make(kind, bases=['base'])
            self.mcnc('merge', 'base', kind + '.mcnc', '-o', kind)
            decoded = read_safetensors(self.mcnc('decode', kind + '.mcnc', '-b', 'base')[0])[1]
            tensors = self.read(kind)[1]
            self.assertEqual({name: tensors[name] for name in decoded}, decoded)
            for name in set(base) - set(decoded):
                self.assertEqual(tensors[name], pack(base[name][0], base[name][2]))
            self.assertEqual(set(tensors), set(base))
            self.mcnc('merge', 'base', kind + '.mcnc', '-o', 'out', '--alpha', '2', code=2)

    def test_another_base_is_refused(self):
        self.base()
        self.make('adapted', bases=['base'])
        data = bytearray((self.folder / 'base').read_bytes())
        at = data.index(pack('F32', uniform(1, (8, 16))[2]))
        data[at] ^= 1
        (self.folder / 'flipped').write_bytes(data)
        self.assertIn(b'q_proj', self.mcnc('merge', 'flipped', 'adapted.mcnc', '-o', 'out', code=1)[1])
        self.assertNotIn('out', self.files())

    def test_shards(self):
        self.base()
        self.make('adapter')
        self.mcnc('merge', 'base', 'adapter.mcnc', '-o', 'out')
        (self.folder / 'sharded').mkdir()
        parts = {'one': ['embed', 'norm', self.V0 + '.weight'], 'two': [self.Q1 + '.weight', 'flag', self.Q0 + '.weight']}
        base = self.base()
        for file, names in parts.items():
            write_safetensors(self.folder / 'sharded' / file, {name: base[name] for name in names})
        (self.folder / 'sharded' / 'model.safetensors.index.json').write_text(
            json.dumps({'weight_map': {name: file for file, names in parts.items() for name in names}}))
        self.mcnc('merge', 'sharded', 'adapter.mcnc', '-o', 'from_shards')
        self.assertEqual(self.read('from_shards')[1], self.read('out')[1])

    def test_bases_that_do_not_fit(self):
        self.make('adapter')
        for wrong in (None, ('F32', (16, 8), [0.0] * 128), ('I32', (8, 16), []), ('F32', (128,), [0.0] * 128)):
            if wrong and wrong[0] == 'I32':
                wrong = ('I64', (8, 16), [0] * 128)
            self.base(**{self.Q0 + '.weight': wrong})
            self.assertIn(b'0.q_proj.weight', self.mcnc('merge', 'base', 'adapter.mcnc', '-o', 'out', code=1)[1])

    def test_files_that_are_no_adapters(self):
        self.base()
        for kind in ('every', 'empty', 'family'):
            self.make(kind)
            self.assertIn(b'not a low-rank adapter', self.mcnc('merge', 'base', kind + '.mcnc', '-o', 'out', code=2)[1])
        self.make('adapter')
        self.assertIn(b'--alpha', self.mcnc('merge', 'base', 'adapter.mcnc', '-o', 'o', '--alpha', '2', code=2)[1])

    def test_nothing_is_replaced_unless_told(self):
        self.base()
        self.make('adapter')
        (self.folder / 'out').write_text('precious')
        self.mcnc('merge', 'base', 'adapter.mcnc', '-o', 'out', code=2)
        self.assertEqual((self.folder / 'out').read_text(), 'precious')
        self.mcnc('merge', 'base', 'adapter.mcnc', '-o', 'out', '-f')
        self.read('out')
        for name in ('base', 'adapter.mcnc', './base'):
            self.assertIn(b'replace', self.mcnc('merge', 'base', 'adapter.mcnc', '-o', name, '-f', code=2)[1])
        self.assertEqual(self.files(), ['adapter.mcnc', 'base', 'out'])

    def test_memory_does_not_grow_with_the_model(self):
        """Below the largest tensor and 64 MiB, of a base of four such tensors."""
        if b'__asan_init' in pathlib.Path(MCNC).read_bytes():
            self.skipTest('the address sanitizer takes memory of its own')
        shape = (3200, 4096)
        size = 4 * shape[0] * shape[1]
        header = {name: {'dtype': 'F32' if name == 'wide.weight' else 'I32', 'shape': shape,
                         'data_offsets': [i * size, (i + 1) * size]}
                  for i, name in enumerate(('a', 'b', 'wide.weight', 'z'))}
        text = json.dumps(header).encode()
        with (self.folder / 'base').open('wb') as file:
            file.write(struct.pack('<Q', len(text)) + text)
            file.truncate(file.tell() + 4 * size)
        self.make('wide_adapter')
        self.make('changed', bases=['base'])
        for adapter in ('wide_adapter.mcnc', 'changed.mcnc'):
            # Windows grow with the threads.
            process = subprocess.Popen([MCNC, 'merge', '--threads', '2', 'base', adapter, '-f', '-o', 'out'],
                                       cwd=self.folder)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0)
            self.assertLess(usage.ru_maxrss * 1024, size + 64 * MIB)
            self.assertEqual((self.folder / 'out').stat().st_size // size, 4)


if __name__ == '__main__':
    unittest.main()
