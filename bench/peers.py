#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Times the generator in PyTorch, on the processor: what `mcnc bench` has as sine1-9-1024 and float3-9-1000-1000-5000.

    bench/peers.py --threads 1,2 > peers.json

Prints the same JSON objects, each beside a memcpy right before it, with the target "torch VERSION". Needs torch; ends
with 77, "skipped", where it is missing.
"""

import argparse
import concurrent.futures
import importlib.util
import json
import os
import statistics
import sys
import time

# Layer sizes; what part of --size is made, as in `mcnc bench`.
CASES = {'sine1-9-1024-f32': ((9, 1024), 1), 'float3-9-1000-1000-5000-f32': ((9, 1000, 1000, 5000), 16)}
ROWS = 64  # chunks at a time


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{text} is not 1 or more')
    return value


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--size', type=positive, default=1 << 28, help='bytes of output [256 MiB]')
    parser.add_argument('--rounds', type=positive, default=5)
    parser.add_argument('--threads', type=lambda text: [positive(part) for part in text.split(',')],
                        default=sorted({1, os.cpu_count() or 1}), help='numbers of threads [1 and one a core]')
    return parser.parse_args()


def seconds_of(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def make_generate(torch, sizes, out):
    """A function that fills `out`, (chunks, d): theta0 + beta * phi(alpha), theta0 zero; and its multiply-adds."""
    weights = [(torch.rand(n_in, n_out) * 2 - 1) * n_in**-0.5 for n_in, n_out in zip(sizes, sizes[1:])]
    alpha = torch.rand(len(out), sizes[0]) * 4 - 2
    beta = torch.rand(len(out), 1) * 2 - 1

    def generate():
        for first in range(0, len(out), ROWS):
            x = alpha[first:first + ROWS]
            for weight in weights:
                x = torch.sin_(x @ weight)
            torch.mul(x, beta[first:first + ROWS], out=out[first:first + ROWS])

    return generate, len(out) * sum(weight.numel() for weight in weights)


def cases_of(torch, threads, arguments):
    source = torch.rand(max(arguments.size // 4, 1))
    target = torch.empty_like(source)
    for name, (sizes, slowness) in CASES.items():
        out = torch.zeros(max(arguments.size // slowness // 4 // sizes[-1], 1), sizes[-1])
        generate, multiply_adds = make_generate(torch, sizes, out)
        generate()
        target.copy_(source)
        seconds, ratios = [], []
        for _ in range(arguments.rounds):
            copied = 4 * source.numel() / seconds_of(lambda: target.copy_(source))
            seconds.append(seconds_of(generate))
            ratios.append(4 * out.numel() / seconds[-1] / copied)
        median = statistics.median(seconds)
        yield {
            'case': name,
            'threads': threads,
            'target': 'torch ' + torch.__version__,
            'digests': False,
            'bytes': 4 * out.numel(),
            'rounds': arguments.rounds,
            'gigabytes_per_second': 4 * out.numel() / median / 1e9,
            'ratio_to_memcpy': statistics.median(ratios),
            'ratio_min': min(ratios),
            'ratio_max': max(ratios),
            'weights_per_second': out.numel() / median,
            'multiply_adds_per_second': multiply_adds / median,
        }


def measure(threads, arguments):
    """The cases of one number of threads. Libraries below PyTorch read theirs once, so this has a process of its own."""
    for library in ('OMP', 'OPENBLAS', 'MKL'):
        os.environ[f'{library}_NUM_THREADS'] = str(threads)
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    with torch.inference_mode():
        return list(cases_of(torch, threads, arguments))


def main():
    arguments = parse_arguments()
    if importlib.util.find_spec('torch') is None:
        print('skipped: there is no torch', file=sys.stderr)
        return 77
    cases = []
    for threads in arguments.threads:
        with concurrent.futures.ProcessPoolExecutor(1) as process:
            cases += process.submit(measure, threads, arguments).result()
    print(json.dumps(cases, indent=2))
    return 0


if __name__ == '__main__':
    sys.exit(main())
