# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

import json
import math
import unittest

from arrays import uniform, write_safetensors
from support import CliTest


class DiffTest(CliTest):
    def write(self, name, **tensors):
        write_safetensors(self.folder / name, tensors)

    def diff(self, a, b, *args, same=False):
        difference = json.loads(self.mcnc('diff', '--json', a, b, *args, code=0 if same else 1)[0])
        self.assertEqual(difference['same'], same)
        return difference

    def only(self, a, b, *args):
        """The one tensor that differs."""
        difference = self.diff(a, b, *args)
        self.assertEqual((difference['only_in_a'], difference['only_in_b']), ([], []))
        (tensor,) = difference['tensors']
        return tensor

    def test_a_file_and_what_it_decodes_to(self):
        self.make('every')
        self.mcnc('decode', 'every.mcnc', '-o', 'whole')
        self.mcnc('decode', 'every.mcnc', '--shards', '3', '-o', 'shards')
        for a in ('every.mcnc', 'whole', 'shards'):
            for b in ('every.mcnc', 'whole', 'shards'):
                self.assertEqual(self.diff(a, b, same=True)['compared'], 8)
        self.assertEqual(self.mcnc('diff', 'every.mcnc', 'whole')[0], b'')

    def test_factors_do_not_count(self):
        self.make('family')
        self.mcnc('decode', 'family.mcnc', '-o', 'out')
        self.assertEqual(self.diff('family.mcnc', 'out', same=True)['compared'], 1)

    def test_numbers(self):
        self.write('a', w=('F32', (2, 2), [1, -2, 2, 0]), same=('I64', (1,), [5]))
        self.write('b', w=('F32', (2, 2), [1, -2.5, 2, 1]), same=('I64', (1,), [5]))
        tensor = self.only('a', 'b')
        self.assertEqual(tensor, {
            'name': 'w', 'dtype': ['F32', 'F32'], 'shape': [[2, 2], [2, 2]], 'elements': 4, 'differing': 2,
            'max_abs': 1.0, 'rms': math.sqrt(1.25 / 4), 'relative': math.sqrt(1.25) / 3})
        text, message = self.mcnc('diff', 'a', 'b', code=1)
        self.assertIn(b'2 of 4', text)
        self.assertIn(b'a and b differ', message)

    def test_types_and_shapes(self):
        self.write('f32', w=('F32', (4,), [1, 0.5, -2, 3]))
        self.write('bf16', w=('BF16', (4,), [1, 0.5, -2, 3]))
        self.write('f16', w=('F16', (4,), [1, 0.5, -2.5, 3]))
        self.write('i16', w=('I16', (4,), [1, 0, -2, 3]))
        self.write('shape', w=('F32', (2, 2), [1, 0.5, -2, 3]))
        self.assertEqual(self.only('f32', 'bf16')['differing'], 0)
        self.assertEqual(self.only('f32', 'bf16')['rms'], 0)
        self.assertEqual(self.only('bf16', 'f16')['max_abs'], 0.5)
        self.assertEqual(self.only('i16', 'f16')['differing'], 2)
        self.assertNotIn('differing', self.only('f32', 'shape'))
        self.assertIn(b'F32 -> BF16', self.mcnc('diff', 'f32', 'bf16', code=1)[0])
        self.assertIn(b'4 -> 2 x 2', self.mcnc('diff', 'f32', 'shape', code=1)[0])

    def test_one_has_more(self):
        self.write('a', u=('U8', (1,), [1]), w=('U8', (1,), [1]))
        self.write('b', v=('U8', (1,), [1]), w=('U8', (1,), [1]))
        difference = self.diff('a', 'b')
        self.assertEqual((difference['only_in_a'], difference['only_in_b'], difference['tensors']), (['u'], ['v'], []))
        self.assertEqual(self.mcnc('diff', 'a', 'b', code=1)[0], b'only in A: u\nonly in B: v\n')

    def test_bytes_decide(self):
        self.write('a', w=('F32', (3,), [0.0, math.nan, math.inf]))
        self.write('same', w=('F32', (3,), [0.0, math.nan, math.inf]))
        self.write('b', w=('F32', (3,), [-0.0, math.nan, math.inf]))
        self.write('c', w=('F32', (3,), [0.0, math.nan, 1]))
        self.diff('a', 'same', same=True)
        tensor = self.only('a', 'b')
        self.assertEqual((tensor['differing'], tensor['max_abs']), (1, 0))
        tensor = self.only('a', 'c')
        self.assertEqual((tensor['differing'], tensor['max_abs'], tensor['rms']), (1, None, None))

    def test_every_type(self):
        for dtype, size in (('F64', 8), ('I8', 1), ('I32', 4), ('U16', 2), ('U32', 4), ('U64', 8), ('BOOL', 1),
                            ('F8_E4M3', 1), ('F8_E5M2', 1)):
            for name, byte in (('a', 0), ('b', 1)):
                header = json.dumps({'w': {'dtype': dtype, 'shape': [1], 'data_offsets': [0, size]}}).encode()
                (self.folder / name).write_bytes(
                    len(header).to_bytes(8, 'little') + header + bytes([byte] + [0] * (size - 1)))
            expected = {'F64': 5e-324, 'F8_E4M3': 2.0**-9, 'F8_E5M2': 2.0**-16}.get(dtype, 1)
            self.assertEqual(self.only('a', 'b')['max_abs'], expected, dtype)

    def test_bases(self):
        self.write('base', w=uniform(1, (5, 7)))
        self.make('changed', bases=['base'])
        self.make('unchanged', bases=['base'])
        self.diff('unchanged.mcnc', 'base', '-b', 'base', same=True)
        tensor = self.only('changed.mcnc', 'unchanged.mcnc', '-b', 'base')
        self.assertTrue(0 < tensor['rms'] <= tensor['max_abs'] < 0.2)
        self.assertEqual(tensor['elements'], 35)
        self.mcnc('diff', 'changed.mcnc', 'base', code=1)

    def test_what_cannot_be_read(self):
        self.make('tiny')
        self.mcnc('diff', 'tiny.mcnc', 'missing', code=5)
        (self.folder / 'garbage').write_bytes(b'garbage that is none')
        self.mcnc('diff', 'garbage', 'tiny.mcnc', code=3)
        self.mcnc('diff', 'tiny.mcnc', code=2)
        data = bytearray((self.folder / 'tiny.mcnc').read_bytes())
        data[-1] ^= 1
        (self.folder / 'damaged').write_bytes(data)
        self.assertEqual(self.mcnc('diff', 'tiny.mcnc', 'damaged', code=1)[0], b'')


if __name__ == '__main__':
    unittest.main()
