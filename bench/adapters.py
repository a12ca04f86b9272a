#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Many adapters of one base model, kept in memory as .mcnc files, of which one is made ready on request.

    bench/adapters.py [--adapters 1000] [--threads N] [--rounds 30]

Each adapter has the LoRA factors of rank 8 for the seven projections of the 32 layers of a 7B transformer, as 14 stacked
float16 tensors, 20 million weights in all, that codes with k = 9 make in chunks of d = 8192. Making one ready is to open
its file and to decode all tensors, digests checked, into arrays that are there already. Beside it: reading the same
weights from a safetensors file that the system has in its page cache, by readinto() alone, and by the safetensors
package where that is installed. Prints medians in milliseconds.
"""

import argparse
import os
import pathlib
import statistics
import tempfile
import time

import mcnc
import numpy as np

LAYERS, RANK, HIDDEN, INNER = 32, 8, 4096, 11008
PROJECTIONS = {
    'self_attn.q_proj': (HIDDEN, HIDDEN),
    'self_attn.k_proj': (HIDDEN, HIDDEN),
    'self_attn.v_proj': (HIDDEN, HIDDEN),
    'self_attn.o_proj': (HIDDEN, HIDDEN),
    'mlp.gate_proj': (INNER, HIDDEN),
    'mlp.up_proj': (INNER, HIDDEN),
    'mlp.down_proj': (HIDDEN, INNER),
}
CODE_DIM, CHUNK_DIM = 9, 8192


def shapes():
    for name, (rows, columns) in PROJECTIONS.items():
        yield f'{name}.lora_A', (LAYERS, RANK, columns)
        yield f'{name}.lora_B', (LAYERS, rows, RANK)


def adapter(generator, seed, threads):
    """The bytes of a file with codes that nobody trained."""
    random = np.random.default_rng(seed)
    tensors = {}
    for name, shape in shapes():
        chunks = LAYERS * -(-shape[1] * shape[2] // CHUNK_DIM)
        alpha = random.integers(-127, 128, (chunks, CODE_DIM), dtype=np.int8)
        beta = random.normal(0, 1e-6, chunks).astype(np.float16)
        tensors[name] = mcnc.Generated(mcnc.Codes(generator, alpha, beta), shape, dtype='F16', slices=LAYERS)
    return mcnc.write(None, tensors, threads=threads)


def milliseconds(rounds, work):
    times = []
    for number in range(rounds + 1):
        begin = time.perf_counter()
        work(number)
        times.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(times[1:])  # the first draws the generator and touches new memory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--adapters', type=int, default=1000)
    parser.add_argument('--threads', type=int, default=os.cpu_count())
    parser.add_argument('--rounds', type=int, default=30)
    options = parser.parse_args()

    generator = mcnc.Generator(CODE_DIM, [mcnc.Layer(CHUNK_DIM, frequency=1 << 18)], seed=1)
    files = [adapter(generator, seed, options.threads) for seed in range(options.adapters)]
    held = sum(map(len, files))
    print(f'{len(files)} adapters in {held / 1e6:.1f} MB, {held / len(files) / 1e3:.1f} kB each')

    generators = mcnc.GeneratorCache()
    out = {name: np.empty(shape, np.float16) for name, shape in shapes()}
    size = sum(array.nbytes for array in out.values())
    print(f'one made ready: {size / 1e6:.0f} MB, {options.threads} threads, medians of {options.rounds}')

    def make_ready(number, **how):
        file = files[number % len(files)]
        with mcnc.open(file, threads=options.threads, generators=generators, **how) as opened:
            for name, array in out.items():
                opened.decode(name, out=array)

    print(f'{milliseconds(options.rounds, make_ready):8.1f} ms  from its .mcnc file, digests checked')
    unchecked = milliseconds(options.rounds, lambda number: make_ready(number, check_digests=False))
    print(f'{unchecked:8.1f} ms  from its .mcnc file, tensor digests not checked')

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'twin.safetensors'
        memory = np.empty(size, np.uint8)
        try:
            from safetensors.numpy import load_file, save_file
        except ImportError:
            print('          the safetensors package is not installed: a file of as many bytes stands for its own')
            path.write_bytes(bytes(size))
        else:
            save_file(out, path)
            print(f'{milliseconds(options.rounds, lambda _: load_file(path)):8.1f} ms  safetensors.numpy.load_file')

        def read(_):
            with open(path, 'rb', buffering=0) as file:
                file.seek(os.path.getsize(path) - size)
                assert file.readinto(memory) == size

        print(f'{milliseconds(options.rounds, read):8.1f} ms  readinto() of the same bytes, nothing checked')


if __name__ == '__main__':
    main()
