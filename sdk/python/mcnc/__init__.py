# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Neural networks as a seed and a few small numbers: .mcnc files, read and written with NumPy.

>>> import mcnc, numpy as np
>>> data = mcnc.numpy.save({"fc.weight": np.ones((2, 3), np.float32)}, metadata={"general.license": "MIT"})
>>> with mcnc.open(data) as file:
...     print(file.tensors["fc.weight"].shape, file.metadata["general.license"])
...     print(file.decode("fc.weight", rows=(1, 2)))
(2, 3) MIT
[[1. 1. 1.]]

`mcnc.open` gives a `File`; `mcnc.numpy` has `load_file`, `save_file`, `load` and `save` as safetensors names them;
`mcnc.write` writes what .mcnc is for: tensors that a generator makes from codes, and products of such tensors;
`mcnc.CodeExpander` is what frameworks train such codes with. Every error is an `McncError`, which has a code, the broken rule and a sentence.
"""

from . import numpy
from ._base import tensor_digest, weights_identity
from ._device import Cuda
from ._expander import CodeExpander
from ._file import BaseInfo, File, GeneratorCache, Limits, TensorInfo, open
from ._write import Codes, FromBase, Generated, Generator, Layer, Product, Shared, Stored, Uniform, write
from .errors import McncError

__all__ = [
    "BaseInfo",
    "CodeExpander",
    "Codes",
    "Cuda",
    "File",
    "FromBase",
    "Generated",
    "Generator",
    "GeneratorCache",
    "Layer",
    "Limits",
    "McncError",
    "Product",
    "Shared",
    "Stored",
    "TensorInfo",
    "Uniform",
    "numpy",
    "open",
    "tensor_digest",
    "weights_identity",
    "write",
]
