# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Base models: what tensors of a file start from."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Tuple

import numpy as np

from . import _native
from ._dtypes import little_endian_bytes, of_array


class Base:
    """A base model as the library asks for it: an open File, or a mapping from names to arrays."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._is_file = hasattr(model, "decode") and hasattr(model, "tensors")

    def find(self, name: str) -> Optional[Tuple[str, Tuple[int, ...]]]:
        """(dtype, shape) of the tensor `name`, None where there is none."""
        if self._is_file:
            info = self._model.tensors.get(name)
            return None if info is None or info.factor else (info.dtype, info.shape)
        if name not in self._model:
            return None
        array = np.asarray(self._model[name])
        return of_array(array.dtype), array.shape

    def read(self, name: str) -> Any:
        """The bytes of the tensor `name`, which exists."""
        return little_endian_bytes(self._model.decode(name) if self._is_file else self._model[name])

    def digest(self, name: str) -> bytes:
        """The digest of the tensor `name`, which exists."""
        if self._is_file:
            return bytes.fromhex(self._model.tensors[name].digest)
        return _native.tensor_digest(self.read(name))

    def weights_identity(self) -> bytes:
        """The weights identity of the whole model; of a mapping, all of it is hashed."""
        if self._is_file:
            return bytes.fromhex(self._model.digest)
        tensors = []
        for name in self._model:
            array = np.asarray(self._model[name])
            tensors.append((name, of_array(array.dtype), array.shape, self.digest(name)))
        return _native.weights_identity(tensors)


def tensor_digest(array: Any) -> str:
    """The digest of a tensor of these values, as `TensorInfo.digest` has it: 64 hexadecimal digits."""
    return _native.tensor_digest(little_endian_bytes(array)).hex()


def weights_identity(tensors: Mapping[str, Any]) -> str:
    """The weights identity of a model of these arrays, as `File.digest` has it: 64 hexadecimal digits."""
    return Base(tensors).weights_identity().hex()
