# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Modules to files and back."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
import torch
from torch import nn

from .. import Codes, File, Generated, Limits, McncError, Shared, Stored, open, write
from .._file import MetadataValue
from ._generated import GeneratedWeight, compressed_parameters, originals_of
from ._expand import DTYPES, array_of

# Element types of tensors, and of arrays with the same bits where NumPy does not have the type itself.
_STORED = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.uint16: "U16",
    torch.uint32: "U32",
    torch.uint64: "U64",
    torch.bool: "BOOL",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
}
_TORCH = {name: dtype for dtype, name in _STORED.items()}
_BITS = {"BF16": torch.uint16, "F8_E4M3": torch.uint8, "F8_E5M2": torch.uint8}

Path = Union[str, "os.PathLike[str]"]
Entry = Tuple[str, nn.Module, str, GeneratedWeight]  # see compressed_parameters


def unwrapped(module: Any) -> Any:
    """The module inside of DistributedDataParallel, DataParallel and torch.compile, so that names are those of it."""
    while True:
        if isinstance(module, (nn.parallel.DistributedDataParallel, nn.DataParallel)):
            module = module.module
        elif hasattr(module, "_orig_mod"):
            module = module._orig_mod
        else:
            return module


def save(module: nn.Module, path: Path, *, metadata: Optional[Mapping[str, MetadataValue]] = None) -> None:
    """Writes the module as a .mcnc file, which replaces `path` in one step: compressed parameters as codes, all else of its
    state_dict as it is. The tensors have the names that they would have in the state_dict of the module as it was before
    it was compressed. They decode to what the module computes with, bit for bit.

    Of several processes with the same parameters, one writes. Raises McncError where a code is not finite, where names
    clash, or where the file cannot be written; what was at `path` is whole then.
    """
    write(os.fspath(path), tensors_of(unwrapped(module)), metadata=metadata)


def tensors_of(module: nn.Module) -> Dict[str, Any]:
    """The tensors of a file of `module`, as `mcnc.write` takes them."""
    with torch.no_grad():
        state = module.state_dict(keep_vars=True)
        tensors: Dict[str, Any] = {}
        generated: Dict[str, Entry] = {entry[0]: entry for entry in compressed_parameters(module)}
        state = without_codes(state, list(generated.values()))
        clash = generated.keys() & state.keys()
        if clash:
            raise McncError(f"the module has two tensors called {min(clash)!r}")
        tensors.update(generated_tensors(list(generated.values())))
        tensors.update(stored_tensors(state))
        return tensors


def stored_tensors(state: Mapping[str, Any]) -> Dict[str, Any]:
    """Tensors of a state_dict that are kept as they are, as `mcnc.write` takes them."""
    first_names: Dict[Tuple[Any, ...], str] = {}
    return {name: _stored(name, value, first_names) for name, value in state.items()}


def without_codes(state: Mapping[str, Any], entries: List[Entry]) -> Dict[str, Any]:
    """A state_dict without what makes the compressed parameters."""
    prefixes = [name[: len(name) - len(own)] + f"parametrizations.{own}." for name, _, own, _ in entries]
    made = {key for key in state for prefix in prefixes if key.startswith(prefix)}
    return {key: value for key, value in state.items() if key not in made}


def generated_tensors(entries: List[Entry], stacks: Sequence[Tuple[str, Sequence[str]]] = ()) -> Dict[str, Any]:
    """Compressed parameters as `mcnc.write` takes them. The codes of those of one form are one table.

    stacks: (name, names of parameters) for parameters that become slices of one tensor, in this order: those of a group
    of compress_groups.
    """
    by_name = {entry[0]: entry for entry in entries}
    stacked = {member for _, members in stacks for member in members}
    pieces = [*stacks, *((name, [name]) for name in by_name if name not in stacked)]
    tensors: Dict[str, Any] = {}
    first_names: Dict[int, str] = {}
    tables: Dict[str, List[Tuple[str, List[GeneratedWeight], Any, Any]]] = {}
    for name, members in pieces:
        weights, codes = [], []
        for member in members:
            _, part, own_name, weight = by_name[member]
            originals = originals_of(part, own_name)
            first_name = first_names.setdefault(id(originals.original0), name)
            if first_name != name:
                tensors[name] = Shared(first_name)
                break
            weights.append(weight)
            codes.append(_codes_of(member, part, own_name, weight))
        else:
            alpha, beta = (np.concatenate(numbers) for numbers in zip(*codes))
            tables.setdefault(weights[0].form, []).append((name, weights, alpha, beta))
    for table in tables.values():
        expander = table[0][1][0].expander
        codes_of_all = expander.codes(*(np.concatenate([entry[i] for entry in table]) for i in (2, 3)))
        first_chunk = 0
        for name, weights, alpha, _ in table:
            first = weights[0]
            if any(w.theta0 != first.theta0 or w.first != i * first.elements for i, w in enumerate(weights)):
                raise McncError(f"parameter {name} is a slice of a stack: save the module as it was compressed")
            tensors[name] = Generated(
                codes_of_all,
                first.shape if len(weights) == 1 else (len(weights), *first.shape),
                DTYPES[first.dtype],
                first_element=first_chunk * expander.chunk_dim,
                slices=len(weights),
                theta0=first.theta0,
            )
            first_chunk += alpha.shape[0]
    return tensors


def _codes_of(name: str, part: nn.Module, own_name: str, weight: GeneratedWeight) -> List[Any]:
    """The codes of a parameter, alpha and beta, in the units of `CodeExpander`. McncError where one is not finite, or
    where another device has computed something else of them than the decoder."""
    originals = originals_of(part, own_name)
    units = weight.codes(originals.original0.detach(), originals.original1.detach())
    codes = [array_of(code.to("cpu")) for code in units]
    for what, code in zip(("alpha", "beta"), codes):
        if not np.isfinite(code).all():
            raise McncError(f"the {what} of parameter {name} is not finite: it has a NaN or an infinity")
    made = getattr(part, own_name)
    if made.device.type != "cpu":
        theta0 = None if weight.theta0 is None else weight.theta0.values(weight.shape, weight.first)
        dtype = DTYPES[weight.dtype]
        expected = weight.expander.weights(codes[0], codes[1], weight.shape, dtype=dtype, theta0=theta0)
        if made.cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes() != expected.tobytes():
            raise McncError(f"parameter {name} on {made.device} is not what the decoder computes", "device", 700)
    return codes


def _stored(name: str, value: Any, first_names: Dict[Tuple[Any, ...], str]) -> Any:
    """A tensor of a state_dict that is kept as it is, or another name of one."""
    if not isinstance(value, torch.Tensor):
        raise McncError(f"{name} of the module's state is a {type(value).__name__}, which a file cannot hold")
    if value.is_meta:
        raise McncError(f"{name} is on the meta device: it has no values")
    if value.layout != torch.strided or value.dtype not in _STORED:
        raise McncError(f"{name} is a tensor of {value.dtype}, {value.layout}, which a file cannot hold")
    identity = (value.untyped_storage().data_ptr(), value.storage_offset(), value.shape, value.stride(), value.dtype)
    if value.numel() > 0 and identity in first_names:
        return Shared(first_names[identity])
    first_names[identity] = name
    dtype = _STORED[value.dtype]
    tensor = value.detach().to("cpu").contiguous()
    if dtype in _BITS:
        return Stored(tensor.view(_BITS[dtype]).numpy(), dtype=dtype)
    return Stored(tensor.numpy())


def load_file(
    filename: Path,
    device: Any = "cpu",
    *,
    limits: Limits = Limits(),
    threads: Optional[int] = None,
    bases: Any = (),
    check_digests: bool = True,
) -> Dict[str, torch.Tensor]:
    """All tensors of the file but factors, by name, on `device`. threads: None for as many as PyTorch has. The others are
    those of `mcnc.open`."""
    threads = torch.get_num_threads() if threads is None else threads
    with open(filename, limits=limits, threads=threads, bases=bases, check_digests=check_digests) as file:
        return {name: _decode(file, name).to(device) for name, info in file.tensors.items() if not info.factor}


def _decode(file: File, name: str) -> torch.Tensor:
    info = file.tensors[name]
    tensor = torch.empty(info.shape, dtype=_TORCH[info.dtype])
    if info.dtype == "U8" or info.nbytes == 0:
        file.decode(name, out=tensor.numpy())
    else:
        file.decode(name, out=tensor.view(-1).view(torch.uint8).numpy())
    return tensor


def load_into(
    module: nn.Module,
    path: Path,
    *,
    limits: Limits = Limits(),
    threads: Optional[int] = None,
    bases: Any = (),
) -> None:
    """Decodes a file into a module that is not compressed: parameters and buffers take the values of the tensors of their
    names. Arguments as of `load_file`.

    Raises McncError, and leaves the module as it is, where a name is missing on either side, where shapes or dtypes
    differ, or where tied parameters would get different values.
    """
    module = unwrapped(module)
    if next(iter(compressed_parameters(module)), None) is not None:
        raise McncError("the module is compressed: load files into one that is not, and checkpoints into this one")
    targets = {k: v for k, v in module.state_dict(keep_vars=True).items() if isinstance(v, torch.Tensor)}
    loaded = load_file(path, limits=limits, threads=threads, bases=bases)
    _check_names(targets, loaded)
    seen: Dict[Tuple[Any, ...], str] = {}
    for name, target in targets.items():
        value = loaded[name]
        if target.is_meta:
            raise McncError(f"{name} of the module is on the meta device: give it memory first (Module.to_empty)")
        if (target.shape, target.dtype) != (value.shape, value.dtype):
            raise McncError(
                f"{name} is {value.dtype} {tuple(value.shape)} in the file and {target.dtype} {tuple(target.shape)} "
                "in the module"
            )
        identity = (target.untyped_storage().data_ptr(), target.storage_offset(), target.numel())
        other = seen.setdefault(identity, name)
        if target.numel() > 0 and not _equal(loaded[other], value):
            raise McncError(f"{other} and {name} are tied in the module, and differ in the file")
    with torch.no_grad():
        for name, target in targets.items():
            target.copy_(loaded[name])


def _equal(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether the bits are the same."""
    return torch.equal(a.reshape(-1).view(torch.uint8), b.reshape(-1).view(torch.uint8))


def _check_names(targets: Mapping[str, Any], loaded: Mapping[str, Any]) -> None:
    for missing, where in ((targets.keys() - loaded.keys(), "file"), (loaded.keys() - targets.keys(), "module")):
        if missing:
            names = ", ".join(sorted(missing)[:5]) + (" ..." if len(missing) > 5 else "")
            raise McncError(f"the {where} has no tensor {names}")
