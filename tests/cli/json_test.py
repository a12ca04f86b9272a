# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What --json prints is what docs/json.schema.json says, which knows every member."""

import json
import pathlib
import sys
import unittest

from arrays import uniform, write_safetensors
from support import CliTest

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / 'docs/json.schema.json').read_text())
NAMES = {definition['properties']['schema']['const']: name for name, definition in SCHEMA['$defs'].items()
         if 'schema' in definition.get('properties', {})}


class JsonTest(CliTest):
    def check(self, schema, *args, code=0):
        """Runs a command, and returns what it prints when that is as the schema says."""
        value = json.loads(self.mcnc(*args, code=code)[0])
        self.assertEqual(value['schema'], schema)
        definition = {'$ref': f'#/$defs/{NAMES[schema]}', '$defs': SCHEMA['$defs']}
        jsonschema.Draft202012Validator(definition).validate(value)
        jsonschema.Draft202012Validator(SCHEMA).validate(value)
        return value

    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        self.assertEqual(len(NAMES), len(SCHEMA['oneOf']))

    def test_every_kind_of_file(self):
        for kind in ('every', 'tiny', 'empty', 'family', 'adapter', 'lora', 'lora_that_says_alpha'):
            path = self.make(kind)
            self.check('mcnc.info/1', 'info', '--json', path)
            self.check('mcnc.dump/1', 'dump', '--json', path)
            self.check('mcnc.meta/1', 'meta', path, 'get', '--json')

    def test_vectors(self):
        vectors = pathlib.Path(__file__).resolve().parents[2] / 'conformance/vectors/valid'
        paths = sorted(vectors.glob('*/model.mcnc'))
        self.assertGreater(len(paths), 0)
        for path in paths:
            self.check('mcnc.info/1', 'info', '--json', path)

    def test_verify(self):
        self.make('tiny')
        data = bytearray((self.folder / 'tiny.mcnc').read_bytes())
        data[-1] ^= 1
        (self.folder / 'damaged').write_bytes(data)
        (self.folder / 'short').write_bytes(data[:20])
        value = self.check('mcnc.verify/1', 'verify', '--json', 'tiny.mcnc', 'damaged', 'short', 'missing', code=5)
        good, damaged, short, missing = value['files']
        self.assertEqual([good['ok'], good['tensors']], [True, 2])
        self.assertEqual([damaged['ok'], damaged['error']['code'], damaged['error']['rule']], [False, 101, 'segment.digest'])
        self.assertEqual([short['error']['code'], missing['error']['code']], [300, 500])
        self.mcnc('verify', '--json', '--quiet', 'tiny.mcnc', code=2)

    def test_digest(self):
        self.make('tiny')
        value = self.check('mcnc.digest/1', 'digest', '--json', 'tiny.mcnc')
        lines = self.mcnc('digest', 'tiny.mcnc')[0].decode().splitlines()
        entry = value['files'][0]
        self.assertEqual(lines[0], f'weights {entry["weights_identity"]}  tiny.mcnc')
        self.assertEqual(lines[1:], [f'tensor  {t["digest"]}  {t["name"]}' for t in entry['tensors']])
        self.assertNotIn('tensors', self.check('mcnc.digest/1', 'digest', '--json', '-w', 'tiny.mcnc')['files'][0])
        value = self.check('mcnc.digest/1', 'digest', '--json', '--sha256', 'tiny.mcnc')
        self.assertTrue(self.mcnc('digest', '--sha256', 'tiny.mcnc')[0].decode().startswith(value['files'][0]['sha256']))
        self.assertEqual(self.check('mcnc.digest/1', 'digest', '--json', 'missing', code=5)['files'], [])
        self.mcnc('digest', '--json', '--check', 'list', code=2)

    def test_meta(self):
        path = self.make('every')
        self.assertEqual(self.check('mcnc.meta/1', 'meta', path, 'get', '--json')['metadata'], self.info(path)['metadata'])
        value = self.check('mcnc.meta/1', 'meta', path, 'get', '--json', 'test.flag')
        self.assertEqual(value['metadata'], {'test.flag': True})
        self.mcnc('meta', path, 'get', '--json', 'no.key', code=2)

    def test_dump(self):
        path = self.make('every')
        ranges = self.check('mcnc.dump/1', 'dump', '--json', path)['ranges']
        end = 0
        for each in ranges:
            self.assertEqual(each['offset'], end)
            end += each['bytes']
        self.assertEqual(end, path.stat().st_size)

    def test_diff(self):
        for seed, name in enumerate('ab'):
            tensors = {'w': uniform(seed, (4, 4)), name: uniform(7, (1,))}
            write_safetensors(self.folder / f'{name}.safetensors', tensors)
        value = self.check('mcnc.diff/1', 'diff', '--json', 'a.safetensors', 'b.safetensors', code=1)
        self.assertEqual([value['same'], value['only_in_a'], value['only_in_b']], [False, ['a'], ['b']])


if __name__ == '__main__':
    try:
        import jsonschema
    except ImportError:
        print('python3-jsonschema is not installed')
        sys.exit(77)
    unittest.main()
