#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What a training program leaves behind, small and without training, for docs/tutorial.md.

    checkpoint.py FOLDER

Writes to FOLDER, with nothing but the standard library; a real program calls safetensors.torch.save_file:

trained.safetensors   a frozen generator phi, a sine MLP 5-16-200 as torch.nn.Linear stores it; the codes of 40 chunks of 200
                      weights; a bias that was trained as it is
weights.safetensors   the weights that this network computed with
adapter.safetensors   the codes of a LoRA adapter for two layers, whose generator is drawn from a seed
"""

import array
import json
import math
import pathlib
import random
import struct
import sys

CODE_DIM, HIDDEN, CHUNK_DIM, CHUNKS = 5, 16, 200, 40
OMEGA = 4.5


def save_file(path, tensors):
    """tensors: {name: (shape, numbers)}, written as float32."""
    header, body = {}, b''
    for name, (shape, numbers) in tensors.items():
        data = struct.pack(f'<{len(numbers)}f', *numbers)
        header[name] = {'dtype': 'F32', 'shape': shape, 'data_offsets': [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack('<Q', len(text)) + text + body)


def draw(count, reach):
    """Numbers that a float32 holds."""
    return list(array.array('f', (random.uniform(-reach, reach) for _ in range(count))))


def linear(weights, n_in, x):
    """weights: (outputs, n_in), row-major."""
    return [math.fsum(weights[o * n_in + i] * x[i] for i in range(n_in)) for o in range(len(weights) // n_in)]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    random.seed(1)
    first = draw(HIDDEN * CODE_DIM, 1)
    last = draw(CHUNK_DIM * HIDDEN, 0.25)
    alpha = draw(CHUNKS * CODE_DIM, 1)
    beta = draw(CHUNKS, 0.1)
    bias = draw(80, 0.1)

    weights = []
    for chunk in range(CHUNKS):
        code = alpha[chunk * CODE_DIM:(chunk + 1) * CODE_DIM]
        hidden = [math.sin(OMEGA * x) for x in linear(first, CODE_DIM, code)]
        weights += [beta[chunk] * x for x in linear(last, HIDDEN, hidden)]

    save_file(folder / 'trained.safetensors', {
        'phi.0.weight': ([HIDDEN, CODE_DIM], first),
        'phi.1.weight': ([CHUNK_DIM, HIDDEN], last),
        'alpha': ([CHUNKS, CODE_DIM], alpha),
        'beta': ([CHUNKS], beta),
        'fc.bias': ([80], bias),
    })
    save_file(folder / 'weights.safetensors', {'fc.weight': ([80, 100], weights), 'fc.bias': ([80], bias)})

    adapter = {}
    for factor in ('q.A', 'q.B', 'v.A', 'v.B'):
        adapter[factor + '.alpha'] = ([2, 4], draw(2 * 4, 1))  # a code for each layer
        adapter[factor + '.beta'] = ([2], draw(2, 0.1))
    save_file(folder / 'adapter.safetensors', adapter)


main()
