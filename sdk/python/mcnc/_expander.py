# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Training in code space, for any framework that has gradients and an optimizer."""

from __future__ import annotations

import math
import os
from typing import Any, Dict, Optional, Sequence, Tuple, Union

import numpy as np

from . import _native
from ._dtypes import to_numpy
from ._file import Array
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

    Threads may share an expander: calls wait for each other and do not hold the GIL. It can be copied and pickled; after a
    fork, the child makes threads of its own.
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

        Raises:
            McncError: argument, where one of them is out of range.
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
            native = _native.Expander(self._options, self._threads)
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

    def weights(
        self,
        alpha: Array,
        beta: Array,
        shape: Union[int, Sequence[int]],
        *,
        dtype: str = "F32",
        theta0: Union[None, Uniform, Array] = None,
        out: Optional[Array] = None,
    ) -> Array:
        """theta0 + beta * phi(alpha), (shape), bit for bit what a file with these codes decodes to.

        Args:
            alpha, beta: the codes, as described above. They must be finite.
            shape: of the tensor.
            dtype: what its elements are rounded to: "F32", "F16" or "BF16".
            theta0: what the codes add to: None for zero, `Uniform`, or float32 of that shape.
            out: where the weights go: a writable array without gaps of as many bytes. None: a new one, as `File.decode`
                would return it.

        Raises:
            McncError: argument, where something does not fit or is not finite.
        """
        self.chunks(shape)
        _choice(_WEIGHT_TYPES, dtype, "dtype")
        elements = _elements(shape)
        if isinstance(theta0, Uniform):
            theta0 = theta0.values(shape)
        start = None if theta0 is None else _floats(theta0, "theta0")
        array = np.empty(shape, to_numpy(dtype)) if out is None else out
        if not isinstance(array, np.ndarray):
            raise McncError(f"out must be a NumPy array, not {type(array).__name__}")
        if array.nbytes != elements * to_numpy(dtype).itemsize or not array.flags.c_contiguous:
            raise McncError(f"out must be {elements} elements of {dtype}, without gaps")
        self._expander.weights(
            _floats(alpha, "alpha"), _floats(beta, "beta"), start, dtype, array.reshape(-1).view(np.uint8)
        )
        return array

    def gradients(self, alpha: Array, beta: Array, gradient: Array) -> Tuple[Array, Array]:
        """The gradients of alpha and of beta, float32 of their shapes, of a loss whose gradient with respect to the
        weights is `gradient`. Rounding counts as the identity (straight-through). A gradient that is not finite gives
        gradients that are not. Raises McncError (argument) as `weights` does."""
        of_alpha = np.empty(np.shape(alpha), np.float32)
        of_beta = np.empty(np.shape(beta), np.float32)
        self._expander.gradients(
            _floats(alpha, "alpha"), _floats(beta, "beta"), _floats(gradient, "gradient"), of_alpha, of_beta
        )
        return of_alpha, of_beta

    def codes(self, alpha: Array, beta: Array) -> Codes:
        """These codes as a file stores them, for `mcnc.write`. McncError (argument) where they are not finite."""
        alpha_bytes, beta_bytes, _ = self._expander.stored(_floats(alpha, "alpha"), _floats(beta, "beta"))
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


def _elements(shape: Union[int, Sequence[int]]) -> int:
    return int(math.prod(shape if isinstance(shape, Sequence) else np.atleast_1d(shape).tolist()))


def _floats(array: Any, what: str) -> Array:
    """`array` without gaps in float32; a view where it is so already."""
    array = np.asarray(array)
    if array.dtype.kind not in "fiu" and array.dtype.name != "bfloat16":
        raise McncError(f"{what} must be numbers, not {array.dtype}")
    return np.ascontiguousarray(array, np.float32)
