# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

import subprocess
import unittest

from support import MCNC, CliTest, ramp, read_safetensors


class DecodeTest(CliTest):
    def test_safetensors(self):
        self.make('every')
        self.mcnc('decode', 'every.mcnc', '-o', 'out.safetensors')
        header, tensors = read_safetensors((self.folder / 'out.safetensors').read_bytes())
        info = self.info('every.mcnc')
        self.assertEqual(sorted(tensors), sorted(t['name'] for t in info['tensors']))
        for tensor in info['tensors']:
            self.assertEqual(header[tensor['name']]['dtype'], tensor['dtype'])
            self.assertEqual(header[tensor['name']]['shape'], tensor['shape'])
        self.assertEqual(tensors['norm.count'], ramp(8))
        self.assertEqual(tensors['norm.mask'], ramp(5))
        self.assertEqual(tensors['norm.empty'], b'')
        self.assertEqual(tensors['fc2.tied'], tensors['fc2.weight'])
        self.assertEqual(header['__metadata__'], {
            'format': 'pt',
            'general.name': 'every\ttensor\n\u202e"quoted"',
            'general.parameters': '-9007199254740993',
            'mcnc.weights_identity': info['weights_identity'],
            'test.flag': 'true',
            'test.long': 'x' * 5000,
            'test.real': '0.1',
        })

    def test_every_way_to_the_bytes_gives_the_same(self):
        data = self.make('every').read_bytes()
        whole = self.mcnc('decode', 'every.mcnc')[0]
        self.assertEqual(self.mcnc('decode', 'every.mcnc', '-o', '-')[0], whole)
        self.assertEqual(self.mcnc('decode', '-', input=data)[0], whole)
        self.assertEqual(self.mcnc('decode', '-o', '/dev/stdout', 'every.mcnc')[0], whole)
        for name, expected in read_safetensors(whole)[1].items():
            self.assertEqual(self.mcnc('decode', 'every.mcnc', '-t', name, '--raw')[0], expected)

    def test_some_tensors(self):
        self.make('every')
        data = self.mcnc('decode', 'every.mcnc', '-t', 'norm.mask', '--tensor', 'fc1.weight')[0]
        whole = read_safetensors(self.mcnc('decode', 'every.mcnc')[0])[1]
        self.assertEqual(read_safetensors(data)[1], {name: whole[name] for name in ('norm.mask', 'fc1.weight')})

    def test_a_model_of_nothing(self):
        self.make('empty')
        header, tensors = read_safetensors(self.mcnc('decode', 'empty.mcnc')[0])
        self.assertEqual((list(header), tensors), (['__metadata__'], {}))

    def test_wrong_usage(self):
        self.make('every')
        self.mcnc('decode', 'every.mcnc', '-t', 'no such', code=2)
        self.mcnc('decode', 'every.mcnc', '--raw', code=2)
        self.mcnc('decode', 'every.mcnc', '--raw', '-t', 'fc1.half', '-t', 'norm.mask', code=2)
        self.mcnc('decode', code=2)
        before = (self.folder / 'every.mcnc').read_bytes()
        self.mcnc('decode', 'every.mcnc', '-f', '-o', './every.mcnc', code=2)
        self.assertEqual((self.folder / 'every.mcnc').read_bytes(), before)

    def test_a_digest_that_differs_leaves_nothing(self):
        path = self.make('tiny')
        data = bytearray(path.read_bytes())
        data[-1] ^= 1  # in the segment of the stored tensor, which comes first in the output
        path.write_bytes(data)
        self.mcnc('decode', 'tiny.mcnc', '-o', 'out', code=1)
        self.assertEqual(self.files(), ['tiny.mcnc'])
        self.mcnc('decode', 'tiny.mcnc', code=1)
        # The other tensor is whole.
        self.mcnc('decode', 'tiny.mcnc', '-t', 'w', '-o', 'out')

    def test_a_reader_that_leaves_ends_it_silently(self):
        self.make('large')
        with subprocess.Popen([MCNC, 'decode', 'large.mcnc'], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            process.stdout.read(10)
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b'')
        self.assertNotEqual(process.returncode, 0)


if __name__ == '__main__':
    unittest.main()
