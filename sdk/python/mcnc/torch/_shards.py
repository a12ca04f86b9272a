# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Tensors of which each process has a part (DTensor): those of FSDP2 (fully_shard) and of tensor parallelism
(parallelize_module)."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional, Tuple

import torch

from .. import McncError, write
from .._file import MetadataValue

try:
    from torch.distributed.tensor import DTensor
except ImportError:  # PyTorch without torch.distributed, or older than 2.5
    _DTensor: Optional[Any] = None
else:
    _DTensor = DTensor

Region = Tuple[Tuple[int, int], ...]  # first index and one behind the last, of each dimension


def is_sharded(tensor: torch.Tensor) -> bool:
    return _sharded(tensor) is not None


def _sharded(tensor: torch.Tensor) -> Any:
    """The tensor, if processes share it."""
    return tensor if _DTensor is not None and isinstance(tensor, _DTensor) else None


def local_of(tensor: torch.Tensor) -> torch.Tensor:
    """What this process has of the tensor, which for an ordinary tensor is all of it."""
    sharded = _sharded(tensor)
    local: torch.Tensor = tensor if sharded is None else sharded.to_local()
    return local


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """The whole tensor. For one that processes share, all of them have to call this."""
    sharded = _sharded(tensor)
    full: torch.Tensor = tensor if sharded is None else sharded.full_tensor()
    return full


def region_of(name: str, tensor: torch.Tensor) -> Region:
    """Which part of the whole tensor this process has: what torch.distributed.checkpoint would save of it."""
    sharded = _sharded(tensor)
    if sharded is None:
        return tuple((0, size) for size in tensor.shape)
    for placement in sharded.placements:
        if placement.is_partial():
            raise McncError(f"{name} of the module is distributed as {placement}: each process has a summand, not a part")
    chunks = sharded.__create_chunk_list__()
    if len(chunks) != 1:
        raise McncError(f"{name} of the module has {len(chunks)} parts in this process, which cannot be loaded as one")
    return tuple((first, first + size) for first, size in zip(chunks[0].offsets, chunks[0].sizes))


def write_once(
    path: Any, tensors: Dict[str, Any], metadata: Optional[Mapping[str, MetadataValue]], sharded: bool
) -> None:
    """`mcnc.write`. Where parameters are sharded, all processes call this with the same tensors: the first one writes, and
    what it raises all of them raise."""
    if not sharded:
        write(os.fspath(path), tensors, metadata=metadata)
        return
    error: Optional[Exception] = None
    if torch.distributed.get_rank() == 0:
        try:
            write(os.fspath(path), tensors, metadata=metadata)
        except Exception as raised:  # the other processes wait for the outcome
            error = raised
    outcome = [error]
    torch.distributed.broadcast_object_list(outcome, src=0)
    if outcome[0] is not None:
        raise outcome[0]
