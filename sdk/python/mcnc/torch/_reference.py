# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The generator in operations of PyTorch, for devices that the library itself does not compute on: the integers of the
specification (section "integer arithmetic"), so that the weights are those of the decoder, bit for bit."""

from __future__ import annotations

import functools
import math
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np
import torch

from .. import CodeExpander

_ELEMENTS_AT_A_TIME = 1 << 22
_THIN = 64  # inputs of a layer, up to which integers are added one by one
_BETA_DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


@functools.lru_cache(maxsize=64)
def _layer_weights(expander: CodeExpander, layer: int, device: str) -> torch.Tensor:
    """(n_in, width), int32."""
    return torch.from_numpy(expander.generator.weights(layer).astype(np.int32)).to(device)


def prepare(expander: CodeExpander, device: torch.device) -> None:
    """Puts on the device what is computed with there, since a CUDA graph cannot capture a copy from the host."""
    for layer in range(len(expander.generator.layers)):
        _layer_weights(expander, layer, str(device))


def _mulr(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a * b + (1 << 14)) >> 15


def _sine(phase: torch.Tensor) -> torch.Tensor:
    """Q15, of a phase of 16 bits."""
    c = ((phase + 16384) & 0xFFFF) - 32768
    x = (2 * (16384 - c.abs())).clamp(-32767, 32767)
    u = _mulr(x, x)
    p = _mulr(torch.full_like(u, 2356), u) - 21041
    p = _mulr(p, u) + 18688
    return (x + _mulr(x, p)).clamp(-32767, 32767)


def _sums(inputs: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """inputs @ weights, (rows, width), exact, as int64."""
    if weights.shape[0] > _THIN:
        return (inputs.double() @ weights.double()).to(torch.int64)
    sums = torch.zeros((inputs.shape[0], weights.shape[1]), dtype=torch.int64, device=inputs.device)
    for i in range(weights.shape[0]):
        sums += inputs[:, i : i + 1] * weights[i]
    return sums


def _phases(sums: torch.Tensor, frequency: int) -> torch.Tensor:
    return (((sums * frequency) >> 16) & 0xFFFF).to(torch.int32)


def _forward(expander: CodeExpander, alpha: torch.Tensor) -> List[torch.Tensor]:
    """The phases of every layer for each stored code. alpha: (codes, code_dim), int32."""
    phases: List[torch.Tensor] = []
    inputs = alpha
    for i, layer in enumerate(expander.generator.layers):
        if phases:
            inputs = ((_sine(phases[-1]) + 128) >> 8).clamp(-127, 127)
        weights = _layer_weights(expander, i, str(alpha.device))
        phases.append(_phases(_sums(inputs, weights), layer.frequency))
    return phases


def _divided(numbers: torch.Tensor, by: float) -> torch.Tensor:
    """The quotients, each rounded once. PyTorch on a CUDA device replaces a division by a Python number by a product with
    its reciprocal, which rounds differently; a division by a tensor stays one."""
    return numbers / torch.full((), by, dtype=numbers.dtype, device=numbers.device)


def _stored(expander: CodeExpander, alpha: torch.Tensor, beta: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """The codes as a decoder uses them: alpha, int32, and beta, float32 with its exponent, NaN for a code that is not
    finite, as on a CUDA device: nobody waits there to find out."""
    largest = 127 if expander.alpha_dtype == "I8" else 32767
    usable = torch.isfinite(alpha)
    steps = _divided(alpha, expander.alpha_step).clamp(-largest, largest)
    whole = torch.where(usable, torch.round(steps), 0.0).to(torch.int32)
    stored = _divided(beta, expander.beta_norm).clamp(-65504.0, 65504.0).to(_BETA_DTYPES[expander.beta_dtype])
    decoded = stored.to(torch.float32) * 2.0**expander.beta_exponent
    return whole, torch.where(usable.all(-1) & torch.isfinite(beta), decoded, torch.nan)


def _blocks(chunks: int, chunk_dim: int) -> List[slice]:
    together = max(1, _ELEMENTS_AT_A_TIME // chunk_dim)
    return [slice(first, min(first + together, chunks)) for first in range(0, chunks, together)]


def weights(
    expander: CodeExpander,
    alpha: torch.Tensor,
    beta: torch.Tensor,
    theta0: Optional[torch.Tensor],
    shape: Sequence[int],
    dtype: torch.dtype,
) -> torch.Tensor:
    """As `CodeExpander.weights`. Products and sums are operations of their own, so that nothing fuses them."""
    elements, chunk_dim = math.prod(shape), expander.chunk_dim
    stored_alpha, stored_beta = _stored(expander, alpha, beta)
    out = torch.zeros(alpha.shape[0] * chunk_dim, dtype=torch.float32, device=alpha.device)
    if theta0 is not None:
        out[:elements] = theta0.reshape(-1)
    rows = out.view(-1, chunk_dim)
    for block in _blocks(alpha.shape[0], chunk_dim):
        for m in range(expander.codes_per_chunk):
            g = _sine(_forward(expander, stored_alpha[block, m])[-1]).to(torch.float32)
            product = stored_beta[block, m].unsqueeze(1) * g
            rows[block] = rows[block] + product
    return out[:elements].reshape(tuple(shape)).to(dtype)


def gradients(
    expander: CodeExpander, alpha: torch.Tensor, beta: torch.Tensor, gradient: torch.Tensor
) -> Tuple[torch.Tensor, torch.Tensor]:
    """As `CodeExpander.gradients`, up to rounding. gradient: float32."""
    chunk_dim = expander.chunk_dim
    stored_alpha, stored_beta = _stored(expander, alpha, beta)
    rows = torch.nn.functional.pad(gradient.reshape(-1), (0, alpha.shape[0] * chunk_dim - gradient.numel()))
    rows = rows.view(-1, chunk_dim)
    of_alpha, of_beta = torch.empty_like(alpha), torch.empty_like(beta)
    layers = expander.generator.layers
    for block in _blocks(alpha.shape[0], chunk_dim):
        for m in range(expander.codes_per_chunk):
            phases = _forward(expander, stored_alpha[block, m])
            along = (rows[block] * _sine(phases[-1])).sum(1) * 2.0**expander.beta_exponent
            of_beta[block, m] = torch.where(stored_beta[block, m].isnan(), torch.nan, along)
            back = rows[block] * stored_beta[block, m].unsqueeze(1)
            for i in reversed(range(len(layers))):
                slope = 2 * math.pi * layers[i].frequency * 2.0**-32 * (1 if i + 1 == len(layers) else 1 / 256)
                back = back * (_sine((phases[i] + 16384) & 0xFFFF) * slope)
                back = back @ _layer_weights(expander, i, str(alpha.device)).to(torch.float32).T
            of_alpha[block, m] = back
    return _divided(of_alpha, expander.alpha_step), _divided(of_beta, expander.beta_norm)
