# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The mcnc-train program, on a data set of its own. MCNC_TRAIN in the environment names it."""

import gzip
import json
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import unittest

MCNC_TRAIN = os.environ['MCNC_TRAIN']

SIDE = 5
CLASSES = 3


def idx(sizes, elements):
    return bytes([0, 0, 8, len(sizes)]) + struct.pack(f'>{len(sizes)}I', *sizes) + bytes(elements)


def write_data_set(folder):
    """Images whose bright row says their class."""
    source = random.Random(1)
    for part, count in (('train', 600), ('t10k', 90)):
        labels = [source.randrange(CLASSES) for _ in range(count)]
        images = []
        for label in labels:
            for row in range(SIDE):
                images += [source.randrange(120) + (100 if row == label else 0) for _ in range(SIDE)]
        (folder / f'{part}-labels-idx1-ubyte').write_bytes(idx([count], labels))
        with gzip.open(folder / f'{part}-images-idx3-ubyte.gz', 'wb') as file:
            file.write(idx([count, SIDE, SIDE], images))


class TrainTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='mcnc-train-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = self.folder / 'bright-rows'
        self.data.mkdir()
        write_data_set(self.data)

    def test_what_a_header_promises_takes_no_memory(self):
        # As much as gzip can make of a file of this size, and not there.
        images = self.data / 'train-images-idx3-ubyte.gz'
        noise = random.Random(2).randbytes(900_000)
        images.write_bytes(gzip.compress(idx([600, 1000, 1400], b'') + noise, 1))
        process = subprocess.Popen([MCNC_TRAIN, '--data', self.data, '--epochs', '1'], stderr=subprocess.PIPE)
        error = process.stderr.read().decode()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 3, error)
        self.assertIn('ends too early', error)
        self.assertLess(usage.ru_maxrss, 200 << 10)

    def run_train(self, *args, code=0):
        command = [MCNC_TRAIN, '--data', self.data, '--hidden', '16', '--batch-size', '50', *args]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout, done.stderr

    def train(self, *args):
        return json.loads(self.run_train('--json', '--chunk-dim', '64', '--code-dim', '6', *args)[0])

    def test_report_is_a_page_of_the_epochs_and_the_codes(self):
        for kind in (['-o', 'a.mcnc', '--chunk-dim', '64'], ['--dense'], ['--dense', '-o', 'a.safetensors']):
            result = json.loads(self.run_train('--json', '--epochs', '3', '--report', 'page.html', '-f', *kind)[0])
            page = (self.folder / 'page.html').read_text(encoding='utf-8')
            for what in ('>Epochs<', 'Loss: ', f'{100 * result["train_accuracy"]:.2f} %', 'bright-rows'):
                self.assertIn(what, page)
            self.assertEqual(page.count('<th scope="row"><code>'), 3 + 6 + ('--dense' not in kind))
            self.assertEqual('alpha of codes 0' in page, '--dense' not in kind)
            self.assertEqual(len(re.search('polyline points="([^"]+)"', page)[1].split()), 3)
            for outside in ('<script', 'http:', 'https:', ' src='):
                self.assertNotIn(outside, page)
        self.assertIn('exists', self.run_train('--report', 'page.html', code=2)[1].decode())
        self.assertIn('one file', self.run_train('-o', 'x', '--report', 'x', code=2)[1].decode())
        self.run_train('--evaluate', 'a.mcnc', '--report', 'x', code=2)
        self.assertFalse((self.folder / 'x').exists())

    def test_learns_and_the_file_says_the_same(self):
        result = self.train('-o', 'a.mcnc')
        weights = (SIDE * SIDE + 1) * 16 + 17 * CLASSES
        chunks = -(-weights // 64)
        self.assertEqual(result['weights'], weights)
        self.assertEqual(result['stored_numbers'], chunks * 7)
        self.assertEqual(result['file_bytes'], (self.folder / 'a.mcnc').stat().st_size)
        self.assertAlmostEqual(result['byte_ratio'], 4 * weights / result['file_bytes'])
        self.assertGreater(result['test_accuracy'], 0.8)
        self.assertEqual(result['decoded_test_accuracy'], result['test_accuracy'])
        evaluated = json.loads(self.run_train('--json', '--evaluate', 'a.mcnc')[0])
        self.assertEqual(evaluated['test_accuracy'], result['test_accuracy'])

    def test_same_bytes_whatever_the_threads(self):
        for threads in ('1', '2', '5'):
            self.train('--epochs', '2', '--threads', threads, '-o', threads)
        self.assertEqual((self.folder / '1').read_bytes(), (self.folder / '2').read_bytes())
        self.assertEqual((self.folder / '1').read_bytes(), (self.folder / '5').read_bytes())
        self.train('--epochs', '2', '--seed', '1', '-o', 'other')
        self.assertNotEqual((self.folder / '1').read_bytes(), (self.folder / 'other').read_bytes())

    def test_every_kind_of_codes(self):
        for args in (['--per-tensor', '--dtype', 'f16'], ['--codes-per-chunk', '3', '--dtype', 'bf16'],
                     ['--generator-hidden', '8,8'], ['--alpha-type', 'int16', '--code-step', '2^-12'],
                     ['--beta-type', 'f16', '--code-step', '0.125'], ['--beta-type', 'f32', '--code-step', '1/16']):
            with self.subTest(args=args):
                result = self.train(*args)
                self.assertGreater(result['test_accuracy'], 0.6)
                self.assertEqual(result['decoded_test_accuracy'], result['test_accuracy'])

    def test_dense(self):
        for name in ('d.mcnc', 'd.safetensors'):
            result = json.loads(self.run_train('--json', '--dense', '-o', name)[0])
            self.assertEqual(result['stored_numbers'], result['weights'])
            self.assertEqual(result['decoded_test_accuracy'], result['test_accuracy'])
            evaluated = json.loads(self.run_train('--json', '--evaluate', name)[0])
            self.assertEqual(evaluated['test_accuracy'], result['test_accuracy'])

    def test_standard_output_is_data_only(self):
        out, err = self.run_train('--epochs', '2')
        self.assertIn(b'test accuracy', out)
        self.assertEqual(len(err.splitlines()), 2)

    def test_nothing_is_replaced_unless_told(self):
        (self.folder / 'a.mcnc').write_text('precious')
        self.run_train('-o', 'a.mcnc', code=2)
        self.assertEqual((self.folder / 'a.mcnc').read_text(), 'precious')
        self.train('--epochs', '1', '-f', '-o', 'a.mcnc')
        self.assertNotEqual((self.folder / 'a.mcnc').read_bytes(), b'precious')

    def test_interruption_leaves_nothing(self):
        process = subprocess.Popen([MCNC_TRAIN, '--data', self.data, '--epochs', '100000', '-o', 'a.mcnc'],
                                   cwd=self.folder, stderr=subprocess.PIPE)
        process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGTERM)
        self.assertEqual([path.name for path in self.folder.iterdir()], ['bright-rows'])

    def test_usage(self):
        for args in (['--hidden', '0'], ['--code-step', '3'], ['--code-step', '1/0'], ['--alpha-type', 'int4'],
                     ['--dense', '--code-dim', '4'], ['--epochs', '0'], ['--evaluate', 'a', '-o', 'b'],
                     ['-o', '-'], ['-o', '/dev/null'], ['-o', 'a.safetensors'], ['extra']):
            with self.subTest(args=args):
                self.run_train(*args, code=2)

    def test_what_cannot_be_read_or_written(self):
        self.run_train('-o', 'absent/a.mcnc', code=5)
        self.run_train('--evaluate', 'absent.mcnc', code=5)
        (self.folder / 'text.mcnc').write_text('no network')
        self.run_train('--evaluate', 'text.mcnc', code=3)
        self.train('--epochs', '1', '-o', 'a.mcnc')
        whole = (self.folder / 'a.mcnc').read_bytes()
        (self.folder / 'damaged.mcnc').write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        self.run_train('--evaluate', 'damaged.mcnc', code=1)
        (self.data / 'train-labels-idx1-ubyte').write_bytes(b'no labels')
        self.run_train(code=3)
        (self.data / 'train-labels-idx1-ubyte').unlink()
        self.run_train(code=5)


if __name__ == '__main__':
    unittest.main()
