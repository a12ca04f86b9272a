#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""mcnc.open and what it gives, on the vectors of the conformance suite. PYTHONPATH names the built package."""

import hashlib
import io
import json
import multiprocessing
import os
import pathlib
import shutil
import tempfile
import threading
import unittest

import mcnc
import numpy as np
from support import PackageTest

VECTORS = pathlib.Path(__file__).resolve().parents[2] / 'conformance' / 'vectors'
SEVERAL = VECTORS / 'valid' / 'several' / 'model.mcnc'  # seven tensors of four types
ADAPTER = VECTORS / 'valid' / 'base_f32'  # starts from a base model


def cases():
    for path in sorted(VECTORS.glob('**/case.json')):
        yield json.loads(path.read_text()), path.parent / 'model.mcnc'


class CountingFile:
    """A file object that remembers which bytes were read."""

    def __init__(self, path):
        self.file = io.BytesIO(path.read_bytes())
        self.read_bytes = 0

    def seek(self, *args):
        return self.file.seek(*args)

    def read(self, count):
        self.read_bytes += count
        return self.file.read(count)


class BrokenFile(CountingFile):
    """One that raises `error` at its read number `good`."""

    def __init__(self, path, good, error):
        super().__init__(path)
        self.good = good
        self.error = error

    def read(self, count):
        self.good -= 1
        if self.good < 0:
            raise self.error
        return super().read(count)


def decode_in_child(file, queue):
    try:
        file.decode(next(iter(file.tensors)))
        queue.put('decoded')
    except mcnc.McncError as error:
        queue.put(f'{error.code}: {error.message}')


class FileTest(PackageTest):
    def test_paths_buffers_and_file_objects_give_the_same(self):
        data = SEVERAL.read_bytes()
        whole = mcnc.numpy.load_file(SEVERAL)
        unbuffered = open(SEVERAL, 'rb', buffering=0)
        self.addCleanup(unbuffered.close)
        for source in (str(SEVERAL), data, bytearray(data), memoryview(data), np.frombuffer(data, np.uint8),
                       CountingFile(SEVERAL), unbuffered):
            with mcnc.open(source, threads=2) as file:
                for name, array in whole.items():
                    decoded = file.decode(name)
                    self.assertEqual(decoded.dtype, array.dtype)
                    self.assertEqual(decoded.tobytes(), array.tobytes())
        self.assertEqual(list(mcnc.numpy.load(data)), list(whole))

    def test_only_what_is_needed_is_read(self):
        path = VECTORS / 'valid' / 'stored_dtypes' / 'model.mcnc'  # fifteen tensors, a segment each
        counting = CountingFile(path)
        with mcnc.open(counting) as file:
            before = counting.read_bytes
            self.assertLess(before, path.stat().st_size)
            file.decode(next(iter(file.tensors)))
            one = counting.read_bytes - before
            for name in file.tensors:
                file.decode(name)
            self.assertLess(one, (counting.read_bytes - before) / 5)

    def test_bases(self):
        with mcnc.open(ADAPTER / 'model.mcnc') as file:
            self.assertEqual(self.refuses('base', mcnc.numpy.load_file, ADAPTER / 'model.mcnc').rule, 'tensor.base')
            self.assertEqual(file.bases[0].weights_identity, mcnc.open(ADAPTER / 'base.mcnc').digest)
        arrays = mcnc.numpy.load_file(ADAPTER / 'base.mcnc')
        whole = mcnc.numpy.load_file(ADAPTER / 'model.mcnc', bases=ADAPTER / 'base.mcnc')
        self.assertEqual(mcnc.weights_identity(whole), mcnc.open(ADAPTER / 'model.mcnc').digest)
        self.refuses('read', mcnc.open, ADAPTER / 'model.mcnc', bases=[ADAPTER / 'no such file'])
        self.refuses('argument', mcnc.open, ADAPTER / 'model.mcnc', bases=[ADAPTER / 'base.mcnc', arrays])
        for base in (arrays, mcnc.open(ADAPTER / 'base.mcnc')):
            with mcnc.open(ADAPTER / 'model.mcnc', bases=[base]) as file:
                file.verify()
        changed = {name: array + 1 for name, array in arrays.items()}
        self.refuses('base', mcnc.numpy.load_file, ADAPTER / 'model.mcnc', bases=[changed])
        self.refuses('base', mcnc.numpy.load_file, ADAPTER / 'model.mcnc', bases=[{}])
        self.refuses('argument', mcnc.numpy.load_file, ADAPTER / 'model.mcnc', bases=[arrays, arrays])

        class Broken(dict):
            def __getitem__(self, name):
                raise ValueError('broken')

        error = self.refuses('base', mcnc.numpy.load_file, ADAPTER / 'model.mcnc', bases=[Broken(arrays)])
        self.assertIsInstance(error.__cause__, ValueError)

    def test_folders_of_a_hub(self):
        with tempfile.TemporaryDirectory(prefix='mcnc-hub-') as name:
            folder = pathlib.Path(name)
            self.assertIn('no .mcnc file', self.refuses('argument', mcnc.open, folder).message)
            shutil.copy(ADAPTER / 'model.mcnc', folder / 'adapter.mcnc')
            (folder / 'README.md').write_text('a card')
            self.refuses('base', mcnc.numpy.load_file, folder)
            (folder / 'base').mkdir()
            shutil.copy(ADAPTER / 'base.mcnc', folder / 'base' / 'model.mcnc')
            identity = mcnc.open(ADAPTER / 'model.mcnc').digest
            self.assertEqual(mcnc.weights_identity(mcnc.numpy.load_file(folder)), identity)
            wrong = {name: array + 1 for name, array in mcnc.numpy.load_file(ADAPTER / 'base.mcnc').items()}
            self.refuses('base', mcnc.numpy.load_file, folder, bases=[wrong])
            shutil.copy(SEVERAL, folder / 'several.mcnc')
            self.assertIn('model.mcnc', self.refuses('argument', mcnc.open, folder).message)
            shutil.copy(SEVERAL, folder / 'model.mcnc')
            self.assertEqual(mcnc.open(str(folder)).digest, mcnc.open(SEVERAL).digest)

    def test_rows(self):
        with mcnc.open(SEVERAL) as file:
            for name, info in file.tensors.items():
                if not info.shape:
                    self.refuses('argument', file.decode, name, rows=(0, 1))
                    continue
                whole = file.decode(name)
                count = info.shape[0]
                for rows in ((0, count), (count // 2, count), (count, count), slice(1, -1), slice(None)):
                    part = file.decode(name, rows=rows)
                    expected = whole[rows if isinstance(rows, slice) else slice(*rows)]
                    self.assertEqual((part.shape, part.tobytes()), (expected.shape, expected.tobytes()))
                self.refuses('argument', file.decode, name, rows=(0, count + 1))
                self.refuses('argument', file.decode, name, rows=(-1, count))
                self.refuses('argument', file.decode, name, rows=slice(0, count, 2))

    def test_out(self):
        with mcnc.open(SEVERAL) as file:
            info = next(i for i in file.tensors.values() if i.dtype == 'F32' and len(i.shape) == 2 and min(i.shape) > 1)
            whole = file.decode(info.name)
            out = np.zeros_like(whole)
            self.assertIs(file.decode(info.name, out=out), out)
            self.assertEqual(out.tobytes(), whole.tobytes())
            flat = np.zeros(info.nbytes, np.uint8)
            file.decode(info.name, out=flat)
            self.assertEqual(flat.tobytes(), whole.tobytes())
            rows, columns = info.shape
            read_only = np.zeros_like(whole)
            read_only.flags.writeable = False
            for wrong in (read_only, np.zeros((rows, columns), np.float64), np.zeros((rows, columns + 1), np.float32),
                          np.zeros((rows, 2 * columns), np.float32)[:, ::2], np.zeros((columns, rows), np.float32).T,
                          np.zeros(info.nbytes - 1, np.uint8), bytearray(info.nbytes), [0.0]):
                self.refuses('argument', file.decode, info.name, out=wrong)
            self.refuses('argument', file.decode, 'no such tensor')

    def test_out_within_the_file_is_refused(self):
        data = bytearray(SEVERAL.read_bytes())
        with mcnc.open(data) as file:
            info = next(i for i in file.tensors.values() if 0 < i.nbytes <= len(data))
            self.refuses('argument', file.decode, info.name, out=np.frombuffer(data, np.uint8, info.nbytes))

    def test_wrong_arguments(self):
        for wrong in (None, 7, object(), b'', [1, 2]):
            with self.assertRaises(mcnc.McncError):
                mcnc.open(wrong)
        self.refuses('read', mcnc.open, VECTORS / 'no such file')
        self.refuses('argument', mcnc.open, memoryview(SEVERAL.read_bytes())[::2])
        self.refuses('argument', mcnc.open, SEVERAL, threads=0)
        self.refuses('argument', mcnc.open, SEVERAL, device='cuda:0')
        self.refuses('limit', mcnc.open, SEVERAL, limits=mcnc.Limits(output_bytes=1))
        error = self.refuses('magic', mcnc.open, b'x' * 100)
        self.assertEqual((error.rule, error.number), ('container.magic', 301))
        self.assertIn('container.magic', str(error))

    def test_exceptions_of_file_objects(self):
        with self.assertRaises(mcnc.McncError) as caught:
            mcnc.open(BrokenFile(SEVERAL, 1, OSError('the cable is out')))
        self.assertEqual(caught.exception.code, 'read')
        self.assertIsInstance(caught.exception.__cause__, OSError)
        with self.assertRaises(KeyboardInterrupt):
            mcnc.open(BrokenFile(SEVERAL, 1, KeyboardInterrupt()))
        short = CountingFile(SEVERAL)
        short.read = lambda count: b''
        self.refuses('read', mcnc.open, short)
        text = CountingFile(SEVERAL)
        text.read = lambda count: 'text'
        self.refuses('read', mcnc.open, text)
        file = mcnc.open(BrokenFile(SEVERAL, 4, ValueError('gone')))
        for _ in range(2):  # the same again: the handle is as usable as before
            with self.assertRaises(mcnc.McncError):
                file.verify()

    def test_closed(self):
        file = mcnc.open(SEVERAL)
        file.close()
        file.close()
        self.assertTrue(file.closed)
        self.refuses('argument', file.verify)
        self.refuses('argument', lambda: file.tensors)
        data = bytearray(SEVERAL.read_bytes())
        with mcnc.open(data):
            with self.assertRaises(BufferError):
                data.append(0)
        data.append(0)

    def test_a_file_cannot_wait_for_itself(self):
        counting = CountingFile(SEVERAL)
        file = mcnc.open(counting)
        read = counting.read

        def call_back(count):
            file.verify()
            return read(count)

        counting.read = call_back
        self.refuses('read', file.verify)
        counting.read = lambda count: (file.close(), read(count))[1]
        self.refuses('read', file.verify)
        counting.read = read
        file.verify()

    def test_files_share_generators(self):
        cache = mcnc.GeneratorCache()
        alone = mcnc.numpy.load_file(SEVERAL)
        held = []
        for _ in range(2):
            shared = mcnc.numpy.load_file(SEVERAL, generators=cache)
            held.append(cache.bytes)
            for name, array in alone.items():
                np.testing.assert_array_equal(shared[name], array)
        self.assertGreater(held[0], 0)
        self.assertEqual(held[0], held[1])

    def test_eight_threads_on_one_file(self):
        expected = {n: hashlib.sha256(a).digest() for n, a in mcnc.numpy.load_file(SEVERAL).items()}
        for source in (SEVERAL, CountingFile(SEVERAL)):
            file = mcnc.open(source, threads=2)
            wrong = []

            def work(file=file, wrong=wrong):
                for _ in range(5):
                    for name, digest in expected.items():
                        try:
                            if hashlib.sha256(file.decode(name)).digest() != digest:
                                wrong.append(name)
                        except Exception as error:
                            wrong.append(error)

            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

    @unittest.skipUnless(hasattr(os, 'fork'), 'this system has no fork')
    def test_fork(self):
        file = mcnc.open(SEVERAL, threads=2)
        file.verify()
        context = multiprocessing.get_context('fork')
        queue = context.Queue()
        child = context.Process(target=decode_in_child, args=(file, queue))
        child.start()
        self.assertIn('argument: the file was opened before this process was forked', queue.get(timeout=30))
        child.join(30)
        self.assertEqual(child.exitcode, 0)
        file.verify()

    def test_metadata_and_digests(self):
        found = set()
        for case, path in cases():
            if case['expect']['class'] == 0 and not case.get('bases'):
                with mcnc.open(path) as file:
                    found |= {type(value) for value in file.metadata.values()}
                    self.assertRegex(file.file_digest, '^[0-9a-f]{64}$')
        self.assertEqual(found, {str, int, float, bool})


if __name__ == '__main__':
    unittest.main()
