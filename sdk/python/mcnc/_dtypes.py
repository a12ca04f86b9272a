# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Element types: names as safetensors has them, and what they are in NumPy.

Arrays are little-endian on every machine, as the files are. NumPy itself has neither bfloat16 nor 8-bit floats: they are
those of the package ml_dtypes where it is installed, else the bits, as uint16 and uint8; the tensor's `dtype` says what
they mean.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any

import numpy as np

from .errors import McncError

_NUMPY = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}
# Names in ml_dtypes, and the unsigned type of the same size.
_ML_DTYPES = {
    "BF16": ("bfloat16", "<u2"),
    "F8_E4M3": ("float8_e4m3fn", "u1"),
    "F8_E5M2": ("float8_e5m2", "u1"),
}


@functools.lru_cache(maxsize=None)
def to_numpy(name: str) -> np.dtype[Any]:
    """The NumPy type of elements of the dtype `name`."""
    if name in _NUMPY:
        return np.dtype(_NUMPY[name])
    wanted, bits = _ML_DTYPES[name]
    try:
        found: np.dtype[Any] = np.dtype(getattr(importlib.import_module("ml_dtypes"), wanted))
    except ImportError:
        found = np.dtype(bits)
    return found


def of_array(dtype: np.dtype[Any]) -> str:
    """The dtype that a NumPy array of `dtype`, in either byte order, is stored as.

    Raises McncError (argument) for types that .mcnc files do not have, such as complex numbers and texts.
    """
    for name, code in _NUMPY.items():
        if dtype.newbyteorder("<") == np.dtype(code):
            return name
    for name, (wanted, _) in _ML_DTYPES.items():
        if dtype.name == wanted:
            return name
    raise McncError(f"an array of {dtype} has no dtype that .mcnc files have")


def dtype_of(array: np.ndarray[Any, Any], bits_of: str = "") -> str:
    """The dtype that `array` is stored as. `bits_of`: a type that NumPy does not have, of whose numbers the array has the
    bits, as unsigned numbers of the same size; McncError (argument) where it is another type or has other elements."""
    found = of_array(array.dtype)
    if bits_of in ("", found):
        return found
    if bits_of not in _ML_DTYPES or array.dtype.newbyteorder("<") != np.dtype(_ML_DTYPES[bits_of][1]):
        raise McncError(f"an array of {array.dtype} does not have the bits of {bits_of}")
    return bits_of


def little_endian_bytes(array: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The bytes of `array` as a file keeps them: row-major, little-endian. A view where the array is so already."""
    array = np.asarray(array)
    if array.dtype.byteorder == ">" or (array.dtype.byteorder == "=" and np.little_endian is False):
        array = array.astype(array.dtype.newbyteorder("<"))
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)
