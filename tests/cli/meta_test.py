# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

import hashlib
import struct
import unittest

from support import CliTest


class MetaTest(CliTest):
    def get(self, path):
        return [line.split(maxsplit=2) for line in self.mcnc('meta', path, 'get')[0].decode().splitlines()]

    def test_get(self):
        self.make('every')
        self.assertEqual(self.get('every.mcnc')[0], ['general.name', 'text', r'every\u{9}tensor\u{a}\u{202e}"quoted"'])
        self.assertEqual(self.get('every.mcnc')[1:3], [['general.parameters', 'int', '-9007199254740993'],
                                                       ['test.flag', 'bool', 'true']])
        self.assertEqual(self.mcnc('meta', 'every.mcnc', 'get', 'test.real')[0], b'0.1\n')
        err = self.mcnc('meta', 'every.mcnc', 'get', 'general.nmae', code=2)[1]
        self.assertIn(b'every.mcnc: there is no metadata general.nmae (did you mean "general.name"?)', err)
        self.make('empty')
        self.assertEqual(self.mcnc('meta', 'empty.mcnc', 'get')[0], b'')

    def test_set(self):
        before = self.make('every')
        self.mcnc('meta', 'every.mcnc', 'set', 'general.license=Apache-2.0', 'a.text=1=2', 'a.n:int=-5', 'a.r:real=1e-3',
                  'test.flag:bool=false', 'general.name:text=Größe', '--remove', 'test.long', '--remove', 'test.real',
                  '-o', 'out.mcnc')
        self.assertEqual(self.get('out.mcnc'), [
            ['a.n', 'int', '-5'], ['a.r', 'real', '0.001'], ['a.text', 'text', '1=2'],
            ['general.license', 'text', 'Apache-2.0'], ['general.name', 'text', 'Größe'],
            ['general.parameters', 'int', '-9007199254740993'], ['test.flag', 'bool', 'false']])
        self.mcnc('verify', 'out.mcnc')
        old, new = self.info('every.mcnc'), self.info('out.mcnc')
        self.assertEqual(old['weights_identity'], new['weights_identity'])
        self.assertEqual([(s['digest'], s['stored_length']) for s in old['segments']],
                         [(s['digest'], s['stored_length']) for s in new['segments']])
        # And back: the same bytes.
        self.mcnc('meta', 'out.mcnc', 'set', '--remove', 'a.n', '--remove', 'a.r', '--remove', 'a.text', '--remove',
                  'general.license', 'test.flag:bool=true', 'test.real:real=0.1', 'test.long=' + 5000 * 'x',
                  'general.name=every\ttensor\n\u202e"quoted"', '-o', 'back.mcnc')
        self.assertEqual((self.folder / 'back.mcnc').read_bytes(), before.read_bytes())

    def test_in_place_and_through_pipes(self):
        path = self.make('every')
        data = path.read_bytes()
        out = self.mcnc('meta', '-', 'set', 'a.b=c', '-o', '-', input=data)[0]
        self.mcnc('meta', 'every.mcnc', 'set', 'a.b=c', '-o', 'every.mcnc', code=2)
        self.assertEqual(path.read_bytes(), data)
        self.mcnc('meta', 'every.mcnc', 'set', 'a.b=c', '-f', '-o', 'every.mcnc')
        self.assertEqual(path.read_bytes(), out)
        self.assertEqual(self.files(), ['every.mcnc'])

    def test_mistakes(self):
        path = self.make('every')
        for assignment, message in (
                ('a.b', '"a.b" is not of the form KEY=VALUE'), ('ab=c', '"ab" is not a key'), ('A.b=c', '"A.b" is not a key'),
                ('a.b:intt=1', 'type intt of a.b is not text, int, real or bool (did you mean "int"?)'),
                ('a.b:int=1.5', 'a.b: "1.5" is not a whole number'), ('a.b:int=9223372036854775808', 'is not a whole number'),
                ('a.b:real=nan', '"nan" is not a finite number'),
                ('a.b:bool=1', '"1" is not true or false'), (b'a.b=\xff', 'is not a text of'),
                ('a.b=' + 65537 * 'x', 'is not a text of'),
                ('test.flag=false', 'test.flag is of type bool in the file; say test.flag:bool=... or test.flag:text=')):
            err = self.mcnc('meta', 'every.mcnc', 'set', assignment, '-o', 'out.mcnc', code=2)[1]
            self.assertIn(message, err.decode())
        err = self.mcnc('meta', 'every.mcnc', 'set', '--remove', 'test.flog', '-o', 'out.mcnc', code=2)[1]
        self.assertIn(b'(did you mean "test.flag"?)', err)
        for arguments in (['meta'], ['meta', 'every.mcnc'], ['meta', 'every.mcnc', 'set', '-o', 'out.mcnc'],
                          ['meta', 'every.mcnc', 'set', 'a.b=c']):
            self.mcnc(*arguments, code=2)
        with open('/dev/full', 'wb') as full:
            self.mcnc('meta', 'every.mcnc', 'get', stdout=full, code=5)
            self.mcnc('meta', 'every.mcnc', 'set', 'a.b=c', '-o', '-', stdout=full, code=5)
        self.assertEqual(self.files(), ['every.mcnc'])
        data = bytearray(path.read_bytes())
        data[100] ^= 1
        path.write_bytes(data)
        self.mcnc('meta', 'every.mcnc', 'set', 'a.b=c', '-o', 'out.mcnc', code=1)

    def test_a_later_minor_version_can_be_read_but_not_changed(self):
        data = bytearray(self.make('tiny').read_bytes())
        struct.pack_into('<H', data, 10, 1)
        (length,) = struct.unpack_from('<Q', data, 16)
        data[32:64] = hashlib.sha256(data[:32] + data[64:64 + length]).digest()
        (self.folder / 'later.mcnc').write_bytes(data)
        self.mcnc('meta', 'later.mcnc', 'get')
        err = self.mcnc('meta', 'later.mcnc', 'set', 'a.b=c', '-o', 'out.mcnc', code=4)[1]
        self.assertIn(b'format 1.1 is later than this program', err)
        self.mcnc('transcode', 'later.mcnc', '--zstd-level', '1', '-o', 'out.mcnc', code=4)


if __name__ == '__main__':
    unittest.main()
