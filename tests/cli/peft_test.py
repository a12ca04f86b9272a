# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Adapters that PEFT made, kept in tests/peft: imported, exported and merged as PEFT itself loads and merges them.

tests/pytorch/peft_adapters.py made them, and asks PEFT itself where that is installed.
"""

import json
import math
import pathlib
import random
import re
import resource
import shutil
import unittest

from arrays import unpack, write_safetensors
from support import SANITIZED, CliTest, read_safetensors

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / 'peft'
CASES = sorted(path.parent.name for path in FIXTURES.glob('*/case.json'))
MODULE = 'model.layers.0.q_proj'


def found(pattern, module, default):
    """A value of rank_pattern or alpha_pattern, as PEFT 0.21 looks it up."""
    for key in pattern:
        if re.match(rf'(.*\.)?({key})$', module):
            return pattern[key]
    return pattern.get(module, default)


def scale_in(config, module):
    """As PEFT 0.21 computes it."""
    rank = found(config['rank_pattern'], module, config['r'])
    alpha = found(config['alpha_pattern'], module, config['lora_alpha'])
    return alpha / (math.sqrt(rank) if config['use_rslora'] else rank)


class PeftCase(CliTest):
    def weights(self, path):
        return read_safetensors((self.folder / path).read_bytes())

    def write_adapter(self, tensors, **config):
        """A folder `adapter` of tensors {name: (dtype, shape, numbers)}, their names without base_model.model."""
        folder = self.folder / 'adapter'
        folder.mkdir(exist_ok=True)
        write_safetensors(folder / 'adapter_model.safetensors',
                          {'base_model.model.' + name: tensor for name, tensor in tensors.items()})
        config = {'peft_type': 'LORA', 'r': 2, 'lora_alpha': 4, 'target_modules': ['q_proj'], **config}
        (folder / 'adapter_config.json').write_text(json.dumps(config))
        return folder

    def write_pair(self, module=MODULE, rank=2, n_in=4, n_out=6, dtype='F32', a=0.5, b=0.25, **config):
        return self.write_adapter({
            module + '.lora_A.weight': (dtype, (rank, n_in), [a] * (rank * n_in)),
            module + '.lora_B.weight': (dtype, (n_out, rank), [b] * (n_out * rank)),
        }, **config)

    def imported(self, *args):
        self.mcnc('import', 'adapter', '-f', '-o', 'a.mcnc', *args)
        return 'a.mcnc'

    def refused(self, *args, code=2):
        error = self.mcnc(*args, code=code)[1].decode()
        return error

    def exported(self, *args):
        """(configuration, header, tensors)."""
        self.mcnc('export', '--peft', 'a.mcnc', '-f', '-o', 'out', *args)
        config = json.loads((self.folder / 'out' / 'adapter_config.json').read_text())
        return config, *self.weights('out/adapter_model.safetensors')


class RealAdapters(PeftCase):
    """One test for each folder, added below."""

    def check(self, name):
        fixture = FIXTURES / name
        case = json.loads((fixture / 'case.json').read_text())
        merged = FIXTURES / 'bases' / (case['base'] + '.safetensors')
        for i, adapter in enumerate(case['adapters']):
            self.mcnc('import', fixture / adapter, '-f', '-o', 'a.mcnc')
            self.mcnc('verify', '-q', 'a.mcnc')
            self.mcnc('export', '--peft', 'a.mcnc', '-f', '-o', 'out')
            config, weights = (fixture / adapter / file for file in ('adapter_config.json', 'adapter_model.safetensors'))
            self.assertEqual((self.folder / 'out' / 'adapter_config.json').read_bytes(), config.read_bytes())
            self.assertEqual(self.shapes(self.folder / 'out' / 'adapter_model.safetensors'), self.shapes(weights))
            if case['refused']:
                self.assertIn(case['refused'], self.refused('merge', merged, 'a.mcnc', '-o', 'no'))
                self.assertNotIn('no', self.files())
            if not case['refused'] or case['options']:
                self.mcnc('merge', merged, 'a.mcnc', *case['options'], '-o', f'merged{i}')
                merged = self.folder / f'merged{i}'
        expected = fixture / 'merged.safetensors'
        if expected.exists():
            base = self.shapes(FIXTURES / 'bases' / (case['base'] + '.safetensors'))
            self.assertEqual(self.shapes(merged), {**base, **self.shapes(expected)})

    def shapes(self, path):
        """{name: (dtype, shape, bytes)}."""
        header, tensors = read_safetensors(pathlib.Path(path).read_bytes())
        return {name: (header[name]['dtype'], header[name]['shape'], data) for name, data in tensors.items()}

    def test_there_are_cases(self):
        self.assertGreaterEqual(len(CASES), 30)


for each in CASES:
    setattr(RealAdapters, 'test_' + each, lambda self, name=each: self.check(name))


class ImportTest(PeftCase):
    def test_what_a_folder_lacks(self):
        folder = self.write_pair()
        (folder / 'adapter_model.safetensors').rename(folder / 'adapter_model.bin')
        self.assertIn('pickle', self.refused('import', 'adapter', '-o', 'a.mcnc'))
        (folder / 'adapter_model.bin').unlink()
        self.assertIn('no adapter_model.safetensors', self.refused('import', 'adapter', '-o', 'a.mcnc'))
        (folder / 'adapter_config.json').unlink()
        self.assertIn('no adapter_config.json', self.refused('import', 'adapter', '-o', 'a.mcnc'))
        self.assertEqual(self.files(), ['adapter'])

    def test_the_configuration_names_its_folder(self):
        self.write_pair()
        self.mcnc('import', 'adapter', '-o', 'a.mcnc')
        self.mcnc('import', 'adapter/adapter_config.json', '-o', 'b.mcnc')
        self.assertEqual((self.folder / 'a.mcnc').read_bytes(), (self.folder / 'b.mcnc').read_bytes())
        self.assertIn('--tensors', self.refused('import', 'adapter', '--tensors', 'x', '-o', 'c.mcnc'))

    def test_configurations_that_cannot_be_used(self):
        for change, why in (({'peft_type': 'IA3'}, 'IA3'), ({'peft_type': None}, 'peft_type'), ({'r': 0}, 'r must be'),
                            ({'r': 2.5}, 'r must be'), ({'r': 'x'}, 'r must be'), ({'lora_alpha': '4'}, 'lora_alpha'),
                            ({'rank_pattern': []}, 'rank_pattern'), ({'rank_pattern': {'q': 0}}, 'rank_pattern/q'),
                            ({'alpha_pattern': {'q': None}}, 'alpha_pattern/q'), ({'use_rslora': 1}, 'use_rslora'),
                            ({'alpha_pattern': {'(q': 1}}, '(q'), ({'alpha_pattern': {'(?=q)q': 1}}, '(?=q)q'),
                            ({'alpha_pattern': {'q{,3}': 1}}, 'q{,3}'), ({'fan_in_fan_out': 'x'}, 'fan_in_fan_out'),
                            ({'lora_alpha': 1e300}, 'scale'), ({'r': 3}, 'says 3')):
            self.write_pair(**change)
            self.assertIn(why, self.refused('import', 'adapter', '-o', 'a.mcnc'), change)
        folder = self.write_pair()
        for text in ('', '[]', '{"peft_type": "LORA"', '{"peft_type": "LORA", "x": ' + '[' * 40000 + ']' * 40000 + '}',
                     '{"peft_type": "LORA", "r": NaN}', '{"peft_type": "LORA", "\xff": 1}'):
            (folder / 'adapter_config.json').write_bytes(text.encode('latin-1'))
            self.assertIn('adapter_config.json', self.refused('import', 'adapter', '-o', 'a.mcnc'))
        self.assertEqual(self.files(), ['adapter'])

    def test_tensors_that_are_no_adapter(self):
        pair = {MODULE + '.lora_A.weight': ('F32', (2, 4), [1] * 8), MODULE + '.lora_B.weight': ('F32', (6, 2), [1] * 12)}
        for change, why in (({'.lora_A.weight': None}, 'no lora_A'), ({'.lora_B.weight': None}, 'no lora_B'),
                            ({'.lora_B.weight': ('F32', (6, 3), [1] * 18)}, '6 x 3'),
                            ({'.lora_A.weight': ('F32', (8,), [1] * 8)}, 'rank, in'),
                            ({'.lora_B.bias': ('F32', (5,), [1] * 5)}, 'lora_B.bias')):
            tensors = {**pair, **{MODULE + ending: tensor for ending, tensor in change.items()}}
            self.write_adapter({name: tensor for name, tensor in tensors.items() if tensor})
            self.assertIn(why, self.refused('import', 'adapter', '-o', 'a.mcnc'))

    def test_numbers_that_are_not_finite(self):
        for dtype in ('F32', 'F16', 'BF16'):
            self.write_pair(dtype=dtype, a=math.nan, b=math.inf)
            error = self.refused('import', 'adapter', '-o', 'a.mcnc', code=3)
            self.assertIn(MODULE + '.lora_A.weight has 8 numbers that are NaN or infinite', error)
            self.assertIn('2 tensors have 20', error)
            self.assertEqual(self.files(), ['adapter'])
        self.write_pair(b=math.nan)
        self.imported('--allow-non-finite')
        write_safetensors(self.folder / 'base', {MODULE + '.weight': ('F32', (6, 4), [1] * 24)})
        for command in (['merge', 'base', 'a.mcnc'], ['export', '--peft', 'a.mcnc']):
            self.assertIn('--allow-non-finite', self.refused(*command, '-o', 'out', code=3))
            self.mcnc(*command, '--allow-non-finite', '-f', '-o', command[0] + 'ed')
        self.assertTrue(all(map(math.isnan, unpack('F32', self.weights('mergeed')[1][MODULE + '.weight']))))
        # Also what a recipe calls by these names.
        (self.folder / 'recipe.json').write_text('{"recipe": 1, "store_all": ["adapter/adapter_model.safetensors"]}')
        self.assertIn('lora_B', self.refused('import', 'recipe.json', '-o', 'b.mcnc', code=3))

    def test_a_long_configuration(self):
        modules = [f'model.layers.{i}.a_long_name_of_a_projection' for i in range(1500)]
        tensors = {}
        for module in modules:
            tensors[module + '.lora_A.weight'] = ('F32', (1, 1), [1])
            tensors[module + '.lora_B.weight'] = ('F32', (1, 1), [1])
        folder = self.write_adapter(tensors, r=1, target_modules=modules)
        self.assertGreater((folder / 'adapter_config.json').stat().st_size, 65536)
        self.imported()
        config = self.exported()[0]
        self.assertEqual(set(config.pop('target_modules')), set(modules))
        self.assertEqual(config, {'peft_type': 'LORA', 'r': 1, 'lora_alpha': 4})
        self.write_adapter(tensors, r=1, alpha_pattern={module: 1 for module in modules})
        self.assertIn('65536', self.refused('import', 'adapter', '-o', 'b.mcnc'))

    def test_patterns_that_are_meant_to_take_long(self):
        """Ten thousand patterns for as many modules, and one that backtracks for ever where matching backtracks."""
        modules = ['m' * 30 + f'.x{i}' for i in range(4000)]
        tensors = {}
        for module in modules:
            tensors[module + '.lora_A.weight'] = ('F32', (1, 1), [1])
            tensors[module + '.lora_B.weight'] = ('F32', (1, 1), [1])
        for pattern in ({f'x{i}y': 1 for i in range(5000)}, {'(m+)+y': 1}, {'(.*m){20}y': 1}):
            self.write_adapter(tensors, r=1, alpha_pattern=pattern, target_modules=['x'])
            start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            self.imported()
            self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start, 100 if SANITIZED else 10)


class PatternTest(PeftCase):
    MODULES = ['q', 'a.q', 'b.a.q', 'a_q', 'layers.0.q_proj', 'layers.1.q_proj', 'layers.10.q_proj', 'x.layers.1.k_proj',
               'h.0.attn.c', 'h.0.attnxc', 'A.q', 'a-b.q', 'a.b.c.d']
    KEYS = ['q', 'a.q', r'a\.q', '^q', '^a.q', '^(a|b).*q', '^q|d', 'q|k_proj', '.*', r'layers\.\d\..*', r'layers\.\d+\..*',
            r'.*\.1\.(q|k)_proj', 'layers.1', r'^layers\.1', '[a-z].q', '(?:a|A).q', 'attn.c', r'attn\.c', r'\bq', r'a\b.*', 'c',
            'b.c.d', r'.*\.d', '(^a|x).*', 'q$', '^x', r'\w+', r'\w+\.\w+', 'layers.{1,2}q_proj', '', '.q', r'(?P<n>a)\.q']

    def test_the_first_key_that_matches_as_python_matches(self):
        """Every key alone, and lists of them: alphas as PEFT looks them up."""
        tensors = {}
        for module in self.MODULES:
            tensors[module + '.lora_A.weight'] = ('F32', (1, 1), [1])
            tensors[module + '.lora_B.weight'] = ('F32', (1, 1), [1])
        draw = random.Random(1)
        lists = [[key] for key in self.KEYS] + [draw.sample(self.KEYS, draw.randint(2, 9)) for _ in range(60)]
        for keys in lists:
            pattern = {key: 2 << i for i, key in enumerate(keys)}
            self.write_adapter(tensors, r=1, lora_alpha=1, alpha_pattern=pattern)
            self.imported()
            config, _, folded = self.exported('--fold-scale')
            for module in self.MODULES:
                alpha = config['lora_alpha'] * unpack('F32', folded[f'base_model.model.{module}.lora_B.weight'])[0]
                self.assertEqual(alpha, found(pattern, module, 1), (keys, module))


class MergeTest(PeftCase):
    def test_numbers_that_become_infinite(self):
        self.write_pair(n_in=16, n_out=8, a=100, b=100)
        self.imported()
        start = [1.0] * 40 + [65000.0] * 88
        write_safetensors(self.folder / 'base', {MODULE + '.weight': ('F16', (8, 16), start), 'x': ('F32', (1,), [1])})
        error = self.refused('merge', 'base', 'a.mcnc', '-o', 'out', code=3)
        self.assertIn(f'merged, tensor {MODULE}.weight has 88 numbers that are NaN or infinite '
                      '(the largest number of F16 is 65504)', error)
        self.assertNotIn('out', self.files())
        self.mcnc('merge', 'base', 'a.mcnc', '-o', 'out', '--allow-non-finite')
        numbers = unpack('F16', self.weights('out')[1][MODULE + '.weight'])
        self.assertEqual(numbers[:40] + numbers[40:], [40000.0] * 40 + [math.inf] * 88)

    def test_what_the_base_has_is_not_the_adapters_fault(self):
        self.write_pair()
        self.imported()
        for dtype, bits in (('F32', '<f'), ('F16', '<e'), ('BF16', None)):
            write_safetensors(self.folder / 'base', {
                MODULE + '.weight': (dtype, (6, 4), [math.nan, math.inf, -math.inf] + [1.0] * 21),
                'mask': ('F32', (1,), [-math.inf])})
            self.mcnc('merge', 'base', 'a.mcnc', '-f', '-o', 'out')
            numbers = unpack(dtype, self.weights('out')[1][MODULE + '.weight'])
            self.assertTrue(math.isnan(numbers[0]))
            self.assertEqual(numbers[1:], [math.inf, -math.inf] + [1.5] * 21)

    def test_bases_that_do_not_fit_say_both_shapes(self):
        self.write_pair()
        self.imported()
        write_safetensors(self.folder / 'base', {MODULE + '.weight': ('I64', (6, 5), [1] * 30)})
        error = self.refused('merge', 'base', 'a.mcnc', '-o', 'out', code=1)
        self.assertIn('I64 6 x 5', error)
        self.assertIn('6 x 4', error)

    def test_the_body_of_a_network_and_the_network(self):
        """transformers loads a body alone into a network with a head, and the other way round."""
        base = ('F32', (6, 4), [1.0] * 24)
        for module, weight in (('transformer.h.0.q', 'h.0.q.weight'), ('h.0.q', 'transformer.h.0.q.weight')):
            self.write_pair(module=module)
            self.imported()
            write_safetensors(self.folder / 'base', {weight: base, weight.replace('0', '1'): base})
            self.mcnc('merge', 'base', 'a.mcnc', '-f', '-o', 'out')
            self.assertEqual(unpack('F32', self.weights('out')[1][weight]), [1.5] * 24)
            write_safetensors(self.folder / 'base', {'transformer.h.1.q.weight': base, 'h.1.q.weight': base})
            self.assertIn('has no tensor', self.refused('merge', 'base', 'a.mcnc', '-o', 'no', code=1))

    def square_base(self, **more):
        square = [float(i) for i in range(16)]
        write_safetensors(self.folder / 'base', {'h.c_proj.weight': ('F32', (4, 4), square), **more})
        return square

    def test_square_weights_without_a_configuration(self):
        """What nothing tells apart is (out, in), unless asked for, or shown by the shapes of other weights."""
        a, b = [1, 2, 3, 4], [0, 1, 0, 2]
        pair = {'h.c_proj.lora_A.weight': ('F32', (1, 4), a), 'h.c_proj.lora_B.weight': ('F32', (4, 1), b)}
        wide = {'h.c_attn.lora_A.weight': ('F32', (1, 4), a), 'h.c_attn.lora_B.weight': ('F32', (6, 1), [0] * 6)}
        tall = {'h.head.lora_A.weight': ('F32', (1, 4), a), 'h.head.lora_B.weight': ('F32', (6, 1), [0] * 6)}
        write_safetensors(self.folder / 'pair.safetensors', pair)
        write_safetensors(self.folder / 'wide.safetensors', {**pair, **wide})
        write_safetensors(self.folder / 'both.safetensors', {**pair, **wide, **tall})
        square = self.square_base(**{'h.c_attn.weight': ('F32', (4, 6), [0] * 24), 'h.head.weight': ('F32', (6, 4), [0] * 24)})
        plain = [w + 2 * b[i // 4] * a[i % 4] for i, w in enumerate(square)]
        turned = [w + 2 * a[i // 4] * b[i % 4] for i, w in enumerate(square)]
        for name, options, expected in (('pair', (), plain), ('pair', ('--fan-in-fan-out', 'yes'), turned),
                                        ('wide', (), turned), ('wide', ('--fan-in-fan-out', 'no'), plain),
                                        ('both', ('--fan-in-fan-out', 'yes'), turned), ('both', (), None)):
            (self.folder / 'r.json').write_text(json.dumps(
                {'recipe': 1, 'store_all': [name + '.safetensors'], 'metadata': {'peft.lora_alpha': 2}}))
            self.mcnc('import', 'r.json', '-f', '-o', 'a.mcnc')
            if expected is None:
                self.assertIn('--fan-in-fan-out', self.refused('merge', 'base', 'a.mcnc', '-o', 'no'))
                continue
            self.mcnc('merge', 'base', 'a.mcnc', '-f', '-o', 'out', *options)
            self.assertEqual(unpack('F32', self.weights('out')[1]['h.c_proj.weight']), expected)

    def test_what_would_not_be_plain_lora(self):
        for change in ({'use_dora': True}, {'init_lora_weights': 'pissa_niter_16'}, {'use_something_new': True},
                       {'alora_invocation_tokens': [1]}, {'layer_replication': [[0, 2]]}, {'use_qalora': True}):
            self.write_pair(**change)
            self.imported()
            write_safetensors(self.folder / 'base', {MODULE + '.weight': ('F32', (6, 4), [1] * 24)})
            self.assertIn(list(change)[0], self.refused('merge', 'base', 'a.mcnc', '-o', 'out'))
            self.exported()
        shutil.rmtree(self.folder / 'out')
        for change in ({'init_lora_weights': 'gaussian'}, {'use_something_new': False}, {'something': None}):
            self.write_pair(**change)
            self.imported()
            self.mcnc('merge', 'base', 'a.mcnc', '-f', '-o', 'out')

    def test_a_configuration_in_a_recipe(self):
        """Factors that codes make, or that a recipe stores, with all that a configuration can say."""
        folder = self.write_pair(n_in=4, n_out=4, lora_alpha=8, use_rslora=True, rank_pattern={'q_proj': 2}, r=7)
        config = (folder / 'adapter_config.json').read_text()
        (self.folder / 'r.json').write_text(json.dumps({
            'recipe': 1, 'store_all': ['adapter/adapter_model.safetensors'], 'metadata': {'peft.adapter_config': config}}))
        self.mcnc('import', 'r.json', '-o', 'recipe.mcnc')
        self.imported()
        self.assertEqual((self.folder / 'recipe.mcnc').read_bytes(), (self.folder / 'a.mcnc').read_bytes())
        for wrong in ({'peft.adapter_config': '{}'}, {'peft.adapter_config': 3}, {'peft.lora_alpha': 'x'}):
            (self.folder / 'r.json').write_text(json.dumps({'recipe': 1, 'metadata': wrong}))
            self.assertIn(list(wrong)[0].split('.')[1], self.refused('import', 'r.json', '-o', 'no'))
        for command in (['merge', 'base', 'a.mcnc'], ['export', '--peft', 'a.mcnc']):
            self.square_base()
            self.assertIn('--alpha', self.refused(*command, '-o', 'no', '--alpha', '2'))


class ExportTest(PeftCase):
    def test_what_can_be_changed(self):
        self.write_pair(task_type='SEQ_CLS', base_model_name_or_path='a/b', unknown={'x': [1]})
        self.imported()
        kept = self.exported()[0]
        config = self.exported('--task-type', 'CAUSAL_LM', '--base-name', 'c/d', '--target-modules', 'q_proj,v_proj')[0]
        self.assertEqual(config, {**kept, 'task_type': 'CAUSAL_LM', 'base_model_name_or_path': 'c/d',
                                  'target_modules': ['q_proj', 'v_proj']})
        for wrong in (['--task-type', 'CHAT'], ['--rank', '4'], ['--target-modules', 'v_proj']):
            self.refused('export', '--peft', 'a.mcnc', '-o', 'new', *wrong)
        self.assertNotIn('new', self.files())

    def test_scales_folded_into_b(self):
        tensors = {}
        for module, rank, dtype in (('a.q', 2, 'BF16'), ('a.v', 2, 'F32'), ('b.q', 4, 'F32')):
            tensors[module + '.lora_A.weight'] = (dtype, (rank, 4), [0.5] * (4 * rank))
            tensors[module + '.lora_B.weight'] = (dtype, (6, rank), [0.375] * (6 * rank))
        self.write_adapter({**tensors, 'a.q.lora_B.bias': ('F32', (6,), [1.0] * 6)}, r=2, lora_alpha=6, use_rslora=True,
                           rank_pattern={'b.q': 4}, alpha_pattern={'a.q': 9}, lora_bias=True)
        self.imported()
        before = self.exported()
        config, header, after = self.exported('--fold-scale')
        self.assertEqual((config['alpha_pattern'], config['use_rslora']), ({}, False))
        self.assertEqual(config['rank_pattern'], {'b.q': 4})
        for module, rank, _ in (('a.q', 2, 0), ('a.v', 2, 0), ('b.q', 4, 0)):
            prefix = 'base_model.model.' + module
            for ending in ('.lora_B.weight', '.lora_B.bias'):
                name = prefix + ending
                if name not in after:
                    continue
                old = scale_in(before[0], module) * unpack(before[1][name]['dtype'], before[2][name])[0]
                new = scale_in(config, module) * unpack(header[name]['dtype'], after[name])[0]
                self.assertAlmostEqual(old, new, delta=1e-6 * old)
            self.assertEqual(after[prefix + '.lora_A.weight'], before[2][prefix + '.lora_A.weight'])
        self.assertEqual(header['base_model.model.a.q.lora_B.weight']['dtype'], 'F32')
        self.write_pair(use_dora=True)
        self.imported()
        self.assertIn('DoRA', self.refused('export', '--peft', 'a.mcnc', '-f', '-o', 'out', '--fold-scale'))

    def products(self, *modules):
        """a.mcnc of products; modules: (name, rank, scale)."""
        arrays, tensors = {}, []
        for name, rank, scale in modules:
            arrays[name + '.a'] = ('F32', (rank, 4), [0.5] * (4 * rank))
            arrays[name + '.b'] = ('F32', (6, rank), [0.25] * (6 * rank))
            tensors += [{'stored': name + '.a', 'factor': True}, {'stored': name + '.b', 'factor': True},
                        {'name': name + '.weight', 'product': {'a': name + '.a', 'b': name + '.b', 'scale': scale}}]
        write_safetensors(self.folder / 'p.safetensors', arrays)
        (self.folder / 'p.json').write_text(json.dumps({'recipe': 1, 'files': ['p.safetensors'], 'tensors': tensors}))
        self.mcnc('import', 'p.json', '-f', '-o', 'a.mcnc')

    def test_every_module_has_its_own_scale(self):
        """Names that are regular expressions for each other, or the end of each other."""
        modules = [('a.b', 2, 4), ('a_b', 2, 1), ('x.a.b', 2, 8), ('a+b', 3, 2), ('a[0]', 2, 7), ('x.aab', 2, 3),
                   ('c', 2, 1), ('x.c', 4, 1), ('y.c', 2, 1)]
        self.products(*modules)
        config = self.exported()[0]
        for module, rank, scale in modules:
            self.assertEqual(scale_in(config, module), scale, module)
            self.assertEqual(found(config['rank_pattern'], module, config['r']), rank, module)
        folded = self.exported('--fold-scale')
        self.assertEqual(folded[0]['alpha_pattern'], {})
        for module, rank, scale in modules:
            name = f'base_model.model.{module}.lora_B.weight'
            self.assertEqual(scale_in(folded[0], module) * unpack('F32', folded[2][name])[0], scale * 0.25, module)

    def test_one_alpha_where_one_serves_all(self):
        self.products(('a', 2, 4), ('b', 4, 2), ('c', 8, 1))
        config = self.exported()[0]
        self.assertEqual((config['lora_alpha'], config['alpha_pattern'], config['use_rslora']), (8, {}, False))
        self.products(*((f'm{rank}', rank, 16 / math.sqrt(rank)) for rank in (2, 3, 5, 8)))
        config = self.exported()[0]
        self.assertEqual((config['lora_alpha'], config['alpha_pattern'], config['use_rslora']), (16, {}, True))

    def test_experts_without_a_configuration(self):
        for module in ('model.layers.0.mlp.experts', 'model.layers.0.mlp.experts.base_layer'):
            write_safetensors(self.folder / 'e.safetensors', {
                f'base_model.model.{module}.lora_A.weight': ('F32', (4, 4), [1] * 16),
                f'base_model.model.{module}.lora_B.weight': ('F32', (6, 4), [1] * 24)})
            (self.folder / 'r.json').write_text('{"recipe": 1, "store_all": ["e.safetensors"]}')
            self.mcnc('import', 'r.json', '-f', '-o', 'a.mcnc')
            error = self.refused('export', '--peft', 'a.mcnc', '-o', 'out', '--alpha', '4')
            self.assertIn('that PEFT wrote' if module.endswith('layer') else 'target_parameters', error)
            self.assertNotIn('out', self.files())

    def test_what_meta_sets_is_seen(self):
        write_safetensors(self.folder / 'p.safetensors', {
            MODULE + '.lora_A.weight': ('F32', (2, 4), [1] * 8), MODULE + '.lora_B.weight': ('F32', (6, 2), [1] * 12)})
        (self.folder / 'r.json').write_text('{"recipe": 1, "store_all": ["p.safetensors"]}')
        self.mcnc('import', 'r.json', '-o', 'start.mcnc')
        for value, alpha in (('8', 8), ('2.5', 2.5), ('-3', -3)):
            for key in ('peft.lora_alpha', 'peft.lora_alpha:real', 'peft.lora_alpha:text'):
                self.mcnc('meta', 'start.mcnc', 'set', f'{key}={value}', '-f', '-o', 'a.mcnc')
                self.assertEqual(self.exported()[0]['lora_alpha'], alpha)
        self.mcnc('meta', 'a.mcnc', 'set', 'peft.lora_alpha=5', '-f', '-o', 'a.mcnc')
        self.assertEqual(self.exported()[0]['lora_alpha'], 5)
        for value in ('eight', '', '1e999', 'nan', '8 '):
            error = self.refused('meta', 'a.mcnc', 'set', f'peft.lora_alpha={value}', '-f', '-o', 'b.mcnc')
            self.assertIn('peft.lora_alpha:real=16', error)
        self.assertIn('peft_type', self.refused('meta', 'a.mcnc', 'set', 'peft.adapter_config={}', '-f', '-o', 'b.mcnc'))
        self.mcnc('meta', 'a.mcnc', 'set', 'general.name=8', '-f', '-o', 'b.mcnc')

    def bomb(self, slices):
        """Two stacks of factors, of ranks 1 and 2: many modules in a small file."""
        write_safetensors(self.folder / 'exp.safetensors', {'alpha': ('I8', (6 * slices, 1), [0] * (6 * slices))})
        tensors = []
        for name, rank in (('model.layers.module_number.*.self_attn', 1), ('model.layers.other_number.*.self_attn', 2)):
            tensors += [{'name': name + '.lora_A.weight', 'shape': [slices, rank, 1], 'generated': {'slices': slices}},
                        {'name': name + '.lora_B.weight', 'shape': [slices, 1, rank], 'generated': {'slices': slices}}]
        (self.folder / 'exp.json').write_text(json.dumps({
            'recipe': 1, 'files': ['exp.safetensors'], 'tensors': tensors, 'codes': [{'alpha': 'alpha', 'beta': 1.0}],
            'generators': [{'arithmetic': 'integer', 'code_dim': 1, 'seed': 1,
                            'layers': [{'width': 1, 'frequency': 1048576}]}],
            'metadata': {'peft.lora_alpha': 16}}))
        self.mcnc('import', 'exp.json', '-f', '-o', 'a.mcnc')
        start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        config = self.exported()[0]
        self.assertEqual(len(config['rank_pattern']), slices)
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start

    @unittest.skipIf(SANITIZED, 'sanitizers take time of their own')
    def test_time_grows_with_the_modules(self):
        times = [min(self.bomb(slices) for _ in range(2)) for slices in (4096, 8192)]
        self.assertLess(times[1], 3 * times[0] + 0.2)


if __name__ == '__main__':
    unittest.main()
