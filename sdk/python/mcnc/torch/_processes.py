# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What several processes that train one network have to have in common: theta0, which follows from a seed and from how
widely each parameter was spread when it was compressed. DistributedDataParallel makes the codes the same, not that."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any, List, Optional, Sequence, Tuple

import torch
from torch.distributed import distributed_c10d

from .. import McncError
from ._expand import Form

_calls = itertools.count()  # of compress, in this process


def _has_group() -> bool:
    return torch.distributed.is_available() and torch.distributed.is_initialized()


def agreed(
    forms: List[Form], groups: Sequence[Sequence[str]], spreads: List[float]
) -> Tuple[List[float], Optional[Agreement]]:
    """The spreads that the first of several processes found: each may have drawn other values, and all must start from
    the same theta0. Where there is no process group yet, the own ones, and an agreement that is to be checked later."""
    number = next(_calls)
    if not _has_group():
        return spreads, Agreement(f"{number} {forms} {groups}", f"{spreads}")
    first: List[Any] = [(forms, groups, spreads)]
    torch.distributed.broadcast_object_list(first, src=0)
    if first[0][:2] != (forms, groups):
        raise McncError("this process compresses other parameters, or otherwise, than the first process of its group")
    return first[0][2], None


class Agreement:
    """What one call of compress made before there was a process group. Of processes that call it in the same order, with
    the same arguments, those that made something else than the first one to ask are told. Nobody waits for anybody."""

    def __init__(self, what: str, made: str) -> None:
        self._key = "mcnc.torch " + hashlib.sha256(what.encode()).hexdigest()
        self._made = hashlib.sha256(made.encode()).hexdigest()
        self._checked = False

    def check(self) -> None:
        """McncError where another process of the group has made something else. Does nothing without a group."""
        if self._checked or not _has_group():
            return
        store = distributed_c10d._get_default_store()
        first = store.compare_set(self._key, "", self._made).decode()
        if first != self._made:
            raise McncError(
                "another process compressed the same parameters with another theta0: the modules were drawn differently. "
                "Call compress after torch.distributed.init_process_group, or seed all processes alike before it"
            )
        self._checked = True
