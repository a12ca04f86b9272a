# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Two processes, or more, that train one network in code space with DistributedDataParallel. Only gradients of codes cross
the network: their bytes are counted, and printed beside those of the same network trained as weights.

    torchrun --nproc-per-node 2 two_processes.py [--steps 200] [-o net.mcnc]

Every process decodes the file at the end, and has the same bits. Ctrl-C stops all of them; started again they go on after
the last checkpoint, net.mcnc.pt.
"""

import argparse
import pathlib

import mcnc.torch
import torch
import torch.distributed as distributed
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks
from torch.nn import functional
from tqdm import tqdm

BATCH, CHECKPOINT_EVERY = 64, 50


def make_model():
    return nn.Sequential(nn.Linear(64, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def make_batch(step, rank):
    """Ten clouds of points in 64 dimensions; other points for each process and step."""
    centres = 0.4 * torch.randn(10, 64, generator=torch.Generator().manual_seed(1))
    random = torch.Generator().manual_seed(1000 * step + rank + 2)
    labels = torch.randint(10, (BATCH,), generator=random)
    return centres[labels] + torch.randn(BATCH, 64, generator=random), labels


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("-o", "--output", type=pathlib.Path, default="net.mcnc")
    options = parser.parse_args()
    distributed.init_process_group("gloo")  # before compress, so that all agree on theta0
    rank = distributed.get_rank()
    torch.manual_seed(0)
    model = make_model()
    dense = sum(p.numel() * p.element_size() for p in model.parameters())
    mcnc.torch.compress(model, ratio=50, verbose=rank == 0)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    begin, crossed = 0, 0
    checkpoint = options.output.with_suffix(".mcnc.pt")
    if checkpoint.exists():
        state = torch.load(checkpoint)
        begin = state["steps"]
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    parallel = nn.parallel.DistributedDataParallel(model)

    def count(_, bucket):
        nonlocal crossed
        crossed += bucket.buffer().numel() * bucket.buffer().element_size()
        return default_hooks.allreduce_hook(None, bucket)

    parallel.register_comm_hook(None, count)
    for step in tqdm(range(begin, options.steps), disable=None if rank == 0 else True):
        inputs, labels = make_batch(step, rank)
        loss = functional.cross_entropy(parallel(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if rank == 0 and (step + 1) % CHECKPOINT_EVERY == 0:
            written = checkpoint.with_suffix(".part")
            torch.save({"steps": step + 1, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, written)
            written.replace(checkpoint)

    if rank == 0:
        mcnc.torch.save(model, options.output)
        print(f"gradients that each process sends: {crossed // max(1, options.steps - begin):,} bytes a step, "
              f"of weights they would be {dense:,}")
    distributed.barrier()
    decoded = make_model()
    mcnc.torch.load_into(decoded, options.output)
    assert all(torch.equal(decoded[i].weight, model[i].weight) for i in (0, 2, 4))
    assert all(torch.equal(decoded[i].bias, model[i].bias) for i in (0, 2, 4))
    print(f"process {rank}: the file, {options.output.stat().st_size:,} bytes, has the same bits")
    distributed.barrier()
    if rank == 0:
        checkpoint.unlink(missing_ok=True)
    distributed.destroy_process_group()


if __name__ == "__main__":
    main()
