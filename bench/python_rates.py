#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""mcnc.numpy.load_file beside the same in C++, round by round in turn.

    bench/python_rates.py PROGRAM [--threads 1] [--rounds 15] [--size 256]

PROGRAM is bench/load of a build folder. Each round opens a file that the system has in memory and decodes all of it, digests
checked, into new memory, first in Python, then in C++; in every other round the other way round. Two files: one tensor of
one sine layer (k = 9, d = 1024, float32) of --size MiB; and an adapter of rank 8 for a 7B transformer, 14 stacked float16
tensors, 40 MB (bench/adapters.py). Prints medians of the times, and the median of the rounds' ratios.
"""

import argparse
import pathlib
import statistics
import subprocess
import tempfile
import time

import mcnc
import numpy as np
from adapters import CHUNK_DIM, CODE_DIM, adapter


def one_layer(mebibytes, threads):
    generator = mcnc.Generator(9, [mcnc.Layer(1024, frequency=1 << 19)], seed=1)
    random = np.random.default_rng(0)
    chunks = mebibytes << 8
    codes = mcnc.Codes(generator, random.integers(-127, 128, (chunks, 9), dtype=np.int8),
                       random.normal(0, 1e-6, chunks).astype(np.float16))
    return mcnc.write(None, {'w': mcnc.Generated(codes, (chunks, 1024))}, zstd_level=1, threads=threads)


def in_python(path, threads):
    begin = time.perf_counter()
    weights = mcnc.numpy.load_file(path, threads=threads)
    taken = time.perf_counter() - begin
    return taken, sum(array.nbytes for array in weights.values())


def in_cpp(program):
    program.stdin.write('\n')
    program.stdin.flush()
    line = program.stdout.readline()
    if not line:
        raise SystemExit(f'the program ended with {program.wait()}')
    return int(line) * 1e-9


def compare(name, path, options):
    command = [options.program, path, str(options.threads)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        rounds = []
        for number in range(options.rounds + 1):
            cpp = in_cpp(program) if number % 2 else None
            python, size = in_python(path, options.threads)
            rounds.append((python, cpp or in_cpp(program)))
        program.stdin.close()
    python, cpp = (statistics.median(times) for times in zip(*rounds[1:]))  # the first reads the file and touches new memory
    ratio = statistics.median(python / cpp for python, cpp in rounds[1:])
    print(f'{name}: {size / 1e6:.0f} MB, {options.threads} threads, {options.rounds} rounds: '
          f'Python {1e3 * python:.1f} ms ({size / python / 1e9:.2f} GB/s), C++ {1e3 * cpp:.1f} ms '
          f'({size / cpp / 1e9:.2f} GB/s); time in Python / in C++: {ratio:.3f}, rate: {1 / ratio:.3f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--rounds', type=int, default=15)
    parser.add_argument('--size', type=int, default=256)
    options = parser.parse_args()
    generator = mcnc.Generator(CODE_DIM, [mcnc.Layer(CHUNK_DIM, frequency=1 << 18)], seed=1)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (('one sine layer', one_layer(options.size, options.threads)),
                           ('adapter', adapter(generator, 0, options.threads))):
            path = pathlib.Path(folder) / 'model.mcnc'
            path.write_bytes(data)
            compare(name, path, options)


if __name__ == '__main__':
    main()
