# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Files and folders that are given as models: which of several is read, what is none, and what is only copied."""

import gzip
import io
import json
import os
import pickle
import resource
import struct
import subprocess
import unittest
import zipfile

from arrays import raw_safetensors, write_safetensors
from support import MCNC, SANITIZED, CliTest

INDEX = 'model.safetensors.index.json'
ENDLESS = 256 << 20  # bytes of memory that a program may have which reads what does not end


def floats(*numbers):
    return 'F32', (len(numbers),), list(numbers)


def parts(path):
    """(header, {name: bytes}) of a safetensors file of any types."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], 'little')
    header = json.loads(data[8:8 + length])
    return header, {name: data[8 + length:][slice(*entry['data_offsets'])]
                    for name, entry in header.items() if name != '__metadata__'}


class ModelFilesTest(CliTest):
    def write(self, name, tensors):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        write_safetensors(path, tensors)

    def index(self, folder, weight_map):
        (self.folder / folder).mkdir(exist_ok=True)
        (self.folder / folder / INDEX).write_text(json.dumps({'metadata': {}, 'weight_map': weight_map}))

    def recipe(self, **recipe):
        (self.folder / 'r.json').write_text(json.dumps({'recipe': 1, **recipe}))
        return 'r.json'

    def adapter(self, rows=2, columns=2):
        """adapter.mcnc, which changes q.weight."""
        self.write('lora.safetensors', {'q.lora_A.weight': ('F32', (1, columns), [1.0] * columns),
                                        'q.lora_B.weight': ('F32', (rows, 1), [1.0] * rows)})
        recipe = self.recipe(store_all=['lora.safetensors'], metadata={'peft.lora_alpha': 1})
        self.mcnc('import', recipe, '-o', 'adapter.mcnc')

    def same(self, a, b):
        self.mcnc('diff', a, b)

    # --- folders ---

    def test_a_folder_with_two_whole_models_is_refused(self):
        self.write('f/model-00001-of-00001.safetensors', {'w': floats(1, 1)})
        self.write('f/model.safetensors', {'w': floats(7, 7)})
        self.index('f', {'w': 'model-00001-of-00001.safetensors'})
        self.adapter()
        for command in (['diff', 'f', 'f/model.safetensors'], ['merge', 'f', 'adapter.mcnc', '-o', 'out'],
                        ['verify', 'adapter.mcnc', '-b', 'f']):
            error = self.mcnc(*command, code=2)[1].decode()
            self.assertIn('f: the folder has both model.safetensors and ' + INDEX, error)
        error = self.mcnc('import', self.recipe(store_all=['f']), '-o', 'out', code=2)[1].decode()
        self.assertIn('has both', error)
        # Either can be named.
        self.same('f/model.safetensors', 'f/model.safetensors')
        self.same('f/' + INDEX, 'f/model-00001-of-00001.safetensors')

    def test_a_leftover_index_hides_nothing(self):
        self.write('f/model.safetensors', {'w': floats(7, 7)})
        self.index('f', {'w': 'model-00001-of-00001.safetensors'})
        self.same('f', 'f/model.safetensors')
        self.write('f/model-00001-of-00002.safetensors', {'w': floats(1, 1)})
        self.index('f', {'w': 'model-00001-of-00002.safetensors', 'v': 'model-00002-of-00002.safetensors'})
        self.same('f', 'f/model.safetensors')
        self.mcnc('diff', 'f/' + INDEX, 'f/model.safetensors', code=5)

    def test_an_index_of_the_single_file(self):
        self.write('f/model.safetensors', {'w': floats(7, 7)})
        self.index('f', {'w': 'model.safetensors'})
        self.same('f', 'f/model.safetensors')

    def test_a_broken_index_beside_a_single_file(self):
        self.write('f/model.safetensors', {'w': floats(7, 7)})
        (self.folder / 'f' / INDEX).write_text('{')
        self.assertIn('f: ' + INDEX, self.mcnc('diff', 'f', 'f', code=3)[1].decode())

    def test_an_index_that_has_a_tensor_elsewhere(self):
        self.write('f/one', {'w': floats(1)})
        self.write('f/two', {'v': floats(1)})
        self.index('f', {'w': 'two', 'v': 'one'})
        self.assertIn('but it is in', self.mcnc('diff', 'f', 'f', code=3)[1].decode())

    def test_shards_of_two_models(self):
        self.make('every')
        self.make('adapter', 'other.mcnc')
        for name, folder in (('every.mcnc', 'a'), ('other.mcnc', 'b')):
            self.mcnc('decode', name, '--factors', '--shards', '2', '-o', folder)
        self.same('a', 'a')
        listed = {}
        for source, shard in (('a', 'model-00001-of-00002.safetensors'), ('b', 'model-00002-of-00002.safetensors')):
            path = self.folder / source / shard
            (self.folder / 'mix').mkdir(exist_ok=True)
            (self.folder / 'mix' / shard).write_bytes(path.read_bytes())
            listed.update({name: shard for name in parts(path)[1]})
        self.index('mix', listed)
        error = self.mcnc('diff', 'mix', 'mix', code=3)[1].decode()
        self.assertIn('mix: ', error)
        self.assertIn('the shards model-00001-of-00002.safetensors and model-00002-of-00002.safetensors are of different '
                      'models', error)
        # One that says nothing is not of the model either.
        raw_safetensors(self.folder / 'mix' / shard, {'x': ('U8', [1], b'x')})
        self.index('mix', {'x': shard, **{name: part for name, part in listed.items() if part != shard}})
        self.assertIn('different models', self.mcnc('diff', 'mix', 'mix', code=3)[1].decode())

    def test_folders_without_a_model(self):
        for name, words in (('adapter_config.json', 'PEFT adapter'), ('other.safetensors', 'such as other.safetensors'),
                            ('pytorch_model.bin', 'save that as safetensors')):
            folder = self.folder / name.replace('.', '_')
            folder.mkdir()
            (folder / name).write_bytes(b'')
            error = self.mcnc('diff', folder.name, folder.name, code=5)[1].decode()
            self.assertIn(f'{folder.name}: the folder has neither', error)
            self.assertIn(words, error)

    # --- what is not a model ---

    def strangers(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, 'w') as file:
            file.writestr('archive/data.pkl', b'x')
        pointer = b'version https://git-lfs.github.com/spec/v1\noid sha256:' + b'0' * 64 + b'\nsize 12345\n'
        return {
            'pointer': (pointer, 'a Git LFS pointer, not the file itself: run git lfs pull'),
            'page': (b'\n <!DOCTYPE HTML><html><body>' + b'x' * 99, 'an HTML page'),
            'archive': (archive.getvalue(), 'a zip archive, such as torch.save writes'),
            'pickle': (pickle.dumps(list(range(99)), 2), 'a Python pickle'),
            'pickle4': (pickle.dumps(list(range(99)), 4), 'a Python pickle'),
            'gguf': (b'GGUF' + bytes(99), 'a GGUF file'),
            'hdf5': (b'\x89HDF\r\n\x1a\n' + bytes(99), 'an HDF5 file'),
            'npy': (b'\x93NUMPY\1\0' + bytes(99), 'a NumPy array'),
            'gzip': (gzip.compress(os.urandom(99)), 'a gzip file'),
            'json': (b'{"error": "Repository not found"}' + b' ' * 99, 'a JSON text'),
            'zeros': (bytes(999), 'begins with zero bytes'),
            'nothing': (b'', 'it is empty'),
        }

    def test_what_is_no_model_is_named(self):
        self.adapter()
        self.write('base.safetensors', {'q.weight': ('F32', (2, 2), [0.0] * 4)})
        for name, (data, words) in self.strangers().items():
            (self.folder / name).write_bytes(data)
            for command in (['info', name], ['verify', name], ['decode', name, '-o', 'out'], ['dump', name],
                            ['transcode', name, '--zstd-level', '1', '-o', 'out'], ['meta', name, 'get'],
                            ['merge', 'base.safetensors', name, '-o', 'out'], ['merge', name, 'adapter.mcnc', '-o', 'out'],
                            ['diff', name, 'base.safetensors'], ['verify', 'adapter.mcnc', '-b', name],
                            ['import', self.recipe(store_all=[name]), '-o', 'out']):
                with self.subTest(name=name, command=command[0]):
                    error = self.mcnc(*command, code=3)[1].decode()
                    self.assertIn(words, error)
                    self.assertIn(name + ': ', error)

    def test_one_format_in_place_of_the_other(self):
        self.adapter()
        self.write('base.safetensors', {'q.weight': ('F32', (2, 2), [0.0] * 4)})
        error = self.mcnc('import', self.recipe(store_all=['adapter.mcnc']), '-o', 'out', code=3)[1].decode()
        self.assertIn('adapter.mcnc: not a safetensors file', error)
        self.assertIn('it is a .mcnc file, of which mcnc decode makes a safetensors file', error)
        error = self.mcnc('info', 'base.safetensors', code=3)[1].decode()
        self.assertIn('base.safetensors: not a .mcnc file', error)
        self.assertIn('it is a safetensors file, of which mcnc import makes', error)

    def test_a_weight_of_another_shape_or_type(self):
        self.adapter(rows=3, columns=2)
        for dtype, shape, data, words in (('F32', [2, 4], bytes(32), 'F32 2 x 4'), ('I8', [3, 2], bytes(6), 'I8 3 x 2'),
                                          ('F8_E8M0', [3, 2], bytes(6), 'F8_E8M0 3 x 2')):
            raw_safetensors(self.folder / 'base.safetensors', {'q.weight': (dtype, shape, data)})
            error = self.mcnc('merge', 'base.safetensors', 'adapter.mcnc', '-o', 'out', code=1)[1].decode()
            self.assertIn('tensor q.weight of the base model is ' + words + '; ', error)
            self.assertIn('3 x 2', error.partition('; ')[2])

    # --- types that are only copied ---

    STRANGE = {'four': ('F4', [3, 2], b'abc'), 'six': ('F6_E2M3', [4], b'def'), 'scale': ('F8_E8M0', [2], b'gh'),
               'complex': ('C64', [1], b'ijklmnop'), 'fnuz': ('F8_E4M3FNUZ', [1], b'q'), 'new': ('Q7', [5], b'rs')}

    def test_merge_copies_what_it_does_not_understand(self):
        self.adapter()
        base = {**self.STRANGE, 'q.weight': ('F32', [2, 2], bytes(16))}
        raw_safetensors(self.folder / 'base.safetensors', base, {'mcnc.weights_identity': '0' * 64, 'kept': 'x'})
        self.mcnc('merge', 'base.safetensors', 'adapter.mcnc', '-o', 'out.safetensors')
        header, data = parts(self.folder / 'out.safetensors')
        self.assertEqual(header['__metadata__'], {'format': 'pt', 'kept': 'x'})  # another model's identity is not kept
        for name, (dtype, shape, content) in self.STRANGE.items():
            self.assertEqual((header[name]['dtype'], header[name]['shape'], data[name]), (dtype, shape, content))
        self.assertEqual(data['q.weight'], struct.pack('<4f', 1, 1, 1, 1))
        # What is wider stands first, so that all are aligned.
        self.assertEqual(header['complex']['data_offsets'][0], 0)
        self.assertEqual(header['q.weight']['data_offsets'][0], 8)

    def test_diff_compares_their_bytes(self):
        raw_safetensors(self.folder / 'a.safetensors', self.STRANGE)
        self.same('a.safetensors', 'a.safetensors')
        raw_safetensors(self.folder / 'b.safetensors', {**self.STRANGE, 'four': ('F4', [3, 2], b'abd')})
        out, _ = self.mcnc('diff', 'a.safetensors', 'b.safetensors', code=1)
        self.assertRegex(out.decode(), r'four +F4 +3 x 2 +bytes differ')
        found = json.loads(self.mcnc('diff', '--json', 'a.safetensors', 'b.safetensors', code=1)[0])
        self.assertEqual(found['tensors'], [{'name': 'four', 'dtype': ['F4', 'F4'], 'shape': [[3, 2], [3, 2]],
                                             'bytes_differ': True}])

    def test_a_file_of_codes_stores_none_of_them(self):
        raw_safetensors(self.folder / 'a.safetensors', {'w': ('U8', [1], b'w'), 'scale': self.STRANGE['scale']})
        for recipe in ({'store_all': ['a.safetensors']}, {'files': ['a.safetensors'], 'tensors': [{'stored': 'scale'}]}):
            error = self.mcnc('import', self.recipe(**recipe), '-o', 'out', code=4)[1].decode()
            self.assertIn('tensor scale of a.safetensors is F8_E8M0 2, and .mcnc files have no such type', error)
        self.mcnc('import', self.recipe(files=['a.safetensors'], tensors=[{'stored': 'w'}]), '-o', 'a.mcnc')

    def test_a_base_may_have_them(self):
        raw_safetensors(self.folder / 'base.safetensors', {**self.STRANGE, 'w': ('F32', [8], struct.pack('<8f', *range(8)))})
        write_safetensors(self.folder / 'c.safetensors', {'a': ('I8', (1, 1), [1]), 'b': ('F32', (1,), [0.0])})
        generator = {'arithmetic': 'integer', 'code_dim': 1, 'seed': 1, 'layers': [{'width': 8, 'frequency': 1}]}
        recipe = self.recipe(files=['c.safetensors'], generators=[generator], codes=[{'alpha': 'a', 'beta': 'b'}],
                             bases=[{'name': 'x/y', 'file': 'base.safetensors'}],
                             tensors=[{'name': 'w', 'shape': [8], 'generated': {'theta0': {'base': 'x/y'}}}])
        self.mcnc('import', recipe, '-o', 'm.mcnc')
        self.mcnc('verify', 'm.mcnc', '-b', 'base.safetensors')
        raw_safetensors(self.folder / 'alien.safetensors', {'w': ('F8_E8M0', [8], bytes(8))})
        error = self.mcnc('verify', 'm.mcnc', '-b', 'alien.safetensors', code=1)[1].decode()
        self.assertIn('tensor w is F8_E8M0 8, of a type that .mcnc files do not have', error)

    # --- metadata ---

    def test_metadata_goes_in_and_comes_out(self):
        told = {'format': 'mlx', 'ss_network_dim': '16', 'general.name': 'x', 'safetensors.y': 'z', 'mcnc.weights_identity': 'no'}
        raw_safetensors(self.folder / 'a.safetensors', {'w': ('U8', [1], b'w')}, told)
        self.mcnc('import', self.recipe(store_all=['a.safetensors']), '-o', 'a.mcnc')
        info = self.info('a.mcnc')
        self.assertEqual(info['metadata'], {'safetensors.format': 'mlx', 'safetensors.ss_network_dim': '16',
                                            'general.name': 'x', 'safetensors.safetensors.y': 'z'})
        self.mcnc('decode', 'a.mcnc', '-o', 'out.safetensors')
        header, _ = parts(self.folder / 'out.safetensors')
        self.assertEqual(header['__metadata__'], {**told, 'mcnc.weights_identity': info['weights_identity']})
        # And once more: nothing grows.
        self.mcnc('import', self.recipe(store_all=['out.safetensors']), '-o', 'b.mcnc')
        self.assertEqual(self.info('b.mcnc')['metadata'], info['metadata'])

    def test_metadata_that_has_no_place_is_named(self):
        raw_safetensors(self.folder / 'a.safetensors', {'w': ('U8', [1], b'w')},
                        {'A Title': 'x', 'long': 'x' * 65537, 'nul': 'a\0b', 'general.name': 'file', 'format': 'pt'})
        raw_safetensors(self.folder / 'b.safetensors', {'v': ('U8', [1], b'v')}, {'k': '2', 'general.name': 'told'})
        raw_safetensors(self.folder / 'c.safetensors', {'u': ('U8', [1], b'u')}, {'k': '3'})
        recipe = self.recipe(store_all=['a.safetensors'], files=['b.safetensors', 'c.safetensors'],
                             tensors=[{'stored': 'v'}, {'stored': 'u'}], metadata={'general.name': 'told'})
        done = subprocess.run([MCNC, 'import', recipe, '-o', 'a.mcnc'], cwd=self.folder, capture_output=True, check=True)
        self.assertEqual(self.info('a.mcnc')['metadata'], {'general.name': 'told', 'safetensors.k': '2'})
        error = done.stderr.decode()
        self.assertIn('a.safetensors: left out of its metadata: A Title, general.name, long, nul\n', error)
        self.assertIn('c.safetensors: left out of its metadata: k\n', error)
        self.assertNotIn('b.safetensors', error)

    # --- what does not end ---

    def bounded(self, *args, code, **options):
        def limit():
            if not SANITIZED:
                resource.setrlimit(resource.RLIMIT_AS, (ENDLESS, ENDLESS))

        done = subprocess.run([MCNC, *args], cwd=self.folder, timeout=60, preexec_fn=limit, stderr=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr.decode()

    def test_what_does_not_end(self):
        self.make('adapter')
        self.assertIn('/dev/zero: is longer than', self.bounded('import', '/dev/zero', '-o', 'out', code=2))
        self.assertIn('/dev/zero: is longer than', self.bounded('digest', '-c', '/dev/zero', code=3))
        with open('/dev/zero', 'rb') as zero:
            self.assertIn('longer', self.bounded('conform', '--pipe', code=2, stdin=zero))
            self.bounded('digest', '-c', '-', code=3, stdin=zero)
            self.bounded('verify', '-', code=3, stdin=zero)
        for command in (['diff', '/dev/zero', '/dev/zero'], ['verify', '/dev/zero'], ['decode', '/dev/zero', '-o', 'out'],
                        ['verify', 'adapter.mcnc', '-b', '/dev/zero'], ['merge', '/dev/zero', 'adapter.mcnc', '-o', 'out'],
                        ['import', self.recipe(store_all=['/dev/zero']), '-o', 'out']):
            self.assertIn('no regular file', self.bounded(*command, code=5))

    def test_a_recipe_from_a_pipe(self):
        raw_safetensors(self.folder / 'a.safetensors', {'w': ('U8', [1], b'w')})
        recipe = json.dumps({'recipe': 1, 'store_all': [str(self.folder / 'a.safetensors')]}).encode()
        self.mcnc('import', '/dev/stdin', '-o', 'a.mcnc', input=recipe)

    def test_recipes_that_are_no_json(self):
        for text, words in ((b'\xef\xbb\xbf{"recipe":1}', 'byte order mark'), (b'{"recipe":1}\n\0{', 'line 2 has a NUL byte'),
                            (b'{"recipe":1,"recipe":1}', '"recipe" twice'), (b'{"a":' * 99, 'nested too deeply'),
                            (b'{"recipe":\n 1e999}', '/recipe: the number 1e999'), (b'{"recipe":1', 'line 1'), (b'', 'line 1')):
            (self.folder / 'r.json').write_bytes(text)
            self.assertIn(words, self.mcnc('import', 'r.json', '-o', 'out', code=2)[1].decode())


if __name__ == '__main__':
    unittest.main()
