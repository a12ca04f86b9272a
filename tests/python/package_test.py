#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""The package as a whole: docstrings and example run, types hold, `python -m mcnc`, files behind HTTP. PYTHONPATH names
the built package."""

import ast
import doctest
import functools
import http.server
import importlib
import importlib.util
import inspect
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

import mcnc
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
VALID = ROOT / 'conformance' / 'vectors' / 'valid'
SEVERAL = VALID / 'several' / 'model.mcnc'
MODULES = ('mcnc', 'mcnc._base', 'mcnc._dtypes', 'mcnc._expander', 'mcnc._file', 'mcnc._source', 'mcnc._write', 'mcnc.errors', 'mcnc.numpy')


def run(*arguments):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=100)


class RangeHandler(http.server.SimpleHTTPRequestHandler):
    """Serves one range of a file, and counts what it sends."""

    sent = 0

    def do_GET(self):
        file = pathlib.Path(self.translate_path(self.path))
        if not file.exists():
            self.send_error(404)
            return
        data = file.read_bytes()
        first, last = map(int, re.fullmatch(r'bytes=(\d+)-(\d+)', self.headers['Range']).groups())
        part = data[first:last + 1]
        RangeHandler.sent += len(part)
        self.send_response(206)
        self.send_header('Content-Length', str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *arguments):
        pass


class HttpFile:
    """What a user writes to open a file by HTTP ranges."""

    def __init__(self, url):
        self.url = url
        with urllib.request.urlopen(urllib.request.Request(url, method='HEAD')) as answer:
            self.size = int(answer.headers['Content-Length'])

    def read_at(self, offset, count):
        if count == 0:
            return b''
        ranges = {'Range': f'bytes={offset}-{offset + count - 1}'}
        with urllib.request.urlopen(urllib.request.Request(self.url, headers=ranges)) as answer:
            return answer.read()


class PackageTest(unittest.TestCase):
    def test_docstrings(self):
        run_examples = 0
        for name in MODULES:
            result = doctest.testmod(importlib.import_module(name))
            self.assertEqual(result.failed, 0, name)
            run_examples += result.attempted
        self.assertGreater(run_examples, 8)
        for name in mcnc.__all__:
            self.assertGreater(len(inspect.getdoc(getattr(mcnc, name))), 40, name)

    @unittest.skipUnless(importlib.util.find_spec('mypy'), 'mypy is not installed')
    def test_types(self):
        package = pathlib.Path(mcnc.__file__).parent
        with tempfile.TemporaryDirectory() as cache:
            options = ('--strict', '--cache-dir', cache)
            if importlib.util.find_spec('torch') is None:  # what is for PyTorch needs its types
                options += ('--exclude', r'mcnc/(torch/|peft\.py)')
            done = run('-m', 'mypy', *options, package)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            # The types say no to a wrong program.
            wrong = pathlib.Path(cache) / 'wrong.py'
            wrong.write_text('import mcnc\nmcnc.open("file").decode(7)\nmcnc.Layer(width="wide")\n')
            done = run('-m', 'mypy', *options, wrong)
            self.assertEqual(re.findall(r'wrong\.py:(\d+): error: ', done.stdout), ['2', '3'], done.stdout)

    def test_stub_has_what_the_compiled_module_has(self):
        stub = ast.parse((pathlib.Path(mcnc.__file__).parent / '_native.pyi').read_text())
        names = {n.name for n in stub.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))} | {'DEFAULT_LIMITS'}
        self.assertEqual({name for name in dir(mcnc._native) if not name.startswith('_')}, names)
        for declared in (n for n in stub.body if isinstance(n, ast.ClassDef)):
            methods = {n.name for n in declared.body if isinstance(n, ast.FunctionDef)} - {'__init__'}
            compiled = getattr(mcnc._native, declared.name)
            self.assertEqual({name for name in dir(compiled) if not name.startswith('_')}, methods)

    def test_example(self):
        done = run(ROOT / 'examples' / 'decode.py', SEVERAL)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        with mcnc.open(SEVERAL) as file:
            expected = [f'{i.name}: {i.nbytes} bytes of {i.dtype}' for i in file.tensors.values() if not i.factor]
        self.assertEqual(done.stdout.splitlines(), expected)
        done = run(ROOT / 'examples' / 'decode.py', __file__)
        self.assertEqual(done.returncode, 1)
        self.assertIn('container.magic', done.stderr)

    def test_command(self):
        self.assertEqual(run('-m', 'mcnc', 'verify', SEVERAL).stdout, 'ok\n')
        done = run('-m', 'mcnc', 'info', SEVERAL)
        with mcnc.open(SEVERAL) as file:
            self.assertIn(file.digest, done.stdout)
            for name in file.tensors:
                self.assertIn(name, done.stdout)
        done = run('-m', 'mcnc', 'verify', __file__)
        self.assertEqual((done.returncode, done.stdout), (3, ''))
        self.assertEqual(run('-m', 'mcnc').returncode, 2)

    def test_importing_is_light(self):
        done = run('-c', 'import sys, numpy; before = set(sys.modules); import mcnc; print(*set(sys.modules) - before)')
        imported = done.stdout.split()
        self.assertIn('mcnc._native', imported)
        self.assertLess(len(imported), 40, imported)
        self.assertNotIn('ml_dtypes', imported)

    def test_files_behind_http(self):
        with tempfile.TemporaryDirectory() as folder:
            arrays = {'large': np.arange(200_000, dtype=np.float64) ** 2, 'small': np.arange(10, dtype=np.float32)}
            mcnc.numpy.save_file(arrays, pathlib.Path(folder) / 'model.mcnc')
            handler = functools.partial(RangeHandler, directory=folder)
            with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
                thread = threading.Thread(target=server.serve_forever)
                thread.start()
                try:
                    remote = HttpFile(f'http://127.0.0.1:{server.server_port}/model.mcnc')
                    with mcnc.open(remote) as file:
                        np.testing.assert_array_equal(file.decode('small'), arrays['small'])
                        self.assertLess(RangeHandler.sent, 10_000)
                        np.testing.assert_array_equal(file.decode('large'), arrays['large'])
                        self.assertGreater(RangeHandler.sent, 100_000)
                    gone = HttpFile(remote.url)
                    gone.url += '.gone'
                    with self.assertRaises(mcnc.McncError) as caught:
                        mcnc.open(gone)
                    self.assertEqual(caught.exception.code, 'read')
                finally:
                    server.shutdown()
                    thread.join()

    def test_bfloat16(self):
        for name, size in (('BF16', 2), ('F8_E4M3', 1), ('F8_E5M2', 1)):
            with mcnc.open(VALID / 'stored_dtypes' / 'model.mcnc') as file:
                tensor = next(i for i in file.tensors.values() if i.dtype == name)
                array = file.decode(tensor.name)
                self.assertEqual((array.nbytes, array.dtype.itemsize), (tensor.nbytes, size))
                if importlib.util.find_spec('ml_dtypes'):
                    again = mcnc.numpy.save({'t': array})
                    self.assertEqual(mcnc.open(again).tensors['t'].dtype, name)
                    self.assertEqual(mcnc.open(again).tensors['t'].digest, tensor.digest)
                else:
                    self.assertIn(array.dtype, (np.dtype('<u2'), np.dtype('u1')))


if __name__ == '__main__':
    unittest.main()
