# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Tensors cut in slices that each start a chunk, and stacks: a * in a name that stands for the number of a slice."""

import hashlib
import json
import math
import struct
import subprocess
import unittest

from arrays import uniform, unpack, write_safetensors
from support import MCNC, CliTest, read_safetensors

PREFIX = 'base_model.model.'
CODE_DIM, CHUNK_DIM = 5, 20
LAYER = {'width': CHUNK_DIM, 'weights_scale': 0.5, 'omega': 30}


def chunks_of(*shapes, chunk_dim=CHUNK_DIM):
    """Of tensors that start a chunk each."""
    return sum(-(-math.prod(shape) // chunk_dim) for shape in shapes)


class SlicesTest(CliTest):
    def imports(self, tensors, chunks, name='out.mcnc', layer=None, code=0, **codes):
        """Imports generated tensors {name: (shape, slices)} that start a chunk each; gives what went wrong."""
        write_safetensors(self.folder / 'codes.safetensors', {'alpha': uniform(1, (chunks, CODE_DIM)),
                                                              'beta': uniform(2, (chunks,), 0.01)})
        (self.folder / 'recipe.json').write_text(json.dumps({
            'recipe': 1,
            'files': ['codes.safetensors'],
            'generators': [{'arithmetic': 'float32', 'code_dim': CODE_DIM, 'seed': 7, 'layers': [layer or LAYER]}],
            'codes': [{'alpha': 'alpha', 'beta': 'beta', 'chunking': 'per_tensor', **codes}],
            'tensors': [{'name': name, 'shape': shape, 'generated': {'slices': slices} if slices != 1 else {}}
                        for name, (shape, slices) in tensors.items()],
            'metadata': {'peft.lora_alpha': 16},
        }))
        return self.mcnc('import', 'recipe.json', '-f', '-o', name, code=code)[1].decode()

    def decoded(self, *args, file='out.mcnc'):
        """({name: shape}, {name: bytes})"""
        header, tensors = read_safetensors(self.mcnc('decode', file, *args)[0])
        return {name: header[name]['shape'] for name in tensors}, tensors


class AdapterTest(SlicesTest):
    """All seven projections of a network of the shape of LLaMA-2-7B, rank 8, each factor chunked on its own."""

    LAYERS, RANK, WIDTH = 32, 8, 5000
    MODULES = {  # (in, out)
        'self_attn.q_proj': (4096, 4096), 'self_attn.k_proj': (4096, 4096), 'self_attn.v_proj': (4096, 4096),
        'self_attn.o_proj': (4096, 4096), 'mlp.gate_proj': (4096, 11008), 'mlp.up_proj': (4096, 11008),
        'mlp.down_proj': (11008, 4096)}

    def adapter(self, **codes):
        tensors = {}
        for module, (n_in, n_out) in self.MODULES.items():
            for half, shape in (('A', [self.RANK, n_in]), ('B', [n_out, self.RANK])):
                tensors[f'{PREFIX}model.layers.*.{module}.lora_{half}.weight'] = [self.LAYERS, *shape], self.LAYERS
        chunks = self.LAYERS * chunks_of(*[shape[1:] for shape, _ in tensors.values()], chunk_dim=self.WIDTH)
        self.imports(tensors, chunks, layer={'width': self.WIDTH, 'weights_scale': 0.5, 'omega': 30}, **codes)
        return tensors, (self.folder / 'out.mcnc').stat().st_size

    def test_size(self):
        tensors, size = self.adapter()
        self.assertLess(size, 110_000)
        info = self.info('out.mcnc')
        self.assertEqual((info['codes'][0]['chunks'], len(info['tensors'])), (4192, 14))
        self.assertEqual(sum(s['decoded_length'] for s in info['segments']), 4 * 25_152)
        self.assertEqual(info['budget']['multiply_adds'], 4192 * CODE_DIM * self.WIDTH)
        self.assertEqual({t['source']['slices'] for t in info['tensors']}, {self.LAYERS})
        self.assertEqual({t['name']: t['shape'] for t in info['tensors']},
                         {name: shape for name, (shape, _) in tensors.items()})
        text = self.mcnc('info', 'out.mcnc')[0].decode()
        self.assertRegex(text, r'layers\.\*\.mlp\.up_proj\.lora_A\.weight +F32 +32 x 8 x 4096 .* in 32 slices ')
        self.assertIn('14 tensors that stand for 448, ', text)

    def test_small_codes_and_what_peft_gets(self):
        tensors, size = self.adapter(alpha_type='int8', beta_type='f16')
        self.assertLess(size, 40_000)
        info = self.info('out.mcnc')
        self.assertEqual([s['decoded_length'] for s in info['segments']], [4192 * CODE_DIM, 2 * 4192])
        shapes, stacked = self.decoded()
        self.assertEqual(shapes, {name: shape for name, (shape, _) in tensors.items()})

        self.mcnc('export', '--peft', 'out.mcnc', '-o', 'peft')
        header, exported = read_safetensors((self.folder / 'peft' / 'adapter_model.safetensors').read_bytes())
        self.assertEqual(len(exported), 448)
        for name, (shape, slices) in tensors.items():
            size = len(stacked[name]) // slices
            for i in range(slices):
                unstacked = name.replace('*', str(i))
                self.assertEqual(header[unstacked]['shape'], shape[1:])
                self.assertTrue(exported[unstacked] == stacked[name][i * size:(i + 1) * size], unstacked)
        config = json.loads((self.folder / 'peft' / 'adapter_config.json').read_text())
        self.assertEqual((config['r'], config['lora_alpha'], config['rank_pattern']), (8, 16, {}))
        self.assertEqual(set(config['target_modules']),
                         {f'model.layers.{i}.{module}' for i in range(self.LAYERS) for module in self.MODULES})
        self.mcnc('export', '--peft', 'out.mcnc', '-o', 'peft', '-f', '--target-modules',
                  ','.join(module.split('.')[1] for module in self.MODULES))

        one = f'{PREFIX}model.layers.*.self_attn.v_proj.lora_B.weight'
        shapes, _ = self.decoded('--unstack', '-t', one)
        self.assertEqual(shapes, {one.replace('*', str(i)): [4096, self.RANK] for i in range(self.LAYERS)})


class StackTest(SlicesTest):
    TENSORS = {  # name: (shape, slices)
        'a.*.w': ([4, 3, 5], 2), 'b.*': ([3, 7], 3), 'c.w': ([2, 9], 2), 'd.*.*': ([2, 2], 2), 'e.*': ([1, 4], 1),
        'f*': ([11], 11), 'g': ([3], 1)}
    UNSTACKED = {
        'a.0.w': [2, 3, 5], 'a.1.w': [2, 3, 5], 'b.0': [7], 'b.1': [7], 'b.2': [7], 'c.w': [2, 9], 'd.*.*': [2, 2],
        'e.*': [1, 4], 'g': [3], **{f'f{i}': [] for i in range(11)}}

    def make_stacks(self):
        slices = [[math.prod(shape) // slices] for shape, slices in self.TENSORS.values() for _ in range(slices)]
        self.imports(self.TENSORS, chunks_of(*slices))

    def test_names_shapes_and_elements(self):
        self.make_stacks()
        self.mcnc('verify', 'out.mcnc')
        _, stacked = self.decoded()
        self.assertEqual(set(stacked), set(self.TENSORS))
        shapes, unstacked = self.decoded('--unstack')
        self.assertEqual(shapes, self.UNSTACKED)
        self.assertEqual(unstacked['a.0.w'] + unstacked['a.1.w'], stacked['a.*.w'])
        self.assertEqual(b''.join(unstacked[f'f{i}'] for i in range(11)), stacked['f*'])
        self.assertEqual((unstacked['c.w'], unstacked['d.*.*']), (stacked['c.w'], stacked['d.*.*']))
        self.assertEqual(self.decoded('--unstack', '-t', 'b.*', '-t', 'g')[1],
                         {name: unstacked[name] for name in ('b.0', 'b.1', 'b.2', 'g')})

    def test_other_codes_and_metadata_leave_the_slices(self):
        self.make_stacks()
        self.mcnc('meta', 'out.mcnc', 'set', 'general.name=stacks', '-o', 'meta.mcnc')
        subprocess.run([MCNC, 'transcode', 'out.mcnc', '--alpha-type', 'int8', '-o', 'small.mcnc'], cwd=self.folder,
                       check=True, stderr=subprocess.DEVNULL)  # which says how far weights move
        expected = {name: slices for name, (_, slices) in self.TENSORS.items()}
        for name in ('meta.mcnc', 'small.mcnc'):
            self.mcnc('verify', name)
            self.assertEqual({t['name']: t['source']['slices'] for t in self.info(name)['tensors']}, expected)
        self.assertEqual(self.info('meta.mcnc')['weights_identity'], self.info('out.mcnc')['weights_identity'])

    def test_shards(self):
        self.make_stacks()
        _, whole = self.decoded('--unstack')
        self.mcnc('decode', 'out.mcnc', '--unstack', '--shards', '3', '-o', 'all')
        for number in (2, 3, 1):
            self.mcnc('decode', 'out.mcnc', '--unstack', '--shard', f'{number}/3', '-o', 'each')
        together, listed = {}, {}
        for path in sorted((self.folder / 'all').glob('*.safetensors')):
            self.assertEqual((self.folder / 'each' / path.name).read_bytes(), path.read_bytes())
            tensors = read_safetensors(path.read_bytes())[1]
            together.update(tensors)
            listed.update(dict.fromkeys(tensors, path.name))
        self.assertEqual(together, whole)
        index = json.loads((self.folder / 'all' / 'model.safetensors.index.json').read_text())
        self.assertEqual(index['weight_map'], listed)
        self.assertEqual(index['metadata']['total_size'], sum(map(len, whole.values())))

    def test_what_is_refused(self):
        self.make_stacks()
        self.assertIn(b'--unstack', self.mcnc('decode', 'out.mcnc', '--raw', '--unstack', '-t', 'b.*', code=2)[1])
        self.assertIn(b'no tensor b.0', self.mcnc('decode', 'out.mcnc', '--unstack', '-t', 'b.0', code=2)[1])
        self.imports({'b.*': ([3, 7], 3), 'b.1': ([7], 1)}, 4)
        for args in ([], ['--shards', '2'], ['--shard', '1/2']):
            _, error = self.mcnc('decode', 'out.mcnc', '--unstack', '-o', 'weights', *args, code=2)
            self.assertIn(b'called b.1', error)
        self.assertNotIn('weights', self.files())
        self.decoded('--unstack', '-t', 'b.*')
        self.decoded()
        self.imports({'a*': ([12], 12), 'a1*': ([2], 2)}, 14)
        self.assertIn(b'called a10', self.mcnc('decode', 'out.mcnc', '--unstack', code=2)[1])

    def test_recipes(self):
        self.assertIn('/tensors/0/generated/slices', self.imports({'a': ([3, 5], 2)}, 2, code=2))
        self.assertIn('which is 3', self.imports({'a': ([3, 5], 5)}, 5, code=2))
        self.assertIn('/tensors/0/generated/slices', self.imports({'a': ([], 2)}, 2, code=2))
        self.assertIn('/tensors/0/generated/slices', self.imports({'a': ([3, 5], 0)}, 3, code=2))
        self.assertIn('/tensors/0/generated/slices', self.imports({'a': ([3, 5], 2**32)}, 3, code=2))
        self.assertIn('take 3', self.imports({'a': ([3, 5], 3)}, 1, code=2))
        self.assertIn('more weights', self.imports({'a': ([2**31, 2**17], 2**31)}, 1, code=2))
        # Where tensors follow one another, a sliced one starts a chunk all the same.
        self.imports({'a': ([9], 1), 'b': ([2, 5], 2), 'c': ([3], 1)}, 3, chunking='flat')
        self.assertEqual([t['source']['first_element'] for t in self.info('out.mcnc')['tensors']],
                         [0, CHUNK_DIM, 2 * CHUNK_DIM + 5])

    def test_a_slice_is_what_a_tensor_of_its_own_is(self):
        self.imports({'x.*': ([3, 50], 3), 'y': ([7], 1)}, 10)
        _, stacked = self.decoded('--unstack')
        self.imports({'x.0': ([50], 1), 'x.1': ([50], 1), 'x.2': ([50], 1), 'y': ([7], 1)}, 10)
        _, single = self.decoded()
        self.assertEqual(stacked, single)
        self.assertGreater(max(map(abs, unpack('F32', single['x.2']))), 0)


class LoraTest(SlicesTest):
    ENDINGS = ('lora_A.weight', 'lora_B.weight')

    def write_both(self):
        """The same factors as stack.mcnc and as single.mcnc."""
        shapes = [2, 6], [8, 2]
        chunks = 2 * 3 * chunks_of(*shapes)
        stacks = {f'l.*.{module}.{ending}': ([3, *shape], 3)
                  for module in ('k', 'q') for ending, shape in zip(self.ENDINGS, shapes)}
        single = {name.replace('*', str(i)): (shape[1:], 1) for name, (shape, _) in stacks.items() for i in range(3)}
        self.imports(stacks, chunks, 'stack.mcnc')
        self.imports(single, chunks, 'single.mcnc')

    def test_export_and_merge_are_those_of_single_tensors(self):
        self.write_both()
        base = {f'l.{i}.{module}.weight': uniform(10 * i, (8, 6)) for i in range(4) for module in 'kq'}
        write_safetensors(self.folder / 'base', {**base, 'norm': uniform(99, (6,))})
        results = {}
        for kind in ('stack', 'single'):
            self.mcnc('export', '--peft', kind + '.mcnc', '-o', kind)
            self.mcnc('merge', 'base', kind + '.mcnc', '-o', kind + '.merged')
            results[kind] = (read_safetensors((self.folder / kind / 'adapter_model.safetensors').read_bytes())[1],
                             read_safetensors((self.folder / (kind + '.merged')).read_bytes()))
        self.assertEqual(*results.values())
        exported, (_, merged) = results['stack']
        self.assertEqual(set(exported), {f'{PREFIX}l.{i}.{module}.{ending}'
                                         for i in range(3) for module in 'kq' for ending in self.ENDINGS})
        self.assertEqual({name for name in base if unpack('F32', merged[name]) != base[name][2]},
                         {name for name in base if not name.startswith('l.3')})

    def test_stacks_that_do_not_fit(self):
        a, b = (f'l.*.q.{ending}' for ending in self.ENDINGS)
        for tensors, chunks, why in (
                ({a: ([3, 2, 6], 3), b: ([2, 8, 2], 2)}, 5, b'as many slices'),
                ({a: ([3, 2, 6], 3), b: ([3, 8, 3], 3)}, 9, b'shapes'),
                ({a: ([2, 6], 2), b: ([2, 8, 1], 2)}, 4, b'shapes'),
                ({a: ([2, 2, 6], 2), b: ([2, 8, 2], 2), 'l.1.q.lora_A.weight': ([2, 6], 1),
                  'l.1.q.lora_B.weight': ([8, 2], 1)}, 6, b'l.1.q twice')):
            self.imports(tensors, chunks)
            self.assertIn(why, self.mcnc('export', '--peft', 'out.mcnc', '-o', 'peft', code=2)[1])
        self.assertNotIn('peft', self.files())

    def test_damage_in_a_stack_is_found(self):
        """Also by merge, which decodes slices apart: the digest is of all of them."""
        self.write_both()
        data = bytearray((self.folder / 'stack.mcnc').read_bytes())
        write_safetensors(self.folder / 'base',
                          {f'l.{i}.{module}.weight': uniform(1, (8, 6)) for i in range(3) for module in 'kq'})
        self.mcnc('merge', 'base', 'stack.mcnc', '-o', 'fine')
        data[-1] ^= 1  # a beta
        (self.folder / 'stack.mcnc').write_bytes(data)
        self.mcnc('merge', 'base', 'stack.mcnc', '-o', 'out', code=1)
        self.mcnc('export', '--peft', 'stack.mcnc', '-o', 'peft', code=1)
        data[-1] ^= 1
        (self.folder / 'stack.mcnc').write_bytes(self.with_other_digest(data))
        self.assertIn(b'tensor.digest', self.mcnc('merge', 'base', 'stack.mcnc', '-o', 'out', code=1)[1])
        self.assertNotIn('out', self.files())

    def with_other_digest(self, data):
        """stack.mcnc with another digest of its first tensor, and all else as it has to be then."""
        info = self.info('stack.mcnc')
        (length,) = struct.unpack_from('<Q', data, 16)
        manifest = bytes(data[64:64 + length])
        identity = b'mcnc-weights-v1\0'
        for index, tensor in enumerate(info['tensors']):
            digest = bytes.fromhex(tensor['digest'])
            if index == 0:
                manifest = manifest.replace(digest, digest[::-1])
                digest = digest[::-1]
            name, shape = tensor['name'].encode(), tensor['shape']
            identity += struct.pack('<I', len(name)) + name + struct.pack(f'<BI{len(shape)}Q', 0, len(shape), *shape)
            identity += digest
        manifest = manifest.replace(bytes.fromhex(info['weights_identity']), hashlib.sha256(identity).digest())
        preamble = bytes(data[:32])
        return preamble + hashlib.sha256(preamble + manifest).digest() + manifest + bytes(data[64 + length:])


if __name__ == '__main__':
    unittest.main()
