# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

import json
import subprocess
import unittest

from arrays import uniform, unpack, write_safetensors
from support import MCNC, CliTest, read_safetensors


class TranscodeTest(CliTest):
    def transcode(self, *args):
        """Runs it; returns what it says."""
        done = subprocess.run([MCNC, 'transcode', *args], cwd=self.folder, capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, b''), done.stderr)
        return done.stderr.decode()

    def make_float(self, **tensor):
        """A float32 generator's file, float.mcnc."""
        write_safetensors(self.folder / 'codes.safetensors',
                          {'alpha': uniform(1, (8, 5)), 'beta': uniform(2, (8,), 1e-3), 'rest': uniform(3, (9,))})
        (self.folder / 'recipe.json').write_text(json.dumps({
            'recipe': 1, 'files': ['codes.safetensors'],
            'generators': [{'arithmetic': 'float32', 'code_dim': 5, 'seed': 1,
                            'layers': [{'width': 20, 'omega': 4, 'weights_scale': 1}]}],
            'codes': [{'alpha': 'alpha', 'beta': 'beta'}],
            'tensors': [{'name': 'w', 'shape': [8, 20], 'generated': tensor}, {'stored': 'rest'}],
            **({'bases': [{'name': 'b', 'file': 'base.safetensors'}]} if tensor else {}),
            'metadata': {'general.name': 'x'}}))
        self.mcnc('import', 'recipe.json', '-o', 'float.mcnc')

    def decoded(self, path, *args):
        header, tensors = read_safetensors(self.mcnc('decode', path, *args)[0])
        return {name: unpack(header[name]['dtype'], data) for name, data in tensors.items()}

    def test_compression_alone_changes_no_weight(self):
        self.make('every')
        said = self.transcode('every.mcnc', '--zstd-level', '1', '-o', 'out.mcnc')
        self.assertEqual(said, 'mcnc: every.mcnc: weights identity unchanged\n')
        self.assertEqual(self.info('out.mcnc')['weights_identity'], self.info('every.mcnc')['weights_identity'])
        self.transcode('out.mcnc', '--zstd-level', '19', '-o', 'back.mcnc')
        self.assertEqual((self.folder / 'back.mcnc').read_bytes(), (self.folder / 'every.mcnc').read_bytes())

    def test_other_types_say_how_far_weights_moved(self):
        self.make_float()
        before = self.decoded('float.mcnc')
        largest = max(map(abs, before['w']))
        for alpha, beta, tolerance in (('f16', 'f32', 2e-3), ('bf16', 'bf16', 3e-2), ('int16', 'f16', 2e-3),
                                       ('int8', 'f16', 5e-2)):
            said = self.transcode('float.mcnc', '--alpha-type', alpha, '--beta-type', beta, '-f', '-o', 'out.mcnc')
            after = self.decoded('out.mcnc')
            self.assertEqual(after['rest'], before['rest'])
            difference = max(abs(a - b) for a, b in zip(before['w'], after['w']))
            self.assertLess(difference, tolerance * largest)
            lines = said.splitlines()
            self.assertIn('weights identity changed: ' + self.info('float.mcnc')['weights_identity'], lines[0])
            name, absolute, relative, unit = lines[2].split()
            self.assertEqual((len(lines), name, unit), (3, 'w', '%'))
            self.assertAlmostEqual(float(absolute) / difference, 1, delta=0.01)
            self.assertAlmostEqual(float(relative) / (100 * difference / largest), 1, delta=0.01)
            self.mcnc('verify', 'out.mcnc')
            self.assertEqual(self.info('out.mcnc')['metadata'], self.info('float.mcnc')['metadata'])

    def test_wider_types_lose_nothing(self):
        self.make_float()
        self.transcode('float.mcnc', '--alpha-type', 'int8', '--beta-type', 'f16', '-o', 'small.mcnc')
        said = self.transcode('small.mcnc', '--alpha-type', 'int16', '--beta-type', 'f32', '-o', 'wide.mcnc')
        self.assertIn('unchanged', said)
        said = self.transcode('small.mcnc', '--alpha-type', 'f32', '-o', 'float32.mcnc')
        self.assertIn('unchanged', said)
        self.make('every')
        said = self.transcode('every.mcnc', '--alpha-type', 'int16', '-o', 'int16.mcnc')
        self.assertIn('unchanged', said)
        self.assertIn('unchanged', self.transcode('int16.mcnc', '--alpha-type', 'int8', '-o', 'int8.mcnc'))
        self.assertEqual((self.folder / 'int8.mcnc').read_bytes(), (self.folder / 'every.mcnc').read_bytes())

    def test_a_file_on_a_base(self):
        write_safetensors(self.folder / 'base.safetensors', {'w': uniform(9, (8, 20))})
        self.make_float(theta0={'base': 'b'})
        self.mcnc('transcode', 'float.mcnc', '--alpha-type', 'int8', '-o', 'out.mcnc', code=1)
        said = self.transcode('float.mcnc', '--alpha-type', 'int8', '-b', 'base.safetensors', '-o', 'out.mcnc')
        self.assertIn('weights identity changed', said)
        self.mcnc('verify', 'out.mcnc', '-b', 'base.safetensors')

    def test_mistakes_leave_nothing(self):
        self.make('every')
        err = self.mcnc('transcode', 'every.mcnc', '--alpha-type', 'f16', '-o', 'out.mcnc', code=2)[1]
        self.assertIn(b'codes 0: integer arithmetic has int8 or int16 alphas', err)
        self.mcnc('transcode', 'every.mcnc', '-o', 'out.mcnc', code=2)
        self.mcnc('transcode', 'every.mcnc', '--alpha-type', 'int4', '-o', 'out.mcnc', code=2)
        self.mcnc('transcode', 'every.mcnc', '--zstd-level', '20', '-o', 'out.mcnc', code=2)
        self.mcnc('transcode', 'every.mcnc', '--zstd-level', '3', '-o', 'every.mcnc', code=2)
        self.mcnc('transcode', 'every.mcnc', '--zstd-level', '3', '--max-output-bytes', '10', '-o', 'out.mcnc', code=6)
        data = bytearray((self.folder / 'every.mcnc').read_bytes())
        data[-1] ^= 1
        (self.folder / 'every.mcnc').write_bytes(data)
        self.mcnc('transcode', 'every.mcnc', '--zstd-level', '3', '-o', 'out.mcnc', code=1)
        self.assertEqual(self.files(), ['every.mcnc'])


if __name__ == '__main__':
    unittest.main()
