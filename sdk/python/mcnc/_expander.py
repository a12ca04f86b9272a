# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Training in code space, for any framework that has gradients and an optimizer."""

from __future__ import annotations

import math
import os
from typing import Any, Dict, Optional, Sequence, Tuple, Union, overload

import numpy as np

from . import _native
from ._device import Cuda, DeviceArray, check_fits, checked, device_array, is_on_device
from ._dtypes import to_numpy
from ._file import Array, Out
from ._write import _BETA_TYPES as _WEIGHT_TYPES
from ._write import Codes, Generator, Layer, Uniform, _choice, _whole
from .errors import McncError


class CodeExpander:
    """Makes weights of codes that are being trained, exactly as files with these codes will decode, and takes gradients
    of the weights back to gradients of the codes.

    A tensor of `e` elements has n = ceil(e / chunk_dim) chunks. Its codes are two float32 arrays, of which the caller's
    optimizer may make what it likes: alpha (n, codes_per_chunk, code_dim), in half turns (1.0 times a weight of 128 turns
    the phase of the first layer by half a turn), and beta (n, codes_per_chunk), as Euclidean norm of a chunk. Before
    anything is made of them they are rounded to what a file stores, those beyond its range to the end of it.

    >>> expander = CodeExpander(code_dim=2, chunk_dim=64, seed=7)
    >>> alpha, beta = expander.empty_codes((8, 16))
    >>> alpha[:] = 0.25
    >>> beta[:] = 0.5
    >>> weights = expander.weights(alpha, beta, (8, 16))
    >>> of_alpha, of_beta = expander.gradients(alpha, beta, weights)
    >>> of_alpha.shape, of_beta.shape
    ((2, 1, 2), (2, 1))
    >>> import mcnc
    >>> data = mcnc.write(None, {"w": mcnc.Generated(expander.codes(alpha, beta), (8, 16))})
    >>> bool((mcnc.numpy.load(data)["w"] == weights).all())
    True

    With a device, arrays may be memory of a GPU: objects with `__dlpack__` or `__cuda_array_interface__`, such as tensors of
    PyTorch and arrays of CuPy. Nothing of them goes to the host, a call may return before its work is done, which comes in
    the device's stream, and the weights are the same, bit for bit. Gradients are the same up to rounding, and the same bits
    every time on one device. Nobody checks there whether codes are finite: where one is not, the weights of its chunk, and
    its gradients, are NaN.

    Threads may share an expander: calls wait for each other and do not hold the GIL. Without a device it can be copied and
    pickled. After a fork, the child makes threads of its own, and cannot use the device.
    """

    def __init__(
        self,
        *,
        code_dim: int = 9,
        chunk_dim: int = 1024,
        codes_per_chunk: int = 1,
        hidden: Sequence[int] = (),
        seed: int = 0,
        frequency: int = 1 << 19,
        alpha_dtype: str = "I8",
        beta_dtype: str = "BF16",
        threads: int = 1,
        device: Optional[Cuda] = None,
    ) -> None:
        """
        Args:
            code_dim: k, how many numbers of alpha a code has.
            chunk_dim: d, how many weights a code makes.
            codes_per_chunk: m, how many codes are added up in a chunk.
            hidden: widths of the generator's sine layers before the last; at most 15.
            seed: of the generator.
            frequency: of the generator's first layer. A stored alpha is a multiple of `alpha_step`, which is frequency
                times 2^-24: a coarser step makes a smaller file.
            alpha_dtype, beta_dtype: what a file stores: "I8" or "I16"; "F32", "F16" or "BF16".
            threads: processors that compute, 1 to 1024. The numbers do not depend on it.
            device: the GPU whose memory arrays may be, `mcnc.Cuda()`.

        Raises:
            McncError: argument, where one of them is out of range; device, with what CUDA says.
        """
        self._options = (
            _whole(code_dim, 32, "code_dim"),
            _whole(chunk_dim, 32, "chunk_dim"),
            _whole(codes_per_chunk, 32, "codes_per_chunk"),
            [_whole(width, 32, "the width of a hidden layer") for width in hidden],
            _whole(seed, 64, "seed"),
            _whole(frequency, 32, "frequency"),
            str(alpha_dtype),
            str(beta_dtype),
        )
        self._threads = _whole(threads, 31, "threads")
        self._device = checked(device)
        self._made: Tuple[int, Optional[_native.Expander]] = (0, None)
        layers = [Layer(width, frequency=number) for width, number in self._expander.layers()]
        self.code_dim, self.chunk_dim, self.codes_per_chunk = self._options[:3]
        self.alpha_dtype, self.beta_dtype = self._options[6:]
        self.beta_exponent = -15 - (self.chunk_dim.bit_length() - 1) // 2
        self.beta_norm = float(np.float32(32767 * 2.0**self.beta_exponent) * np.sqrt(np.float32(self.chunk_dim) / 2))
        self.alpha_step = self._options[5] * 2.0**-24
        self.generator = Generator(code_dim=self.code_dim, layers=layers, seed=self._options[4])

    @property
    def _expander(self) -> _native.Expander:
        """The expander of this process."""
        process, native = self._made
        if native is None or process != os.getpid():
            # A child of fork() cannot use its parent's device, and computes on the host.
            device = None if self._device is None or self._device.is_forked else self._device
            native = _native.Expander(self._options, self._threads, device)
            self._made = (os.getpid(), native)
        return native

    def __getstate__(self) -> Dict[str, Any]:
        return {**self.__dict__, "_made": (0, None)}

    def chunks(self, shape: Union[int, Sequence[int]]) -> int:
        """How many chunks a tensor of that shape has. McncError (argument) where it has no elements."""
        elements = _elements(shape)
        if elements < 1:
            raise McncError(f"a tensor of shape {shape} has no elements that codes could make")
        return -(-elements // self.chunk_dim)

    def empty_codes(self, shape: Union[int, Sequence[int]]) -> Tuple[Array, Array]:
        """alpha and beta for a tensor of that shape, all of them 0."""
        chunks, per_chunk = self.chunks(shape), self.codes_per_chunk
        return np.zeros((chunks, per_chunk, self.code_dim), np.float32), np.zeros((chunks, per_chunk), np.float32)

    @overload
    def weights(  # type: ignore[misc]  # None and a NumPy array are of any type, too: this comes first
        self,
        alpha: Array,
        beta: Array,
        shape: Union[int, Sequence[int]],
        *,
        dtype: str = "F32",
        theta0: Union[None, Uniform, Array] = None,
        out: Optional[Array] = None,
    ) -> Array: ...

    @overload
    def weights(
        self,
        alpha: Any,
        beta: Any,
        shape: Union[int, Sequence[int]],
        *,
        dtype: str = "F32",
        theta0: Any = None,
        out: Out,
    ) -> Out: ...

    def weights(
        self,
        alpha: Any,
        beta: Any,
        shape: Union[int, Sequence[int]],
        *,
        dtype: str = "F32",
        theta0: Any = None,
        out: Any = None,
    ) -> Any:
        """theta0 + beta * phi(alpha), (shape), bit for bit what a file with these codes decodes to.

        Args:
            alpha, beta: the codes, of the shapes above, where dimensions of length 1 may be missing. They must be finite.
            shape: of the tensor.
            dtype: what its elements are rounded to: "F32", "F16" or "BF16".
            theta0: what the codes add to: None for zero, `Uniform`, or float32 of that shape, where dimensions of length 1
                may be missing.
            out: where the weights go: a writable array without gaps of as many bytes. None: a new one, as `File.decode`
                would return it.

        Where alpha is on the device, beta, theta0 (if not None) and out must be there, too, and out must be given.

        Raises:
            McncError: argument, where something does not fit or is not finite; device, with what CUDA says.
        """
        self.chunks(shape)
        _choice(_WEIGHT_TYPES, dtype, "dtype")
        elements = _elements(shape)
        if is_on_device(alpha):
            return self._weights_on_device(alpha, beta, shape, dtype, theta0, out)
        codes = self._codes(alpha, beta, self.chunks(shape))
        if isinstance(theta0, Uniform):
            theta0 = theta0.values(shape)
        start = None if theta0 is None else _floats(theta0, "theta0")
        if start is not None:
            _check_shape(start.shape, _lengths(shape), "theta0")
        array = np.empty(shape, to_numpy(dtype)) if out is None else out
        if not isinstance(array, np.ndarray):
            raise McncError(f"out must be a NumPy array, not {type(array).__name__}")
        if array.nbytes != elements * to_numpy(dtype).itemsize or not array.flags.c_contiguous:
            raise McncError(f"out must be {elements} elements of {dtype}, without gaps")
        self._expander.weights(*codes, start, dtype, array.reshape(-1).view(np.uint8))
        return array

    @overload
    def gradients(self, alpha: Array, beta: Array, gradient: Array) -> Tuple[Array, Array]: ...

    @overload
    def gradients(self, alpha: Any, beta: Any, gradient: Any, *, out: Tuple[Out, Out]) -> Tuple[Out, Out]: ...

    def gradients(
        self, alpha: Any, beta: Any, gradient: Any, *, out: Optional[Tuple[Any, Any]] = None
    ) -> Tuple[Any, Any]:
        """The gradients of alpha and of beta, float32 of their shapes, of a loss whose gradient with respect to the
        weights is `gradient`. Rounding counts as the identity (straight-through). A gradient that is not finite gives
        gradients that are not. out: where both go if alpha is on the device; beta and gradient must be there, too. Raises
        McncError as `weights` does."""
        if is_on_device(alpha):
            return self._gradients_on_device(alpha, beta, gradient, out)
        if out is not None:
            raise McncError("out is for codes on a device")
        of_weights = _floats(gradient, "gradient")
        codes = self._codes(alpha, beta, self.chunks(of_weights.size))
        of_alpha, of_beta = np.empty_like(codes[0]), np.empty_like(codes[1])
        self._expander.gradients(*codes, of_weights, of_alpha, of_beta)
        return of_alpha, of_beta

    def _codes(self, alpha: Any, beta: Any, chunks: int) -> Tuple[Array, Array]:
        codes = _floats(alpha, "alpha"), _floats(beta, "beta")
        for array, name, shape in zip(codes, ("alpha", "beta"), self._shapes(chunks)):
            _check_shape(array.shape, shape, name)
        return codes

    def _weights_on_device(self, alpha: Any, beta: Any, shape: Any, dtype: str, theta0: Any, out: Any) -> Any:
        lengths, elements = _lengths(shape), _elements(shape)
        codes = self._codes_on_device(alpha, beta, self.chunks(shape))
        if isinstance(theta0, Uniform):
            raise McncError("theta0 must be in memory of the device, as alpha is, or None")
        start = None if theta0 is None else self._on_device(theta0, "theta0")
        if start is not None:
            _check_shape(start.shape, lengths, "theta0")
        made = self._taken(out, "out", writable=True)
        check_fits(made, dtype, lengths, elements * to_numpy(dtype).itemsize)
        self._expander.weights_on_device(
            codes[0].address,
            codes[1].address,
            self.chunks(shape),
            0 if start is None else start.address,
            elements,
            dtype,
            made.address,
        )
        return out

    def _gradients_on_device(self, alpha: Any, beta: Any, gradient: Any, out: Any) -> Tuple[Any, Any]:
        of_weights = self._on_device(gradient, "gradient")
        elements = of_weights.nbytes // 4
        chunks = self.chunks(elements)
        codes = self._codes_on_device(alpha, beta, chunks)
        if not isinstance(out, tuple) or len(out) != 2:
            raise McncError("out must be given where codes are on a device: a pair, for the gradients of alpha and of beta")
        names = ("the gradient of alpha", "the gradient of beta")
        made = self._codes_on_device(out[0], out[1], chunks, names, writable=True)
        self._expander.gradients_on_device(
            codes[0].address,
            codes[1].address,
            chunks,
            of_weights.address,
            elements,
            made[0].address,
            made[1].address,
        )
        return out[0], out[1]

    def _codes_on_device(
        self,
        alpha: Any,
        beta: Any,
        chunks: int,
        names: Tuple[str, str] = ("alpha", "beta"),
        writable: bool = False,
    ) -> Tuple[DeviceArray, DeviceArray]:
        taken = self._on_device(alpha, names[0], writable), self._on_device(beta, names[1], writable)
        for array, name, shape in zip(taken, names, self._shapes(chunks)):
            _check_shape(array.shape, shape, name)
        return taken

    def _on_device(self, array: Any, what: str, writable: bool = False) -> DeviceArray:
        """float32 numbers on the device."""
        taken = self._taken(array, what, writable)
        if taken.elements != (2, 32):
            raise McncError(f"{what} on a device must be float32, and has elements (DLPack code, bits) {taken.elements}")
        return taken

    def _taken(self, array: Any, what: str, writable: bool = False) -> DeviceArray:
        if self._device is None:
            raise McncError("alpha is memory of a CUDA device: make the expander with device=mcnc.Cuda()")
        self._device.refuse_after_fork()
        if not is_on_device(array):
            raise McncError(f"{what} must be in memory of the device, as alpha is")
        return device_array(array, self._device, writable)

    def _shapes(self, chunks: int) -> Tuple[Tuple[int, ...], Tuple[int, ...]]:
        """Of alpha and beta."""
        return (chunks, self.codes_per_chunk, self.code_dim), (chunks, self.codes_per_chunk)

    def codes(self, alpha: Array, beta: Array) -> Codes:
        """These codes as a file stores them, for `mcnc.write`. McncError (argument) where they are not finite."""
        alpha_bytes, beta_bytes, _ = self._expander.stored(*self._codes(alpha, beta, len(np.atleast_1d(alpha))))
        planar = np.frombuffer(alpha_bytes, "<i2" if self.alpha_dtype == "I16" else "i1").reshape(self.code_dim, -1)
        bits = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}[self.beta_dtype]
        shape = (-1, self.codes_per_chunk)
        return Codes(
            self.generator,
            planar.T.reshape(*shape, self.code_dim),
            np.frombuffer(beta_bytes, bits).reshape(shape),
            self.beta_exponent,
            beta_dtype=self.beta_dtype,
        )


def _lengths(shape: Any) -> Tuple[int, ...]:
    return tuple(shape if isinstance(shape, Sequence) else np.atleast_1d(shape).tolist())


def _elements(shape: Union[int, Sequence[int]]) -> int:
    return int(math.prod(_lengths(shape)))


def _check_shape(shape: Tuple[int, ...], expected: Tuple[int, ...], what: str) -> None:
    if [length for length in shape if length != 1] != [length for length in expected if length != 1]:
        raise McncError(f"{what} must be {expected}, and is {tuple(shape)}")


def _floats(array: Any, what: str) -> Array:
    """`array` without gaps in float32; a view where it is so already."""
    array = np.asarray(array)
    if array.dtype.kind not in "fiu" and array.dtype.name != "bfloat16":
        raise McncError(f"{what} must be numbers, not {array.dtype}")
    return np.ascontiguousarray(array, np.float32)
