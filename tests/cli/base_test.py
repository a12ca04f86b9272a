# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files that start from a base model, and what is not a base of theirs."""

import json
import unittest

from arrays import uniform, unpack, write_safetensors
from support import CliTest, read_safetensors


class BaseTest(CliTest):
    def setUp(self):
        super().setUp()
        self.tensors = {'w': uniform(1, (5, 7)), 'v': ('BF16', (3, 2), [1, -2, 0.5, 0, 3, -0.25]), 'n': ('I64', (1,), [7])}
        self.write('base.safetensors', self.tensors)

    def write(self, name, tensors):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        write_safetensors(path, tensors)

    def shards(self, folder, **files):
        """An index of {file: names of tensors}, and the files."""
        for name, tensors in files.items():
            self.write(f'{folder}/{name}', {tensor: self.tensors[tensor] for tensor in tensors})
        weight_map = {tensor: name for name, tensors in files.items() for tensor in tensors}
        self.index(folder, {'metadata': {}, 'weight_map': weight_map})

    def index(self, folder, index):
        (self.folder / folder).mkdir(exist_ok=True)
        (self.folder / folder / 'model.safetensors.index.json').write_text(json.dumps(index))

    def refused(self, *args, code=1):
        """The message of a refusal that leaves no output."""
        before = self.files()
        _, error = self.mcnc(*args, code=code)
        self.assertEqual(self.files(), before)
        return error.decode()

    def test_every_form_of_a_base_gives_the_same_weights(self):
        self.make('changed', bases=['base.safetensors'])
        self.write('plain/model.safetensors', self.tensors)
        self.shards('sharded', **{'one': ['w'], 'two': ['v', 'n']})
        forms = ['base.safetensors', 'plain', 'sharded', 'sharded/model.safetensors.index.json']
        expected = None
        for form in forms:
            self.mcnc('verify', 'changed.mcnc', '--base', form)
            decoded = self.mcnc('decode', 'changed.mcnc', '-b', form)[0]
            expected = expected or decoded
            self.assertEqual(decoded, expected)
        header, tensors = read_safetensors(expected)
        self.assertEqual(set(tensors), {'v', 'w'})
        moved = [abs(a - b) for a, b in zip(unpack('F32', tensors['w']), self.tensors['w'][2])]
        self.assertTrue(0 < max(moved) < 0.2)

    def test_zero_change_is_the_base(self):
        self.make('unchanged', bases=['base.safetensors'])
        tensors = read_safetensors(self.mcnc('decode', 'unchanged.mcnc', '-b', 'base.safetensors')[0])[1]
        base = read_safetensors_loosely(self.folder / 'base.safetensors')
        self.assertEqual(tensors, {name: base[name] for name in ('v', 'w')})

    def test_every_command_says_what_is_missing(self):
        self.make('changed', bases=['base.safetensors'])
        commands = (['verify', 'changed.mcnc'], ['decode', 'changed.mcnc', '-o', 'out'], ['digest', 'changed.mcnc'])
        for command in commands:
            error = self.refused(*command)
            self.assertRegex(error, 'tensor [vw] starts from the base model someone/model')
            self.assertIn('tensor.base', error)
        self.mcnc('info', 'changed.mcnc')
        self.mcnc('digest', 'changed.mcnc', '-b', 'base.safetensors')

    def test_another_base_is_refused_naming_the_tensor(self):
        self.make('changed', bases=['base.safetensors'])
        data = bytearray((self.folder / 'base.safetensors').read_bytes())
        data[-20] ^= 1  # in v
        (self.folder / 'flipped.safetensors').write_bytes(data)
        self.write('shape.safetensors', {**self.tensors, 'v': ('BF16', (2, 3), [0] * 6)})
        self.write('dtype.safetensors', {**self.tensors, 'v': ('F16', (3, 2), self.tensors['v'][2])})
        self.write('without.safetensors', {'w': self.tensors['w']})
        for name in ('flipped', 'shape', 'dtype', 'without'):
            for command in (['verify'], ['decode', '-o', 'out'], ['digest']):
                error = self.refused(command[0], 'changed.mcnc', *command[1:], '-b', name + '.safetensors')
                self.assertIn('tensor v', error)

    def test_the_right_one_of_several(self):
        self.make('changed', bases=['base.safetensors'])
        self.write('other.safetensors', {**self.tensors, 'v': ('BF16', (3, 2), [0] * 6)})
        self.write('unrelated.safetensors', {'x': self.tensors['v']})
        bases = ['--base', 'unrelated.safetensors', '--base', 'other.safetensors']
        self.mcnc('verify', 'changed.mcnc', *bases, '--base', 'base.safetensors')
        self.assertIn('someone/model', self.refused('verify', 'changed.mcnc', *bases))

    def test_a_base_that_is_a_file_itself(self):
        self.make('adapter')
        self.make('changed', bases=['adapter.mcnc'])
        self.mcnc('verify', 'changed.mcnc', '-b', 'adapter.mcnc')
        self.make('tiny')
        self.assertIn('q_proj', self.refused('verify', 'changed.mcnc', '-b', 'tiny.mcnc'))
        self.mcnc('verify', 'changed.mcnc', '-b', 'tiny.mcnc', '-b', 'adapter.mcnc')
        # Found by its weights, whatever it is called and however it is coded.
        self.make('unchanged', 'recoded', bases=['adapter.mcnc'])
        self.mcnc('verify', 'changed.mcnc', '-b', 'recoded', '-b', 'adapter.mcnc')

    def test_a_damaged_base_is_named(self):
        path = self.make('adapter')
        self.make('changed', bases=['adapter.mcnc'])
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        self.assertIn('adapter.mcnc: ', self.refused('verify', 'changed.mcnc', '-b', 'adapter.mcnc'))

    def test_limits_hold_for_the_file_and_its_bases_together(self):
        self.make('adapter')
        self.make('changed', bases=['adapter.mcnc'])
        info = [self.info(name)['budget']['scratch_bytes'] for name in ('adapter.mcnc', 'changed.mcnc')]
        command = ['verify', 'changed.mcnc', '-b', 'adapter.mcnc', '--max-scratch-bytes']
        self.mcnc(*command, str(sum(info)))
        self.assertIn('limit.scratch', self.refused(*command, str(sum(info) - 1), code=6))
        self.assertIn('the base models', self.refused(*command, str(max(info)), code=6))

    def test_a_chain_has_an_end(self):
        self.make('adapter', '0')
        for i in range(1, 10):
            self.make('changed', str(i), bases=[str(j) for j in range(i - 1, -1, -1)])
        bases = [part for i in range(8) for part in ('-b', str(i))]
        self.mcnc('verify', '8', *bases)
        self.assertIn('longer than 8', self.refused('verify', '9', *bases, '-b', '8'))
        self.assertIn('someone/model', self.refused('verify', '8', *bases[:-4], '-b', '7'))

    def test_circles_are_refused(self):
        self.make('adapter')
        self.make('unchanged', 'one', bases=['adapter.mcnc'])
        self.make('unchanged', 'two', bases=['one', 'adapter.mcnc'])
        self.assertIn('itself', self.refused('verify', 'one', '-b', 'one'))
        self.assertIn('itself', self.refused('verify', 'two', '-b', 'one'))
        self.assertIn('itself', self.refused('verify', 'two', '-b', 'one', '-b', 'two'))
        self.mcnc('verify', 'two', '-b', 'one', '-b', 'adapter.mcnc')

    def test_bases_that_cannot_be_read(self):
        self.make('changed', bases=['base.safetensors'])
        (self.folder / 'garbage').write_bytes(b'\x8dMCNC\r\n\x1agarbage')
        (self.folder / 'empty').mkdir()
        for path, code in (('missing', 5), ('empty', 5), ('garbage', 3)):
            self.assertIn(path, self.refused('verify', 'changed.mcnc', '-b', path, code=code))

    def test_indexes_that_lie(self):
        self.make('changed', bases=['base.safetensors'])
        self.write('bad/one', {'w': self.tensors['w'], 'v': self.tensors['v']})
        self.write('bad/two', {'w': self.tensors['w']})
        lies = [[], {}, {'weight_map': []}, {'weight_map': {}}, {'weight_map': {'w': 1}}, {'weight_map': {'w': ''}},
                {'weight_map': {'w': '../base.safetensors'}}, {'weight_map': {'w': '..'}},
                {'weight_map': {'w': 'one', 'n': 'one'}}, {'weight_map': {'v': 'one', 'w': 'two'}}]
        for lie in lies:
            self.index('bad', lie)
            self.assertIn('bad: ', self.refused('verify', 'changed.mcnc', '-b', 'bad', code=3))
        self.index('bad', {'weight_map': {'w': 'three'}})
        self.refused('verify', 'changed.mcnc', '-b', 'bad', code=5)

    def test_conform(self):
        self.make('changed', bases=['base.safetensors'])
        answer = json.loads(self.mcnc('conform', 'changed.mcnc', '--stages', '--base', 'base.safetensors')[0])
        self.assertEqual(answer['code'], 'ok')
        self.assertEqual([sorted(stage) for stage in answer['stages']['tensors']], [['sum', 'theta0']] * 2)
        requests = [{'id': '1', 'file': 'changed.mcnc', 'bases': ['base.safetensors']},
                    {'id': '2', 'file': 'changed.mcnc'},
                    {'id': '3', 'file': 'changed.mcnc', 'bases': 'base.safetensors'}]
        out = self.mcnc('conform', '--pipe', input='\n'.join(map(json.dumps, requests)).encode())[0]
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([answer['code'] for answer in answers], ['ok', 'base', 'argument'])
        self.assertEqual(answers[1]['rule'], 'tensor.base')
        self.assertEqual(answers[0]['tensors'], answer['tensors'])


def read_safetensors_loosely(path):
    """{name: bytes} of a file whose header may have any length."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], 'little')
    header = json.loads(data[8:8 + length])
    return {name: data[8 + length:][slice(*entry['data_offsets'])] for name, entry in header.items()}


if __name__ == '__main__':
    unittest.main()
