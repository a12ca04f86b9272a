# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Opening and decoding .mcnc files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Iterator, NamedTuple, Optional, Sequence, Tuple, Type, TypeVar, Union, overload

import numpy as np

from . import _native
from ._base import Base
from ._device import Cuda, check_fits, checked, device_array, is_on_device
from ._dtypes import to_numpy
from ._folder import bases_in, model_in
from ._source import source_of
from .errors import McncError

Array = np.ndarray[Any, Any]
MetadataValue = Union[str, int, float, bool]
Out = TypeVar("Out")  # an array of another package


class Limits(NamedTuple):
    """The most that decoding a whole file may take. What a file declares beyond it is refused when it is opened, before
    anything is allocated: two hundred bytes can ask for 10^15 weights.

    The defaults suit a workstation: 256 GiB of weights, 10^15 multiply-adds, 4 GiB held beside the output.
    """

    output_bytes: int = _native.DEFAULT_LIMITS[0]
    multiply_adds: int = _native.DEFAULT_LIMITS[1]
    scratch_bytes: int = _native.DEFAULT_LIMITS[2]


class TensorInfo(NamedTuple):
    """What a tensor of a file is, without its values."""

    name: str
    dtype: str  # as safetensors writes it: "F32", "BF16", ...
    shape: Tuple[int, ...]  # row-major; () for a scalar
    nbytes: int  # of the decoded tensor
    digest: str  # Merkle root of the decoded bytes, 64 hexadecimal digits
    source: str  # how it is made: "generated", "stored", "shared", "product"
    factor: bool  # made for products only, no part of the model: load_file leaves it out


class BaseInfo(NamedTuple):
    """A model that tensors of a file start from."""

    name: str
    weights_identity: str  # 64 hexadecimal digits; see File.digest


class _Tensors(Mapping[str, TensorInfo]):
    """The tensors of a file by name, in the order of the file. Made once, when first asked for."""

    def __init__(self, native: _native.File) -> None:
        self._infos = {entry[0]: TensorInfo(*entry) for entry in native.tensors()}
        self._indices = {name: index for index, name in enumerate(self._infos)}

    def __getitem__(self, name: str) -> TensorInfo:
        return self._infos[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._infos)

    def __len__(self) -> int:
        return len(self._infos)

    def index(self, name: str) -> int:
        """The number of the tensor `name` in the file's manifest; McncError (argument) where there is none."""
        if name not in self._indices:
            raise McncError(f'the file has no tensor "{name}"')
        return self._indices[name]


def _row_range(rows: Union[slice, Tuple[int, int]], count: int) -> Tuple[int, int]:
    """First row and one behind the last, of `count`."""
    if isinstance(rows, slice):
        first, last, step = rows.indices(count)
        if step != 1:
            raise McncError("rows are decoded in one piece: the step of the slice must be 1")
        return first, max(first, last)
    first, last = rows
    if not 0 <= first <= last <= count:
        raise McncError(f"rows {first} to {last} are not all among the {count} rows of the tensor")
    return first, last


class GeneratorCache(_native.GeneratorCache):
    """Generators that many files have in common, such as a thousand adapters of one base model.

    Files that are opened with one cache share its memory, and the first of them draws the generator. Layers that a file
    stores are not shared. The values do not depend on it. Threads may share it.

    >>> adapters = GeneratorCache()
    >>> adapters.bytes
    0

    Args:
        max_bytes: how much is kept; what was not used for longest goes first.
    """

    def __init__(self, max_bytes: int = 1 << 28) -> None:
        super().__init__(max_bytes)


class File:
    """An open .mcnc file. Made by `mcnc.open`; a context manager that closes it.

    Threads may share it: their calls wait for each other, and none holds the GIL while it works. To decode on several
    processors at once, give `threads` to `mcnc.open`, or open the file once in each thread. After a fork, the child opens
    it again.
    """

    def __init__(self, native: _native.File, bases: Sequence[Any], device: Optional[Cuda] = None) -> None:
        self._native = native
        self._device = device
        self._bases = bases  # they live as long as this
        self._tensors: Optional[_Tensors] = None
        paths = [os.fsencode(base) for base in bases if isinstance(base, (str, os.PathLike))]
        if len(paths) not in (0, len(bases)):
            raise McncError("bases must be paths, or all be models that are open already")
        if paths:
            native.set_base_files(paths)
        else:
            for index, model in enumerate(bases):
                native.set_base(index, Base(model))

    @property
    def tensors(self) -> Mapping[str, TensorInfo]:
        """The file's tensors by name, in the order of the file, factors included. Remains after `close`, once used."""
        return self._table()

    def _table(self) -> _Tensors:
        if self._tensors is None:
            self._tensors = _Tensors(self._native)
        return self._tensors

    @property
    def metadata(self) -> Mapping[str, MetadataValue]:
        """The file's metadata: text, whole numbers, floats and booleans by key."""
        return MappingProxyType(self._native.metadata())

    @property
    def bases(self) -> Tuple[BaseInfo, ...]:
        """The models that tensors of this file start from, in the order that `mcnc.open` takes them in."""
        return tuple(BaseInfo(*base) for base in self._native.bases())

    @property
    def digest(self) -> str:
        """The weights identity, 64 hexadecimal digits: equal for any two files that decode to the same tensors."""
        return self._native.weights_identity()

    @property
    def file_digest(self) -> str:
        """SHA-256 that stands for every byte of the file, 64 hexadecimal digits."""
        return self._native.file_digest()

    @overload
    def decode(  # type: ignore[misc]  # None and a NumPy array are of any type, too: this comes first
        self, name: str, *, rows: Union[slice, Tuple[int, int], None] = None, out: Optional[Array] = None
    ) -> Array: ...

    @overload
    def decode(self, name: str, *, rows: Union[slice, Tuple[int, int], None] = None, out: Out) -> Out: ...

    def decode(self, name: str, *, rows: Union[slice, Tuple[int, int], None] = None, out: Any = None) -> Any:
        """Decodes the tensor `name`, or rows of it, into an array.

        Args:
            name: one of `tensors`.
            rows: a slice, or (first, one behind the last), of the first dimension; it costs what these rows cost. The
                digest, which covers whole tensors, is not compared then.
            out: where the values go: a writable array, row-major without gaps, of the shape of the result and the dtype
                that the result would have, or of bytes (uint8) of that many. It is written without a copy in between,
                and returned. What it holds after an error is not defined. In a file that was opened with a device, also
                an array of another package in memory of that device, such as a PyTorch or CuPy tensor, by its
                `__dlpack__` or its `__cuda_array_interface__`. Then the call returns when the digest has been compared;
                where it is not, with `rows` or check_digests=False, before the values are there: they come in the
                device's stream.

        Returns:
            `out`, or a new array, which the caller owns: little-endian; bfloat16 and 8-bit floats are those of ml_dtypes
            where it is installed, else the bits, as uint16 and uint8.

        Raises:
            McncError: argument where name, rows or out do not fit; file and tensor digests that differ, a base model that
                is missing, and whatever else reading the file can bring.
        """
        table = self._table()
        index = table.index(name)
        info = table[name]
        dtype = to_numpy(info.dtype)
        if rows is None:
            if self._device is not None and is_on_device(out):
                return self._decode_to_device(index, None, info.dtype, info.shape, out)
            array = _output(out, info.shape, dtype)
            self._native.decode(index, array.reshape(-1).view(np.uint8))
            return array if out is None else out
        if not info.shape:
            raise McncError(f'tensor "{name}" is a scalar, which has no rows')
        first, last = _row_range(rows, info.shape[0])
        row = 1
        for length in info.shape[1:]:
            row *= length
        shape = (last - first,) + info.shape[1:]
        if self._device is not None and is_on_device(out):
            return self._decode_to_device(index, (first * row, (last - first) * row), info.dtype, shape, out)
        array = _output(out, shape, dtype)
        self._native.decode_range(index, first * row, (last - first) * row, array.reshape(-1).view(np.uint8))
        return array if out is None else out

    def _decode_to_device(
        self, index: int, elements: Optional[Tuple[int, int]], dtype: str, shape: Tuple[int, ...], out: Any
    ) -> Any:
        assert self._device is not None
        array = device_array(out, self._device)
        nbytes = int(np.prod(shape, dtype=object)) * to_numpy(dtype).itemsize
        check_fits(array, dtype, shape, nbytes)
        if elements is None:
            self._native.decode_to_device(index, array.address, nbytes)
        else:
            self._native.decode_range_to_device(index, *elements, array.address, nbytes)
        return out

    def verify(self) -> None:
        """Reads and checks everything the file holds, and keeps nothing. McncError says what is wrong."""
        self._native.verify()

    def close(self) -> None:
        """Lets go of the file, of its buffer or file object and of what was expanded; any number of times."""
        self._native.close()

    @property
    def closed(self) -> bool:
        return self._native.closed

    def __enter__(self) -> File:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return "<mcnc.File, closed>" if self.closed else f"<mcnc.File of {len(self.tensors)} tensors>"


def _output(out: Optional[Array], shape: Tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """`out`, if the result fits it exactly, or a new array."""
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise McncError(f"out must be a NumPy array, not {type(out).__name__}")
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    as_bytes = out.dtype == np.uint8 and out.ndim == 1 and dtype != np.uint8
    if as_bytes and out.nbytes != size:
        raise McncError(f"out has {out.nbytes} bytes where the result has {size}")
    if not as_bytes and (out.dtype != dtype or out.shape != shape):
        raise McncError(f"out is {out.dtype} {out.shape} where the result is {dtype} {shape}")
    if not out.flags.c_contiguous:
        raise McncError("out must be row-major without gaps (C-contiguous)")
    if not out.flags.writeable:
        raise McncError("out is read-only")
    return out


def open(
    file: Any,
    *,
    limits: Limits = Limits(),
    threads: int = 1,
    bases: Any = (),
    check_digests: bool = True,
    generators: Optional[GeneratorCache] = None,
    device: Optional[Cuda] = None,
) -> File:
    """Opens a .mcnc file: reads the preamble and the manifest and checks every rule about them.

    Args:
        file: a path (str or os.PathLike) of a .mcnc file, or of a folder as of a repository on a hub: then model.mcnc in
            it is opened, or the only .mcnc file there is, and where `bases` are not given it starts from what is in the
            folder `base` beside it. Or bytes, or another object with a contiguous buffer (bytearray, memoryview, mmap,
            an array), which must not change while the file is open; or a file object, which has seek and read, or `size`
            and `read_at(offset, count)`. Of a file object only what is needed is read: preamble and manifest at first,
            then the segments of the tensors that are decoded, so that files behind HTTP ranges or in fsspec file systems
            need not be fetched as a whole. The file object stays the caller's and must stay open.
        limits: the most that decoding the file may take.
        threads: processors that decode, 1 to 1024. The values do not depend on it.
        bases: models that tensors of the file start from. Either paths, in any order, of .mcnc files, of safetensors
            files, of indices of their shards, or of folders with one of these: a .mcnc file is recognized by its weights
            identity, and may start from others of them. Or, for each of `File.bases` in that order, what it is: a mapping
            from names to arrays, or an open File.
        check_digests: whether the digest of every tensor that is decoded is compared. Without it decoding is faster;
            the digests of the file's segments and the fingerprints of its generators are compared still.
        generators: shared with other files that are opened with it, so that generators are drawn once for all of them.
        device: a GPU that makes the weights in place of the processor.

    Raises:
        McncError: everything that the first bytes of the file can show.
    """
    arguments = (tuple(Limits(*limits)), threads, check_digests, generators, checked(device))
    folder = None
    if isinstance(file, (str, os.PathLike)):
        path = os.fsdecode(file)
        if os.path.isdir(path):
            folder = path
            path = model_in(folder)
        native = _native.open_path(os.fsencode(path), *arguments)
    elif hasattr(file, "read") and not isinstance(file, memoryview) or hasattr(file, "read_at"):
        source = source_of(file)
        native = _native.open_source(source, source.size, *arguments)
    else:
        native = _native.open_buffer(file, *arguments)
    if folder is not None and not isinstance(bases, (Mapping, File)) and not bases and native.bases():
        bases = bases_in(folder)
    return File(native, (bases,) if isinstance(bases, (str, os.PathLike, Mapping, File)) else tuple(bases), device)
