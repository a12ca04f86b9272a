# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Training on several processes under torchrun, with DistributedDataParallel and gloo, gives the same file as training on
one with the same global batch, and only gradients of codes cross between them; modules that each process drew for itself
are noticed.

    PYTHONPATH=build/sdk/python python3 tests/pytorch/processes_test.py

Floating-point sums depend on their order, so the one process adds up the same halves of a batch, one after the other.
Ends with 77, "skipped", where PyTorch is missing or was built without gloo.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import torch
except ImportError as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

import mcnc.torch
import torch.distributed as distributed
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks
from torch.nn import functional

STEPS, HALF = 6, 16


def make(seed):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(40, 60), nn.ReLU(), nn.Linear(60, 10))
    mcnc.torch.compress(net, ratio=20, verbose=False)
    return net


def train(path, when='after', seeds='each'):
    """What torchrun starts, or one process.

    when: whether the module is compressed "before" or "after" the process group is made. seeds: whether "each" process
    draws it with another seed, or "all" with the same; what they train is the same by DDP alone then.
    """
    torch.set_num_threads(1)
    several = 'RANK' in os.environ
    seed = int(os.environ.get('RANK', 0)) if seeds == 'each' else 0
    net = make(seed) if when == 'before' else None
    if several:
        distributed.init_process_group('gloo')
    if when == 'after':
        net = make(seed)
    crossed = []
    if several:
        net = nn.parallel.DistributedDataParallel(net)

        def count(state, bucket):
            crossed.append(bucket.buffer().numel())
            return default_hooks.allreduce_hook(None, bucket)

        net.register_comm_hook(None, count)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    data = torch.Generator().manual_seed(5)
    for _ in range(STEPS):
        inputs, labels = torch.randn(2 * HALF, 40, generator=data), torch.randint(10, (2 * HALF,), generator=data)
        optimizer.zero_grad()
        halves = [distributed.get_rank()] if several else [0, 1]
        for half in halves:
            part = slice(half * HALF, (half + 1) * HALF)
            (functional.cross_entropy(net(inputs[part]), labels[part]) / len(halves)).backward()
        optimizer.step()
    if several:
        trained = sum(p.numel() for p in net.parameters())
        assert sum(crossed) == STEPS * trained, (crossed, trained)
        print(f'rank {distributed.get_rank()}: {4 * trained} bytes a step')
    if not several or distributed.get_rank() == 0:
        mcnc.torch.save(net, path)
    if several:
        distributed.destroy_process_group()


def main():
    if not (distributed.is_available() and distributed.is_gloo_available()):
        print('skipped: this PyTorch has no gloo')
        return 77
    with tempfile.TemporaryDirectory(prefix='mcnc-torch-') as name:
        folder = pathlib.Path(name)
        one, two = folder / 'one.mcnc', folder / 'two.mcnc'
        train(one)
        command = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2', __file__, two]
        environment = {**os.environ, 'OMP_NUM_THREADS': '1'}
        for how in (['after', 'each'], ['before', 'all']):
            subprocess.run(command + how, check=True, timeout=300, env=environment)
            assert one.read_bytes() == two.read_bytes(), 'the files differ'
        done = subprocess.run(command + ['before', 'each'], stderr=subprocess.PIPE, text=True, timeout=300, env=environment)
        assert done.returncode != 0 and 'another theta0' in done.stderr, done.stderr
        fresh = nn.Sequential(nn.Linear(40, 60), nn.ReLU(), nn.Linear(60, 10))
        mcnc.torch.load_into(fresh, two)
    print('one process and two: the same file')
    return 0


if __name__ == '__main__':
    sys.exit(train(*sys.argv[1:]) if len(sys.argv) > 1 else main())
