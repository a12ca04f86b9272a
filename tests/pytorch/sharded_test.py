# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Modules of which each process has a part, under torchrun with gloo: fully_shard on two processes trains the same file as
one process, and load_into gives each of two or four processes its part of a file, divided by rows, by columns or by both,
bit for bit.

    PYTHONPATH=build/sdk/python python3 tests/pytorch/sharded_test.py

Floating-point sums depend on their order, so the one process adds up the same halves of a batch, one after the other.
Ends with 77, "skipped", where PyTorch is missing, has no gloo, or is older than fully_shard.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import torch
    from torch.distributed.fsdp import fully_shard
    from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module
except ImportError as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

import mcnc
import mcnc.torch
import torch.distributed as distributed
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Partial
from torch.nn import functional

STEPS, HALF = 4, 16


def make():
    """Sizes that two processes cannot divide evenly, parameters that are tied, and one that is left as it is."""
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(40, 61), nn.ReLU(), nn.Linear(61, 61), nn.ReLU(), nn.Linear(61, 61), nn.Linear(61, 9))
    net[4].weight = net[2].weight
    net.register_buffer('steps', torch.tensor(3))
    return net


def train(net, halves):
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    data = torch.Generator().manual_seed(5)
    for _ in range(STEPS):
        inputs, labels = torch.randn(2 * HALF, 40, generator=data), torch.randint(9, (2 * HALF,), generator=data)
        optimizer.zero_grad()
        for half in halves:
            part = slice(half * HALF, (half + 1) * HALF)
            (functional.cross_entropy(net(inputs[part]), labels[part]) / len(halves)).backward()
        optimizer.step()


def refused(sentence, call):
    try:
        call()
    except mcnc.McncError as error:
        assert sentence in str(error), error
    else:
        raise AssertionError(f'not refused: {sentence}')


def same(tensor, expected):
    whole = tensor.full_tensor() if hasattr(tensor, 'full_tensor') else tensor
    assert (whole.shape, whole.dtype) == (expected.shape, expected.dtype)
    assert whole.detach().contiguous().numpy().tobytes() == expected.numpy().tobytes()


def assert_loads(path, modules):
    """Every tensor of each module, which is drawn otherwise, is as in the file once it is loaded."""
    mcnc.torch._files._BLOCK_BYTES = 1000  # several blocks of rows a tensor
    expected = mcnc.torch.load_file(path)
    for module in modules:
        mcnc.torch.load_into(module, path)
        for name, tensor in module.state_dict(keep_vars=True).items():
            same(tensor, expected[name])


def one_of_four(one):
    """What torchrun starts: tensor parallelism, by rows or by columns, and fully_shard over it, by rows again."""
    torch.set_num_threads(1)
    distributed.init_process_group('gloo')
    mesh = init_device_mesh('cpu', (2, 2), mesh_dim_names=('data', 'tensor'))
    net = parallelize_module(make(), mesh['tensor'], {'0': ColwiseParallel(), '2': RowwiseParallel(), '4': RowwiseParallel()})
    fully_shard(net, mesh=mesh['data'])
    assert_loads(one, [net])
    distributed.destroy_process_group()


def one_of_two(one, two):
    """What torchrun starts: `one` is the file of one process; writes `two`."""
    torch.set_num_threads(1)
    distributed.init_process_group('gloo')
    mesh = init_device_mesh('cpu', (2,))
    net = make()
    mcnc.torch.compress(net, ratio=20, verbose=False)
    fully_shard(net, mesh=mesh)
    train(net, [distributed.get_rank()])
    refused('No such file or directory', lambda: mcnc.torch.save(net, f'{two}/nowhere/two.mcnc'))
    mcnc.torch.save(net, two)

    rows = make()
    fully_shard(rows, mesh=mesh)
    columns = parallelize_module(make(), mesh, {'0': ColwiseParallel(), '2': RowwiseParallel(), '4': RowwiseParallel()})
    assert columns[2].weight.to_local().shape[1] in (30, 31) and rows[2].weight.to_local().shape[0] in (30, 31)
    assert_loads(one, [rows, columns])

    refused('compress the module before', lambda: mcnc.torch.compress(rows, ratio=20, include='0.weight'))
    partial = make()
    weight = DTensor.from_local(partial[0].weight.detach(), mesh, [Partial()])
    partial[0].weight = nn.Parameter(weight)
    refused('a summand', lambda: mcnc.torch.load_into(partial, one))
    distributed.destroy_process_group()


def main():
    if not (distributed.is_available() and distributed.is_gloo_available()):
        print('skipped: this PyTorch has no gloo')
        return 77
    with tempfile.TemporaryDirectory(prefix='mcnc-torch-') as name:
        one, two = (pathlib.Path(name) / file for file in ('one.mcnc', 'two.mcnc'))
        net = make()
        mcnc.torch.compress(net, ratio=20, verbose=False)
        train(net, [0, 1])
        mcnc.torch.save(net, one)
        for count, arguments in ((2, [one, two]), (4, [one])):
            command = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', str(count)]
            subprocess.run([*command, __file__, *arguments], check=True, timeout=300,
                           env={**os.environ, 'OMP_NUM_THREADS': '1'})
        assert one.read_bytes() == two.read_bytes(), 'the files differ'
    print('one process and two with fully_shard: the same file, loaded by rows, by columns and by both')
    return 0


if __name__ == '__main__':
    sys.exit({0: main, 1: one_of_four, 2: one_of_two}[len(sys.argv) - 1](*sys.argv[1:]))
