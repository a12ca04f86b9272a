# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Decoding and training on a GPU, in memory of it that another package has allocated."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional, Tuple

from . import _native
from .errors import McncError

# What DLPack calls elements: (type code, bits).
_DLPACK = {
    "F64": (2, 64),
    "F32": (2, 32),
    "F16": (2, 16),
    "BF16": (4, 16),
    "I64": (0, 64),
    "I32": (0, 32),
    "I16": (0, 16),
    "I8": (0, 8),
    "U64": (1, 64),
    "U32": (1, 32),
    "U16": (1, 16),
    "U8": (1, 8),
    "BOOL": (6, 8),
}
_BYTES = (1, 8)
_CUDA_DEVICE = 2  # kDLCUDA
_CODES = {"f": 2, "i": 0, "u": 1, "b": 6}  # of __cuda_array_interface__, as DLPack has them


class Cuda(_native.Cuda):
    """An NVIDIA GPU that makes weights in its own memory. The weights are the same, bit for bit.

    Files are opened with it, `mcnc.open(path, device=mcnc.Cuda())`, and codes trained, `mcnc.CodeExpander(device=...)`.
    Several may share it. It loads libmcnc-cuda.so, which was built together with this package: from where the system
    looks for libraries, or from the file that the environment variable MCNC_CUDA_LIBRARY names. That loads the CUDA
    driver, libcuda.so.1. `Cuda.missing()` is empty where that library is there, and else says what is wrong. In a child of
    fork() `is_forked` is true, and the device cannot be used.

    Args:
        device: its number, as the driver counts those that CUDA_VISIBLE_DEVICES leaves.
        stream: the number of the CUDA stream of that device in which everything happens, such as
            `torch.cuda.Stream().cuda_stream`. 1, the legacy default stream, is the one that PyTorch and CuPy work in
            unless they are told otherwise. It must live as long as this.

    Raises:
        McncError: device, with what is missing or what CUDA says; argument where there is no such device, or the stream
            is another device's.
    """

    def __init__(self, device: int = 0, stream: int = 1) -> None:
        if stream < 1:
            raise McncError("stream is the number of a CUDA stream, at least 1")
        super().__init__(device, stream)

    def __repr__(self) -> str:
        return f"<mcnc.Cuda, {self.name}>"


def checked(device: Any) -> Optional[Cuda]:
    """`device`, which is a Cuda or None; else McncError."""
    if device is None or isinstance(device, Cuda):
        return device
    raise McncError(f"device must be a GPU, such as mcnc.Cuda(0), or None, not {device!r}")


class DeviceArray(NamedTuple):
    """Memory of a GPU that an object has, row-major without gaps."""

    address: int
    nbytes: int
    elements: Tuple[int, int]
    shape: Tuple[int, ...]
    owner: Any  # keeps what was taken of the object alive


def is_on_device(array: Any) -> bool:
    """Whether an object says that it is memory of a CUDA device."""
    if hasattr(array, "__dlpack_device__"):
        return int(array.__dlpack_device__()[0]) == _CUDA_DEVICE
    return hasattr(array, "__cuda_array_interface__")


def device_array(array: Any, device: _native.Cuda, writable: bool = True) -> DeviceArray:
    """The memory of an object for which is_on_device holds, ready to be used in the device's stream. It must be kept until
    the call that uses it has returned."""
    if hasattr(array, "__dlpack_device__"):
        capsule = array.__dlpack__(stream=device.stream)
        address, (_, number), elements, shape, strides = _native.dlpack_view(capsule)
        if number != device.device:
            raise McncError(f"the array is on CUDA device {number}, and not on device {device.device}, which computes")
        owner = capsule
    else:
        owner = array.__cuda_array_interface__
        address, read_only = owner["data"]
        if read_only and writable:
            raise McncError("the array is read-only")
        stream = owner.get("stream")
        if stream not in (None, device.stream):
            raise McncError(f"the array belongs to CUDA stream {stream}, and the device computes in stream {device.stream}")
        order, kind, size = owner["typestr"][0], owner["typestr"][1], int(owner["typestr"][2:])
        if kind not in _CODES or (order == ">" and size > 1):
            raise McncError(f"the array has elements of type {owner['typestr']}, which mcnc does not use")
        elements, shape = (_CODES[kind], 8 * size), tuple(owner["shape"])
        strides = _in_elements(owner.get("strides"), size)
    _refuse_gaps(shape, strides)
    count = 1
    for length in shape:
        count *= length
    return DeviceArray(address or 0, count * elements[1] // 8, elements, shape, owner)


def _in_elements(strides: Optional[Tuple[int, ...]], size: int) -> Optional[Tuple[int, ...]]:
    return None if strides is None else tuple(stride // size for stride in strides)


def _refuse_gaps(shape: Tuple[int, ...], strides: Optional[Tuple[int, ...]]) -> None:
    expected = 1
    for length, stride in zip(reversed(shape), reversed(strides or ())):
        if length > 1 and stride != expected:
            raise McncError("the array must be row-major without gaps (C-contiguous)")
        expected *= length


def check_fits(array: DeviceArray, dtype: str, shape: Tuple[int, ...], nbytes: int) -> None:
    """McncError unless the array is what a result of these is written to: of that dtype and shape, or of that many bytes."""
    if array.elements == _BYTES and len(array.shape) == 1 and dtype != "U8":
        if array.nbytes != nbytes:
            raise McncError(f"out has {array.nbytes} bytes where the result has {nbytes}")
        return
    is_bool_as_bytes = dtype == "BOOL" and array.elements == _BYTES
    if (array.elements != _DLPACK.get(dtype) and not is_bool_as_bytes) or array.shape != tuple(shape):
        raise McncError(
            f"out has elements (DLPack code, bits) {array.elements} and shape {array.shape} where the result is {dtype} "
            f"{tuple(shape)}; memory of bytes (uint8) of one dimension does, too"
        )
