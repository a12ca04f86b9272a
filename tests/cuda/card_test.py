#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""cuda/card_run with programs that stand in for those of a card, and cuda/card_torch.py beside `mcnc bench`.

  card_test.py MCNC
"""

import contextlib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CUDA = Path(__file__).resolve().parents[2] / 'cuda'
MCNC = sys.argv.pop(1)


def card_torch():
    specification = importlib.util.spec_from_file_location('card_torch', CUDA / 'card_torch.py')
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Receipt(unittest.TestCase):
    def receipt(self, python):
        """What run prints where python3 is a script of the text `python`; None: there is none."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / 'bin').mkdir()
            (folder / 'path').mkdir()

            def write(path, text):
                path.write_text(f'#!/bin/sh\n{text}\n')
                path.chmod(0o755)

            write(folder / 'bin/mcnc', 'echo "in the memory of a card, 1.00 MiB of output, 1 round"')
            write(folder / 'bin/cuda_backend_test', 'echo all is well')
            (folder / 'bin/libmcnc-cuda.so').write_text('')
            (folder / 'commit').write_text('0123\n')
            shutil.copy(CUDA / 'card_run', folder / 'run')
            shutil.copy(CUDA / 'card_torch.py', folder)
            for program in 'bash cat date dirname env head mktemp printf rm sed sha256sum tail timeout'.split():
                (folder / 'path' / program).symlink_to(shutil.which(program))
            if python is not None:
                write(folder / 'path/python3', python)
            done = subprocess.run([folder / 'run'], env={'PATH': str(folder / 'path')}, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn('# a card\n', done.stdout)
            return done.stdout

    def test_has_what_pytorch_takes(self):
        receipt = self.receipt('echo "$@"; echo sine1 12.5')
        self.assertIn('## PyTorch generating chunks', receipt)
        self.assertIn('    ./card_torch.py --device cuda --size 1073741824 --rounds 3\n    sine1 12.5\n', receipt)

    def test_says_what_was_left_out(self):
        self.assertIn('left out, there is no torch here.', self.receipt('echo there is no torch here; exit 77'))
        self.assertIn('left out, there is no python3 here.', self.receipt(None))
        self.assertIn('**failed**, exit code 3', self.receipt('exit 3'))


class Torch(unittest.TestCase):
    def test_has_the_shapes_of_bench(self):
        for name, (shape, dtype) in card_torch().CASES.items():
            printed = subprocess.run([MCNC, 'bench', '--size', '64KiB', '--rounds', '1', '--threads', '1', '--cases', name],
                                     capture_output=True, text=True, check=True).stdout
            self.assertIn(f'\n{name} ', printed)
            kind, *rest = name.split('-')
            self.assertEqual(rest, [*map(str, shape), {'float32': 'f32', 'float16': 'f16', 'bfloat16': 'bf16'}[dtype]])
            self.assertEqual(kind[-1], str(len(shape) - 1))

    def test_measures_each(self):
        module = card_torch()
        sys.argv[1:] = ['--device', 'cpu', '--size', '100000', '--rounds', '1']
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            code = module.main()
        if code == 77:
            self.assertEqual(printed.getvalue(), 'there is no torch here\n')
            self.skipTest('there is no torch')
        self.assertEqual(code, 0)
        for name in module.CASES:
            self.assertRegex(printed.getvalue(), rf'(?m)^{name} +[0-9.]+ +[0-9.]+$')


if __name__ == '__main__':
    unittest.main()
