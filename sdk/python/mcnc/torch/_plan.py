# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The arguments of `compress` for a file of so many bytes."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np
import torch
from torch import nn

from .. import McncError, write
from ._compress import NOT_SMALLER, NothingToCompress, compress, places_of
from ._expand import Form
from ._files import tensors_of, unwrapped
from ._generated import compressed_parameters, originals_of

_SMALLEST_CHUNK = 8

Score = Callable[[nn.Module], float]


@dataclass(frozen=True)
class Plan:
    """How a module is to be compressed: `compress(module, **plan.options)`."""

    options: Dict[str, Any]
    bytes: int  # of the file
    numbers: int  # of all codes
    score: Optional[float] = None  # the best one, where plan() was given a score

    def __str__(self) -> str:
        score = "" if self.score is None else f", score {self.score:.4g}"
        return f"{self.numbers:,} numbers, a file of {self.bytes:,} bytes{score}: {self.options}"


def plan(
    module: nn.Module,
    *,
    bytes: int,
    score: Optional[Score] = None,
    code_dims: Sequence[int] = (9,),
    finer: Sequence[bool] = (False,),
    spread: Optional[float] = None,
    verbose: bool = True,
    **options: Any,
) -> Plan:
    """Finds the smallest chunks, and so the most trained numbers, with which `module` fits into a file of `bytes` bytes.

    Sizes are those of files that are written in memory, from copies of the module. The module itself does not change.

    Args:
        module: one that is not compressed. What is not made of codes has the values that it has now.
        bytes: how large the file may be.
        score: tells which of several candidates is best, the one with the least score: it is given a copy of the module,
            compressed as a candidate says, may train it for a while, and returns, say, its loss on data that are not for
            testing. Needed where `code_dims` and `finer` leave a choice.
        code_dims: the values of k to try.
        finer: whether tensors with fewer elements than the largest one have smaller chunks than it has, in proportion to
            the root of their sizes: False, True, or both, to try both. Each other size of a chunk is a generator of its
            own in the file, of about 200 bytes.
        spread: of trained alpha, as standard deviation in half turns, for an estimate of what compression saves. None:
            codes that cannot be compressed, so that no training makes the file larger than `bytes`.
        verbose: whether candidates are printed.
        options: other arguments of `compress`.

    Raises:
        McncError: where no size of chunks gives so small a file.
    """
    module = unwrapped(module)
    if {"ratio", "chunk_dim", "code_dim"} & options.keys():
        raise McncError("plan takes no chunk_dim, code_dim or ratio: it finds them (code_dims says which to try)")
    if next(iter(compressed_parameters(module)), None) is not None:
        raise McncError("the module is compressed already")
    choices = [(code_dim, fine) for code_dim in code_dims for fine in finer]
    if not choices or (len(choices) > 1 and score is None):
        raise McncError("give code_dims and finer one value each, or a score that chooses among several")
    best: Optional[Plan] = None
    for code_dim, fine in choices:
        found = _fit(module, bytes, code_dim, fine, spread, options)
        if found is not None and score is not None:
            value = float(score(_candidate(module, found.options)))
            found = Plan(found.options, found.bytes, found.numbers, value)
        if verbose and found is not None:
            print(found)
        if found is not None and (best is None or (found.score or 0.0) < (best.score or 0.0)):
            best = found
    if best is None:
        raise McncError(f"the module does not fit into {bytes} bytes, however few numbers are trained")
    return best


def _fit(
    module: nn.Module, most: int, code_dim: int, fine: bool, spread: Optional[float], options: Dict[str, Any]
) -> Optional[Plan]:
    """The smallest chunks whose file has at most `most` bytes."""
    sizes = {name: places[0].parameter.numel() for name, places in places_of(module).items()}
    low, high = _SMALLEST_CHUNK, max(sizes.values(), default=1)
    best = None
    while low <= high:
        middle = math.isqrt(low * high)  # by ratio: that is how bytes depend on it
        found = _try(module, _options(options, sizes, code_dim, middle, fine), spread)
        if found is not None and found.bytes <= most:
            best, high = found, middle - 1
        else:
            low = middle + 1
    return best


def _options(options: Dict[str, Any], sizes: Dict[str, int], code_dim: int, chunk_dim: int, fine: bool) -> Dict[str, Any]:
    if not fine:
        return {**options, "code_dim": code_dim, "chunk_dim": chunk_dim}
    largest = max(sizes.values())
    halvings = {name: round(0.5 * math.log2(largest / max(1, size))) for name, size in sizes.items()}
    chunk_dims = {name: max(_SMALLEST_CHUNK, chunk_dim >> count) for name, count in halvings.items()}
    return {**options, "code_dim": code_dim, "chunk_dim": chunk_dims}


def _candidate(module: nn.Module, options: Dict[str, Any]) -> nn.Module:
    candidate = copy.deepcopy(module)
    compress(candidate, **options, verbose=False)
    return candidate


def _try(module: nn.Module, options: Dict[str, Any], spread: Optional[float]) -> Optional[Plan]:
    """What the file has with codes of that spread. None where chunks are so small that nothing would be saved."""
    candidate = copy.deepcopy(module)
    try:
        report = compress(candidate, **options, verbose=False)
    except NothingToCompress as error:
        if NOT_SMALLER in error.left.values():
            return None
        raise
    random = np.random.default_rng(0)
    seen: List[int] = []
    for _, part, own_name, weight in compressed_parameters(candidate):
        alpha, beta = originals_of(part, own_name).original0, originals_of(part, own_name).original1
        if id(alpha) not in seen:
            seen.append(id(alpha))
            values = _alphas(random, tuple(alpha.shape), weight.form, weight.expander.alpha_step, spread)
            betas = random.choice([-1, 1], tuple(beta.shape)) * 2 ** random.uniform(-8, 8, tuple(beta.shape))
            with torch.no_grad():
                alpha.copy_(torch.from_numpy(values / weight.alpha_unit))
                beta.mul_(torch.from_numpy(betas))
    file: Any = write(None, tensors_of(candidate))
    return Plan(options, len(file), sum(c.numbers for c in report.compressed))


def _alphas(random: Any, shape: Tuple[int, ...], form: str, step: float, spread: Optional[float]) -> Any:
    if spread is not None:
        return random.normal(0.0, spread, shape)
    end = 127 if Form.parse(form).alpha_dtype == "I8" else 32767
    return random.integers(-end, end + 1, shape) * step
