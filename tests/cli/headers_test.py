# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Which safetensors headers are read, beside the format's reference reader: the safetensors package of PyPI."""

import struct
import unittest

from support import CliTest

try:
    from safetensors import SafetensorError, __version__, safe_open
    HAVE_REFERENCE = tuple(map(int, __version__.split('.')[:2])) >= (0, 8)
except ImportError:
    HAVE_REFERENCE = False


def file_of(header, data=b'', length=None):
    header = header.encode() if isinstance(header, str) else header
    return struct.pack('<Q', len(header) if length is None else length) + header + data


def tensor(shape='4', offsets='0,4', dtype='U8', more=''):
    return f'{{"dtype":"{dtype}","shape":[{shape}],"data_offsets":[{offsets}]{more}}}'


A = '"a":' + tensor()
FOUR = bytes(4)


def one(data=FOUR, **kwargs):
    """A file with one tensor."""
    return file_of(f'{{"a":{tensor(**kwargs)}}}', data)


def two(a, b, data=FOUR):
    return file_of(f'{{"a":{tensor(*a)},"b":{tensor(*b)}}}', data)


BOTH = {  # both read
    'a tensor': one(),
    'no tensors': file_of('{}'),
    'metadata': file_of('{"__metadata__":{"k":"v"},' + A + '}', FOUR),
    'nothing but metadata': file_of('{"__metadata__":{"k":"v"}}'),
    'metadata of nothing': file_of('{"__metadata__":{},' + A + '}', FOUR),
    'metadata that is null': file_of('{"__metadata__":null,' + A + '}', FOUR),
    'white space around': file_of(' \n{' + A + '}\n\t\r ', FOUR),
    'a field nobody knows': one(more=',"x":[{"y":1},[null,true,1.5,-1,"z"]]'),
    'that field twice': one(more=',"x":1,"x":2'),
    'that field, nested': one(more=',"x":' + '[' * 100 + ']' * 100),
    'a name of any characters': file_of('{"\\ud83d\\ude00 \\u0000 \u00e7":' + tensor() + '}', FOUR),
    'an empty name': file_of('{"":' + tensor() + '}', FOUR),
    'a scalar': one(b'\0', shape='', offsets='0,1'),
    'an empty tensor': one(b'', shape='0', offsets='0,0'),
    'an empty tensor at the end': two(('0', '4,4'), ('4', '0,4')),
    'an empty tensor in front': two(('4', '0,4'), ('0', '0,0')),
    'an empty tensor of a large shape': one(b'', shape='0,4294967296,4294967296', offsets='0,0'),
    'another order': two(('2', '2,4'), ('2', '0,2')),
    'elements that are not aligned': two(('1', '0,1'), ('1', '1,5', 'F32'), bytes(5)),
    **{dtype: one(bytes(bits // 2), offsets=f'0,{bits // 2}', dtype=dtype)
       for dtype, bits in (('F4', 4), ('F6_E2M3', 6), ('F6_E3M2', 6), ('F8_E8M0', 8), ('F8_E4M3FNUZ', 8),
                           ('F8_E5M2FNUZ', 8), ('F8_E4M3', 8), ('F8_E5M2', 8), ('BOOL', 8), ('BF16', 16), ('C64', 64))},
}

OURS = {  # read here only: bytes of types that nobody knows can be copied
    'another dtype': one(dtype='Q7'),
    'another dtype of any size': one(bytes(3), offsets='0,3', dtype='Q7'),
}

THEIRS = {  # read there only, where the last of two wins, and a tensor may be a list
    'two tensors of one name': (file_of('{' + A + ',' + A + '}', FOUR), 'two tensors are called a'),
    'two of one name and other sizes': (file_of('{"a":' + tensor('8', '0,8') + ',' + A + '}', FOUR), 'called a'),
    'two of one name, escaped': (file_of('{' + A + ',"\\u0061":' + tensor() + '}', FOUR), 'called a'),
    'two texts of one name': (file_of('{"__metadata__":{"k":"1","k":"2"},' + A + '}', FOUR), 'called k'),
    'a tensor as a list': (file_of('{"a":["U8",[4],[0,4]]}', FOUR), 'tensor a is not an object'),
}

NONE = {  # read by nobody; the words say why
    'no bytes': (b'', 'it is empty'),
    'seven bytes': (b'1234567', 'shorter than 8 bytes'),
    'eight bytes': (bytes(8), 'not JSON'),
    'a field twice': (file_of('{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}', FOUR), 'two of dtype'),
    'a shape twice': (one(more=',"shape":[4]'), 'two of shape'),
    'two of metadata': (file_of('{"__metadata__":{},"__metadata__":{},' + A + '}', FOUR), 'two of __metadata__'),
    'metadata that is a list': (file_of('{"__metadata__":[],' + A + '}', FOUR), 'metadata is not an object'),
    'metadata that is a number': (file_of('{"__metadata__":{"k":1},' + A + '}', FOUR), 'not all text'),
    'metadata with null': (file_of('{"__metadata__":{"k":null},' + A + '}', FOUR), 'not all text'),
    'metadata with a list': (file_of('{"__metadata__":{"k":["v"]},' + A + '}', FOUR), 'not all text'),
    'a byte order mark': (file_of(b'\xef\xbb\xbf{' + A.encode() + b'}', FOUR), 'byte order mark'),
    'a NUL behind it': (file_of('{' + A + '}\0', FOUR), 'NUL'),
    'text behind a NUL': (file_of('{' + A + '}\0{}more', FOUR), 'NUL'),
    'a NUL in a name': (file_of('{"a\0":' + tensor() + '}', FOUR), 'NUL'),
    'a line end in a name': (file_of('{"a\n":' + tensor() + '}', FOUR), 'not JSON'),
    'text behind it': (file_of('{' + A + '} x', FOUR), 'not JSON'),
    'two objects': (file_of('{' + A + '}{}', FOUR), 'not JSON'),
    'a comma too many': (file_of('{' + A + ',}', FOUR), 'not JSON'),
    'a comment': (file_of('{/*x*/' + A + '}', FOUR), 'not JSON'),
    'a list': (file_of('[]'), 'not a JSON object'),
    'null': (file_of('null'), 'not a JSON object'),
    'a text': (file_of('"x"'), 'not a JSON object'),
    'nothing': (file_of(''), 'not JSON'),
    'blanks': (file_of('   '), 'not JSON'),
    'a length beyond the file': (file_of('{' + A + '}', FOUR, 10000), 'of 10000 bytes'),
    'the largest length': (file_of('{' + A + '}', FOUR, 2**64 - 1), 'of 18446744073709551615 bytes'),
    'a length of one less': (file_of('{' + A + '}', FOUR, len(A) + 1), 'not JSON'),
    'a length of one more': (file_of('{' + A + '}', FOUR, len(A) + 3), 'NUL'),
    'no UTF-8': (file_of(b'{"\xff":' + tensor().encode() + b'}', FOUR), 'not JSON'),
    'too long UTF-8': (file_of(b'{"\xc0\x80":' + tensor().encode() + b'}', FOUR), 'not JSON'),
    'half a pair in UTF-8': (file_of(b'{"\xed\xa0\x80":' + tensor().encode() + b'}', FOUR), 'not JSON'),
    'half a pair': (file_of('{"\\ud800":' + tensor() + '}', FOUR), 'not JSON'),
    'a bad escape': (file_of('{"\\q":' + tensor() + '}', FOUR), 'not JSON'),
    'more elements than bytes': (one(shape='5'), 'tensor a is U8 5, which does not take the 4 bytes'),
    'fewer elements than bytes': (one(shape='3'), 'tensor a is U8 3'),
    'a hole in front': (one(shape='3', offsets='1,4'), 'begin at 1 of the data, those before it end at 0'),
    'a hole between': (two(('1', '0,1'), ('1', '2,3'), bytes(3)), 'tensor b begin at 2'),
    'an overlap': (two(('2', '0,2'), ('2', '1,3'), bytes(3)), 'tensor b begin at 1'),
    'two in one place': (two(('4', '0,4'), ('4', '0,4')), 'begin at 0 of the data, those before it end at 4'),
    'an empty tensor in another': (two(('0', '2,2'), ('4', '0,4')), 'begin at 2'),
    'an empty tensor beyond': (two(('0', '9,9'), ('4', '0,4')), 'begin at 9'),
    'bytes left over': (one(bytes(5)), 'end at 4 of the data, which has 5 bytes'),
    'bytes missing': (one(bytes(3)), 'the file is cut off'),
    'offsets backwards': (one(offsets='4,0'), 'where it begins and where it ends'),
    'three offsets': (one(offsets='0,4,8'), 'where it begins and where it ends'),
    'one offset': (one(offsets='4'), 'where it begins and where it ends'),
    'a negative size': (one(shape='-4'), 'whole numbers'),
    'minus zero': (one(b'', shape='-0', offsets='0,0'), 'whole numbers'),
    'an offset of minus zero': (one(offsets='-0,4'), 'whole numbers'),
    'a real size': (one(shape='4.0'), 'whole numbers'),
    'a real offset': (one(offsets='0,4e0'), 'whole numbers'),
    'a size that is a text': (one(shape='"4"'), 'whole numbers'),
    'a size that is true': (one(shape='true'), 'whole numbers'),
    'a size in a list': (one(shape='[4]'), 'whole numbers'),
    'a size of 2^64': (one(shape='18446744073709551616'), 'whole numbers'),
    'a size that is not a number': (one(shape='NaN'), 'not JSON'),
    'a size that begins with 0': (one(shape='04'), 'not JSON'),
    'a size beyond every double': (one(shape='1e999'), 'not JSON'),
    'a shape that wraps': (one(shape='4294967296,4294967296,4'), 'more elements than can be'),
    'a shape that wraps to 0': (one(b'', shape='4294967296,4294967296,0', offsets='0,0'), 'more elements than can be'),
    'a shape of null': (file_of('{"a":{"dtype":"U8","shape":null,"data_offsets":[0,4]}}', FOUR), 'tensor a'),
    'no offsets': (file_of('{"a":{"dtype":"U8","shape":[4]}}', FOUR), 'no data_offsets'),
    'no shape': (file_of('{"a":{"dtype":"U8","data_offsets":[0,4]}}', FOUR), 'no shape'),
    'no dtype': (file_of('{"a":{"shape":[4],"data_offsets":[0,4]}}', FOUR), 'no dtype'),
    'a dtype that is a number': (file_of('{"a":{"dtype":1,"shape":[4],"data_offsets":[0,4]}}', FOUR), 'tensor a'),
    'an empty dtype': (one(dtype=''), 'its dtype is empty'),
    'a tensor that is a number': (file_of('{"a":4}', FOUR), 'tensor a is not an object'),
    'a tensor that is null': (file_of('{"a":null}', FOUR), 'tensor a is not an object'),
    'lists without end': (file_of('[' * 100000), 'not a JSON object'),
    'a field nested without end': (one(more=',"x":' + '[' * 100000 + ']' * 100000), 'nested too deeply'),
    'half a byte': (one(bytes(2), shape='3', offsets='0,2', dtype='F4'), 'tensor a is F4 3'),
    'half a byte, rounded': (one(b'\0', shape='3', offsets='0,1', dtype='F4'), 'tensor a is F4 3'),
    **{dtype + ' of another size': (one(bytes(5), offsets='0,5', dtype=dtype), f'tensor a is {dtype} 4')
       for dtype in ('F4', 'F6_E2M3', 'F8_E8M0', 'F8_E4M3FNUZ', 'C64', 'F8_E4M3', 'BOOL', 'F32')},
}


class HeadersTest(CliTest):
    def write(self, data):
        path = self.folder / 'a.safetensors'
        path.write_bytes(data)
        return path

    def test_what_is_read(self):
        for name, data in {**BOTH, **OURS}.items():
            with self.subTest(name):
                self.mcnc('diff', self.write(data), 'a.safetensors')

    def test_what_is_refused_and_why(self):
        for name, (data, words) in {**THEIRS, **NONE}.items():
            with self.subTest(name):
                error = self.mcnc('diff', self.write(data), 'a.safetensors', code=3)[1].decode()
                self.assertIn('a.safetensors: not a safetensors file: ', error)
                self.assertIn(words, error)

    @unittest.skipUnless(HAVE_REFERENCE, 'needs the safetensors package, 0.8 or later: earlier ones know fewer types')
    def test_the_reference_reader(self):
        refused = {name: data for name, (data, _) in NONE.items()} | OURS
        read = BOTH | {name: data for name, (data, _) in THEIRS.items()}
        for name, data in {**refused, **read}.items():
            with self.subTest(name):
                path = self.write(data)
                if name in read:
                    with safe_open(path, 'numpy') as file:
                        file.keys()
                else:
                    with self.assertRaises(SafetensorError):
                        with safe_open(path, 'numpy') as file:
                            file.keys()


if __name__ == '__main__':
    unittest.main()
