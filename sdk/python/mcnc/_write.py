# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Generators, codes, and files made of them.

A chunk of d weights is theta0 + the sum over its m codes of beta * phi(alpha), where alpha has k numbers (code_dim) and
the generator phi is a network of fixed weights, drawn from a seed or stored.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from . import _native
from ._base import Base
from ._dtypes import dtype_of, little_endian_bytes, of_array
from ._file import Array, Limits, MetadataValue, open
from .errors import McncError

_ARITHMETICS = {"integer": 0, "float32": 1}
_ACTIVATIONS = {"sine": 0, "identity": 1}
_ALPHA_TYPES = {"I8": 0, "I16": 1, "F32": 2, "F16": 3, "BF16": 4}
_BETA_TYPES = {"F32": 0, "F16": 1, "BF16": 2}


def _whole(value: Any, bits: int, what: str) -> int:
    """`value` as a number of `bits` bits without a sign."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise McncError(f"{what} must be a whole number, not {type(value).__name__}")
    if not 0 <= value < 1 << bits:
        raise McncError(f"{what} must be 0 to 2^{bits} - 1, not {value}")
    return int(value)


def _choice(names: Mapping[str, int], value: str, what: str) -> int:
    if value not in names:
        raise McncError(f"{what} must be one of {', '.join(names)}, not {value!r}")
    return names[value]


@dataclass(frozen=True)
class Layer:
    """A dense layer of a generator, from n_in inputs to `width` outputs."""

    width: int
    activation: str = "sine"  # or "identity", the last layer only
    frequency: int = 0  # integer sine: 2^-32 turn of the phase per unit of the sum
    turns: float = 0.0  # float32 sine: turns per unit of the sum
    weights_scale: float = 0.0  # float32 drawn weights: uniform in [-1, 1) times this
    weights: Optional[Array] = None  # stored ones, (n_in, width): int8, or float32, float16, bfloat16; None: drawn
    bias: Optional[Array] = None  # float32 arithmetic: (width), float32; None: none


@dataclass(frozen=True, eq=False)
class Generator:
    """phi: codes of `code_dim` numbers to chunks of `chunk_dim` weights.

    >>> phi = Generator(code_dim=3, layers=[Layer(8, frequency=2**18)], seed=1)
    >>> phi.weights(0).shape, phi.weights(0).dtype
    ((3, 8), dtype('int8'))
    >>> phi.phi(np.array([[5, -7, 100]], np.int8)).astype(int).tolist()
    [[-22759, -20100, -32230, 15489, 7960, 5971, -16040, 5378]]
    """

    code_dim: int
    layers: Sequence[Layer]
    seed: int = 0
    arithmetic: str = "integer"  # or "float32"
    unit_norm: bool = False  # float32 arithmetic: outputs are divided by their Euclidean norm

    @property
    def chunk_dim(self) -> int:
        """d, the number of weights that a code makes."""
        return self.layers[-1].width

    def weights(self, layer: int) -> Array:
        """Weights of layer number `layer`, (n_in, width), as the decoder has them: what the seed draws, int8 for integer
        arithmetic and float32 for float32 arithmetic, or a copy of the stored ones."""
        if not 0 <= layer < len(self.layers):
            raise McncError(f"the generator has no layer {layer}")
        described = self.layers[layer]
        if described.weights is not None:
            return np.array(described.weights)
        n_in = self.code_dim if layer == 0 else self.layers[layer - 1].width
        for size in (n_in, described.width):
            if not 1 <= size <= 1 << 28:
                raise McncError(f"the sizes of a layer must be 1 to 2^28, not {size}")
        dtype = np.int8 if self.arithmetic == "integer" else np.float32
        out = np.empty((n_in, described.width), dtype)
        drawn = _Parts()
        _native.draw_weights(drawn.generator(self), layer, out.reshape(-1).view(np.uint8))
        return out

    def phi(self, alpha: Array, *, threads: int = 1) -> Array:
        """phi(alpha) by the decoder itself, bit for bit what files of this generator decode with.

        Args:
            alpha: (count, code_dim) of a type that `Codes` takes.
            threads: as of `mcnc.open`.

        Returns:
            (count, chunk_dim) float32. A sine of integer arithmetic is -32767 to 32767, one of float32 arithmetic -1 to 1.
        """
        alpha = np.asarray(alpha)
        if alpha.ndim != 2:
            raise McncError(f"alpha must be (count, code_dim), not {alpha.shape}")
        shape = (alpha.shape[0], self.chunk_dim)
        if alpha.shape[0] == 0:
            return np.empty(shape, "<f4")
        codes = Codes(self, alpha, beta=1.0)
        data = write(None, {"phi": Generated(codes, shape)}, zstd_level=1, threads=threads)
        everything = (1 << 64) - 1
        with open(data, limits=Limits(everything, everything, everything), threads=threads, check_digests=False) as file:
            return file.decode("phi")


@dataclass(frozen=True, eq=False)
class Codes:
    """The codes of n chunks, m for each.

    `alpha` is (n, m, code_dim), or (n, code_dim) for m = 1: int8 or int16 for a generator of integer arithmetic; float32,
    float16, bfloat16 or the former two, times `alpha_scale`, for one of float32 arithmetic. `beta` is (n, m) or (n) of
    float32, float16 or bfloat16, times 2^beta_exponent; or one number for all codes. `beta_dtype`: "BF16" where beta is
    bits of bfloat16 in uint16, as NumPy itself has them.
    """

    generator: Generator
    alpha: Array
    beta: Union[Array, float] = 1.0
    beta_exponent: int = 0
    alpha_scale: float = 1.0
    beta_dtype: str = ""


@dataclass(frozen=True)
class Uniform:
    """A theta0 of random numbers: `scale` times an int16 that (seed, stream) draws for each element."""

    seed: int
    scale: float
    stream: int = 0

    def values(self, shape: Union[int, Sequence[int]], first: int = 0) -> Array:
        """The float32 values of a tensor of that shape, from its element number `first` on."""
        out = np.empty(shape, np.float32)
        _native.draw_theta0(
            _whole(self.seed, 64, "seed"),
            _whole(self.stream, 32, "stream"),
            float(self.scale),
            _whole(first, 64, "first"),
            out.reshape(-1).view(np.uint8),
        )
        return out


@dataclass(frozen=True)
class FromBase:
    """A theta0 that is a tensor of a base model: `base` is a key of what `write` takes as `bases`, `tensor` the name
    there, "" for the same name."""

    base: str
    tensor: str = ""


Theta0 = Union[None, float, Uniform, FromBase, Array]


@dataclass(frozen=True, eq=False)
class Stored:
    """A tensor that is kept as it is. `factor`: made for products only, no part of the model. `dtype`: "BF16", "F8_E4M3"
    or "F8_E5M2" where the array has the bits of such numbers, in uint16 or uint8, as NumPy itself has them."""

    array: Array
    factor: bool = False
    dtype: str = ""


@dataclass(frozen=True, eq=False)
class Generated:
    """A tensor of weights that codes make: those from `first_element` on, of the n * chunk_dim weights of `codes`.

    theta0 is what they are added to: None for zero, a number, `Uniform`, `FromBase`, or an array of the tensor's shape of
    float32, float16 or bfloat16. `slices`: equal parts of the first dimension, each of which starts a chunk. `dtype`:
    "F32", "F16" or "BF16". Codes whose tensors are given one object are written once.
    """

    codes: Codes
    shape: Sequence[int]
    dtype: str = "F32"
    first_element: int = 0
    slices: int = 1
    theta0: Theta0 = None
    factor: bool = False


@dataclass(frozen=True, eq=False)
class Product:
    """theta0 + scale * B A, (rows, columns), of two other tensors of the file by name: b (rows, rank), a (rank, columns)."""

    b: str
    a: str
    scale: float = 1.0
    dtype: str = "F32"
    theta0: Theta0 = None


@dataclass(frozen=True)
class Shared:
    """The same tensor as another one of the file, by name, under a name of its own: tied weights."""

    tensor: str


class _Parts:
    """Collects what the tensors of a model are made of, as _native.write takes it."""

    def __init__(self, bases: Optional[Mapping[str, Any]] = None) -> None:
        self.segments: List[Array] = []
        self.generators: List[Tuple[Any, ...]] = []
        self.codes: List[Tuple[Any, ...]] = []
        self.bases = {name: Base(model) for name, model in (bases or {}).items()}
        self._generator_indices: Dict[int, int] = {}
        self._codes_indices: Dict[int, int] = {}

    def segment(self, array: Any) -> int:
        self.segments.append(little_endian_bytes(array))
        return len(self.segments) - 1

    def generator(self, generator: Generator) -> Tuple[Any, ...]:
        layers = []
        n_in = generator.code_dim
        for layer in generator.layers:
            weights = weights_type = bias = None
            if layer.weights is not None:
                array = np.asarray(layer.weights)
                wanted = ("I8",) if generator.arithmetic == "integer" else ("F32", "F16", "BF16")
                if array.shape != (n_in, layer.width) or of_array(array.dtype) not in wanted:
                    raise McncError(
                        f"the weights of a layer must be ({n_in}, {layer.width}) of {' or '.join(wanted)}, "
                        f"not {array.shape} of {array.dtype}"
                    )
                weights = self.segment(array)
                weights_type = of_array(array.dtype) if generator.arithmetic == "float32" else None
            if layer.bias is not None:
                array = np.asarray(layer.bias)
                if array.shape != (layer.width,) or of_array(array.dtype) != "F32":
                    raise McncError(f"the bias of a layer must be ({layer.width}) of float32")
                bias = self.segment(array)
            layers.append(
                (
                    _whole(layer.width, 32, "width"),
                    _choice(_ACTIVATIONS, layer.activation, "activation"),
                    _whole(layer.frequency, 32, "frequency"),
                    weights,
                    float(layer.turns),
                    float(layer.weights_scale),
                    weights_type or "F32",
                    bias,
                )
            )
            n_in = layer.width
        return (
            _choice(_ARITHMETICS, generator.arithmetic, "arithmetic"),
            _whole(generator.code_dim, 32, "code_dim"),
            _whole(generator.seed, 64, "seed"),
            bool(generator.unit_norm),
            layers,
        )

    def generator_index(self, generator: Generator) -> int:
        if id(generator) not in self._generator_indices:
            self.generators.append(self.generator(generator))
            self._generator_indices[id(generator)] = len(self.generators) - 1
        return self._generator_indices[id(generator)]

    def codes_index(self, codes: Codes) -> int:
        if id(codes) not in self._codes_indices:
            self.codes.append(self._codes(codes))
            self._codes_indices[id(codes)] = len(self.codes) - 1
        return self._codes_indices[id(codes)]

    def _codes(self, codes: Codes) -> Tuple[Any, ...]:
        alpha = np.asarray(codes.alpha)
        if alpha.ndim == 2:
            alpha = alpha[:, np.newaxis, :]
        k = codes.generator.code_dim
        if alpha.ndim != 3 or alpha.shape[2] != k:
            raise McncError(f"alpha must be (chunks, codes per chunk, {k}), not {np.shape(codes.alpha)}")
        chunks, per_chunk = alpha.shape[:2]
        beta_type, beta_segment, one = "F32", None, 0.0
        if np.ndim(codes.beta) == 0:
            one = float(codes.beta)
        else:
            beta = np.asarray(codes.beta)
            if beta.shape not in ((chunks, per_chunk), (chunks,) if per_chunk == 1 else ()):
                raise McncError(f"beta must be ({chunks}, {per_chunk}) as alpha's codes are, not {beta.shape}")
            beta_type, beta_segment = dtype_of(beta, codes.beta_dtype), self.segment(beta)
        exponent = int(codes.beta_exponent)
        if not -64 <= exponent <= 63:
            raise McncError(f"beta_exponent must be -64 to 63, not {exponent}")
        return (
            self.generator_index(codes.generator),
            chunks,
            per_chunk,
            _choice(_ALPHA_TYPES, of_array(alpha.dtype), "the type of alpha"),
            self.segment(alpha.reshape(-1, k).T),  # planar: number i of all codes, then number i + 1
            _choice(_BETA_TYPES, beta_type, "the type of beta"),
            exponent,
            beta_segment,
            one,
            float(codes.alpha_scale),
        )

    def theta0(self, theta0: Any, name: str, shape: Tuple[int, ...]) -> Optional[Tuple[Any, ...]]:
        if theta0 is None:
            return None
        if isinstance(theta0, Uniform):
            seed, stream = _whole(theta0.seed, 64, "seed"), _whole(theta0.stream, 32, "stream")
            return ("uniform", seed, stream, float(theta0.scale))
        if isinstance(theta0, FromBase):
            if theta0.base not in self.bases:
                raise McncError(f"tensor {name}: there is no base {theta0.base!r} among the bases that were given")
            base, tensor = self.bases[theta0.base], theta0.tensor or name
            found = base.find(tensor)
            if found is None:
                raise McncError(f"tensor {name}: base {theta0.base!r} has no tensor {tensor!r}")
            return ("base", list(self.bases).index(theta0.base), theta0.tensor, found[0], base.digest(tensor))
        if np.ndim(theta0) == 0:
            return ("constant", float(theta0))
        array = np.asarray(theta0)
        if array.shape != shape:
            raise McncError(f"tensor {name}: theta0 is {array.shape} where the tensor is {shape}")
        return ("stored", self.segment(array), of_array(array.dtype))

    def tensor(self, name: str, tensors: Mapping[str, Any]) -> Tuple[Any, ...]:
        value = tensors[name]
        if isinstance(value, Generated):
            shape = _shape(value.shape)
            generated = (
                "generated",
                self.codes_index(value.codes),
                _whole(value.first_element, 64, "first_element"),
                _whole(value.slices, 32, "slices"),
                self.theta0(value.theta0, name, shape),
            )
            return name, value.dtype, list(shape), generated, bool(value.factor)
        if isinstance(value, Product):
            b, a = _form(tensors, value.b, name)[1], _form(tensors, value.a, name)[1]
            if len(b) != 2 or len(a) != 2 or b[1] != a[0]:
                raise McncError(f"tensor {name} is a product of (rows, rank) and (rank, columns), not of {b} and {a}")
            shape = (b[0], a[1])
            factors = (_index(tensors, value.b), _index(tensors, value.a))
            product = ("product", *factors, float(value.scale), self.theta0(value.theta0, name, shape))
            return name, value.dtype, list(shape), product, False
        if isinstance(value, Shared):
            dtype, shape = _form(tensors, value.tensor, name)
            return name, dtype, list(shape), ("shared", _index(tensors, value.tensor)), False
        dtype, shape = _form(tensors, name, name)
        stored = value.array if isinstance(value, Stored) else value
        return name, dtype, list(shape), ("stored", self.segment(stored)), isinstance(value, Stored) and value.factor


def _index(tensors: Mapping[str, Any], name: str) -> int:
    return list(tensors).index(name)


def _form(tensors: Mapping[str, Any], name: str, asking: str) -> Tuple[str, Tuple[int, ...]]:
    """(dtype, shape) of the tensor `name`, which the tensor `asking` is or is made of."""
    if name not in tensors:
        raise McncError(f"tensor {asking} is made of tensor {name!r}, which is not there")
    value = tensors[name]
    if isinstance(value, Generated):
        return value.dtype, _shape(value.shape)
    if isinstance(value, Product) and not isinstance(tensors[asking], Product):
        return value.dtype, (_form(tensors, value.b, name)[1][0], _form(tensors, value.a, name)[1][1])
    if isinstance(value, (Product, Shared)):
        raise McncError(f"tensor {asking} is made of tensor {name!r}, which is a {type(value).__name__} itself")
    array = np.asarray(value.array if isinstance(value, Stored) else value)
    return dtype_of(array, value.dtype if isinstance(value, Stored) else ""), array.shape


def _shape(shape: Any) -> Tuple[int, ...]:
    sizes = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    return tuple(_whole(size, 64, "a size of a shape") for size in sizes)


def write(
    file: Any,
    tensors: Mapping[str, Any],
    *,
    metadata: Optional[Mapping[str, MetadataValue]] = None,
    bases: Optional[Mapping[str, Any]] = None,
    zstd_level: int = 19,
    threads: int = 1,
) -> Any:
    """Writes a .mcnc file. The same model gives the same bytes, with one version of the zstd library.

    Args:
        file: a path, where the file appears whole or not at all; a file object with a method write; or None.
        tensors: by name, `Generated`, `Product`, `Shared`, `Stored`, or an array, which is stored. Arrays in either byte
            order and with any strides are taken; they must not change until this returns.
        metadata: texts, whole numbers, floats and booleans by key.
        bases: models that tensors start from (`FromBase`), by name: open Files, or mappings from names to arrays.
        zstd_level: 1 to 19.
        threads: processors that decode the tensors once, for their digests.

    Returns:
        The file's bytes where `file` is None, else None.

    Raises:
        McncError: argument, or the code and rule of what a reader would refuse.

    >>> phi = Generator(code_dim=2, layers=[Layer(64, frequency=2**19)], seed=7)
    >>> codes = Codes(phi, alpha=np.array([[3, -5], [0, 9]], np.int8), beta=np.array([0.5, 2], np.float32))
    >>> data = write(None, {"fc.weight": Generated(codes, shape=(8, 16))})
    >>> with open(data) as file:
    ...     file.tensors["fc.weight"].source, file.decode("fc.weight").shape
    ('generated', (8, 16))
    """
    parts = _Parts(bases)
    for name in tensors:
        if not isinstance(name, str):
            raise McncError(f"a tensor's name must be a str, not {type(name).__name__}")
    entries = [parts.tensor(name, tensors) for name in tensors]
    model = {
        "segments": parts.segments,
        "generators": parts.generators,
        "codes": parts.codes,
        "tensors": entries,
        "metadata": dict(metadata or {}),
        "bases": [(name, base.weights_identity(), base) for name, base in parts.bases.items()],
    }
    path = os.fsencode(file) if isinstance(file, (str, os.PathLike)) else None
    data = _native.write(path, model, zstd_level, threads)
    if path is not None or file is None:
        return data
    if not hasattr(file, "write"):
        raise McncError(f"{type(file).__name__} is not a path, and has no method write")
    file.write(data)
    return None
