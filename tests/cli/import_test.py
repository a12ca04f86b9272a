# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Every member of the family as a recipe, compared with a float64 model of it."""

import itertools
import json
import unittest

from arrays import Layer, drawn, expand, split, transposed, uniform, unpack, write_safetensors
from examples import example_recipes
from support import CliTest, read_safetensors


class ImportTest(CliTest):
    def write(self, name, tensors):
        write_safetensors(self.folder / name, tensors)

    def recipe(self, recipe, name='recipe.json'):
        (self.folder / name).write_text(json.dumps({'recipe': 1, **recipe}))

    def imports(self, recipe, *args):
        """Imports `recipe`, checks the file, returns its info."""
        self.recipe(recipe)
        self.mcnc('import', 'recipe.json', '-f', '-o', 'out.mcnc', *args)
        return self.info('out.mcnc')

    def decoded(self, *args):
        """{name: numbers} of out.mcnc."""
        header, tensors = read_safetensors(self.mcnc('decode', 'out.mcnc', *args)[0])
        return {name: unpack(header[name]['dtype'], data) for name, data in tensors.items()}

    def near(self, actual, expected, tolerance=2e-6):
        self.assertEqual(len(actual), len(expected))
        largest = max(map(abs, expected))
        self.assertLess(max(abs(a - e) for a, e in zip(actual, expected)), tolerance * largest)

    def sine_mlp(self, sizes, omegas, seed, biases=()):
        """A generator as torch makes it, in gen.safetensors: its layers as a recipe and as a model."""
        tensors, layers, model = {}, [], []
        for i, (n_in, width, omega) in enumerate(zip(sizes, sizes[1:], omegas)):
            weight = uniform(seed + i, (width, n_in), n_in**-0.5)
            tensors[f'gen.{i}.weight'] = weight
            layer = {'weights': f'gen.{i}.weight', 'layout': 'torch'}
            layer |= {'activation': 'identity'} if omega is None else {'omega': omega}
            bias = None
            if i in biases:
                tensors[f'gen.{i}.bias'] = uniform(seed + 50 + i, (width,), 0.1)
                layer['bias'] = f'gen.{i}.bias'
                bias = tensors[f'gen.{i}.bias'][2]
            layers.append(layer)
            model.append(Layer(n_in, width, transposed(weight[2], width, n_in), omega, bias))
        self.write('gen.safetensors', tensors)
        return layers, model


class FamilyTest(ImportTest):
    def test_mcnc_v2(self):
        layers, model = self.sine_mlp([9, 100, 100, 500], [4.0, 3.0, None], 1, biases=(0, 2))
        alpha = uniform(7, (7, 1, 9), 2)
        beta = uniform(8, (7, 1), 0.3)
        start = uniform(9, (30, 50), 0.05)
        self.write('codes.safetensors', {'alpha': alpha, 'beta': beta, 'start': start})
        self.imports({
            'files': ['gen.safetensors', 'codes.safetensors'],
            'generators': [{'arithmetic': 'float32', 'code_dim': 9, 'layers': layers}],
            'codes': [{'alpha': 'alpha', 'beta': 'beta'}],
            'tensors': [
                {'name': 'fc2.weight', 'shape': [30, 50], 'generated': {'theta0': {'stored': 'start'}}},
                {'name': 'fc1.weight', 'shape': [40, 30], 'generated': {'theta0': 0.25}},
                {'name': 'fc1.bias', 'shape': [30],
                 'generated': {'theta0': {'uniform': {'seed': 5, 'stream': 2, 'bound': 0.5}}}},
                {'name': 'fc2.bias', 'shape': [500], 'generated': {}},
            ],
        })
        self.mcnc('verify', 'out.mcnc')
        w = expand(model, split(alpha[2], 9), beta[2])
        decoded = self.decoded()
        self.near(decoded['fc2.weight'], [a + b for a, b in zip(start[2], w)])
        self.near(decoded['fc1.weight'], [0.25 + b for b in w[1500:]][:1200])
        theta0 = [a - b for a, b in zip(decoded['fc1.bias'], w[2700:])]
        self.assertTrue(all(abs(number) < 0.501 for number in theta0) and max(theta0) > 0.3)
        self.near(decoded['fc2.bias'], w[2730:3230])

    def test_mcnc_v1_with_several_codes_per_chunk(self):
        layers, model = self.sine_mlp([4, 8, 20], [2.0, 5.0], 3)
        alpha = uniform(1, (3, 2, 4))
        beta = uniform(2, (3, 2))
        self.write('codes.safetensors', {'a': alpha, 'b': beta})
        info = self.imports({
            'files': ['gen.safetensors', 'codes.safetensors'],
            'generators': [{'name': 'phi', 'arithmetic': 'float32', 'code_dim': 4, 'layers': layers}],
            'codes': [{'name': 'c', 'generator': 'phi', 'alpha': 'a', 'beta': 'b'}],
            'tensors': [{'name': 'w', 'shape': [6, 9], 'generated': {'codes': 'c'}}],
        })
        self.assertEqual((info['codes'][0]['chunks'], info['codes'][0]['codes_per_chunk']), (3, 2))
        self.near(self.decoded()['w'], expand(model, split(alpha[2], 4), beta[2], 2)[:54])

    def test_pranc_seeded_and_stored(self):
        alpha = uniform(4, (10,))
        basis = uniform(5, (10, 60))
        self.write('a.safetensors', {'alpha': alpha, 'basis': basis,
                                     'turned': ('F32', (60, 10), transposed(basis[2], 10, 60))})
        tensors = [{'name': 'w', 'shape': [5, 12], 'generated': {}}]

        def weights(layer):
            self.imports({
                'files': ['a.safetensors'],
                'generators': [{'arithmetic': 'float32', 'code_dim': 10, 'seed': 0xFEDCBA9876543210,
                                'layers': [{'activation': 'identity', **layer}]}],
                'codes': [{'alpha': 'alpha', 'beta': 1}],
                'tensors': tensors,
            })
            return self.decoded()['w']

        seeded = Layer(10, 60, drawn(0xFEDCBA9876543210, 0, 600, 0.5))
        self.near(weights({'width': 60, 'weights_scale': 0.5}), seeded(alpha[2]))
        stored = weights({'weights': 'basis', 'layout': 'input_major'})
        self.near(stored, Layer(10, 60, basis[2])(alpha[2]))
        self.assertEqual(weights({'weights': 'turned', 'layout': 'torch'}), stored)
        narrow = weights({'weights': 'basis', 'layout': 'input_major', 'weights_type': 'bf16'})
        self.near(narrow, stored, 0.01)
        self.assertNotEqual(narrow, stored)

    def test_nola_as_a_product(self):
        tensors = {'a': uniform(1, (6,)), 'b': uniform(2, (6,)), 'bias': uniform(3, (7,))}
        self.write('nola.safetensors', tensors)
        self.imports({
            'files': ['nola.safetensors'],
            'generators': [
                {'name': name, 'arithmetic': 'float32', 'code_dim': 6, 'seed': seed,
                 'layers': [{'width': width, 'activation': 'identity', 'weights_scale': 1}]}
                for name, seed, width in (('phi_a', 1, 10), ('phi_b', 2, 14))],
            'codes': [{'name': 'a', 'generator': 'phi_a', 'alpha': 'a', 'beta': 1},
                      {'name': 'b', 'generator': 'phi_b', 'alpha': 'b', 'beta': 1}],
            'tensors': [
                {'name': 'q.weight', 'product': {'b': 'q.B', 'a': 'q.A', 'scale': 0.5, 'theta0': 0.125}},
                {'name': 'q.A', 'shape': [2, 5], 'factor': True, 'generated': {'codes': 'a'}},
                {'name': 'q.B', 'shape': [7, 2], 'factor': True, 'generated': {'codes': 'b'}},
                {'stored': 'bias'},
            ],
        })
        factor_a = Layer(6, 10, drawn(1, 0, 60, 1))(tensors['a'][2])
        factor_b = Layer(6, 14, drawn(2, 0, 84, 1))(tensors['b'][2])
        decoded = self.decoded()
        self.near(decoded['q.weight'], [0.125 + 0.5 * sum(factor_b[r * 2 + i] * factor_a[i * 5 + c] for i in (0, 1))
                                        for r in range(7) for c in range(5)])
        self.assertEqual(decoded['bias'], tensors['bias'][2])
        self.assertEqual(sorted(decoded), ['bias', 'q.weight'])

    def test_lora_factors_with_padding_on_a_base(self):
        layers, model = self.sine_mlp([5, 16, 30], [3.0, None], 11)
        alphas = {'q.A.alpha': uniform(1, (2, 5)), 'q.B.alpha': uniform(2, (1, 5))}
        betas = {'q.A.beta': uniform(3, (2, 1)), 'q.B.beta': uniform(4, (1, 1))}
        base = {'model.q': uniform(5, (12, 20)), 'other': uniform(6, (3,))}
        self.write('codes.safetensors', alphas | betas)
        self.write('base.safetensors', base)
        recipe = {
            'files': ['gen.safetensors', 'codes.safetensors'],
            'generators': [{'arithmetic': 'float32', 'code_dim': 5, 'layers': layers}],
            'codes': [{'alpha': list(alphas), 'beta': list(betas), 'chunking': 'per_tensor'}],
            'bases': [{'name': 'someone/base', 'file': 'base.safetensors'}],
            'tensors': [
                {'name': 'q.lora_A', 'shape': [2, 20], 'generated': {}},
                {'name': 'q.lora_B', 'shape': [12, 2], 'generated': {}},
                {'name': 'q', 'product': {'b': 'q.lora_B', 'a': 'q.lora_A', 'scale': 2,
                                          'theta0': {'base': 'someone/base', 'tensor': 'model.q'}}},
            ],
        }
        self.imports(recipe)
        codes = split(alphas['q.A.alpha'][2] + alphas['q.B.alpha'][2], 5)
        w = expand(model, codes, betas['q.A.beta'][2] + betas['q.B.beta'][2])
        decoded = self.decoded('--base', 'base.safetensors')
        self.near(decoded['q.lora_A'], w[:40])
        self.near(decoded['q.lora_B'], w[60:84])
        self.near(decoded['q'], [base['model.q'][2][r * 20 + c] + 2 * sum(w[60 + r * 2 + i] * w[i * 20 + c]
                                                                        for i in (0, 1))
                                 for r in range(12) for c in range(20)])
        del recipe['bases'], recipe['tensors'][2]
        self.imports(recipe)
        self.assertEqual(sorted(self.decoded()), ['q.lora_A', 'q.lora_B'])

    def test_stored_shared_and_metadata(self):
        rest = {'norm': uniform(1, (4,)), 'count': ('I64', (), [7]), 'half': ('F16', (3,), [1, -0.5, 2])}
        self.write('rest.safetensors', rest)
        self.write('head.safetensors', {'head': uniform(2, (3, 2)), 'norm': uniform(3, (1,))})
        info = self.imports({
            'files': ['head.safetensors', 'rest.safetensors'],
            'tensors': [{'stored': 'head'}, {'name': 'embed', 'shared': 'head'},
                        {'name': 'other', 'stored': {'file': 'head.safetensors', 'tensor': 'norm'}}],
            'store_all': ['rest.safetensors'],
            'metadata': {'general.name': 'Größe', 'general.count': 12, 'general.real': 2.0, 'general.flag': False},
        })
        decoded = self.decoded()
        self.assertEqual(sorted(decoded), ['count', 'embed', 'half', 'head', 'norm', 'other'])
        self.assertEqual(decoded['embed'], decoded['head'])
        for name, (_, _, numbers) in rest.items():
            self.assertEqual(decoded[name], numbers)
        listed, _ = self.mcnc('meta', 'out.mcnc', 'get')
        self.assertEqual(listed.decode().split(), ['general.count', 'int', '12', 'general.flag', 'bool', 'false',
                                                   'general.name', 'text', 'Größe', 'general.real', 'real', '2'])
        self.assertEqual(len(info['tensors']), 6)

    def test_integer_generator(self):
        self.write('i.safetensors', {'alpha': ('I8', (2, 3), [5, -7, 100, 1, 2, 3]), 'w': ('I8', (8, 3), list(range(24)))})
        recipe = {
            'files': ['i.safetensors'],
            'generators': [{'arithmetic': 'integer', 'code_dim': 3, 'seed': 1,
                            'layers': [{'width': 8, 'frequency': 1 << 18}]}],
            'codes': [{'alpha': 'alpha', 'beta': 1}],
            'tensors': [{'name': 'w', 'shape': [8], 'generated': {}}, {'name': 'x', 'shape': [8], 'generated': {}}],
        }
        self.imports(recipe)
        # The specification's check values.
        self.assertEqual(self.decoded()['w'], [-22759, -20100, -32230, 15489, 7960, 5971, -16040, 5378])
        recipe['codes'][0] |= {'beta': 3, 'beta_exponent': -15, 'alpha_type': 'int16'}
        recipe['generators'][0]['layers'] = [{'frequency': 1 << 18, 'weights': 'w', 'layout': 'torch'}]
        info = self.imports(recipe)
        self.assertEqual(info['codes'][0]['alpha']['type'], 'int16')
        self.mcnc('verify', 'out.mcnc')


    def test_nola_as_its_authors_store_it(self):
        rank, inputs, outputs = 2, 4, 3
        basis_a = uniform(1, (6, inputs, rank))
        basis_b = uniform(2, (5, rank, outputs))
        alpha, beta, base = uniform(3, (6,)), uniform(4, (5,)), uniform(5, (outputs, inputs))
        self.write('nola.safetensors', {'A': basis_a, 'B': basis_b, 'alpha': alpha, 'beta': beta})
        self.write('base.safetensors', {'w': base})

        def generator(name, k, d):
            return {'name': name, 'arithmetic': 'float32', 'code_dim': k,
                    'layers': [{'weights': {'tensor': name, 'reshape': [k, d], 'transpose': [0, 2, 1]},
                                'layout': 'input_major', 'activation': 'identity'}]}

        self.imports({
            'files': ['nola.safetensors'],
            'generators': [generator('A', 6, rank * inputs), generator('B', 5, outputs * rank)],
            'codes': [{'name': 'a', 'generator': 'A', 'alpha': 'alpha', 'beta': 1},
                      {'name': 'b', 'generator': 'B', 'alpha': 'beta', 'beta': 1}],
            'bases': [{'name': 'base', 'file': 'base.safetensors'}],
            'tensors': [{'name': 'a', 'shape': [rank, inputs], 'factor': True, 'generated': {'codes': 'a'}},
                        {'name': 'b', 'shape': [outputs, rank], 'factor': True, 'generated': {'codes': 'b'}},
                        {'name': 'w', 'product': {'b': 'b', 'a': 'a', 'scale': 0.5, 'theta0': {'base': 'base'}}}],
        })

        def mixed(numbers, weights):
            """sum_b weights[b] * numbers[b]"""
            terms = split(numbers, len(numbers) // len(weights))
            return [sum(w * part for w, part in zip(weights, parts)) for parts in zip(*terms)]

        a = mixed(basis_a[2], alpha[2])  # (inputs, rank)
        b = mixed(basis_b[2], beta[2])  # (rank, outputs)
        self.near(self.decoded('-b', 'base.safetensors')['w'],
                  [base[2][o * inputs + i] + 0.5 * sum(a[i * rank + r] * b[r * outputs + o] for r in range(rank))
                   for o in range(outputs) for i in range(inputs)])


class TurnedTest(ImportTest):
    """transpose and reshape, wherever an array is named."""

    TYPES = {'F32': 'f32', 'BF16': 'bf16', 'I8': None, 'I64': None}

    def test_stored_tensors(self):
        for dtype in self.TYPES:
            shape, numbers = (2, 3, 4), list(range(24))
            self.write('x.safetensors', {'x': (dtype, shape, numbers)})
            for order in itertools.permutations(range(3)):
                turned = [shape[d] for d in order]
                step = (12, 4, 1)
                expected = [numbers[sum(step[d] * i for d, i in zip(order, index))]
                            for index in itertools.product(*map(range, turned))]
                info = self.imports({'files': ['x.safetensors'],
                                     'tensors': [{'stored': {'tensor': 'x', 'transpose': order}},
                                                 {'name': 'y', 'stored': {'tensor': 'x', 'transpose': order,
                                                                          'reshape': [6, 1, 4]}}]})
                self.assertEqual([tensor['shape'] for tensor in info['tensors']], [turned, [6, 1, 4]])
                decoded = self.decoded()
                self.assertEqual((decoded['x'], decoded['y']), (expected, expected), (dtype, order))

    def test_large_empty_and_scalar_ones(self):
        numbers = [i % 251 for i in range(1500 * 1100)]  # more than one piece
        self.write('x.safetensors', {'x': ('U8', (1500, 1100), numbers), 'none': ('F32', (0, 3), []),
                                     'one': ('F32', (), [7])})
        self.imports({'files': ['x.safetensors'],
                      'tensors': [{'stored': {'tensor': 'x', 'transpose': [1, 0]}},
                                  {'stored': {'tensor': 'none', 'transpose': [1, 0]}},
                                  {'stored': {'tensor': 'one', 'transpose': [], 'reshape': [1, 1]}}]})
        decoded = self.decoded()
        self.assertEqual(decoded['x'], transposed(numbers, 1500, 1100))
        self.assertEqual((decoded['none'], decoded['one']), ([], [7]))

    def test_codes_weights_bias_and_theta0(self):
        alpha, beta, w = uniform(1, (4, 3)), uniform(2, (4,)), uniform(3, (10, 3))
        bias, start = uniform(4, (10,)), uniform(5, (8, 5))
        plain = {'alpha': alpha, 'beta': beta, 'w': w, 'bias': bias, 'start': start}
        ways = {
            'alpha': ((3, 4), {'transpose': [1, 0]}, transposed(alpha[2], 4, 3)),
            'beta': ((2, 2), {'reshape': [4]}, beta[2]),
            'w': ((2, 5, 3), {'reshape': [10, 3]}, w[2]),
            'bias': ((10, 1), {'transpose': [1, 0], 'reshape': [10]}, bias[2]),
            'start': ((5, 8), {'transpose': [1, 0]}, transposed(start[2], 8, 5)),
        }

        def weights(array):
            self.imports({
                'files': ['x.safetensors'],
                'generators': [{'arithmetic': 'float32', 'code_dim': 3,
                                'layers': [{'omega': 2, 'weights': array('w'), 'layout': 'torch',
                                            'bias': array('bias')}]}],
                'codes': [{'alpha': [array('alpha')], 'beta': array('beta')}],
                'tensors': [{'name': 'v', 'shape': [8, 5],
                             'generated': {'theta0': {'stored': array('start'), 'type': 'bf16'}}}],
            })
            return self.decoded()['v']

        self.write('x.safetensors', plain)
        expected = weights(lambda name: name)
        self.write('x.safetensors', {name: ('F32', shape, numbers) for name, (shape, _, numbers) in ways.items()})
        self.assertEqual(weights(lambda name: {'tensor': name, **ways[name][1]}), expected)

    def test_mistakes(self):
        self.write('x.safetensors', {'x': uniform(1, (2, 3))})
        label = 'tensor x of x.safetensors is F32 2 x 3'
        for keys, message in (
                ({'transpose': [0]}, f'/transpose: {label}, which has 2 dimensions; 1 dimension cannot be put'),
                ({'transpose': []}, f'/transpose: {label}, which has 2 dimensions; 0 dimensions cannot be put'),
                ({'transpose': [0, 0]}, '/transpose: must list the dimensions 0 to 1 of the array, each once'),
                ({'transpose': [1, 2]}, '/transpose: must list the dimensions 0 to 1 of the array, each once'),
                ({'transpose': [0, 16]}, '/transpose/1: must be a whole number from 0 to 15'),
                ({'transpose': [1, 0], 'reshape': [7]}, f'/reshape: {label}, which has 6 elements; 7 has 7'),
                ({'reshape': [-1, 3]}, '/reshape/0: must be a whole number from 0'),
                ({'reshape': [1 << 40, 1 << 40]}, '/reshape: 1099511627776 x 1099511627776 has 2^57 elements'),
                ({'reshape': [1] * 17}, '/reshape: has 17 dimensions; 16 are allowed'),
                ({'transposed': [1, 0]}, ': no key "transposed" (did you mean "transpose"?)')):
            self.recipe({'files': ['x.safetensors'], 'tensors': [{'stored': {'tensor': 'x', **keys}}]})
            err = self.mcnc('import', 'recipe.json', '-o', 'out.mcnc', code=2)[1].decode()
            self.assertIn('mcnc: recipe.json: /tensors/0/stored' + message, err)


class SummaryTest(ImportTest):
    """What import says of the file that it made."""

    def said(self, recipe, *args):
        self.recipe(recipe)
        return self.mcnc('import', 'recipe.json', '-f', '-o', 'out.mcnc', *args)[1].decode()

    def codes(self, **types):
        """The recipe of twelve tensors of codes, of one that is stored, and of a factor of none."""
        self.write('x.safetensors', {'alpha': uniform(1, (12, 5)), 'beta': uniform(2, (12,)),
                                     'rest': uniform(3, (70,))})
        return {'files': ['x.safetensors'],
                'generators': [{'arithmetic': 'float32', 'code_dim': 5, 'seed': 1,
                                'layers': [{'width': 100, 'omega': 2, 'weights_scale': 1}]}],
                'codes': [{'alpha': 'alpha', 'beta': 'beta', **types}],
                'tensors': [{'name': f'w{i}', 'shape': [100], 'generated': {}} for i in range(12)]
                + [{'stored': 'rest'}]}

    def test_sizes(self):
        said = self.said(self.codes())
        size = (self.folder / 'out.mcnc').stat().st_size
        decoded, source = 4 * 1270, 4 * (60 + 12 + 70)
        self.assertEqual(said, f'mcnc: out.mcnc: 13 tensors of 1,270 weights in {size:,} bytes, '
                               f'{decoded / size:.1f} times smaller than the {decoded:,} bytes it decodes to\n'
                               f'mcnc: out.mcnc: {size / source:.1f} times LARGER than the {source:,} bytes of tensors '
                               f'it was made of\n')

    def test_a_file_that_grows(self):
        self.write('x.safetensors', {'x': uniform(1, (3,))})
        self.assertIn('LARGER than the 12 bytes it decodes to', self.said({'files': ['x.safetensors'],
                                                                        'tensors': [{'stored': 'x'}]}))

    def test_rounding(self):
        self.imports(self.codes(), '-q')
        exact = self.decoded()
        lines = self.said(self.codes(alpha_type='int8', beta_type='f16')).splitlines()
        rounded = self.decoded()
        self.assertEqual(lines[2], 'mcnc: out.mcnc: rounding moved weights of 12 tensors')
        self.assertEqual(lines[3].split(), 'tensor largest difference of the largest weight'.split())
        self.assertEqual(lines[-1], '  and 2 more, none by a larger share')
        shares = {}
        for line in lines[4:-1]:
            name, absolute, relative, unit = line.split()
            difference = max(abs(a - b) for a, b in zip(exact[name], rounded[name]))
            self.assertAlmostEqual(float(absolute) / difference, 1, delta=0.01)
            self.assertAlmostEqual(float(relative) / (100 * difference / max(map(abs, exact[name]))), 1, delta=0.01)
            shares[name] = float(relative)
        self.assertEqual(len(shares), 10)
        self.assertEqual(sorted(shares.values(), reverse=True), list(shares.values()))

    def test_types_that_round_nothing(self):
        self.assertIn('no weight moved by rounding', self.said(self.codes(alpha_type='f32')))

    def test_rounding_of_weights_theta0_and_products(self):
        self.write('x.safetensors', {'w': uniform(1, (40, 3)), 'alpha': uniform(2, (1, 3)), 'start': uniform(3, (5, 8)),
                                     'b': uniform(4, (6, 5)), 'rest': uniform(5, (2,))})
        self.write('base.safetensors', {'p': uniform(6, (6, 8))})

        def recipe(**types):
            return {'files': ['x.safetensors'],
                    'generators': [{'arithmetic': 'float32', 'code_dim': 3,
                                    'layers': [{'omega': 2, 'weights': 'w', 'layout': 'torch', **types}]}],
                    'codes': [{'alpha': 'alpha', 'beta': 0.125}],
                    'bases': [{'name': 'base', 'file': 'base.safetensors'}],
                    'tensors': [{'stored': 'rest'}, {'name': 'b', 'factor': True, 'stored': 'b'},
                                {'name': 'same', 'shared': 'rest'},
                                {'name': 'p', 'product': {'b': 'b', 'a': 'a', 'theta0': {'base': 'base'}}},
                                {'name': 'a', 'shape': [5, 8], 'factor': True,
                                 'generated': {'theta0': {'stored': 'start'} | ({'type': 'bf16'} if types else {})}}]}

        self.imports(recipe(), '-q')
        exact = self.decoded('-b', 'base.safetensors')['p']
        said = self.said(recipe(weights_type='f16'))
        rounded = self.decoded('-b', 'base.safetensors')['p']
        name, absolute, *_ = said.splitlines()[4].split()
        self.assertEqual((name, len(said.splitlines())), ('p', 5))
        self.assertAlmostEqual(float(absolute) / max(abs(a - b) for a, b in zip(exact, rounded)), 1, delta=0.01)

    def test_quiet(self):
        recipe = self.codes(alpha_type='int8')
        self.assertEqual(self.said(recipe, '-q'), '')
        before = (self.folder / 'out.mcnc').read_bytes()
        self.assertEqual(self.mcnc('import', 'recipe.json', '-o', '-')[0], before)
        recipe['codes'][0]['beta'] = 'rest'
        self.recipe(recipe)
        said = self.mcnc('import', 'recipe.json', '-f', '-o', 'out.mcnc', code=2)[1]
        self.assertEqual(said.count(b'\n'), 1)
        self.assertEqual((self.folder / 'out.mcnc').read_bytes(), before)


class ExamplesTest(ImportTest):
    def test_examples_of_the_documentation(self):
        for recipe, files in example_recipes():
            for file, tensors in files.items():
                self.write(file, tensors)
            (self.folder / 'recipe.json').write_text(json.dumps(recipe))
            self.mcnc('import', 'recipe.json', '-f', '-o', 'out.mcnc')
            bases = [argument for base in recipe.get('bases', []) for argument in ('-b', base['file'])]
            self.mcnc('verify', 'out.mcnc', *bases)


class CodeTypesTest(ImportTest):
    def test_every_type(self):
        layers, model = self.sine_mlp([6, 40], [1.0], 21)
        alpha = uniform(5, (50, 6), 1.3)
        beta = uniform(6, (50,), 1e-6)
        self.write('codes.safetensors', {'alpha': alpha, 'beta': beta})
        recipe = {
            'files': ['gen.safetensors', 'codes.safetensors'],
            'generators': [{'arithmetic': 'float32', 'code_dim': 6, 'layers': layers}],
            'codes': [{'alpha': 'alpha', 'beta': 'beta'}],
            'tensors': [{'name': 'w', 'shape': [50, 40], 'generated': {}}],
        }
        expected = expand(model, split(alpha[2], 6), beta[2])
        for alpha_type, size, tolerance in (('f32', 4, 2e-6), ('f16', 2, 2e-3), ('bf16', 2, 2e-2), ('int16', 2, 2e-4),
                                            ('int8', 1, 3e-2)):
            for beta_type, beta_size in (('f32', 4), ('f16', 2), ('bf16', 2)):
                recipe['codes'][0] |= {'alpha_type': alpha_type, 'beta_type': beta_type}
                info = self.imports(recipe)
                lengths = [segment['decoded_length'] for segment in info['segments']]
                self.assertEqual(lengths[1:], [300 * size, 50 * beta_size])
                self.near(self.decoded()['w'], expected,
                          tolerance + {'f32': 0, 'f16': 1e-3, 'bf16': 1e-2}[beta_type])

    def test_whole_numbers_of_a_file_keep_their_scale(self):
        self.write('codes.safetensors', {'alpha': ('I16', (2, 3), [-32768, 1, 2, 3, 4, 32767]),
                                         'floats': ('F32', (2, 3), [-8192, 0.25, 0.5, 0.75, 1, 8191.75])})
        recipe = {
            'files': ['codes.safetensors'],
            'generators': [{'arithmetic': 'float32', 'code_dim': 3, 'seed': 3,
                            'layers': [{'width': 5, 'activation': 'identity', 'weights_scale': 1}]}],
            'codes': [{'alpha': 'alpha', 'alpha_scale': 0.25, 'beta': 1}],
            'tensors': [{'name': 'w', 'shape': [10], 'generated': {}}],
        }
        info = self.imports(recipe)
        self.assertEqual(info['codes'][0]['alpha']['type'], 'int16')
        whole = self.decoded()
        recipe['codes'] = [{'alpha': 'floats', 'beta': 1}]
        self.imports(recipe)
        self.assertEqual(self.decoded(), whole)


class MistakeTest(ImportTest):
    """Every mistake is named by its place, and leaves nothing."""

    def setUp(self):
        super().setUp()
        self.write('codes.safetensors', {
            'alpha': uniform(1, (4, 3)), 'alpha.wide': uniform(1, (4, 2, 3)), 'beta': uniform(2, (4,)),
            'nan': ('F32', (4, 3), [0.5] * 7 + [float('nan')] + [0.5] * 4), 'large': ('F32', (4,), [1, 2, 1e15, 3]),
            'w': uniform(3, (10, 3)), 'w.inf': ('F32', (10, 3), [float('inf')] + [0.0] * 29), 'bias': uniform(4, (10,)),
            'start': uniform(5, (5, 7)), 'ints': ('I64', (4, 3), [1] * 12)})

    def good(self):
        return {
            'files': ['codes.safetensors'],
            'generators': [{'name': 'phi', 'arithmetic': 'float32', 'code_dim': 3,
                            'layers': [{'omega': 1, 'weights': 'w', 'layout': 'torch', 'bias': 'bias'}]}],
            'codes': [{'name': 'codes', 'alpha': 'alpha', 'beta': 'beta'}],
            'tensors': [{'name': 'v', 'shape': [5, 7], 'generated': {'codes': 'codes'}}],
        }

    def refused(self, change, message, code=2):
        recipe = self.good()
        change(recipe)
        self.recipe(recipe)
        before = self.files()
        _, err = self.mcnc('import', 'recipe.json', '-o', 'out.mcnc', code=code)
        self.assertIn('mcnc: recipe.json: ' + message, err.decode())
        self.assertEqual(self.files(), before)

    def test_the_recipe_is_good_without_them(self):
        self.imports(self.good())

    def test_keys(self):
        def layer(**change):
            return lambda recipe: recipe['generators'][0]['layers'][0].update(change)

        self.refused(layer(omga=2), '/generators/0/layers/0: no key "omga" (did you mean "omega"?)')
        self.refused(layer(unheard_of=2), '/generators/0/layers/0: no key "unheard_of"; it has width, activation,')
        self.refused(lambda r: r.update(tensor=[]), 'no key "tensor" (did you mean "tensors"?)')
        self.refused(layer(turns=1), '/generators/0/layers/0: has both "omega" and "turns"')
        self.refused(layer(activation='sin'), '/generators/0/layers/0/activation: must be sine or identity')
        self.refused(layer(layout='Torch'), '/generators/0/layers/0/layout: must be torch or input_major (did you mean')
        self.refused(layer(frequency=1), '/generators/0/layers/0/frequency: is for integer arithmetic')
        self.refused(layer(omega='1'), '/generators/0/layers/0/omega: must be a number')
        self.refused(layer(width=0), '/generators/0/layers/0/width: must be a whole number from 1 to 268435456')
        self.refused(lambda r: r['codes'][0].pop('beta'), '/codes/0: needs "beta"')
        self.refused(lambda r: r['generators'][0].update(code_dim=2.5), '/generators/0/code_dim: must be a whole')
        self.refused(lambda r: r.update(metadata={'General': 1}), '/metadata/General: a key is lower-case words')
        self.refused(lambda r: r.update(metadata={'a.b': [1]}), '/metadata/a.b: must be a text, a number or a truth')
        self.refused(lambda r: r['tensors'][0].update(stored='w'), '/tensors/0: has both "generated" and "stored"')
        self.refused(lambda r: r['tensors'][0].update(name='../v'), '/tensors/0/name: a name is 1 to 1024 bytes')

    def test_names(self):
        self.refused(lambda r: r['codes'][0].update(alpha='alhpa'),
                     '/codes/0/alpha: no tensor "alhpa" in codes.safetensors (did you mean "alpha"?)')
        self.refused(lambda r: r['codes'][0].update(generator='pho'),
                     '/codes/0/generator: there is no generator called "pho" (did you mean "phi"?)')
        self.refused(lambda r: r['tensors'].append(r['tensors'][0]), '/tensors/1/name: two tensors are called "v"')
        self.refused(lambda r: r['tensors'].append({'name': 'x', 'shared': 'u'}), '/tensors/1/shared: there is no tensor called "u"')
        self.refused(lambda r: r.update(store_all=['codes.safetensors'], tensors=r['tensors'] + [{'stored': 'w'}]),
                     '/store_all/0: two tensors are called "w"')
        self.refused(lambda r: r['codes'].append({**r['codes'][0], 'name': 'more'}), '/codes/1: no tensor is made from')

    def test_files(self):
        self.refused(lambda r: r.update(files=['code.safetensors']), '/files/0: code.safetensors: No such file', code=5)
        self.refused(lambda r: r.update(files=['recipe.json']), '/files/0: ', code=3)
        self.refused(lambda r: r.update(files=[]), '/generators/0/layers/0/weights: the recipe has no "files"')
        self.refused(lambda r: r['codes'][0].update(beta={'file': 'b', 'tensor': 'beta'}), '/codes/0/beta/file: b: No', code=5)
        self.mcnc('import', 'none.json', '-o', 'out.mcnc', code=5)

    def test_json(self):
        for text, message in ((b'{"recipe": 1,\n "files": [}', b'parse error at line 2, column 12'),
                              (b'{"recipe": 1, "files": [], "files": []}', b'has the key "files" twice'),
                              (b'[1]', b'must be an object'), (b'{}', b'needs "recipe"'), (b'', b'parse error'),
                              (b'{"recipe": 2}', b'/recipe: must be 1'),
                              (b'[' * 100_000, b'nested too deeply')):
            (self.folder / 'recipe.json').write_bytes(text)
            self.assertIn(message, self.mcnc('import', 'recipe.json', '-o', 'out.mcnc', code=2)[1])

    def test_shapes(self):
        self.refused(lambda r: r['generators'][0]['layers'][0].update(layout='input_major'),
                     '/generators/0/layers/0/weights: tensor w of codes.safetensors is F32 10 x 3; layout input_major '
                     'needs (inputs, width), 3 x width (layout torch would fit)')
        self.refused(lambda r: r['generators'][0]['layers'][0].update(width=11),
                     '/generators/0/layers/0/weights: tensor w of codes.safetensors is F32 10 x 3; layout torch needs '
                     '(width, inputs), 11 x 3')
        self.refused(lambda r: r['generators'][0]['layers'][0].update(bias='beta'), '/generators/0/layers/0/bias: tensor')
        self.refused(lambda r: r['generators'][0].update(code_dim=4), '/generators/0/layers/0/weights: tensor w')
        self.refused(lambda r: r['codes'][0].update(alpha='bias'), '/codes/0/alpha: tensor bias of codes.safetensors is '
                     'F32 10; alphas are chunks x 3 or chunks x codes_per_chunk x 3')
        self.refused(lambda r: r['codes'][0].update(alpha='alpha.wide'), '/codes/0/beta: tensor beta')
        self.refused(lambda r: r['codes'][0].update(alpha='ints'), '/codes/0/alpha: tensor ints')
        self.refused(lambda r: r['tensors'][0].update(shape=[5, 9]), '/codes/0/alpha: tensor alpha of codes.safetensors '
                     'is F32 4 x 3; it has 4 chunks, the tensors made from it take 5')
        self.refused(lambda r: r.update(tensors=[{'name': f'v{i}', 'shape': [5], 'generated': {}} for i in range(4)]),
                     '/codes/0/alpha: tensor alpha of codes.safetensors is F32 4 x 3; it has 4 chunks, the tensors made '
                     'from it take 2 (chunking per_tensor would fit)')
        self.refused(lambda r: r['tensors'][0].update(shape=[1 << 40, 1 << 40]), '/tensors/0/shape: 1099511627776 x 1099511627776 has 2^57 elements or more')
        self.refused(lambda r: r['tensors'][0]['generated'].update(theta0={'stored': 'w'}),
                     '/tensors/0/generated/theta0/stored: tensor w of codes.safetensors is F32 10 x 3; theta0 of tensor v')
        self.refused(lambda r: r['tensors'].append({'name': 'p', 'product': {'b': 'v', 'a': 'v'}}),
                     '/tensors/1/product: b is (rows, rank) and a is (rank, columns)')
        self.refused(lambda r: r['generators'][0]['layers'].append({'width': 1 << 28, 'omega': 1, 'weights_scale': 1})
                     or r['generators'][0].update(seed=1), '/generators/0: its weights take more memory', code=6)

    def test_numbers(self):
        self.refused(lambda r: r['generators'][0]['layers'][0].update(weights='w.inf'),
                     '/generators/0/layers/0/weights: tensor w.inf of codes.safetensors: number 0 is inf', code=3)
        self.refused(lambda r: r['codes'][0].update(alpha='nan'),
                     '/codes/0/alpha: tensor nan of codes.safetensors: number 7 is nan', code=3)
        self.refused(lambda r: r['codes'][0].update(beta='large'), '/codes/0/beta: tensor large', code=3)
        self.refused(lambda r: r['codes'][0].update(beta_exponent=64), '/codes/0/beta_exponent: must be a whole number')
        self.refused(lambda r: r['codes'][0].update(alpha_scale=0), '/codes/0/alpha_scale: must be a number above 0')
        self.write('inf.safetensors', {'a': ('F32', (4, 3), [float('inf')] * 12)})
        self.refused(lambda r: r['codes'][0].update(alpha={'file': 'inf.safetensors', 'tensor': 'a'}, alpha_type='int8',
                                                    alpha_scale=1e-38), '/codes/0/alpha: tensor a of inf', code=3)
        (self.folder / 'inf.safetensors').unlink()
        self.refused(lambda r: r['codes'][0].update(beta=1e300), '/codes/0/beta: must be a number from -2.8147498e+14 to 2.8147498e+14')

    def test_which_file(self):
        self.write('more.safetensors', {'alpha': uniform(9, (4, 3)), 'extra': uniform(10, (2,))})
        recipe = self.good()
        self.recipe(recipe)
        err = self.mcnc('import', 'recipe.json', '--tensors', 'more.safetensors', '-o', 'out.mcnc', code=2)[1]
        self.assertIn(b'/codes/0/alpha: tensor "alpha" is in codes.safetensors and in ', err)
        recipe['codes'][0]['alpha'] = {'file': 'codes.safetensors', 'tensor': 'alpha'}
        recipe['tensors'].append({'stored': 'extra'})
        self.imports(recipe, '--tensors', 'more.safetensors')
        del recipe['files']
        self.imports(recipe, '--tensors', 'codes.safetensors', '--tensors', 'more.safetensors')

    def test_files_are_relative_to_the_recipe(self):
        (self.folder / 'sub').mkdir()
        (self.folder / 'codes.safetensors').rename(self.folder / 'sub/codes.safetensors')
        self.recipe(self.good(), 'sub/recipe.json')
        self.mcnc('import', 'sub/recipe.json', '-o', 'out.mcnc')
        err = self.mcnc('import', 'sub/recipe.json', '-o', 'out.mcnc', code=2)[1]
        self.assertIn(b'out.mcnc: exists already; --force replaces it', err)


class AdapterTest(ImportTest):
    """Rank 8 for the seven projections of the 32 layers of a LLaMA-2-7B, generator 5-32-32-5000."""

    PROJECTIONS = {'q_proj': (4096, 4096), 'k_proj': (4096, 4096), 'v_proj': (4096, 4096), 'o_proj': (4096, 4096),
                   'gate_proj': (11008, 4096), 'up_proj': (11008, 4096), 'down_proj': (4096, 11008)}

    def import_adapter(self, tensors, chunks, chunking, alpha_type, beta_type):
        self.write('codes.safetensors', {'alpha': uniform(1, (chunks, 5)), 'beta': uniform(2, (chunks,), 0.01)})
        return self.imports({
            'files': ['codes.safetensors'],
            'generators': [{'arithmetic': 'float32', 'code_dim': 5, 'seed': 2406_19301, 'layers': [
                {'width': 32, 'omega': 4.5, 'weights_scale': 1},
                {'width': 32, 'omega': 1, 'weights_scale': 0.4},
                {'width': 5000, 'omega': 1, 'weights_scale': 0.4}]}],
            'codes': [{'alpha': 'alpha', 'alpha_type': alpha_type, 'beta': 'beta', 'beta_type': beta_type,
                       'chunking': chunking}],
            'tensors': tensors,
        })

    def test_factors_stacked_over_layers(self):
        tensors = []
        for name, (n_out, n_in) in self.PROJECTIONS.items():
            tensors.append({'name': name + '.lora_A', 'shape': [32, 8, n_in], 'generated': {}})
            tensors.append({'name': name + '.lora_B', 'shape': [32, n_out, 8], 'generated': {}})
        size = {}
        for alpha_type, beta_type in (('f32', 'f32'), ('int8', 'f16')):
            info = self.import_adapter(tensors, 4002, 'per_tensor', alpha_type, beta_type)
            size[alpha_type] = (self.folder / 'out.mcnc').stat().st_size
            self.assertEqual(info['budget']['output_bytes'], 4 * 19_988_480)
        self.assertLess(size['f32'], 110_000)
        self.assertLess(size['int8'], 40_000)
        self.assertEqual(len(self.decoded('-t', 'q_proj.lora_A')['q_proj.lora_A']), 32 * 8 * 4096)

    def test_a_tensor_for_every_factor(self):
        tensors = []
        for layer in range(32):
            for name, (n_out, n_in) in self.PROJECTIONS.items():
                prefix = f'model.layers.{layer}.{"mlp" if n_out != n_in else "self_attn"}.{name}.lora_'
                tensors.append({'name': prefix + 'A', 'shape': [8, n_in], 'generated': {}})
                tensors.append({'name': prefix + 'B', 'shape': [n_out, 8], 'generated': {}})
        info = self.import_adapter(tensors, 25_152 // 6, 'per_tensor', 'int8', 'f16')
        self.assertEqual((len(info['tensors']), info['codes'][0]['chunks']), (448, 4192))
        codes = sum(segment['stored_length'] for segment in info['segments'])
        self.assertLessEqual(codes, 4192 * (5 + 2))
        name = 'model.layers.31.mlp.down_proj.lora_A'
        self.assertEqual(len(self.decoded('-t', name)[name]), 8 * 11008)


if __name__ == '__main__':
    unittest.main()
