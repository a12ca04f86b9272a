# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Adapter folders as PEFT reads them; tests/pytorch/export_loads.py lets PEFT itself do it."""

import json
import re
import unittest

from arrays import uniform, write_safetensors
from support import CliTest, read_safetensors

Q0, V0, Q1 = ('model.layers.' + module for module in ('0.q_proj', '0.v_proj', '1.q_proj'))
KEY = {module: '^' + module.replace('.', r'\.') for module in (Q0, V0, Q1)}  # regular expressions that only these match


def pattern_value(pattern, module, default):
    """As PEFT looks it up: the first key that the module's path ends with."""
    for key in pattern:
        if re.match(rf'(.*\.)?({key})$', module):
            return pattern[key]
    return default


class ExportTest(CliTest):
    def export(self, file, *args):
        """(configuration, header, tensors) of the folder."""
        self.mcnc('export', '--peft', file, '-f', '-o', 'out', *args)
        self.assertEqual(sorted(path.name for path in (self.folder / 'out').iterdir()),
                         ['adapter_config.json', 'adapter_model.safetensors'])
        config = json.loads((self.folder / 'out' / 'adapter_config.json').read_text())
        return config, *read_safetensors((self.folder / 'out' / 'adapter_model.safetensors').read_bytes())

    def test_products(self):
        self.make('adapter')
        config, header, tensors = self.export('adapter.mcnc')
        factors = read_safetensors(self.mcnc('decode', 'adapter.mcnc', '--factors')[0])[1]
        expected = {}
        for module, rows, rank in ((Q0, 8, 2), (V0, 4, 2), (Q1, 8, 4)):
            for half, factor, shape in (('A', 'a', [rank, 16]), ('B', 'b', [rows, rank])):
                name = f'base_model.model.{module}.lora_{half}.weight'
                expected[name] = factors[f'{module}.{factor}']
                self.assertEqual(header[name]['shape'], shape)
        self.assertEqual(tensors, expected)
        self.assertEqual(header['__metadata__'], {'format': 'pt'})
        self.assertEqual((config['peft_type'], config['bias'], config['fan_in_fan_out']), ('LORA', 'none', False))
        self.assertEqual(config['target_modules'], [Q0, V0, Q1])
        self.assertEqual(config['base_model_name_or_path'], None)
        self.assertEqual((config['r'], config['rank_pattern']), (2, {KEY[Q1]: 4}))
        self.assertEqual((config['lora_alpha'], config['alpha_pattern']), (4, {KEY[Q1]: 3}))
        for module, scale in ((Q0, 2), (V0, 2), (Q1, 0.75)):
            rank = pattern_value(config['rank_pattern'], module, config['r'])
            self.assertEqual(pattern_value(config['alpha_pattern'], module, config['lora_alpha']) / rank, scale)

    def test_pairs(self):
        self.make('lora')
        config, _, tensors = self.export('lora.mcnc', '--alpha', '2.5', '--base-name', 'someone/a "model"')
        self.assertEqual(tensors, read_safetensors(self.mcnc('decode', 'lora.mcnc')[0])[1])
        self.assertEqual((config['r'], config['lora_alpha']), (2, 2.5))
        self.assertEqual((config['rank_pattern'], config['alpha_pattern']), ({}, {}))
        self.assertEqual(config['base_model_name_or_path'], 'someone/a "model"')
        self.make('lora_that_says_alpha')
        self.assertEqual(self.export('lora_that_says_alpha.mcnc')[0]['lora_alpha'], 3)

    def test_a_product_that_starts_from_the_base(self):
        write_safetensors(self.folder / 'base', {Q0 + '.weight': uniform(1, (8, 16))})
        self.make('adapted', bases=['base'])
        config = self.export('adapted.mcnc')[0]
        self.assertEqual((config['base_model_name_or_path'], config['lora_alpha']), ('someone/model', 1))

    def test_what_can_be_asked_for(self):
        self.make('adapter')
        config = self.export('adapter.mcnc', '--rank', '4', '--target-modules', 'q_proj,v_proj')[0]
        self.assertEqual((config['r'], config['rank_pattern']), (4, {KEY[Q0]: 2, KEY[V0]: 2}))
        self.assertEqual(config['target_modules'], ['q_proj', 'v_proj'])
        self.assertEqual(self.export('adapter.mcnc', '--rank', 'auto', '--target-modules', 'auto'),
                         self.export('adapter.mcnc'))
        _, error = self.mcnc('export', '--peft', 'adapter.mcnc', '-o', 'new', '--target-modules', 'q_proj', code=2)
        self.assertIn(b'v_proj', error)
        for wrong in (['--rank', 'x'], ['--alpha', '2'], ['--alpha', 'x']):
            self.mcnc('export', '--peft', 'adapter.mcnc', '-o', 'new', *wrong, code=2)
        self.make('lora')
        self.mcnc('export', '--peft', 'lora.mcnc', '-o', 'new', '--alpha', 'nan', code=2)
        self.mcnc('export', 'adapter.mcnc', '-o', 'new', code=2)
        self.assertNotIn('new', self.files())

    def test_files_that_are_no_adapters(self):
        for kind, why in (('every', b'fc1.half'), ('empty', b'no tensors'), ('family', b'product w')):
            self.make(kind)
            _, error = self.mcnc('export', '--peft', kind + '.mcnc', '-o', 'out', code=2)
            self.assertIn(b'is not a low-rank adapter', error)
            self.assertIn(why, error)
        self.make('lora')
        self.assertIn(b'--alpha', self.mcnc('export', '--peft', 'lora.mcnc', '-o', 'out', code=2)[1])
        self.assertNotIn('out', self.files())

    def test_nothing_is_replaced_unless_told(self):
        self.make('adapter')
        self.mcnc('export', '--peft', 'adapter.mcnc', '-o', 'out')
        for name in ('adapter_config.json', 'adapter_model.safetensors'):
            (self.folder / 'out' / name).write_text('precious')
            self.mcnc('export', '--peft', 'adapter.mcnc', '-o', 'out', code=2)
            self.assertEqual((self.folder / 'out' / name).read_text(), 'precious')
            self.assertEqual(len(list((self.folder / 'out').iterdir())), 2)
        self.export('adapter.mcnc')


if __name__ == '__main__':
    unittest.main()
