# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

import unittest

from arrays import uniform, write_safetensors
from support import CliTest


class InfoTest(CliTest):
    def test_text_names_everything(self):
        text = self.mcnc('info', self.make('every'))[0].decode()
        for word in ('fc1.weight', '8 x 16', 'F16', 'same as fc2.weight', 'scalar', '0 x 4', 'codes 1 alpha',
                     'bfloat16 x 2^-15', '3 -> 8 sine 2^18 -> 32 identity', 'test.flag', 'from uniform +-0.03125'):
            self.assertIn(word, text)

    def test_text_is_aligned(self):
        lines = self.mcnc('info', self.make('tiny'))[0].decode().splitlines()
        title = lines.index('tensors')
        column = lines[title + 1].index('made')
        self.assertTrue(lines[title + 2][column:].startswith('stored'))
        self.assertTrue(lines[title + 3][column:].startswith('generated'))

    def test_text_does_not_obey_the_file(self):
        text = self.mcnc('info', self.make('every'))[0].decode()
        self.assertIn(r'every\u{9}tensor\u{a}\u{202e}"quoted"', text)
        self.assertIn(r'größe \u{202e}esrever', text)
        self.assertNotIn('\u202e', text)
        self.assertNotIn('\t', text)
        self.assertNotIn('\033', text)

    def test_json_says_everything(self):
        path = self.make('every')
        info = self.info(path)
        self.assertEqual(info['file'], str(path))
        self.assertEqual(info['file_length'], path.stat().st_size)
        self.assertEqual(info['budget']['output_bytes'], sum(t['bytes'] for t in info['tensors']))
        self.assertEqual(info['metadata'], {
            'general.name': 'every\ttensor\n\u202e"quoted"',
            'general.parameters': -9007199254740993,
            'test.flag': True,
            'test.long': 'x' * 5000,
            'test.real': 0.1,
        })
        self.assertEqual([g['seed'] for g in info['generators']], [str(0xfedcba9876543210)] * 2)
        self.assertEqual([(c['chunks'], c['beta']['kind']) for c in info['codes']], [(5, 'stored'), (2, 'one')])
        tensors = {t['name']: t for t in info['tensors']}
        self.assertEqual(list(tensors), sorted(tensors, key=str.encode))
        self.assertEqual(tensors['fc1.weight']['source'], {
            'kind': 'generated', 'codes': 0, 'first_element': 0, 'slices': 1,
            'theta0': {'kind': 'uniform', 'seed': '7', 'stream': 3, 'scale': 2.0**-20}})
        self.assertEqual(tensors['fc2.tied']['source'], {'kind': 'shared', 'tensor': 'fc2.weight'})
        self.assertEqual(tensors['fc2.tied']['digest'], tensors['fc2.weight']['digest'])
        self.assertEqual(tensors['norm.count']['shape'], [])
        for tensor in tensors.values():
            if tensor['source']['kind'] == 'stored':
                segment = info['segments'][tensor['source']['segment']]
                self.assertEqual(segment['used_by'], 'tensor ' + tensor['name'])
                self.assertEqual(segment['decoded_length'], tensor['bytes'])

    def test_the_whole_family(self):
        write_safetensors(self.folder / 'base', {'w': uniform(1, (5, 7))})
        self.make('changed', bases=['base'])
        self.make('family')
        text = self.mcnc('info', 'family.mcnc')[0].decode()
        for word in ('3 -> 8 sine 0.75 turns stored as F16, bias -> 32 identity, weights +-0.25, unit norm', 'float32',
                     '1 tensor made of 2 factors', 'factor, generated', '0.5 x b x a, from 10', 'layer 0 bias',
                     'int16 x 0.00024414062'):
            self.assertIn(word, text)
        info = self.info('family.mcnc')
        (generator,) = info['generators']
        self.assertEqual((generator['arithmetic'], generator['unit_norm']), ('float32', True))
        self.assertEqual([sorted(layer) for layer in generator['layers']], [
            ['activation', 'bias', 'n_in', 'turns', 'weights', 'width'],
            ['activation', 'n_in', 'turns', 'weights', 'width']])
        self.assertEqual(generator['layers'][0]['weights'], {'kind': 'stored', 'segment': 0, 'type': 'F16'})
        self.assertEqual(generator['layers'][1]['weights'], {'kind': 'seeded', 'stream': 1, 'scale': 0.25})
        self.assertEqual(info['codes'][0]['alpha'], {'type': 'int16', 'scale': 2.0**-12, 'segment': 2})
        tensors = {t['name']: t for t in info['tensors']}
        self.assertEqual([t['factor'] for t in info['tensors']], [True, True, False])
        self.assertEqual(tensors['w']['source'], {'kind': 'product', 'b': 'b', 'a': 'a', 'scale': 0.5,
                                                  'theta0': {'kind': 'constant', 'value': 10}})
        info = self.info('changed.mcnc')
        self.assertEqual(info['bases'], [{'name': 'someone/model', 'weights_identity': '0' * 64}])
        theta0 = info['tensors'][0]['source']['theta0']
        self.assertEqual({**theta0, 'digest': ''},
                         {'kind': 'base', 'base': 0, 'tensor': 'w', 'dtype': 'F32', 'digest': ''})
        self.assertIn(', from someone/model as F32', self.mcnc('info', 'changed.mcnc')[0].decode())
        self.assertIn('generator 0 layer 0 bias', self.mcnc('dump', 'family.mcnc')[0].decode())

    def test_json_is_ascii(self):
        self.assertTrue(self.mcnc('info', '--json', self.make('every'))[0].isascii())

    def test_a_model_of_nothing(self):
        info = self.info(self.make('empty'))
        self.assertEqual((info['tensors'], info['segments'], info['ratio']), ([], [], 0))
        self.mcnc('info', 'empty.mcnc')

    def test_streams(self):
        path = self.make('tiny')
        with path.open('rb') as stream:
            from_stream = self.mcnc('info', '-', stdin=stream)[0]
        self.assertEqual(from_stream, self.mcnc('info', 'tiny.mcnc')[0].replace(b'tiny.mcnc', b'-'))
        piped = self.mcnc('info', '/dev/stdin', input=path.read_bytes())[0]
        self.assertIn(b'2 tensors', piped)

    def test_decodes_nothing(self):
        """So no limit refuses, and damage beyond the manifest is not seen."""
        path = self.make('tiny')
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        self.mcnc('info', path)
        self.mcnc('verify', path, code=1)


if __name__ == '__main__':
    unittest.main()
