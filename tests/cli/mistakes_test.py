# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Typical mistakes on the command line: the exit code and every word of what mcnc says.

A sentence is changed here on purpose or not at all. It names the file, the place in it, what is wrong, and where that
is not plain, what to do.
"""

import json
import unittest

from arrays import uniform, write_safetensors
from support import CliTest


class MistakesTest(CliTest):
    def setUp(self):
        super().setUp()
        self.make('every')
        write_safetensors(self.folder / 'w.safetensors',
                          {'alpha': uniform(1, (4, 3)), 'beta': uniform(2, (4,)), 'm.weight': uniform(3, (6, 6))})
        write_safetensors(self.folder / 'other.safetensors', {'m.weight': uniform(4, (6, 6))})
        write_safetensors(self.folder / 'wide.safetensors', {'m.weight': uniform(4, (6, 7))})
        self.recipe('codes.json', tensors=[{'name': 'v', 'shape': [5, 7], 'generated': {}}])
        self.recipe('delta.json', bases=[{'name': 'some/base', 'file': 'w.safetensors'}],
                    tensors=[{'name': 'v', 'shape': [6, 6],
                              'generated': {'theta0': {'base': 'some/base', 'tensor': 'm.weight'}}}])
        self.mcnc('import', 'codes.json', '-q', '-o', 'codes.mcnc')
        self.mcnc('import', 'delta.json', '-q', '-o', 'delta.mcnc')

    def recipe(self, name, **change):
        recipe = {'recipe': 1, 'files': ['w.safetensors'],
                  'generators': [{'arithmetic': 'float32', 'code_dim': 3, 'seed': 1,
                                  'layers': [{'width': 10, 'omega': 1, 'weights_scale': 1}]}],
                  'codes': [{'alpha': 'alpha', 'beta': 'beta', 'chunking': 'flat'}]}
        (self.folder / name).write_text(json.dumps(recipe | change))

    def says(self, code, text, *args):
        """That `mcnc args` ends with `code`, says `text` and nothing else, and leaves no file."""
        before = self.files()
        out, err = self.mcnc(*args, code=code)
        self.assertEqual((out, err.decode()), (b'', f'mcnc: {text}\n'), args)
        self.assertEqual(self.files(), before, args)

    def test_the_words_of_a_command_line(self):
        for text, *args in (
                ('there is no command decod (did you mean "decode"?); mcnc --help says what is possible',
                 'decod', 'every.mcnc'),
                ('there is no option --ouput (did you mean "--output"?); mcnc decode --help says what is possible',
                 'decode', 'every.mcnc', '--ouput', 'x'),
                ('there is no option --jsn (did you mean "--json"?); mcnc info --help says what is possible',
                 'info', 'every.mcnc', '--jsn=1'),
                ('there is no command sett (did you mean "set"?); mcnc meta --help says what is possible',
                 'meta', 'every.mcnc', 'sett', 'a.b=c'),
                ('a command is missing: get or set; mcnc meta --help says what is possible', 'meta', 'every.mcnc'),
                ('nothing takes the argument "extra"; mcnc info --help says what is possible',
                 'info', 'every.mcnc', 'extra'),
                ('FILE is required; mcnc verify --help says what is possible', 'verify'),
                ('--output needs a value; mcnc decode --help says what is possible', 'decode', 'every.mcnc', '-o'),
                ('--threads: "all" is not a whole number from 1 to 1024; mcnc verify --help says what is possible',
                 'verify', 'every.mcnc', '--threads', 'all'),
                ('--max-output-bytes: "5 GB" is not a quantity such as 500, 64M or 2G; mcnc verify --help says what is '
                 'possible', 'verify', 'every.mcnc', '--max-output-bytes', '5 GB'),
                ('--alpha-type: "int4" is not f32, f16, bf16, int8 or int16 (did you mean "int8"?); mcnc transcode '
                 '--help says what is possible', 'transcode', 'every.mcnc', '--alpha-type', 'int4', '-o', 'x'),
                ('--shard: "4/3" is not a part such as 1/3; mcnc decode --help says what is possible',
                 'decode', 'every.mcnc', '--shard', '4/3', '-o', 'x'),
                ('--shards excludes --shard; mcnc decode --help says what is possible',
                 'decode', 'every.mcnc', '--shards', '2', '--shard', '1/2', '-o', 'x')):
            self.says(2, text, *args)

    def test_files_that_are_others(self):
        safetensors = ('w.safetensors: not a .mcnc file: the first bytes are not the signature; it is a safetensors '
                       'file, of which mcnc import makes a .mcnc file [rule container.magic, byte 0]')
        self.says(5, 'none.mcnc: No such file or directory', 'verify', 'none.mcnc')
        self.says(3, safetensors, 'decode', 'w.safetensors', '-o', 'x')
        self.says(3, safetensors, 'info', 'w.safetensors')
        self.says(2, 'codes.mcnc: is a .mcnc file already, not a recipe', 'import', 'codes.mcnc', '-o', 'x')
        self.says(2, 'w.safetensors: is a safetensors file, not a recipe; a recipe says what its tensors are, and has '
                     'it in "files"', 'import', 'w.safetensors', '-o', 'x')
        self.says(2, 'codes.mcnc: is a .mcnc file, and the first argument is the base model, safetensors, like '
                     'w.safetensors: say mcnc merge w.safetensors codes.mcnc',
                  'merge', 'codes.mcnc', 'w.safetensors', '-o', 'x')
        self.says(2, 'codes.mcnc: is a .mcnc file, and the first argument is the base model, safetensors; mcnc decode '
                     'makes safetensors of a .mcnc file', 'merge', 'codes.mcnc', 'every.mcnc', '-o', 'x')
        self.says(3, 'w.safetensors: line 1 is not one that mcnc digest writes: "weights HEX  FILE" or "tensor  HEX  '
                     'NAME"', 'digest', '-c', 'w.safetensors')

    def test_bases(self):
        self.says(5, 'none: No such file or directory', 'decode', 'delta.mcnc', '-b', 'none', '-o', 'x')
        self.says(5, 'none: No such file or directory', 'verify', 'delta.mcnc', '-b', 'none')
        self.says(1, 'delta.mcnc: tensor v: it starts from tensor m.weight of the base model some/base, and in the '
                     'model given it has other values: another version of that model, or changed [rule tensor.base]',
                  'decode', 'delta.mcnc', '-b', 'other.safetensors', '-o', 'x')
        self.says(1, 'delta.mcnc: tensor v: it starts from tensor m.weight of the base model some/base, which is F32 '
                     '6 x 6; in the model given it is F32 6 x 7 [rule tensor.base]',
                  'decode', 'delta.mcnc', '-b', 'wide.safetensors', '-o', 'x')

    def test_names_of_tensors_and_keys(self):
        self.says(2, 'every.mcnc: there is no tensor fc1.haff (did you mean "fc1.half"?); mcnc info lists those it has',
                  'decode', 'every.mcnc', '-t', 'fc1.haff', '-o', 'x')
        self.says(2, 'every.mcnc: there is no metadata general.nmae (did you mean "general.name"?)',
                  'meta', 'every.mcnc', 'get', 'general.nmae')
        self.says(2, 'every.mcnc: "general.name" is not of the form KEY=VALUE, such as general.name="my model"',
                  'meta', 'every.mcnc', 'set', 'general.name', '-o', 'x')
        self.says(2, 'every.mcnc: a.b: "3.5" is not a whole number from -2^63 to 2^63 - 1',
                  'meta', 'every.mcnc', 'set', 'a.b:int=3.5', '-o', 'x')

    def test_outputs(self):
        self.says(2, 'w.safetensors: exists already; --force replaces it',
                  'decode', 'codes.mcnc', '-o', 'w.safetensors')
        self.says(5, 'none/x: No such file or directory', 'decode', 'codes.mcnc', '-o', 'none/x')

    def test_recipes(self):
        for change, text in (
                ({'store_al': []}, 'recipe.json: no key "store_al" (did you mean "store_all"?)'),
                ({'codes': [{'alpha': 'alpa', 'beta': 1}]},
                 'recipe.json: /codes/0/alpha: no tensor "alpa" in w.safetensors (did you mean "alpha"?)'),
                ({'codes': [{'alpha': 'm.weight', 'beta': 1}]},
                 'recipe.json: /codes/0/alpha: tensor m.weight of w.safetensors is F32 6 x 6; alphas are chunks x 3 or '
                 'chunks x codes_per_chunk x 3, as code_dim is 3'),
                ({'tensors': [{'name': 'v', 'shape': [50, 7], 'generated': {}}]},
                 'recipe.json: /codes/0/alpha: tensor alpha of w.safetensors is F32 4 x 3; it has 4 chunks, the '
                 'tensors made from it take 35')):
            self.recipe('recipe.json', **{'tensors': [{'name': 'v', 'shape': [5, 7], 'generated': {}}], **change})
            self.says(2, text, 'import', 'recipe.json', '-o', 'x')
        self.says(2, 'codes.json: --tensors: "" is not the path of a file',
                  'import', 'codes.json', '--tensors', '', '-o', 'x')


if __name__ == '__main__':
    unittest.main()
