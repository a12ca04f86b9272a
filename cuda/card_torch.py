#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""PyTorch generating chunks of the shapes of `mcnc bench`, for the receipt of cuda/card_run. Needs nothing but torch.

  card_torch.py [--device cuda] [--size BYTES] [--rounds N]

What a program does without .mcnc: weights = theta0 + beta * phi(alpha), phi in float32 by matrix products and sines, eager,
into BYTES of memory of the device, an eighth at a time. The numbers are not those of a .mcnc file, whose phi is integer
arithmetic; shapes and bytes are the same. A line is the median of N rounds after one that is not counted. Ends with 77 where
there is no torch, or no such device.
"""

import argparse
import statistics
import sys
import time

# As `mcnc bench` names them: the layers of sines, inputs first, and the type of the weights.
CASES = {
    'sine1-9-1024-f32': ([9, 1024], 'float32'),
    'sine1-9-1024-bf16': ([9, 1024], 'bfloat16'),
    'sine1-9-1024-f16': ([9, 1024], 'float16'),
    'sine1-9-4096-f32': ([9, 4096], 'float32'),
    'sine3-9-256-256-1024-f32': ([9, 256, 256, 1024], 'float32'),
    'float3-9-1000-1000-5000-f32': ([9, 1000, 1000, 5000], 'float32'),
}


def generate(torch, alpha, beta, layers, dtype):
    """The weights of some chunks (chunks, width)."""
    hidden = alpha
    for weights in layers:
        hidden = torch.sin(hidden @ weights)
    return hidden.mul_(beta).add_(0.5).to(dtype)


def measure(torch, device, shape, dtype, size, rounds):
    """The bytes that are made, and the median of seconds that they take."""
    chunks = max(size // (shape[-1] * dtype.itemsize), 1)
    generator = torch.Generator(device).manual_seed(1)
    draw = lambda *sizes: torch.rand(*sizes, generator=generator, device=device) * 2 - 1
    alpha, beta = draw(chunks, shape[0]), draw(chunks, 1)
    layers = [draw(inputs, outputs) for inputs, outputs in zip(shape, shape[1:])]
    part = max(chunks // 8, 1)  # the layers of all would take several times the memory
    out = torch.empty(chunks, shape[-1], dtype=dtype, device=device)
    seconds = []
    for _ in range(rounds + 1):
        wait(torch, device)
        start = time.perf_counter()
        for first in range(0, chunks, part):
            out[first:first + part] = generate(torch, alpha[first:first + part], beta[first:first + part], layers, dtype)
        wait(torch, device)
        seconds.append(time.perf_counter() - start)
    return out.nbytes, statistics.median(seconds[1:])


def wait(torch, device):
    if device.startswith('cuda'):
        torch.cuda.synchronize(device)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--device', default='cuda')
    parser.add_argument('--size', type=int, default=1 << 30)
    parser.add_argument('--rounds', type=int, default=3)
    arguments = parser.parse_args()
    try:
        import torch
    except ImportError:
        print('there is no torch here')
        return 77
    if arguments.device.startswith('cuda') and not torch.cuda.is_available():
        print('torch sees no CUDA device here')
        return 77
    torch.backends.cuda.matmul.allow_tf32 = False  # float32, as the bits of phi need it
    print(f'torch {torch.__version__}, {arguments.device}, eager\n')
    print(f'{"case":32}{"GB/s":>8}{"G weights/s":>13}')
    with torch.no_grad():
        for name, (shape, type_name) in CASES.items():
            dtype = getattr(torch, type_name)
            made, seconds = measure(torch, arguments.device, shape, dtype, arguments.size, arguments.rounds)
            print(f'{name:32}{made / seconds / 1e9:8.2f}{made / dtype.itemsize / seconds / 1e9:13.3f}', flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
