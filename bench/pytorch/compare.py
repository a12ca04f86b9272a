#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Codes and other ways to keep a network in few bytes, on the same tasks, by the same training loop, at equal bytes on disk.

    bench/pytorch/compare.py --task mlp --task cnn --task lora --seeds 3 -o docs/comparison.json
    bench/pytorch/report.py docs/comparison.json          # docs/comparison.md and docs/comparison.svg
    bench/pytorch/compare.py --quick -o quick.json        # some seconds, of no meaning but that everything runs

Every row is one training run; those that the output has already are not repeated, so that it goes on after Ctrl-C.
--validate takes test data from what is for training: what was chosen by hand was chosen with it, see docs/comparison.md.
Needs what tests/pytorch/requirements.txt lists, and Debian's package dataset-fashion-mnist.
"""

import argparse
import functools
import json
import os
import pathlib
import sys
import time

import mcnc.torch
import torch
from tqdm import tqdm

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import adapters
import methods
import tasks

# chunk_dim of codes with 9 + 1 numbers, and what they are called; codes of more numbers make chunks longer likewise. Peers
# get the bytes that such a file has.
SIZES = {'mlp': {'small': 1100, 'large': 500, 'small, 10 epochs': 850},
         'cnn': {'100-fold': 1000, '50-fold': 500, '100-fold, 4 epochs': 1000}}
EPOCHS = {'mlp': 2, 'cnn': 2, 'lora': 4}  # but LONGER has other numbers
# Longer training, for which codes have one beta a weight matrix: what a bit of codes adds to the loss, and how widely training
# spreads alpha, in half turns.
LONGER = {'small, 10 epochs': {'epochs': 10, 'bit_cost': 1.25e-5, 'spread': 0.75},
          '100-fold, 4 epochs': {'epochs': 4, 'bit_cost': 0.0, 'spread': 0.65}}
NETWORKS = {'mlp': tasks.mlp, 'cnn': tasks.cnn}
CODES = {'mlp': {'code_dim': 9, 'frequency': 1 << 20}, 'cnn': {'code_dim': 39, 'frequency': 1 << 19}}
BIT_COSTS = {'mlp': 0.0, 'cnn': 0.0}
METHODS = ('dense', 'codes', 'linear subspace', 'NOLA', 'smaller, int8', 'pruned, int8')
LEARNING_RATES = {'dense': 2e-3, 'codes': 2e-3, 'linear subspace': 4e-3, 'NOLA': 4e-3, 'smaller, int8': 4e-3,
                  'pruned, int8': 2e-3}
RATES = {'codes': 32, 'linear subspace': 10, 'NOLA': 20}
NOLA_RANK = 8
HIGHEST = {'linear subspace': 300, 'NOLA': 600, 'smaller, int8': 60, 'pruned, int8': 150}  # sizes that are tried


def compressed(task, size, seed):
    torch.manual_seed(seed)
    net = NETWORKS[task]()
    longer = SIZES[task][size] * (CODES[task]['code_dim'] + 1) // 10
    options = {'shared_beta': size in LONGER, **CODES[task], 'rate': RATES['codes'], 'seed': seed}
    mcnc.torch.compress(net, chunk_dim=longer, verbose=False, **options)
    return net


def codes_file(net, path):
    mcnc.torch.save(net, path)
    return path.stat().st_size


@functools.lru_cache(maxsize=None)
def size_of_peer(task, method, chunk_dim, most):
    """The largest size of the method whose file, with numbers drawn at random, has at most `most` bytes."""
    def bytes_of(number):
        net, each_step = peer(task, method, chunk_dim, 0, number)
        for _, module, _ in methods.parametrized(net):
            for original in methods.originals(module):
                torch.nn.init.normal_(original)
        if each_step:
            each_step(1.0)  # prunes
        return len(methods.file_of(net))

    low, high = 1, HIGHEST[method]
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if bytes_of(middle) <= most else (low, middle - 1)
    return low


def peer(task, method, chunk_dim, seed, number):
    """(network, what is called each step) with `number` as the size of the method."""
    torch.manual_seed(seed)
    net, each_step = NETWORKS[task](), None
    rate = RATES.get(method)
    if method == 'linear subspace':
        methods.use(net, lambda w, i: methods.LinearSubspace(w, 4 * chunk_dim, number, 100 * seed + i, rate))
    elif method == 'NOLA':
        methods.use(net, lambda w, i: methods.Nola(w, 4 * chunk_dim, number, 100 * seed + i, rate, NOLA_RANK))
    elif method == 'smaller, int8':
        net = tasks.mlp(number) if task == 'mlp' else tasks.cnn(*small_cnn(number))
        methods.use(net, lambda w, i: methods.Int8())
    elif method == 'pruned, int8':
        each_step = methods.Pruning(net, 50 * number)
    return net, each_step


def small_cnn(hidden):
    return (6, hidden, 4) if hidden < 12 else (8, hidden, 4)


def run(task, method, size, seed, data, epochs, folder):
    """One row of the table."""
    begin = time.perf_counter()
    chunk_dim = SIZES[task][size] if size else None
    path = folder / 'net.mcnc'
    lr = LEARNING_RATES[method]
    if method == 'dense':
        torch.manual_seed(seed)
        net = NETWORKS[task]()
        tasks.train(net, data, seed, epochs, lr)
        numbers, size_in_bytes = sum(p.numel() for p in net.parameters()), codes_file(net, path)
    elif method == 'codes':
        net = compressed(task, size, seed)
        cost = LONGER[size]['bit_cost'] if size in LONGER else BIT_COSTS[task]
        tasks.train(net, data, seed, epochs, lr, term=(lambda: cost * mcnc.torch.code_bits(net)) if cost else None)
        size_in_bytes = codes_file(net, path)
        numbers = sum(p.numel() for p in net.parameters())
        decoded = NETWORKS[task]()
        mcnc.torch.load_into(decoded, path)
        for (name, made), expected in zip(decoded.named_parameters(), [m.weight for m in net if hasattr(m, 'weight')]):
            assert torch.equal(made, expected), f'{name} is not what was trained'
        net = decoded
    else:
        number = size_of_peer(task, method, chunk_dim, codes_bytes(task, size, folder))
        net, each_step = peer(task, method, chunk_dim, seed, number)
        tasks.train(net, data, seed, epochs, lr, each_step or (lambda progress: None))
        numbers, size_in_bytes = methods.numbers_of(net), len(methods.file_of(net))
    return {'numbers': numbers, 'bytes': size_in_bytes, 'accuracy': round(data.accuracy(net), 2),
            'seconds': round(time.perf_counter() - begin)}


def codes_bytes(task, size, folder):
    """About what a file of trained codes has: of codes drawn as widely as training spreads them."""
    net = compressed(task, size, 0)
    spread = LONGER[size]['spread'] if size in LONGER else 1.2
    for name, parameter in net.named_parameters():
        if name.endswith('original0'):
            torch.nn.init.normal_(parameter, std=spread / RATES['codes'])
        else:
            torch.nn.init.normal_(parameter, mean=1 / RATES['codes'], std=0.5 / RATES['codes'])
    return codes_file(net, folder / 'size.mcnc')


def jobs(options):
    """(task, method, size, seed) of every row."""
    for seed in range(options.seeds):
        for task in options.task:
            if task == 'lora':
                yield from ((task, method, size, seed) for method, size in adapters.jobs())
                continue
            for size in ('', *SIZES[task]):
                for method in METHODS:
                    if (method == 'dense') == (size == ''):
                        yield task, method, size, seed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--task', action='append', choices=('mlp', 'cnn', 'lora'))
    parser.add_argument('--method', action='append', help='some methods alone')
    parser.add_argument('--size', action='append', help='some sizes alone')
    parser.add_argument('--codes', metavar='K,STEP', help='codes of K numbers in steps of 2^STEP, such as 9,-4, on MLP and CNN')
    parser.add_argument('--shared-beta', action='store_true', help='codes with one beta a weight matrix at every size')
    parser.add_argument('--bit-cost', type=float, default=0.0, help='what a bit of codes adds to the loss of MLP and CNN')
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--epochs', type=int)
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--validate', action='store_true')
    parser.add_argument('-o', '--output', type=pathlib.Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.codes:
        code_dim, step = map(int, options.codes.split(','))
        for task in CODES:
            CODES[task] = {'code_dim': code_dim, 'frequency': 1 << (24 + step)}
    for task in CODES:
        BIT_COSTS[task] = options.bit_cost
        if options.shared_beta:
            CODES[task]['shared_beta'] = True
    if options.quick:
        options.seeds, options.epochs, options.task = 1, 1, options.task or ['mlp', 'cnn']
    options.task = options.task or ['mlp', 'cnn', 'lora']
    rows = json.loads(options.output.read_text()) if options.output.exists() else []
    done = {(row['task'], row['method'], row['size'], row['seed']) for row in rows}
    todo = [job for job in jobs(options) if job not in done and (not options.method or job[1] in options.method)
            and (not options.size or job[2] in (*options.size, ''))]
    data = {}
    for job in tqdm(todo, disable=None):
        task, method, size, seed = job
        if task not in data:
            few = 512 if options.quick else None
            data[task] = tasks.FashionMnist(options.validate, few) if task in SIZES else adapters.data(options)
        folder = options.output.resolve().parent
        epochs = options.epochs or LONGER.get(size, {'epochs': EPOCHS[task]})['epochs']
        start = run if task in SIZES else adapters.run
        row = start(task, method, size, seed, data[task], epochs, folder)
        rows.append({'task': task, 'method': method, 'size': size, 'seed': seed, 'epochs': epochs, **row})
        tqdm.write(json.dumps(rows[-1]))
        written = options.output.with_suffix('.part')
        written.write_text('[\n' + ',\n'.join(map(json.dumps, rows)) + '\n]\n')
        os.replace(written, options.output)


if __name__ == '__main__':
    main()
