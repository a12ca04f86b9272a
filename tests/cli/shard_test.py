# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Decoding into several files, and which of them a factor goes into."""

import json
import unittest

from support import CliTest, read_safetensors

INDEX = 'model.safetensors.index.json'


class ShardTest(CliTest):
    def shards(self, folder, count):
        names = [f'model-{i:05}-of-{count:05}.safetensors' for i in range(1, count + 1)]
        self.assertEqual(sorted(p.name for p in (self.folder / folder).iterdir()), sorted(names + [INDEX]))
        return [read_safetensors((self.folder / folder / name).read_bytes()) for name in names]

    def test_shards_together_are_the_whole(self):
        self.make('every')
        whole_header, whole = read_safetensors(self.mcnc('decode', 'every.mcnc')[0])
        for count in (1, 2, 3, 5, 20):
            folder = str(count)
            self.mcnc('decode', 'every.mcnc', '--shards', folder, '-o', folder)
            together = {}
            for header, tensors in self.shards(folder, count):
                self.assertFalse(set(tensors) & set(together))
                together.update(tensors)
                self.assertEqual(header['__metadata__'], whole_header['__metadata__'])
            self.assertEqual(together, whole)

    def test_the_index_lists_them(self):
        self.make('every')
        self.mcnc('decode', 'every.mcnc', '--shards', '3', '-o', 'out')
        index = json.loads((self.folder / 'out' / INDEX).read_text())
        self.assertEqual(list(index), ['metadata', 'weight_map'])
        info = self.info('every.mcnc')
        self.assertEqual(index['metadata'], {'mcnc.weights_identity': info['weights_identity'],
                                             'total_size': info['budget']['output_bytes']})
        listed = {}
        for number, (_, tensors) in enumerate(self.shards('out', 3), 1):
            listed.update({name: f'model-{number:05}-of-00003.safetensors' for name in tensors})
        self.assertEqual(index['weight_map'], listed)

    def test_shards_are_of_about_equal_bytes(self):
        self.make('adapter')
        self.mcnc('decode', 'adapter.mcnc', '--factors', '--shards', '3', '-o', 'out')
        sizes = [sum(map(len, tensors.values())) for _, tensors in self.shards('out', 3)]
        self.assertTrue(max(sizes) - min(sizes) <= 512, sizes)
        names = [name for _, tensors in self.shards('out', 3) for name in sorted(tensors)]
        self.assertEqual(names, sorted(names))

    def test_machines_that_write_one_each_agree(self):
        self.make('every')
        self.mcnc('decode', 'every.mcnc', '--shards', '4', '-o', 'all')
        for number in (3, 1, 4, 2):
            self.mcnc('decode', 'every.mcnc', '--shard', f'{number}/4', '-o', 'each')
        for path in (self.folder / 'all').iterdir():
            self.assertEqual((self.folder / 'each' / path.name).read_bytes(), path.read_bytes())
        self.shards('each', 4)

    def test_nothing_is_replaced_unless_told(self):
        self.make('every')
        self.mcnc('decode', 'every.mcnc', '--shards', '2', '-o', 'out')
        before = {path.name: path.read_bytes() for path in (self.folder / 'out').iterdir()}
        self.mcnc('decode', 'every.mcnc', '--shard', '1/2', '-o', 'out', code=2)
        self.mcnc('decode', 'every.mcnc', '--shards', '3', '-o', 'out', code=2)
        self.assertEqual({path.name: path.read_bytes() for path in (self.folder / 'out').iterdir()}, before)
        self.mcnc('decode', 'every.mcnc', '--shard', '1/2', '-o', 'out', '-f')
        self.assertEqual({path.name: path.read_bytes() for path in (self.folder / 'out').iterdir()}, before)

    def test_wrong_usage(self):
        self.make('every')
        for shard in ('0/3', '4/3', '1', '1/', '/3', '1/0', 'a/b', '1/3x', '-1/3', '1/100000', ''):
            self.mcnc('decode', 'every.mcnc', '--shard', shard, '-o', 'out', code=2)
        for more in ([], ['-o', '-'], ['-o', 'out', '--raw', '-t', 'norm.mask'], ['-o', 'out', '--shard', '1/3']):
            self.mcnc('decode', 'every.mcnc', '--shards', '3', *more, code=2)
        self.mcnc('decode', 'every.mcnc', '--shards', '0', '-o', 'out', code=2)
        self.mcnc('decode', 'every.mcnc', '--shards', '3', '-o', 'no/such/place', code=5)
        self.mcnc('decode', 'every.mcnc', '--shards', '3', '-o', 'every.mcnc', code=5)
        self.assertEqual(self.files(), ['every.mcnc'])

    def test_factors_are_no_weights(self):
        self.make('family')
        decoded = read_safetensors(self.mcnc('decode', 'family.mcnc')[0])[1]
        self.assertEqual(list(decoded), ['w'])
        with_factors = read_safetensors(self.mcnc('decode', 'family.mcnc', '--factors')[0])[1]
        self.assertEqual(set(with_factors), {'a', 'b', 'w'})
        self.assertEqual(with_factors['w'], decoded['w'])
        self.assertEqual(self.mcnc('decode', 'family.mcnc', '-t', 'b', '--raw')[0], with_factors['b'])
        lines = self.mcnc('digest', 'family.mcnc')[0].decode().splitlines()
        self.assertEqual([line.split()[0] for line in lines], ['weights', 'tensor'])


if __name__ == '__main__':
    unittest.main()
