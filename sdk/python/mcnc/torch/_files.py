# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Modules to files and back."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple, Union

import numpy as np
import torch
from torch import nn

from .. import Codes, File, Generated, Limits, McncError, Shared, Stored, open
from .._file import MetadataValue
from . import _cuda
from ._generated import GeneratedWeight, compressed_parameters, originals_of
from ._expand import DTYPES, array_of
from ._shards import Region, is_sharded, local_of, region_of, whole, write_once

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
_BLOCK_BYTES = 1 << 24  # of rows that are decoded at a time where only some of their columns are wanted

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

    Of several processes with the same parameters, one calls this. Where parameters are sharded, as by fully_shard, all
    processes call it: the codes are gathered, and the first process writes. Raises McncError where a code is not finite,
    where names clash, or where the file cannot be written; what was at `path` is whole then.
    """
    module = unwrapped(module)
    sharded = any(is_sharded(tensor) for tensor in (*module.parameters(), *module.buffers()))
    write_once(path, tensors_of(module), metadata, sharded)


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
        codes_of_all = _with_one_beta(expander.codes(*(np.concatenate([entry[i] for entry in table]) for i in (2, 3))))
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


def _with_one_beta(codes: Codes) -> Codes:
    """The same codes with beta as one number, which needs no segment, where all of them have the same."""
    stored = np.asarray(codes.beta)
    if not (stored == stored.flat[0]).all():
        return codes
    bits = torch.from_numpy(stored.reshape(-1)[:1].copy())
    one = bits.view(torch.bfloat16) if codes.beta_dtype == "BF16" else bits
    return replace(codes, beta=float(one), beta_dtype="")


def _codes_of(name: str, part: nn.Module, own_name: str, weight: GeneratedWeight) -> List[Any]:
    """The codes of a parameter, alpha and beta, in the units of `CodeExpander`. McncError where one is not finite, or
    where another device has computed something else of them than the decoder."""
    originals = originals_of(part, own_name)
    alpha, beta = (whole(original.detach()) for original in (originals.original0, originals.original1))
    units = weight.codes(alpha, beta)
    codes = [array_of(code.to("cpu")) for code in units]
    for what, code in zip(("alpha", "beta"), codes):
        if not np.isfinite(code).all():
            raise McncError(f"the {what} of parameter {name} is not finite: it has a NaN or an infinity")
    if alpha.device.type != "cpu":
        made = weight(alpha, beta)
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
    identity = (*_place(value), value.shape, value.stride(), value.dtype)
    if value.numel() > 0 and identity in first_names:
        return Shared(first_names[identity])
    first_names[identity] = name
    dtype = _STORED[value.dtype]
    tensor = whole(value.detach()).to("cpu").contiguous()
    if dtype in _BITS:
        return Stored(tensor.view(_BITS[dtype]).numpy(), dtype=dtype)
    return Stored(tensor.numpy())


def _place(tensor: torch.Tensor) -> Tuple[int, int]:
    """Where the elements are that this process has of the tensor: the same for tied ones."""
    local = local_of(tensor)
    return local.untyped_storage().data_ptr(), int(local.storage_offset())


def load_file(
    filename: Path,
    device: Any = "cpu",
    *,
    limits: Limits = Limits(),
    threads: Optional[int] = None,
    bases: Any = (),
    check_digests: bool = True,
) -> Dict[str, torch.Tensor]:
    """All tensors of the file but factors, by name, on `device`: a CUDA device makes them itself where libmcnc-cuda is,
    others get what the CPU makes. threads: None for as many as PyTorch has. The others are those of `mcnc.open`."""
    threads = torch.get_num_threads() if threads is None else threads
    options: Dict[str, Any] = {"limits": limits, "threads": threads, "bases": bases, "check_digests": check_digests}
    with _cuda.gpu_of(torch.device(device)) as gpu, open(filename, **options, device=gpu) as file:
        made_on = torch.device("cpu" if gpu is None else device)
        names = [name for name, info in file.tensors.items() if not info.factor]
        return {name: _decode(file, name, device=made_on).to(device) for name in names}


def _decode(
    file: File, name: str, rows: Optional[Tuple[int, int]] = None, device: torch.device = torch.device("cpu")
) -> torch.Tensor:
    """The tensor `name`, or those of its rows, in memory of the device that the file was opened with, or of the CPU."""
    info = file.tensors[name]
    shape = info.shape if rows is None else (rows[1] - rows[0], *info.shape[1:])
    tensor = torch.empty(shape, dtype=_TORCH[info.dtype], device=device)
    if tensor.numel() > 0 or info.dtype == "U8":
        memory = tensor if info.dtype == "U8" else tensor.view(-1).view(torch.uint8)
        file.decode(name, rows=rows, out=memory.numpy() if device.type == "cpu" else memory)
    return tensor


def _decode_region(file: File, name: str, region: Region) -> torch.Tensor:
    """A part of the tensor `name`: what is read and made for it is what its rows take."""
    shape = file.tensors[name].shape
    if region == tuple((0, size) for size in shape):
        return _decode(file, name)
    (first, last), rest = region[0], region[1:]
    if rest == tuple((0, size) for size in shape[1:]):
        return _decode(file, name, (first, last))
    columns = (slice(None), *(slice(begin, end) for begin, end in rest))
    row_bytes = file.tensors[name].nbytes // max(shape[0], 1)
    count = max(1, _BLOCK_BYTES // max(row_bytes, 1))
    blocks = [(row, min(row + count, last)) for row in range(first, last, count)] or [(first, first)]
    return torch.cat([_decode(file, name, block)[columns] for block in blocks])


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

    Of parameters that are DTensors, after parallelize_module, fully_shard or both, each process makes its own part alone: its
    rows, or, where they are divided by columns, its columns of a block of rows at a time. Digests cover whole tensors, and
    are not compared then; `mcnc.open(path).verify()` compares them.

    Raises McncError, and leaves the module as it is, where a name is missing on either side, where shapes or dtypes
    differ, or where tied parameters would get different values.
    """
    module = unwrapped(module)
    if next(iter(compressed_parameters(module)), None) is not None:
        raise McncError("the module is compressed: load files into one that is not, and checkpoints into this one")
    targets = {k: v for k, v in module.state_dict(keep_vars=True).items() if isinstance(v, torch.Tensor)}
    threads = torch.get_num_threads() if threads is None else threads
    loaded: Dict[str, torch.Tensor] = {}
    with open(path, limits=limits, threads=threads, bases=bases) as file:
        regions = _regions(targets, file)
        seen: Dict[Tuple[Any, ...], str] = {}
        for name, target in targets.items():
            loaded[name] = _decode_region(file, name, regions[name])
            other = seen.setdefault((*_place(target), target.numel()), name)
            if other != name and target.numel() > 0 and not _equal(loaded[other], loaded[name]):
                raise McncError(f"{other} and {name} are tied in the module, and differ in the file")
    with torch.no_grad():
        for name, target in targets.items():
            local_of(target).copy_(loaded[name])


def _regions(targets: Mapping[str, Any], file: File) -> Dict[str, Region]:
    """What each tensor of a module takes of the tensor of its name; McncError where the file does not fit the module."""
    _check_names(targets, {name for name, info in file.tensors.items() if not info.factor})
    for name, target in targets.items():
        info = file.tensors[name]
        if target.is_meta:
            raise McncError(f"{name} of the module is on the meta device: give it memory first (Module.to_empty)")
        if (tuple(target.shape), target.dtype) != (info.shape, _TORCH[info.dtype]):
            raise McncError(
                f"{name} is {_TORCH[info.dtype]} {info.shape} in the file and {target.dtype} {tuple(target.shape)} "
                "in the module"
            )
    return {name: region_of(name, target) for name, target in targets.items()}


def _equal(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether the bits are the same."""
    return torch.equal(a.reshape(-1).view(torch.uint8), b.reshape(-1).view(torch.uint8))


def _check_names(targets: Mapping[str, Any], in_file: Set[str]) -> None:
    for missing, where in ((targets.keys() - in_file, "file"), (in_file - targets.keys(), "module")):
        if missing:
            names = ", ".join(sorted(missing)[:5]) + (" ..." if len(missing) > 5 else "")
            raise McncError(f"the {where} has no tensor {names}")
