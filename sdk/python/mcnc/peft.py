# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""LoRA adapters of PEFT trained in code space: `pip install mcnc[peft]`.

    import mcnc.peft

    model = peft.get_peft_model(base, peft.LoraConfig(...))
    mcnc.peft.compress(model, chunk_dim=1000)          # before the optimizer is made; then train as ever
    mcnc.peft.save(model, "adapter.mcnc")
    model = mcnc.peft.load_adapter(base, "adapter.mcnc")

The file holds what `save_pretrained` would: the factors, as codes, the configuration, and whatever else was trained, under
the names that PEFT has for them. `mcnc export --peft` makes an adapter folder of it and `mcnc merge` works it into its
base.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import tempfile
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import peft
import torch
from torch import nn

from . import Limits, McncError, open, write
from ._file import MetadataValue
from .torch import Report, load_file
from .torch._compress import TENSOR_BYTES, check_start, compress_groups, form_of, obstacle_of, places_of
from .torch._files import Path, generated_tensors, stored_tensors, unwrapped, without_codes
from .torch._generated import compressed_parameters

__all__ = ["compress", "load_adapter", "save"]

_FACTORS = re.compile(r"\.(lora_[AB]|lora_embedding_[AB])\.")
_CONFIG = "peft.adapter_config"


def compress(
    model: nn.Module,
    *,
    adapter_name: str = "default",
    ratio: Optional[float] = None,
    chunk_dim: Optional[int] = None,
    code_dim: int = 9,
    codes_per_chunk: int = 1,
    hidden: Sequence[int] = (),
    seed: int = 0,
    frequency: int = 1 << 19,
    alpha_dtype: str = "I8",
    beta_dtype: str = "BF16",
    shared_beta: bool = False,
    rate: float = 32.0,
    verbose: bool = True,
) -> Report:
    """Makes the LoRA factors of one adapter be made of codes; see `mcnc.torch.compress` for the arguments and for what
    follows from it. Factors that are zero, as lora_B is before training, start at zero, so that the model computes at
    first what its base does. What else the adapter trains stays as it is.

    Factors that differ in the number of their layer alone are one tensor of the file, with a slice for each layer.
    """
    adapted = _peft_model(model, adapter_name)
    form = form_of(ratio, chunk_dim, code_dim, codes_per_chunk, hidden, seed, frequency, alpha_dtype, beta_dtype)
    check_start(form, "uniform", rate)
    places = {name: found for name, found in places_of(adapted).items() if _is_factor(name, adapter_name)}
    for name, found in places.items():
        obstacle = obstacle_of(found)
        if obstacle:
            raise McncError(f"parameter {name} cannot be compressed: {obstacle}")
        if len(found) > 1:
            raise McncError(f"parameter {name} is tied to {found[1].name}, which adapters of PEFT cannot say")
    if not places:
        raise McncError(f"adapter {adapter_name!r} has no LoRA factors that are not compressed already")
    shapes = {name: (tuple(found[0].parameter.shape), found[0].parameter.dtype) for name, found in places.items()}
    groups = [names for _, names in _stacks(list(places), shapes)]
    others = [p for p in adapted.parameters() if p.requires_grad and all(p is not f[0].parameter for f in places.values())]
    report = compress_groups(adapted, places, groups, {}, [form] * len(groups), "uniform", rate, shared_beta)
    report = replace(report, expected_bytes=_expected_bytes(report, len(groups), others, adapted.peft_config[adapter_name]))
    if verbose:
        print(report)
    return report


def save(
    model: nn.Module,
    path: Path,
    *,
    adapter_name: str = "default",
    metadata: Optional[Mapping[str, MetadataValue]] = None,
    save_embedding_layers: bool = False,
) -> None:
    """Writes one adapter as a .mcnc file, which replaces `path` in one step: the tensors that `save_pretrained` would
    write, factors that are compressed as codes, and the configuration. They decode to what the model computes with, bit
    for bit. Errors as of `mcnc.torch.save`."""
    adapted = _peft_model(model, adapter_name)
    with torch.no_grad():
        entries = [entry for entry in compressed_parameters(adapted) if _is_factor(entry[0], adapter_name)]
        state = without_codes(adapted.state_dict(keep_vars=True), list(compressed_parameters(adapted)))
        marks = {name: torch.empty(weight.shape, device="meta") for name, _, _, weight in entries}
        adapter = peft.get_peft_model_state_dict(
            adapted, {**state, **marks}, adapter_name=adapter_name, save_embedding_layers=save_embedding_layers
        )
        names = {id(value): key for key, value in adapter.items()}
        lost = [name for name, mark in marks.items() if id(mark) not in names]
        if lost:
            raise McncError(f"PEFT would not save parameter {lost[0]}")
        renamed = [(names[id(marks[name])], part, own, weight) for name, part, own, weight in entries]
        shapes = {name: (weight.shape, weight.dtype) for name, _, _, weight in renamed}
        tensors = generated_tensors(renamed, _stacks(list(shapes), shapes))
        tensors.update(stored_tensors({k: v for k, v in adapter.items() if k not in shapes}))
    config = {_CONFIG: _config_text(adapted.peft_config[adapter_name])}
    write(os.fspath(path), tensors, metadata={**(metadata or {}), **config})


def load_adapter(model: nn.Module, path: Path, name: str = "default", **options: Any) -> nn.Module:
    """Decodes an adapter into a model: `mcnc.peft.save`'s, or one that `mcnc import` made of a folder of PEFT.

    Args:
        model: the base, which becomes a PeftModel; or a PeftModel, which gets one more adapter, or whose adapter `name` of
            the same configuration takes the values of the file.
        path: the file.
        name: what the adapter is called in the model. The active adapter stays the active one.
        options: as of `mcnc.torch.load_file`.

    Returns:
        The PeftModel.

    Raises:
        McncError: where the file is not an adapter, or does not fit the model.
    """
    with open(path, limits=options.get("limits", Limits())) as file:
        text = file.metadata.get(_CONFIG)
    if not isinstance(text, str):
        raise McncError(f"{os.fspath(path)} has no metadata {_CONFIG}: it is not an adapter of PEFT")
    config = _config_of(text)
    tensors = _unstacked(load_file(path, **options))
    model = unwrapped(model)
    if not isinstance(model, peft.PeftModel):
        if name != "default" and getattr(model, "peft_config", None):
            raise McncError("the model has adapters of its own: give the PeftModel around it")
        model = peft.get_peft_model(model, config, adapter_name=name)
    elif name not in model.peft_config:
        model.add_adapter(name, config)
    if any(_is_factor(entry[0], name) for entry in compressed_parameters(model)):
        raise McncError(f"adapter {name!r} of the model is compressed: load files under another name")
    _check_fit(model, name, tensors)
    peft.set_peft_model_state_dict(model, tensors, adapter_name=name)
    return model


def _expected_bytes(report: Report, groups: int, others: Sequence[nn.Parameter], config: Any) -> int:
    """About how large a file of the adapter alone is; `others`: what is trained beside its factors."""
    codes = sum(c.bytes for c in report.compressed)
    stored = sum(p.numel() * p.element_size() for p in others)
    return codes + stored + TENSOR_BYTES * (groups + len(others)) + len(_config_text(config))


def _peft_model(model: nn.Module, adapter_name: str) -> Any:
    model = unwrapped(model)
    if not isinstance(model, peft.PeftModel):
        raise McncError(f"this takes a PeftModel, as peft.get_peft_model makes it, not a {type(model).__name__}")
    if adapter_name not in model.peft_config:
        raise McncError(f"the model has no adapter {adapter_name!r}, but {', '.join(model.peft_config)}")
    if model.peft_config[adapter_name].peft_type != peft.PeftType.LORA:
        raise McncError(f"adapter {adapter_name!r} is not a LoRA adapter")
    return model


def _is_factor(name: str, adapter_name: str) -> bool:
    """Whether a parameter of a PeftModel is a LoRA factor of that adapter."""
    found = _FACTORS.search(name)
    return found is not None and name[found.end() :] in (f"{adapter_name}.weight", adapter_name)


def _stacks(names: List[str], forms: Mapping[str, Any]) -> List[Tuple[str, List[str]]]:
    """Names that differ in the first number in them alone, as one with a * in its place, for numbers from 0 on without a
    gap, of tensors of the same form; every other name by itself."""
    families: Dict[Any, Dict[int, str]] = {}
    alone = []
    for name in names:
        found = re.search(r"(?<=\.)\d+(?=\.)", name)
        if found is None or "*" in name:
            alone.append(name)
        else:
            family = (name[: found.start()] + "*" + name[found.end() :], forms[name])
            families.setdefault(family, {})[int(found.group())] = name
    stacks = []
    for (stack, _), members in families.items():
        if len(members) > 1 and sorted(members) == list(range(len(members))):
            stacks.append((stack, [members[i] for i in range(len(members))]))
        else:
            alone += members.values()
    return stacks + [(name, [name]) for name in alone]


def _unstacked(tensors: Mapping[str, torch.Tensor]) -> Dict[str, torch.Tensor]:
    apart = {}
    for name, tensor in tensors.items():
        if name.count("*") == 1 and tensor.dim() > 1:
            apart.update({name.replace("*", str(i)): part for i, part in enumerate(tensor.unbind())})
        else:
            apart[name] = tensor
    return apart


def _config_text(config: Any) -> str:
    """The adapter_config.json that PEFT writes, with sets, target_modules above all, in alphabetical order: PEFT has them
    in an order that differs from process to process, and the same adapter shall give the same file."""
    inference_mode = config.inference_mode
    try:
        config.inference_mode = True
        with tempfile.TemporaryDirectory(prefix="mcnc-peft-") as folder:
            config.save_pretrained(folder)
            values = json.loads((pathlib.Path(folder) / "adapter_config.json").read_text(encoding="utf-8"))
    finally:
        config.inference_mode = inference_mode
    for key, value in values.items():
        if isinstance(getattr(config, key, None), (set, frozenset)):
            values[key] = sorted(value)
    return json.dumps(values, indent=2, sort_keys=True)


def _config_of(text: str) -> Any:
    with tempfile.TemporaryDirectory(prefix="mcnc-peft-") as folder:
        (pathlib.Path(folder) / "adapter_config.json").write_text(text, encoding="utf-8")
        return peft.PeftConfig.from_pretrained(folder)


def _check_fit(model: nn.Module, adapter_name: str, tensors: Mapping[str, torch.Tensor]) -> None:
    """McncError where the adapter of the model has other tensors than the file."""
    expected = peft.get_peft_model_state_dict(model, adapter_name=adapter_name, save_embedding_layers=False)
    for missing, where in ((expected.keys() - tensors.keys(), "file"), (tensors.keys() - expected.keys(), "model")):
        if missing:
            raise McncError(f"the {where} has no tensor {min(missing)}")
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape:
            raise McncError(f"{name} is {tuple(tensor.shape)} in the file and {tuple(expected[name].shape)} in the model")
