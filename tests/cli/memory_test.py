# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What commands that write models hold in memory: no more than the largest tensor and 64 MiB.

A tensor beside itself, or all of a model, would be more than LIMIT.
"""

import json
import os
import pathlib
import struct
import subprocess
import unittest

from arrays import uniform, write_safetensors
from support import MCNC, CliTest

MIB = 1 << 20
SIZE = 32 * MIB  # of each large tensor
LIMIT = SIZE + 28 * MIB
FEW = bytes(i % 16 for i in range(256))


@unittest.skipIf(b'__asan_init' in pathlib.Path(MCNC).read_bytes(), 'the address sanitizer takes memory of its own')
class MemoryTest(CliTest):
    def write(self, name, tensors):
        """tensors: {name: (dtype, shape, what makes n bytes; None: zeros)}."""
        sizes = {'F32': 4, 'U8': 1}
        header, end = {}, 0
        for tensor, (dtype, shape, _) in tensors.items():
            begin, end = end, end + sizes[dtype] * shape[0] * shape[1]
            header[tensor] = {'dtype': dtype, 'shape': shape, 'data_offsets': [begin, end]}
        text = json.dumps(header).encode()
        with (self.folder / name).open('wb') as file:
            file.write(struct.pack('<Q', len(text)) + text)
            for tensor, (_, _, make) in tensors.items():
                begin, end = header[tensor]['data_offsets']
                # In pieces: what this process holds counts for those that it starts.
                for _ in range(begin, end, MIB) if make else ():
                    file.write(make(MIB))
                if not make:
                    file.truncate(file.seek(end - begin, os.SEEK_CUR))

    def write_recipe(self, **recipe):
        (self.folder / 'recipe').write_text(json.dumps({'recipe': 1, **recipe}))

    def within(self, limit, *command):
        """Runs mcnc in `limit` bytes."""
        process = subprocess.Popen([MCNC, *command], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        messages = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(process.returncode, 0, messages)
        self.assertLess(usage.ru_maxrss * 1024, limit, command)

    def test_stored_tensors(self):
        self.write('in', {'zero': ('F32', (64, SIZE // 256), None), 'noise': ('U8', (64, SIZE // 64), os.urandom),
                          'few': ('U8', (64, SIZE // 64), lambda n: os.urandom(n).translate(FEW))})
        self.write_recipe(store_all=['in'])
        self.within(LIMIT, 'import', 'recipe', '--zstd-level', '1', '-o', 'a.mcnc')
        (self.folder / 'in').unlink()
        stored = {segment['encoding'] for segment in self.info('a.mcnc')['segments']}
        self.assertEqual(stored, {'raw', 'zstd'})
        self.within(LIMIT, 'transcode', 'a.mcnc', '--zstd-level', '2', '-o', 'b.mcnc')
        self.within(LIMIT, 'meta', 'b.mcnc', 'set', 'general.name=b', '-f', '-o', 'a.mcnc')
        self.within(LIMIT, 'verify', 'a.mcnc')

    def test_hard_compression(self):
        size = 5 * MIB  # as one zstd frame its tables would take 90
        self.write('in', {'zero': ('U8', (64, size // 64), None)})
        self.write_recipe(store_all=['in'])
        self.within(size + 64 * MIB, 'import', 'recipe', '-o', 'out.mcnc')

    def test_theta0(self):
        shape = (4096, SIZE // 4 // 4096)
        self.write('start', {'w': ('F32', shape, None)})
        write_safetensors(self.folder / 'codes', {'alpha': uniform(1, (4096, 1))})
        model = {'files': ['codes'], 'codes': [{'alpha': 'alpha', 'beta': 0.5}],
                 'generators': [{'arithmetic': 'float32', 'code_dim': 1, 'seed': 1,
                                 'layers': [{'width': shape[1], 'activation': 'identity', 'weights_scale': 1}]}]}
        start = {'stored': {'file': 'start', 'tensor': 'w'}, 'type': 'bf16'}
        self.write_recipe(**model, tensors=[{'name': 'w', 'shape': shape, 'generated': {'theta0': start}}])
        self.within(LIMIT, 'import', 'recipe', '--zstd-level', '1', '-o', 'stored.mcnc')
        self.within(LIMIT, 'transcode', 'stored.mcnc', '--zstd-level', '2', '-o', 'out.mcnc')

        self.write_recipe(store_all=['start'])
        self.mcnc('import', 'recipe', '--zstd-level', '1', '-o', 'base.mcnc')
        self.write_recipe(**model, bases=[{'name': 'b', 'file': 'base.mcnc'}],
                          tensors=[{'name': 'w', 'shape': shape, 'generated': {'theta0': {'base': 'b'}}}])
        self.within(LIMIT, 'import', 'recipe', '-o', 'changed.mcnc')
        self.within(LIMIT, 'transcode', 'changed.mcnc', '--zstd-level', '2', '-b', 'base.mcnc', '-f', '-o', 'out.mcnc')

    def test_export(self):
        shape = (256, SIZE // 4 // 256)
        self.write('in', {'q.lora_A.weight': ('F32', shape, None), 'q.lora_B.weight': ('F32', shape[::-1], None)})
        self.write_recipe(store_all=['in'])
        self.mcnc('import', 'recipe', '--zstd-level', '1', '-o', 'a.mcnc')
        self.within(LIMIT, 'export', '--peft', 'a.mcnc', '--alpha', '16', '-o', 'out')


if __name__ == '__main__':
    unittest.main()
