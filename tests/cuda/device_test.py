#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""--device: the tools on a GPU, which a stand-in for CUDA's driver is, and what they say where it cannot be used.

    device_test.py MCNC VECTORS DRIVER_FOLDER CUDA_LIBRARY OTHER_LIBRARY

CUDA_LIBRARY is a libmcnc-cuda.so for the stand-in, OTHER_LIBRARY one of another build.
"""

import filecmp
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

mcnc, vectors, driver, library, other_library = sys.argv[1:]
FILE = Path(vectors) / 'valid' / 'per_tensor_mixed' / 'model.mcnc'
GPU = {**os.environ, 'LD_LIBRARY_PATH': driver, 'MCNC_CUDA_LIBRARY': library}
NO_GPU = {**os.environ, 'LD_LIBRARY_PATH': '', 'MCNC_CUDA_LIBRARY': library}


def has_driver():
    """Whether this machine has a driver of its own.

    Another process looks for it, one without the folder of the stand-in: Meson puts that folder into LD_LIBRARY_PATH of
    this test, and a stand-in that was built with the address sanitizer ends any process that loads it later.
    """
    look = [sys.executable, '-c', 'import ctypes; ctypes.CDLL("libcuda.so.1")']
    return subprocess.run(look, env=NO_GPU, capture_output=True).returncode == 0


def run(*arguments, env=GPU, code=0, text=None, **more):
    """What a run of mcnc prints; it must end with `code` and say `text`."""
    done = subprocess.run([mcnc, *map(str, arguments)], env={**env, **more}, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (arguments, more, done.returncode, done.stdout, done.stderr)
    assert text is None or text in done.stderr, (text, done.stderr)
    return done.stdout


with tempfile.TemporaryDirectory() as folder:
    on_host, on_gpu = Path(folder) / 'host.safetensors', Path(folder) / 'gpu.safetensors'
    run('decode', FILE, '-o', on_host, env=NO_GPU)
    for device in 'cuda', 'cuda:0', 'cuda:1':
        run('decode', '--device', device, FILE, '-o', on_gpu, '--force')
        assert filecmp.cmp(on_host, on_gpu, shallow=False), device
        run('verify', '--device', device, FILE)
    run('verify', '--device', 'cpu', FILE, env=NO_GPU)
    assert run('digest', '--device', 'cuda', FILE) == run('digest', FILE, env=NO_GPU)

    cases = json.loads(run('bench', '--device', 'cuda', '--json', '--size', '1MiB', '--rounds', '1', '--threads', '1',
                           '--cases', 'sine1*'))
    assert any(case['case'].startswith('sine1') for case in cases), cases
    if not has_driver():
        run('bench', '--device', 'cuda', '--size', '1MiB', '--rounds', '1', '--cases', 'sine1*', env=NO_GPU, code=7)

    # What is missing or wrong: exit code 7, a sentence that says which, and no output.
    nothing = Path(folder) / 'nothing.safetensors'
    decode = ('decode', '--device', 'cuda', FILE, '-o', nothing)
    verify = ('verify', '--device', 'cuda', FILE)
    for command in decode, verify:
        if not has_driver():
            run(*command, env=NO_GPU, code=7, text='there is no CUDA driver: libcuda.so.1')
        run(*command, code=7, text='no CUDA-capable device is detected', MCNC_STAND_IN_DEVICES='0')
        run(*command, code=7, text='the library that decodes on CUDA devices cannot be loaded', MCNC_CUDA_LIBRARY='/nothing/libmcnc-cuda.so')
        for wrong in Path(driver) / 'libcuda.so.1', other_library:
            run(*command, code=7, text='was not built together with this library', MCNC_CUDA_LIBRARY=str(wrong))
        run(*command, code=7, text='the kernels were not built for', MCNC_STAND_IN_FAULT='cuModuleLoadData=209')
        run(*command, code=7, text='device memory: out of memory', MCNC_STAND_IN_MEMORY='100')
        run(*command, code=7, text='an illegal memory access was encountered', MCNC_STAND_IN_FAULT='kernel:3=700')
    run('decode', '--device', 'cuda:2', FILE, '-o', nothing, code=2, text='there is no CUDA device 2')
    for word in 'gpu', 'cuda:', 'cuda:-1', 'cuda:x', 'cuda:99999999999', '':
        run('decode', '--device', word, FILE, '-o', nothing, code=2, text='--device')
    assert not nothing.exists()
