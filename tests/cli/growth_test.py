# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Time and memory that commands take grow as what they are given does, not with its square."""

import json
import os
import shutil
import subprocess
import unittest

from arrays import raw_safetensors
from support import MCNC, SANITIZED, CliTest

RATIO = 3.0          # of the time for twice as much: 2 where it grows with it, 4 where with its square
STABLE = 0.05        # seconds: what takes less is not measured against half of it
TOLERATED = 10.0     # seconds for any of the commands, on a machine that does much else
MEMORY = 256 << 20   # bytes


GENERATOR = {'arithmetic': 'integer', 'code_dim': 1, 'seed': 1, 'layers': [{'width': 8, 'frequency': 1048576}]}


@unittest.skipIf(SANITIZED, 'the address sanitizer takes memory and time of its own')
class GrowthTest(CliTest):
    def run_measured(self, *args, code=0):
        """(user and system seconds, bytes of memory) of a run."""
        process = subprocess.Popen([MCNC, *args], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        error = process.stderr.read()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, code, error)
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024

    def grows(self, prepare, n, commands):
        """prepare(n, name): writes what is as large as n. commands: lists of arguments, {} for the name."""
        for size, name in ((n, 'small'), (2 * n, 'large')):
            prepare(size, name)
        for command in commands:
            code = 1 if command[0] == 'differ' else 0
            words = ['diff' if word == 'differ' else word for word in command]
            with self.subTest(command=' '.join(command)):
                ratio = None
                for _ in range(3):  # what else runs here can only make it slower
                    small, large = ([word.format(name) for word in words] for name in ('small', 'large'))
                    least, _ = self.run_measured(*small, code=code)
                    most, memory = self.run_measured(*large, code=code)
                    self.assertLess(memory, MEMORY)
                    ratio = most / max(least, STABLE)
                    if ratio < RATIO and most < TOLERATED:
                        break
                else:
                    self.fail(f'{least:.2f} s for {n}, {most:.2f} s for twice as many')

    def recipe(self, name, **recipe):
        (self.folder / f'{name}.json').write_text(json.dumps({'recipe': 1, **recipe}))

    def made(self, name, **recipe):
        self.recipe(name, **recipe)
        self.mcnc('import', f'{name}.json', '-f', '-o', f'{name}.mcnc')

    def plain(self, n, name):
        """n tensors of a byte in NAME.safetensors, others of the same names in other-NAME.safetensors."""
        for prefix, byte in (('', 0), ('other-', 1)):
            raw_safetensors(self.folder / f'{prefix}{name}.safetensors',
                  {f'model.layers.{i}.weight': ('U8', [1], bytes([byte])) for i in range(n)})

    def test_safetensors(self):
        lora = {'a.lora_A.weight': ('F32', [1, 1], bytes(4)), 'a.lora_B.weight': ('F32', [1, 1], bytes(4))}
        raw_safetensors(self.folder / 'lora.safetensors', lora)
        self.made('lora', store_all=['lora.safetensors'], metadata={'peft.lora_alpha': 1})

        def prepare(n, name):
            self.plain(n, name)
            raw_safetensors(self.folder / f'base-{name}.safetensors',
                  {'a.weight': ('F32', [1, 1], bytes(4)), **{f'b.{i}': ('U8', [1], b'x') for i in range(n)}})
            (self.folder / name).mkdir()
            shutil.copy(self.folder / f'{name}.safetensors', self.folder / name / 'shard')
            index = {'weight_map': {f'model.layers.{i}.weight': 'shard' for i in range(n)}}
            (self.folder / name / 'model.safetensors.index.json').write_text(json.dumps(index))

        self.grows(prepare, 40000, (
            ['diff', '{}.safetensors', '{}.safetensors'], ['differ', '{}.safetensors', 'other-{}.safetensors'],
            ['differ', '--json', '{}.safetensors', 'other-{}.safetensors'], ['diff', '{}', '{}.safetensors'],
            ['merge', 'base-{}.safetensors', 'lora.mcnc', '-f', '-o', 'out']))

    def test_import(self):
        def prepare(n, name):
            self.plain(n, name)
            self.recipe(name, store_all=[f'{name}.safetensors'])
            self.recipe('each-' + name, files=[f'{name}.safetensors'],
                        tensors=[{'stored': f'model.layers.{i}.weight'} for i in range(n)])

        self.grows(prepare, 6000, (['import', '{}.json', '-f', '-o', 'out'], ['import', 'each-{}.json', '-f', '-o', 'out']))

    COMMANDS = (['info', '{}.mcnc'], ['info', '--json', '{}.mcnc'], ['verify', '{}.mcnc'],
                ['decode', '{}.mcnc', '-f', '-o', 'out'], ['decode', '{}.mcnc', '--shards', '3', '-f', '-o', 'many-{}'],
                ['decode', '--factors', '--unstack', '{}.mcnc', '-f', '-o', 'out'], ['digest', '{}.mcnc'],
                ['dump', '{}.mcnc'], ['conform', '{}.mcnc'], ['conform', '--stages', '{}.mcnc'],
                ['diff', '{}.mcnc', '{}.mcnc'], ['transcode', '--zstd-level', '1', '{}.mcnc', '-f', '-o', 'out'],
                ['meta', '{}.mcnc', 'get'], ['meta', '{}.mcnc', 'set', 'a.b=c', '-f', '-o', 'out'])

    def test_many_tensors(self):
        def prepare(n, name):
            self.plain(n, name)
            self.made(name, store_all=[f'{name}.safetensors'])

        self.grows(prepare, 6000, self.COMMANDS)

    def test_many_shared_tensors(self):
        def prepare(n, name):
            raw_safetensors(self.folder / f'{name}.safetensors', {'w': ('U8', [1], b'w')})
            self.made(name, files=[f'{name}.safetensors'],
                      tensors=[{'stored': 'w'}] + [{'name': f't{i}', 'shared': 'w'} for i in range(n)])

        self.grows(prepare, 10000, self.COMMANDS)

    def test_many_codes_and_generators(self):
        def prepare(n, name):
            raw_safetensors(self.folder / f'{name}.safetensors', {f'a{i}': ('I8', [1, 1], bytes([i % 100])) for i in range(n)})
            self.made(name, files=[f'{name}.safetensors'],
                      generators=[{**GENERATOR, 'name': f'g{i}', 'seed': i} for i in range(n)],
                      codes=[{'name': f'c{i}', 'generator': f'g{i}', 'alpha': f'a{i}', 'beta': 1} for i in range(n)],
                      tensors=[{'name': f't{i}', 'shape': [8], 'generated': {'codes': f'c{i}'}} for i in range(n)])

        self.grows(prepare, 3000, (['import', '{}.json', '-f', '-o', 'out'], *self.COMMANDS))

    def test_much_metadata(self):
        def prepare(n, name):
            raw_safetensors(self.folder / f'{name}.safetensors', {'w': ('U8', [1], b'w')}, {f'a.k{i}': 'v' for i in range(n)})
            self.made(name, store_all=[f'{name}.safetensors'])

        self.grows(prepare, 40000, (['import', '{}.json', '-f', '-o', 'out'], *self.COMMANDS))

    def test_headers_that_are_refused(self):
        def prepare(n, name):
            self.plain(n, name)
            data = (self.folder / f'{name}.safetensors').read_bytes()
            (self.folder / f'{name}.safetensors').write_bytes(data[:-1])

        for n in (10000, 20000):
            prepare(n, str(n))
            seconds, memory = self.run_measured('diff', f'{n}.safetensors', f'{n}.safetensors', code=3)
            self.assertLess(seconds, 1.0)
            self.assertLess(memory, MEMORY)


if __name__ == '__main__':
    unittest.main()
