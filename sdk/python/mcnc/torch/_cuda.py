# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The door to the kernels of libmcnc-cuda: the only place where tensors on a CUDA device meet them."""

from __future__ import annotations

import contextlib
import functools
import logging
from typing import Any, Iterator, Optional, Sequence, Tuple

import torch

from .. import CodeExpander, Cuda, McncError

_log = logging.getLogger("mcnc.torch")


_OLDEST = (7, 5)  # compute capability that the kernels are built for


@contextlib.contextmanager
def gpu_of(device: torch.device) -> Iterator[Optional[Cuda]]:
    """The GPU that tensors on `device` are in the memory of, which works in PyTorch's current stream of it, as long as
    the context lasts. None where operations of PyTorch are to do it: on other devices, where there are no kernels, and
    while a CUDA graph is captured, which would keep addresses of memory that an expander may give up."""
    if device.type != "cuda":
        yield None
        return
    with torch.cuda.device(device):
        number = torch.cuda.current_device()
        if torch.cuda.is_current_stream_capturing() or _has_no_kernels(number):
            yield None
        else:
            # PyTorch calls the default stream 0, mcnc calls it 1, as DLPack does.
            yield _open(number, torch.cuda.current_stream().cuda_stream or 1)


@functools.lru_cache(maxsize=None)
def _has_no_kernels(device: int) -> bool:
    missing = Cuda.missing()
    if not missing and torch.cuda.get_device_capability(device) < _OLDEST:
        missing = "the kernels need compute capability 7.5"
    if missing:
        _log.info("on CUDA device %d operations of PyTorch make the weights: %s", device, missing)
    return bool(missing)


_open = functools.lru_cache(maxsize=32)(Cuda)  # (device, stream)


def weights(
    expander: CodeExpander,
    alpha: torch.Tensor,
    beta: torch.Tensor,
    theta0: Optional[torch.Tensor],
    shape: Sequence[int],
    dtype: torch.dtype,
    dtype_name: str,
) -> torch.Tensor:
    """As `CodeExpander.weights`, of an expander with the GPU of these tensors."""
    out = alpha.new_empty(tuple(shape), dtype=dtype)
    start = None if theta0 is None else _plain(theta0)
    expander.weights(_plain(alpha), _plain(beta), tuple(shape), dtype=dtype_name, theta0=start, out=out)
    return out


def gradients(
    expander: CodeExpander, alpha: torch.Tensor, beta: torch.Tensor, gradient: torch.Tensor
) -> Tuple[torch.Tensor, torch.Tensor]:
    """As `CodeExpander.gradients`. gradient: float32."""
    of_alpha, of_beta = alpha.new_empty(alpha.shape), beta.new_empty(beta.shape)
    expander.gradients(_plain(alpha), _plain(beta), _plain(gradient), out=(of_alpha, of_beta))
    return of_alpha, of_beta


def _plain(tensor: torch.Tensor) -> Any:
    """Without gaps, and without a gradient, which DLPack does not know."""
    return tensor.detach().contiguous()
