# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The methods of compare.py, as parametrizations of PyTorch, and what each keeps in a file.

All of them keep their numbers in a .mcnc file, so that bytes mean the same: manifest and digests are counted, and numbers
are compressed by Zstandard. Peers have all of their numbers in one tensor of the file, which costs them less than codes pay
for names and shapes. Their numbers are int8, with one scale a tensor, and are rounded in training already,
straight-through, as codes are.
"""

import math

import mcnc
import torch
from torch import nn
from torch.nn.utils import parametrize


def int8_parts(numbers):
    """(whole numbers, scale) of a tensor as int8."""
    scale = numbers.detach().abs().max().clamp_min(1e-12) / 127
    return torch.round(numbers / scale), scale


def as_int8(numbers):
    """`numbers` as a file has them, with the gradient of `numbers`."""
    whole, scale = int8_parts(numbers)
    return numbers + (whole * scale - numbers).detach()


class Combination(nn.Module):
    """Sums of frozen random vectors, a linear subspace: chunks of `chunk_dim` elements, each from `numbers` trained ones.

    The vectors follow from a seed. Each step of an optimizer moves a number `rate` times as far as it would move a weight.
    """

    def __init__(self, shape, chunk_dim, numbers, seed, rate, start=0.0):
        super().__init__()
        self.shape = tuple(shape)
        elements = math.prod(self.shape)
        chunk_dim = min(chunk_dim, elements)
        generator = torch.Generator().manual_seed(seed)
        self.chunks = -(-elements // chunk_dim)
        self.basis = rate / math.sqrt(numbers) * torch.randn(numbers, chunk_dim, generator=generator)
        self.first = start / rate * torch.randn(self.chunks, numbers, generator=generator)

    def forward(self, numbers):
        made = as_int8(numbers) @ self.basis
        return made.reshape(-1)[:math.prod(self.shape)].view(self.shape)

    def right_inverse(self, weight):
        return self.first


class LinearSubspace(nn.Module):
    """theta0 + a linear combination of frozen random vectors, as PRANC has it. theta0 is what the network was drawn as."""

    def __init__(self, weight, chunk_dim, numbers, seed, rate):
        super().__init__()
        self.theta0 = weight.detach().clone()
        numbers = max(1, round(numbers * min(chunk_dim, weight.numel()) / chunk_dim))
        self.sum = Combination(weight.shape, chunk_dim, numbers, seed, rate)

    def forward(self, numbers):
        return self.theta0 + self.sum(numbers)

    def right_inverse(self, weight):
        return self.sum.first


class Nola(nn.Module):
    """theta0 + B A, where both factors are linear combinations of frozen random matrices."""

    def __init__(self, weight, chunk_dim, numbers, seed, rate, rank):
        super().__init__()
        self.theta0 = weight.detach().clone()
        rows, columns = weight.shape[0], weight[0].numel()
        rank = min(rank, rows, columns)

        def factor(shape, seed, start):
            elements = math.prod(shape)
            chunk = min(chunk_dim, elements)
            return Combination(shape, chunk, max(1, round(numbers * chunk / chunk_dim)), seed, rate, start)

        self.b = factor((rows, rank), 2 * seed, 0.0)
        self.a = factor((rank, columns), 2 * seed + 1, 1.0)
        self.scale = 1 / math.sqrt(rank)

    def forward(self, of_b, of_a):
        return self.theta0 + self.scale * (self.b(of_b) @ self.a(of_a)).view(self.theta0.shape)

    def right_inverse(self, weight):
        return self.b.first, self.a.first


class Int8(nn.Module):
    """A weight as int8; where `mask` is given, only where that is 1."""

    def __init__(self):
        super().__init__()
        self.mask = None

    def forward(self, weight):
        return as_int8(weight if self.mask is None else weight * self.mask)


def parametrized(net):
    """(name, module, parametrization) of every weight that one of the classes here makes."""
    for name, module in net.named_modules():
        if parametrize.is_parametrized(module, 'weight'):
            yield name, module, module.parametrizations.weight[0]


def use(net, make, chosen=lambda name: True):
    """Makes each weight of linear and convolutional layers be made by make(weight, number)."""
    layers = [(name, m) for name, m in net.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d)) and chosen(name)]
    for number, (_, module) in enumerate(layers):
        parametrize.register_parametrization(module, 'weight', make(module.weight, number))
        module.parametrizations.weight.requires_grad_(True)


def originals(module):
    lists = module.parametrizations.weight
    return [lists.original] if hasattr(lists, 'original') else [lists.original0, lists.original1]


def file_of(net, metadata=None):
    """The bytes of a .mcnc file with the numbers of `net`, all in one tensor."""
    numbers, gaps, scales = [], [], []
    for _, module, method in parametrized(net):
        for original in originals(module):
            mask = getattr(method, 'mask', None)
            whole, scale = int8_parts(original.detach() if mask is None else original.detach() * mask)
            values = whole.to(torch.int8).flatten()
            if mask is not None:
                gap, values = sparse(values)
                gaps.append(gap)
            numbers.append(values)
            scales.append(scale)
    tensors = {'numbers': torch.cat(numbers).numpy(), 'scales': torch.stack(scales).numpy()}
    if gaps:
        tensors['gaps'] = torch.cat(gaps).numpy()
    return mcnc.write(None, tensors, metadata=metadata)


def sparse(values):
    """(gaps, values) of the numbers that are not 0: how many zeros are before each, as bytes; longer gaps have zeros among
    the values."""
    gaps, kept, last = [], [], -1
    for at in torch.nonzero(values).flatten().tolist():
        while at - last - 1 > 255:
            gaps.append(255)
            kept.append(0)
            last += 256
        gaps.append(at - last - 1)
        kept.append(values[at].item())
        last = at
    return torch.tensor(gaps, dtype=torch.uint8), torch.tensor(kept, dtype=torch.int8)


def numbers_of(net):
    """How many trained numbers the file keeps."""
    count = 0
    for _, module, method in parametrized(net):
        mask = getattr(method, 'mask', None)
        count += int(mask.sum()) if mask is not None else sum(o.numel() for o in originals(module))
    return count


class Pruning:
    """Magnitude pruning over all layers, to `keep` weights, on the cubic schedule from 10 to 70 % of training."""

    def __init__(self, net, keep):
        use(net, lambda weight, number: Int8())
        self.layers = [(module, method) for _, module, method in parametrized(net)]
        self.keep = keep
        self.done = False  # whether `keep` weights are left
        self.total = sum(originals(module)[0].numel() for module, _ in self.layers)
        self.steps = 0

    def __call__(self, progress):
        self.steps += 1
        if progress < 0.1 or (progress > 0.7 and self.done) or (self.steps % 40 and progress <= 0.7):
            return
        share = (1 - min(1, (progress - 0.1) / 0.6)) ** 3
        keep = self.keep + round(share * (self.total - self.keep))
        sizes = torch.cat([originals(module)[0].detach().abs().flatten() for module, _ in self.layers])
        threshold = torch.topk(sizes, keep).values[-1]
        for module, method in self.layers:
            method.mask = (originals(module)[0].detach().abs() >= threshold).float()
        self.done = keep == self.keep
