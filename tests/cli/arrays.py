# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Safetensors files and generators for tests, with nothing but the standard library: numbers are float64."""

import array
import json
import math
import random
import struct

CODES = {'F32': 'f', 'F16': 'e', 'F64': 'd', 'I8': 'b', 'I16': 'h', 'I32': 'i', 'I64': 'q', 'U8': 'B', 'BOOL': '?'}


def f32(number):
    return struct.unpack('<f', struct.pack('<f', number))[0]


def pack(dtype, numbers):
    if dtype == 'BF16':
        return b''.join(struct.pack('<f', number)[2:] for number in numbers)
    return struct.pack(f'<{len(numbers)}{CODES[dtype]}', *numbers)


def unpack(dtype, data):
    if dtype == 'BF16':
        return [struct.unpack('<f', b'\0\0' + data[i:i + 2])[0] for i in range(0, len(data), 2)]
    return list(struct.unpack(f'<{len(data) // struct.calcsize(CODES[dtype])}{CODES[dtype]}', data))


def write_safetensors(path, tensors):
    """tensors: {name: (dtype, shape, numbers)}."""
    header, body = {}, b''
    for name, (dtype, shape, numbers) in tensors.items():
        assert len(numbers) == math.prod(shape), name
        data = pack(dtype, numbers)
        header[name] = {'dtype': dtype, 'shape': list(shape), 'data_offsets': [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack('<Q', len(text)) + text + body)


def uniform(seed, shape, reach=1.0):
    """('F32', shape, numbers), the numbers as a float32 holds them."""
    draw = random.Random(seed)
    numbers = array.array('f', (draw.uniform(-reach, reach) for _ in range(math.prod(shape))))
    return 'F32', shape, list(numbers)


def transposed(numbers, rows, columns):
    return [numbers[r * columns + c] for c in range(columns) for r in range(rows)]


def philox(counter, key):
    for _ in range(10):
        p0, p1 = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = ((p1 >> 32) ^ counter[1] ^ key[0], p1 & 0xFFFFFFFF,
                   (p0 >> 32) ^ counter[3] ^ key[1], p0 & 0xFFFFFFFF)
        key = (key[0] + 0x9E3779B9 & 0xFFFFFFFF, key[1] + 0xBB67AE85 & 0xFFFFFFFF)
    return counter


def drawn(seed, layer, count, scale):
    """Weights of a layer that is drawn from the seed."""
    words = []
    for block in range((count + 3) // 4):
        words += philox((block, 0, layer, 1), (seed & 0xFFFFFFFF, seed >> 32))
    return [f32(scale * ((word ^ 1 << 31) - (1 << 31) >> 8) / (1 << 23)) for word in words[:count]]


class Layer:
    """weights: (n_in, width), input-major; omega: None for identity."""

    def __init__(self, n_in, width, weights, omega=None, bias=None):
        self.rows = [weights[i * width:(i + 1) * width] for i in range(n_in)]
        self.omega = omega
        self.bias = bias or [0.0] * width

    def __call__(self, x):
        outputs = [math.fsum(terms) for terms in zip(self.bias, *([w * a for w in row] for row, a in zip(self.rows, x)))]
        return outputs if self.omega is None else [math.sin(self.omega * acc) for acc in outputs]


def generate(layers, alpha):
    for layer in layers:
        alpha = layer(alpha)
    return alpha


def expand(layers, alphas, betas, codes_per_chunk=1):
    """All weights of the codes, theta0 apart. alphas: one list a code."""
    weights = []
    for first in range(0, len(alphas), codes_per_chunk):
        codes = range(first, first + codes_per_chunk)
        parts = [[betas[c] * g for g in generate(layers, alphas[c])] for c in codes]
        weights += [math.fsum(terms) for terms in zip(*parts)]
    return weights


def split(numbers, size):
    return [numbers[i:i + size] for i in range(0, len(numbers), size)]


def raw_safetensors(path, tensors, metadata=None):
    """tensors: {name: (type, shape, bytes)}; any type."""
    header, body = {}, b''
    if metadata is not None:
        header['__metadata__'] = metadata
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {'dtype': dtype, 'shape': shape, 'data_offsets': [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack('<Q', len(text)) + text + body)
