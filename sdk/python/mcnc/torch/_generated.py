# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The parametrization that makes a parameter of codes, and where a module has such parameters."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any, Iterator, Optional, Tuple

import torch
from torch import nn
from torch.nn.utils import parametrize

from .. import CodeExpander, McncError, Uniform
from ._expand import Form, expand, expander_of
from ._processes import Agreement


class GeneratedWeight(nn.Module):
    """The parametrization of a compressed parameter: from its codes, in the units of the optimizer, to its elements."""

    def __init__(self, form: Form, shape: Tuple[int, ...], dtype: torch.dtype, theta0: Optional[Uniform], **units: Any):
        super().__init__()
        self.form = form.text()
        self.shape = shape
        self.dtype = dtype
        self.theta0 = theta0
        self.alpha_unit: float = units["alpha_unit"]
        self.beta_unit: float = units["beta_unit"]
        self.shared_beta: bool = units["shared_beta"]  # whether the parameter of beta is one number for all codes
        self.first: int = units.get("first", 0)  # element of theta0 that is this parameter's first
        self._start: Optional[Tuple[torch.Tensor, torch.Tensor]] = units["start"]
        self._theta0_values: Optional[torch.Tensor] = None
        self.agreement: Optional[Agreement] = None  # what other processes have to have made, too

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def expander(self) -> CodeExpander:
        return expander_of(self.form)

    def codes(self, alpha: torch.Tensor, beta: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
        """The codes in the units of `CodeExpander`, with a beta for each."""
        return alpha * self.alpha_unit, self._beta_of_each(alpha, beta) * self.beta_unit

    def _beta_of_each(self, alpha: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        return beta.expand(alpha.shape[:-1]) if self.shared_beta else beta

    def forward(self, alpha: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        if self.agreement is not None and not torch.compiler.is_compiling():
            self.agreement.check()
        theta0 = self._theta0_on(alpha.device)
        units = self.alpha_unit, self.beta_unit
        betas = self._beta_of_each(alpha, beta)
        return expand(alpha, betas, units, theta0, self.form, list(self.shape), self.dtype)

    def right_inverse(self, weight: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
        """The codes to start from. No codes can be found for other weights than those."""
        if self._start is None:
            raise McncError("a compressed parameter is made of codes: it cannot be given other values")
        start, self._start = self._start, None
        return start

    def _theta0_on(self, device: torch.device) -> Optional[torch.Tensor]:
        # Neither a parameter nor a buffer: it follows from a seed, so that no checkpoint and no network has to carry it.
        if self.theta0 is None:
            return None
        if self._theta0_values is None or self._theta0_values.device != device:
            self._theta0_values = torch.from_numpy(self.theta0.values(self.shape, self.first)).to(device)
        return self._theta0_values

    def get_extra_state(self) -> torch.Tensor:
        """What the codes mean, in state_dict: JSON as bytes, so that every kind of checkpoint can hold it."""
        theta0 = None if self.theta0 is None else asdict(self.theta0)
        units = {"alpha_unit": self.alpha_unit, "beta_unit": self.beta_unit, "first": self.first}
        units["shared_beta"] = self.shared_beta
        text = json.dumps({"form": json.loads(self.form), "shape": self.shape, "theta0": theta0, **units})
        return torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)

    def set_extra_state(self, state: torch.Tensor) -> None:
        """Takes seeds and units from a checkpoint; McncError where it is of codes of other sizes."""
        values = json.loads(bytes(state.cpu().numpy()).decode())
        form = Form.parse(json.dumps(values["form"]))
        own = Form.parse(self.form)
        sizes = ("code_dim", "chunk_dim", "codes_per_chunk")
        if values["shared_beta"] != self.shared_beta:
            raise McncError(
                f"the checkpoint has shared_beta={values['shared_beta']}, this module {self.shared_beta}: "
                "compress it as it was when the checkpoint was saved"
            )
        if list(self.shape) != values["shape"] or any(getattr(form, s) != getattr(own, s) for s in sizes):
            raise McncError(
                f"the checkpoint has codes for {values['shape']} in chunks of {form.chunk_dim}, this module for "
                f"{list(self.shape)} in chunks of {own.chunk_dim}: compress it as it was when the checkpoint was saved"
            )
        self.form = form.text()
        self.theta0 = None if values["theta0"] is None else Uniform(**values["theta0"])
        self._theta0_values = self.agreement = None
        self.alpha_unit, self.beta_unit, self.first = values["alpha_unit"], values["beta_unit"], values["first"]

    def extra_repr(self) -> str:
        form = Form.parse(self.form)
        return f"{self.shape}, code_dim={form.code_dim}, chunk_dim={form.chunk_dim}"


def originals_of(module: nn.Module, name: str) -> Any:
    """The parametrization list of the parameter `name` of `module` itself, which has one."""
    lists: Any = module.parametrizations
    return lists[name]


def generated_weight(module: nn.Module, name: str) -> Optional[GeneratedWeight]:
    """What makes the parameter `name` of `module` itself, None where that is not made of codes."""
    if not parametrize.is_parametrized(module, name):
        return None
    first = originals_of(module, name)[0]
    return first if isinstance(first, GeneratedWeight) else None


def compressed_parameters(module: nn.Module) -> Iterator[Tuple[str, nn.Module, str, GeneratedWeight]]:
    """(name, the module that has it, its name there, what makes it) of every compressed parameter of `module`, tied ones
    and those of modules that are there twice under each of their names."""
    for prefix, part in module.named_modules(remove_duplicate=False):
        if not parametrize.is_parametrized(part):
            continue
        lists: Any = part.parametrizations
        for name in lists:
            weight = generated_weight(part, name)
            if weight is not None:
                yield (f"{prefix}.{name}" if prefix else name), part, name, weight
