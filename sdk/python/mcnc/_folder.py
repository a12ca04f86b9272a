# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Folders as a hub keeps them: a model beside its card, and what the model starts from in a folder `base`."""

from __future__ import annotations

import os
from typing import List

from .errors import McncError

_MODEL = "model.mcnc"
_BASE = "base"
_SAFETENSORS = ("model.safetensors", "model.safetensors.index.json")


def model_in(folder: str) -> str:
    """The path of the model in a folder: `model.mcnc`, or the only .mcnc file there is."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".mcnc"))
    except OSError as error:
        raise McncError(f"{folder}: {error.strerror}", "read", 500) from error
    if _MODEL in names:
        return os.path.join(folder, _MODEL)
    if len(names) != 1:
        what = "no .mcnc file" if not names else f"several .mcnc files, of which none is called {_MODEL}"
        raise McncError(f"{folder} has {what}")
    return os.path.join(folder, names[0])


def bases_in(folder: str) -> List[str]:
    """What models in a folder start from, as `bases` of `mcnc.open`: the .mcnc files and the safetensors model in the
    folder `base` in it."""
    base = os.path.join(folder, _BASE)
    names = sorted(os.listdir(base)) if os.path.isdir(base) else []
    paths = [os.path.join(base, name) for name in names if name.endswith(".mcnc")]
    return paths + ([base] if any(name in _SAFETENSORS for name in names) else [])
