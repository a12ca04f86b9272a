# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Whole models as dictionaries of arrays, with functions named as those of `safetensors.numpy`."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional, Union

from ._file import Array, File, GeneratorCache, Limits, MetadataValue, open
from ._write import write


def _all_tensors(file: File) -> Dict[str, Array]:
    return {name: file.decode(name) for name, info in file.tensors.items() if not info.factor}


def load_file(
    filename: Union[str, os.PathLike[str]],
    *,
    limits: Limits = Limits(),
    threads: int = 1,
    bases: Any = (),
    check_digests: bool = True,
    generators: Optional[GeneratorCache] = None,
) -> Dict[str, Array]:
    """All tensors of the file `filename` but factors, by name, as `File.decode` gives them. Arguments as of `mcnc.open`."""
    with open(
        filename, limits=limits, threads=threads, bases=bases, check_digests=check_digests, generators=generators
    ) as file:
        return _all_tensors(file)


def load(
    data: Any,
    *,
    limits: Limits = Limits(),
    threads: int = 1,
    bases: Any = (),
    check_digests: bool = True,
    generators: Optional[GeneratorCache] = None,
) -> Dict[str, Array]:
    """All tensors of a file in memory: bytes or another object with a contiguous buffer. Otherwise as `load_file`."""
    with open(
        memoryview(data), limits=limits, threads=threads, bases=bases, check_digests=check_digests, generators=generators
    ) as file:
        return _all_tensors(file)


def save(tensor_dict: Mapping[str, Array], metadata: Optional[Mapping[str, MetadataValue]] = None) -> bytes:
    """A file of these arrays, each stored as it is, as bytes. To make a file smaller than its arrays is what generated
    tensors are for: see `mcnc.write`."""
    data: bytes = write(None, tensor_dict, metadata=metadata, zstd_level=3)
    return data


def save_file(
    tensor_dict: Mapping[str, Array],
    filename: Union[str, os.PathLike[str]],
    metadata: Optional[Mapping[str, MetadataValue]] = None,
) -> None:
    """The same as a file, which replaces `filename` in one step."""
    write(os.fspath(filename), tensor_dict, metadata=metadata, zstd_level=3)
