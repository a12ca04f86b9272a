# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What is written from a .mcnc file has its weights, and nothing is written from one that does not verify."""

import concurrent.futures
import hashlib
import json
import os
import struct
import subprocess
import unittest

from arrays import CODES, write_safetensors
from support import MCNC, SANITIZED, CliTest
from vectors import vectors

# With sanitizers, where every run of the program takes long, each eighth vector.
STEP = 8 if SANITIZED else 1

# As the manifest numbers them.
DTYPES = ['F32', 'F16', 'BF16', 'F64', 'I8', 'I16', 'I32', 'I64', 'U8', 'U16', 'U32', 'U64', 'BOOL', 'F8_E4M3', 'F8_E5M2']


def run(*args):
    return subprocess.run([MCNC, *args], capture_output=True, timeout=120)


def resigned(data, info, tensor, digest):
    """The file with another digest of one tensor, and all that follows from it: what a wrong encoder would write."""
    old = bytes.fromhex(tensor['digest'])
    tensors = [{**t, 'digest': digest.hex()} if t is tensor else t for t in info['tensors']]
    identity = hashlib.sha256(b'mcnc-weights-v1\0' + b''.join(
        struct.pack('<I', len(t['name'].encode())) + t['name'].encode()
        + struct.pack('<BI', DTYPES.index(t['dtype']), len(t['shape']))
        + b''.join(struct.pack('<Q', d) for d in t['shape']) + bytes.fromhex(t['digest'])
        for t in tensors)).digest()
    (length,) = struct.unpack_from('<Q', data, 16)
    manifest = data[64:64 + length]
    assert manifest.count(old) == 1 and manifest.count(bytes.fromhex(info['weights_identity'])) == 1
    manifest = manifest.replace(old, digest).replace(bytes.fromhex(info['weights_identity']), identity)
    return data[:32] + hashlib.sha256(data[:32] + manifest).digest() + manifest + data[64 + length:]


class RewriteTest(CliTest):
    def each(self, cases, check):
        """Runs check(case, number) for all, some at a time; fails with all that it returns."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            wrong = [answer for answer in pool.map(check, cases, range(len(cases))) if answer]
        self.assertEqual(wrong, [])

    def test_every_valid_vector_stays_what_it_is(self):
        def check(vector, number):
            identity = vector.expect['weights_identity']
            out = str(self.folder / f'{number}.mcnc')
            for command in (['meta', vector.file, 'set', 'general.name=x'], ['transcode', vector.file, '--zstd-level', '3']):
                for bases in ([vector.base_options()] if command[0] == 'transcode' else [vector.base_options(), []]):
                    done = run(*command, '-f', '-o', out, *bases)
                    if done.returncode == 4 and b'later than this program' in done.stderr and not os.path.exists(out):
                        return None
                    if done.returncode != 0:
                        return vector.name, command, done
                    verified = run('verify', out, *vector.base_options())
                    if verified.returncode != 0:
                        return vector.name, command, verified
                    if json.loads(run('info', '--json', out).stdout)['weights_identity'] != identity:
                        return vector.name, command, 'another weights identity'
            return None
        self.each(vectors('valid')[::STEP], check)

    def test_no_invalid_vector_is_rewritten(self):
        def check(vector, number):
            out = str(self.folder / f'{number}.mcnc')
            for command in (['meta', vector.file, 'set', 'general.name=x'], ['transcode', vector.file, '--zstd-level', '3']):
                if vector.expect['code'] == 'base' and not vector.base_options() and command[0] == 'meta':
                    continue  # what a base would be compared with is taken over as it is
                done = run(*command, '-o', out, *vector.base_options())
                if done.returncode != vector.expect['class'] or os.path.exists(out):
                    return vector.name, command, done
            return None
        self.each(vectors('invalid')[::STEP], check)

    def test_wrong_digests_of_stored_tensors_are_not_made_right(self):
        arrays = {dtype.lower(): (dtype, (300,), [i % (2 if dtype == 'BOOL' else 3 + at) for i in range(300)])
                  for at, dtype in enumerate(CODES)}
        write_safetensors(self.folder / 'all.safetensors', arrays)
        (self.folder / 'recipe.json').write_text(json.dumps({'recipe': 1, 'store_all': ['all.safetensors']}))
        self.mcnc('import', 'recipe.json', '-o', 'good.mcnc')
        data, info = (self.folder / 'good.mcnc').read_bytes(), self.info('good.mcnc')
        self.assertEqual(resigned(data, info, info['tensors'][0], bytes.fromhex(info['tensors'][0]['digest'])), data)
        self.assertLessEqual({'I8', 'I16', 'I32', 'I64', 'U8', 'F64', 'BOOL'}, set(CODES))
        for tensor in info['tensors']:
            (self.folder / 'bad.mcnc').write_bytes(resigned(data, info, tensor, bytes(32)))
            for command in (['verify', 'bad.mcnc'], ['transcode', 'bad.mcnc', '--zstd-level', '3', '-o', 'out.mcnc'],
                            ['meta', 'bad.mcnc', 'set', 'a.b=c', '-o', 'out.mcnc'],
                            ['meta', 'bad.mcnc', 'set', 'a.b=c', '-f', '-o', 'bad.mcnc']):
                err = self.mcnc(*command, code=1)[1].decode()
                self.assertIn(f'bad.mcnc: tensor {tensor["name"]}: ', err)
                self.assertIn('[rule tensor.digest]', err)
            self.assertNotEqual((self.folder / 'bad.mcnc').read_bytes(), data)
        self.assertNotIn('out.mcnc', self.files())

    def test_a_wrong_fingerprint_is_not_made_right(self):
        data = self.make('every').read_bytes()
        fingerprint = bytes.fromhex(self.info('every.mcnc')['generators'][0]['fingerprint'])
        (length,) = struct.unpack_from('<Q', data, 16)
        manifest = data[64:64 + length].replace(fingerprint, bytes(32))
        data = data[:32] + hashlib.sha256(data[:32] + manifest).digest() + manifest + data[64 + length:]
        (self.folder / 'bad.mcnc').write_bytes(data)
        for command in (['transcode', 'bad.mcnc', '--zstd-level', '3'], ['meta', 'bad.mcnc', 'set', 'a.b=c']):
            err = self.mcnc(*command, '-o', 'out.mcnc', code=1)[1].decode()
            self.assertIn('generator 0: ', err)
        self.assertEqual(self.files(), ['bad.mcnc', 'every.mcnc'])

    def test_metadata_keeps_minus_zero(self):
        self.make('every')
        self.mcnc('meta', 'every.mcnc', 'set', 'a.b:real=-0', '-o', 'out.mcnc')
        self.assertEqual(self.mcnc('meta', 'out.mcnc', 'get', 'a.b')[0], b'-0\n')

    def test_meta_takes_limits(self):
        self.make('every')
        self.mcnc('meta', 'every.mcnc', 'set', 'a.b=c', '--max-output-bytes', '10', '-o', 'out.mcnc', code=6)
        self.assertEqual(self.files(), ['every.mcnc'])


if __name__ == '__main__':
    unittest.main()
