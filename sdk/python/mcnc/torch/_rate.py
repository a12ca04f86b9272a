# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""How many bits codes take in a file, as a term of a loss."""

from __future__ import annotations

from typing import Dict, List, Set

import torch
from torch import nn

from .. import McncError
from ._files import unwrapped
from ._generated import GeneratedWeight, compressed_parameters, originals_of
from ._shards import whole

_LARGEST = {"I8": 127, "I16": 32767}
_BETA_DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_FRAME_BITS = 160  # what Zstandard needs, about, beside the codes of bytes,
_DESCRIPTION_BITS = 4  # and to say how long the code of one more byte value is


def code_bits(module: nn.Module) -> torch.Tensor:
    """About how many bits the codes of `module` take in a file, compressed by Zstandard, as a term of the loss:

        loss = cross_entropy(model(inputs), labels) + weight * mcnc.torch.code_bits(model)

    Codes then keep to fewer, more frequent values, and the file becomes smaller. `weight` is what a bit may cost, in units
    of the loss: 1e-5 is a place to start from.

    The value is that of the codes as they are rounded, by how often each byte occurs; what codes take in a
    file is at most 5 % and 48 bytes a table more or less. (Parameters with one form are one table. The manifest,
    digests, and what is not made of codes are not counted.) The gradient is that of the entropy of alpha, with each number
    shared between the two values next to it; an alpha of "I16" is taken in classes of 256. Beta is counted, and gets no
    gradient.

    Parameters that are tied are counted once. Of sharded parameters (FSDP2) all processes call this. McncError where no
    parameter of `module` is compressed, or where a code is not finite.
    """
    tables: Dict[str, List[torch.Tensor]] = {}
    weights: Dict[str, GeneratedWeight] = {}
    betas: Dict[str, List[torch.Tensor]] = {}
    seen: Set[int] = set()
    for name, part, own_name, weight in compressed_parameters(unwrapped(module)):
        originals = originals_of(part, own_name)
        if id(originals.original0) in seen:
            continue
        seen.add(id(originals.original0))
        alpha, beta = weight.codes(whole(originals.original0), whole(originals.original1))
        written = beta[:1, :1] if weight.shared_beta else beta  # a run of the same bytes takes no more than the first
        if not (alpha.isfinite().all() and beta.isfinite().all()):
            raise McncError(f"a code of parameter {name} is not finite: it has a NaN or an infinity")
        weights[weight.form] = weight
        tables.setdefault(weight.form, []).append(alpha.flatten())
        betas.setdefault(weight.form, []).append(written.detach().flatten())
    if not tables:
        raise McncError("no parameter of the module is compressed")
    total = torch.zeros(())
    for form, alphas in tables.items():
        expander = weights[form].expander
        end = _LARGEST[expander.alpha_dtype]
        steps = (torch.cat(alphas) / expander.alpha_step).clamp(-end, end)
        bits = _bits_of_bytes(_alpha_bytes(steps.detach(), expander.alpha_dtype))
        bits = bits + _bits_of_bytes(_beta_bytes(torch.cat(betas[form]) / expander.beta_norm, expander.beta_dtype))
        smooth = _shared_entropy(steps if expander.alpha_dtype == "I8" else steps / 256)
        total = total.to(bits.device) + bits + (smooth - smooth.detach())
    return total


def _alpha_bytes(steps: torch.Tensor, dtype: str) -> torch.Tensor:
    whole_steps = steps.round().to(torch.int8 if dtype == "I8" else torch.int16)
    return whole_steps.view(torch.uint8)


def _beta_bytes(stored: torch.Tensor, dtype: str) -> torch.Tensor:
    return stored.to(_BETA_DTYPES[dtype]).view(torch.uint8)


def _bits_of_bytes(values: torch.Tensor) -> torch.Tensor:
    """What Zstandard makes of these bytes, about: a Huffman code and its description, or the bytes as they are."""
    counts = torch.bincount(values.long(), minlength=256).float()
    different = (counts > 0).sum()
    at_least = values.numel() * (different > 1)  # a bit for each, the shortest Huffman code
    described = _FRAME_BITS + _entropy(counts).maximum(at_least) + _DESCRIPTION_BITS * different
    return described.clamp_max(8.0 * values.numel())


def _entropy(counts: torch.Tensor) -> torch.Tensor:
    """Bits of as many numbers as the counts tell, each of which occurs so often."""
    total = counts.sum()
    return total * total.log2() - (counts * counts.clamp_min(1e-9).log2()).sum()


def _shared_entropy(numbers: torch.Tensor) -> torch.Tensor:
    """The entropy of numbers from -127 to 127 or 128 that are counted for the two whole numbers next to each, in proportion
    to how near they are: as whole numbers, without a gap where they move from one to the other."""
    below = numbers.detach().floor()
    share = numbers - below
    index = below.long() + 128
    counts = numbers.new_zeros(258).index_add(0, index, 1 - share).index_add(0, index + 1, share)
    return _entropy(counts)
