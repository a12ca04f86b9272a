#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""mcnc.write, mcnc.numpy and generators: what is written reads back, numbers are those of the specification's pseudo-code,
and an independent decoder agrees. PYTHONPATH names the built package."""

import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import mcnc
import numpy as np
from support import PackageTest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pseudocode():
    """The functions of the specification's pseudo-code, by name."""
    text = (ROOT / 'spec' / 'mcnc.md').read_text()
    names = {}
    exec('\n'.join(re.findall(r'^```mcnc\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)), names)
    return names


def layer_of_spec(layer):
    """A layer as the pseudo-code takes it."""
    return {'width': layer.width, 'activation': 0 if layer.activation == 'sine' else 1, 'frequency': layer.frequency,
            'turns': layer.turns, 'weights_scale': layer.weights_scale, 'weights_type': 0,
            'weights_segment': 0xFFFFFFFF, 'bias_segment': 0xFFFFFFFF}


INTEGER = mcnc.Generator(5, [mcnc.Layer(16, frequency=1 << 20), mcnc.Layer(24, frequency=1 << 17)], seed=2**40 + 3)
LINEAR = mcnc.Generator(4, [mcnc.Layer(12, activation='identity')], seed=9)
FLOAT = mcnc.Generator(3, [mcnc.Layer(8, turns=0.5, weights_scale=0.25), mcnc.Layer(20, turns=0.125, weights_scale=0.5)],
                       seed=5, arithmetic='float32', unit_norm=True)


class WriteTest(PackageTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='mcnc-python-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def independent(self, data):
        """The answer of the decoder that was written from the specification alone."""
        path = self.folder / 'independent.mcnc'
        path.write_bytes(data)
        decoder = ROOT / 'conformance' / 'independent' / 'mcnc_decoder.py'
        done = subprocess.run([sys.executable, decoder, path], capture_output=True, text=True, timeout=120)
        return json.loads(done.stdout)

    def test_save_and_load(self):
        random = np.random.default_rng(0)
        arrays = {'scalar': np.array(3.5), 'empty': np.zeros((0, 4), np.float32), 'flags': np.array([True, False])}
        for code in ('f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8'):
            arrays[code] = random.integers(0, 100, (3, 5)).astype(code)
        arrays['strided'] = np.arange(24, dtype='f4').reshape(4, 6)[::2, ::3]
        arrays['columns_first'] = np.asfortranarray(arrays['f8'])
        arrays['big_endian'] = arrays['f4'].astype('>f4')
        arrays['read_only'] = arrays['i4'].copy()
        arrays['read_only'].flags.writeable = False
        path = self.folder / 'model.mcnc'
        mcnc.numpy.save_file(arrays, path, metadata={'general.name': 'n', 'a.b': True, 'a.c': -7, 'a.d': 0.5})
        data = mcnc.numpy.save(arrays, {'general.name': 'n', 'a.b': True, 'a.c': -7, 'a.d': 0.5})
        self.assertEqual(path.read_bytes(), data)
        for loaded in (mcnc.numpy.load_file(path), mcnc.numpy.load(data), mcnc.numpy.load(bytearray(data))):
            self.assertEqual(set(loaded), set(arrays))
            for name, array in arrays.items():
                self.assertEqual((loaded[name].shape, loaded[name].dtype), (array.shape, array.dtype.newbyteorder('<')))
                np.testing.assert_array_equal(loaded[name], array)
        with mcnc.open(path) as file:
            self.assertEqual(dict(file.metadata), {'general.name': 'n', 'a.b': True, 'a.c': -7, 'a.d': 0.5})
            self.assertEqual(file.digest, mcnc.weights_identity(arrays))
            self.assertEqual(file.tensors['f8'].digest, mcnc.tensor_digest(arrays['columns_first']))
        self.assertEqual(self.independent(data)['code'], 'ok')

    def test_weights_and_theta0_are_those_of_the_specification(self):
        spec = pseudocode()
        for generator, expand in ((INTEGER, 'expand'), (LINEAR, 'expand'), (FLOAT, 'expand_float')):
            description = {'code_dim': generator.code_dim, 'layers': [layer_of_spec(layer) for layer in generator.layers]}
            drawn = spec[expand](description, generator.seed, {})
            for i, layer in enumerate(drawn):
                weights = generator.weights(i)
                self.assertEqual(weights.dtype, np.int8 if expand == 'expand' else np.float32)
                self.assertEqual(weights.reshape(-1).tolist(), list(np.ravel(layer)))
        uniform = mcnc.Uniform(seed=2**33 + 1, scale=2**-20, stream=6)
        expected = [spec['random_int16'](uniform.seed, 2, 6, e) * uniform.scale for e in range(40)]
        self.assertEqual(uniform.values((5, 8)).reshape(-1).tolist(), expected)
        self.assertEqual(uniform.values(7, first=33).tolist(), expected[33:])

    def test_phi_is_that_of_the_specification(self):
        spec = pseudocode()
        alpha = np.random.default_rng(1).integers(-128, 128, (3, 5)).astype(np.int8)
        for generator in (INTEGER, LINEAR):
            description = {'code_dim': generator.code_dim, 'layers': [layer_of_spec(layer) for layer in generator.layers]}
            weights = spec['expand'](description, generator.seed, {})
            for code, g in zip(alpha[:, :generator.code_dim], generator.phi(alpha[:, :generator.code_dim])):
                self.assertEqual(g.tolist(), [float(x) for x in spec['phi'](description, weights, code.tolist())])
        description = {'code_dim': 3, 'unit_norm': True, 'layers': [layer_of_spec(layer) for layer in FLOAT.layers]}
        weights = spec['expand_float'](description, FLOAT.seed, {})
        code = np.array([[0.5, -0.25, 1]], np.float32)
        expected = spec['float_phi'](description, weights, [None, None], code[0].tolist())
        self.assertEqual(FLOAT.phi(code)[0].tolist(), list(expected))
        self.assertEqual(FLOAT.phi(code[:0]).shape, (0, 20))

    def test_stored_generator(self):
        weights = np.random.default_rng(2).integers(-128, 128, (5, 16)).astype(np.int8)
        stored = mcnc.Generator(5, [mcnc.Layer(16, frequency=1 << 20, weights=weights)], seed=1)
        np.testing.assert_array_equal(stored.weights(0), weights)
        drawn = mcnc.Generator(5, [mcnc.Layer(16, frequency=1 << 20)], seed=1)
        twin = mcnc.Generator(5, [mcnc.Layer(16, frequency=1 << 20, weights=drawn.weights(0))], seed=1)
        alpha = np.arange(20, dtype=np.int16).reshape(4, 5) * 300
        np.testing.assert_array_equal(twin.phi(alpha), drawn.phi(alpha))
        self.assertFalse(np.array_equal(stored.phi(alpha), drawn.phi(alpha)))

    def model(self):
        random = np.random.default_rng(3)
        alpha = random.integers(-100, 100, (4, 2, 5)).astype(np.int8)
        beta = random.standard_normal((4, 2)).astype(np.float32)
        codes = mcnc.Codes(INTEGER, alpha, beta, beta_exponent=-15)
        factors = mcnc.Codes(LINEAR, random.integers(-9, 9, (3, 4)).astype(np.int8), beta=0.01)
        uniform = mcnc.Uniform(seed=1, scale=2**-17)
        return codes, beta, {
            'w': mcnc.Generated(codes, (6, 8), theta0=uniform),
            'v': mcnc.Generated(codes, (48,), dtype='F16', first_element=48, theta0=0.5),
            'b': mcnc.Generated(factors, (6, 2), factor=True),
            'a': mcnc.Generated(factors, (2, 12), first_element=12, factor=True),
            'p': mcnc.Product('b', 'a', scale=2.0, theta0=np.ones((6, 12), np.float32)),
            's': mcnc.Shared('v'),
            'bias': np.arange(3, dtype=np.float32),
        }

    def test_generated_tensors_are_theta0_and_beta_phi(self):
        codes, beta, tensors = self.model()
        data = mcnc.write(None, tensors, metadata={'general.name': 'm'}, threads=2)
        loaded = mcnc.numpy.load(data)
        self.assertEqual(list(loaded), ['bias', 'p', 's', 'v', 'w'])
        g = INTEGER.phi(np.asarray(codes.alpha).reshape(-1, 5)).reshape(4, 2, 24)
        w = tensors['w'].theta0.values(48).reshape(2, 24)
        for j in range(2):
            w = w + (beta[:2, j:j + 1] * np.float32(2**-15)) * g[:2, j]
        self.assertEqual(loaded['w'].tobytes(), w.astype('<f4').tobytes())
        with mcnc.open(data) as file:
            b, a = file.decode('b').astype('f8'), file.decode('a').astype('f8')
            np.testing.assert_allclose(loaded['p'], 1 + 2 * b @ a, rtol=1e-5, atol=1e-5)
            self.assertTrue(file.tensors['a'].factor)
        np.testing.assert_array_equal(loaded['s'], loaded['v'])
        independent = self.independent(data)
        self.assertEqual((independent['code'], independent['weights_identity']), ('ok', mcnc.weights_identity(loaded)))

    def test_theta0_from_a_base(self):
        base = {'w': np.full((6, 8), 0.25, np.float32), 'other': np.zeros(3, np.float16)}
        codes, _, tensors = self.model()
        codes = mcnc.Codes(INTEGER, codes.alpha[:2], codes.beta[:2], beta_exponent=-15)
        adapter = {'w': mcnc.Generated(codes, (6, 8), theta0=mcnc.FromBase('original'))}
        data = mcnc.write(None, adapter, bases={'original': base})
        changed = mcnc.numpy.load(data, bases=[base])
        alone = mcnc.numpy.load(mcnc.write(None, {'w': mcnc.Generated(codes, (6, 8), theta0=0.25)}))
        np.testing.assert_array_equal(changed['w'], alone['w'])
        path = self.folder / 'base.mcnc'
        mcnc.numpy.save_file(base, path)
        self.assertEqual(mcnc.numpy.load(data, bases=path)['w'].tobytes(), changed['w'].tobytes())
        with mcnc.open(path) as file:
            self.assertEqual(mcnc.write(None, adapter, bases={'original': file}), data)
        self.refuses('base', mcnc.numpy.load, data)
        self.refuses('argument', mcnc.write, None, adapter, bases={'another': base})

    def test_where_files_go(self):
        _, _, tensors = self.model()
        data = mcnc.write(None, tensors)
        stream = io.BytesIO()
        self.assertIsNone(mcnc.write(stream, tensors))
        self.assertIsNone(mcnc.write(self.folder / 'model.mcnc', tensors))
        self.assertEqual((stream.getvalue(), (self.folder / 'model.mcnc').read_bytes()), (data, data))
        self.refuses('write', mcnc.write, self.folder / 'no folder' / 'model.mcnc', tensors)
        self.refuses('argument', mcnc.write, 7, tensors)
        self.assertEqual([path.name for path in self.folder.iterdir()], ['model.mcnc'])

    def test_refused(self):
        codes, _, tensors = self.model()
        alpha = codes.alpha
        generated = mcnc.Generated

        def model(**changes):
            options = {'generator': INTEGER, 'alpha': alpha, 'beta': 1.0, **changes}
            return {'w': generated(mcnc.Codes(**options), (96,))}

        for wrong in (
            {'w': np.array(['text'])},
            {'w': np.zeros(3, np.complex64)},
            {'w': np.array([object()])},
            {3: np.zeros(3)},
            model(alpha=alpha[:, :, :4]),
            model(alpha=alpha.astype(np.int64)),
            model(beta=np.ones(3, np.float32)),
            model(beta=np.ones((4, 2), np.float64)),
            model(beta_exponent=64),
            model(generator=mcnc.Generator(5, [mcnc.Layer(-24, frequency=1)])),
            model(generator=mcnc.Generator(5, [mcnc.Layer(24.0, frequency=1)])),
            model(generator=mcnc.Generator(5, [mcnc.Layer(24, frequency=1)], seed=2**64)),
            model(generator=mcnc.Generator(5, [mcnc.Layer(24, frequency=1)], arithmetic='complex')),
            model(generator=mcnc.Generator(5, [mcnc.Layer(24, frequency=1, activation='relu')])),
            model(generator=mcnc.Generator(5, [mcnc.Layer(24, frequency=1, weights=np.zeros((5, 23), np.int8))])),
            {**tensors, 'p': mcnc.Product('b', 'nothing')},
            {**tensors, 'p': mcnc.Product('a', 'b')},
            {**tensors, 'p': mcnc.Product('b', 'p')},
            {**tensors, 's': mcnc.Shared('s')},
            {'w': generated(codes, (96, -1))},
            {'w': generated(codes, (96,), dtype='F31')},
            {'w': generated(codes, (96,), theta0=np.zeros(95, np.float32))},
            {'w': generated(codes, (96,), theta0=mcnc.FromBase('nothing'))},
        ):
            self.refuses('argument', mcnc.write, None, wrong)
        # What the rules of the format say comes with its rule.
        for rule, wrong in (
            ('generator.frequency', model(generator=mcnc.Generator(5, [mcnc.Layer(24)]))),
            ('codes.alpha_type', model(alpha=alpha.astype(np.float32))),
            ('codes.coverage', {'w': generated(codes, (12,))}),
            ('tensor.name', {'/w': np.zeros(3)}),
        ):
            self.assertEqual(self.refuses('text' if rule == 'tensor.name' else 'manifest', mcnc.write, None, wrong).rule, rule)
        self.assertEqual(self.refuses('text', mcnc.numpy.save, {}, {'Not a key': 'v'}).rule, 'metadata.key')
        self.refuses('argument', mcnc.write, None, tensors, zstd_level=20)
        self.refuses('argument', mcnc.write, None, tensors, threads=0)
        self.refuses('argument', mcnc.numpy.save, {}, {'a.b': [1]})
        self.refuses('argument', mcnc.numpy.save, {}, {'a.b': 2**63})
        self.refuses('argument', INTEGER.weights, 2)
        self.refuses('argument', INTEGER.phi, np.zeros(5, np.int8))
        self.refuses('argument', mcnc.Uniform(-1, 1.0).values, 3)


if __name__ == '__main__':
    unittest.main()
