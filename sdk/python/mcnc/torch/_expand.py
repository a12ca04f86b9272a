# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Codes to weights as an operator of PyTorch, with its gradient.

On the CPU it is the decoder itself, on a CUDA device the kernels that decode there, where they were built, and on other
devices the same integers in operations of PyTorch. It is a function of autograd, and, for torch.compile, a custom
operator, so that nobody looks inside.
"""

from __future__ import annotations

import functools
import json
from dataclasses import asdict, dataclass
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np
import torch
from torch import nn

from .. import CodeExpander, Cuda, McncError
from . import _cuda, _reference

DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}
_LARGEST_ALPHA = {"I8": 127, "I16": 32767}


@dataclass(frozen=True)
class Form:
    """What codes mean, as text for the operator: the arguments of `CodeExpander` but threads."""

    code_dim: int
    chunk_dim: int
    codes_per_chunk: int
    hidden: Tuple[int, ...]
    seed: int
    frequency: int
    alpha_dtype: str
    beta_dtype: str

    def text(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def parse(text: str) -> Form:
        values = json.loads(text)
        return Form(**{**values, "hidden": tuple(values["hidden"])})


@functools.lru_cache(maxsize=64)
def _expander(form: str, threads: int) -> CodeExpander:
    return CodeExpander(**asdict(Form.parse(form)), threads=threads)


def expander_of(form: str) -> CodeExpander:
    """The expander of this form, on as many threads as PyTorch has. It is shared; its threads too."""
    return _expander(form, torch.get_num_threads())


@functools.lru_cache(maxsize=64)
def _expander_on(form: str, gpu: Cuda) -> CodeExpander:
    _reference.prepare(expander_of(form), torch.device("cuda", gpu.device))
    return CodeExpander(**asdict(Form.parse(form)), device=gpu)


def array_of(tensor: torch.Tensor) -> Any:
    """The memory of a tensor on the CPU as an array, of float32."""
    return tensor.detach().contiguous().numpy()


def _check(alpha: torch.Tensor, beta: torch.Tensor) -> None:
    for name, tensor in (("alpha", alpha), ("beta", beta)):
        if tensor.dtype != torch.float32:
            raise McncError(
                f"codes are float32, and {name} has become {tensor.dtype}: convert the module before it is compressed"
            )


def _weights(
    alpha: torch.Tensor,
    beta: torch.Tensor,
    theta0: Optional[torch.Tensor],
    form: str,
    shape: Sequence[int],
    dtype: torch.dtype,
) -> torch.Tensor:
    """theta0 + beta * phi(alpha), of that shape and dtype: see `CodeExpander.weights`."""
    _check(alpha, beta)
    with _cuda.gpu_of(alpha.device) as gpu:
        if gpu is not None:
            return _cuda.weights(_expander_on(form, gpu), alpha, beta, theta0, shape, dtype, DTYPES[dtype])
    expander = expander_of(form)
    if alpha.device.type != "cpu":
        return _reference.weights(expander, alpha, beta, theta0, shape, dtype)
    out = torch.empty(tuple(shape), dtype=dtype)
    start = None if theta0 is None else array_of(theta0)
    expander.weights(
        array_of(alpha),
        array_of(beta),
        tuple(shape),
        dtype=DTYPES[dtype],
        theta0=start,
        out=out.view(-1).view(torch.uint8).numpy(),
    )
    return out


def _gradients(
    alpha: torch.Tensor, beta: torch.Tensor, gradient: torch.Tensor, form: str
) -> Tuple[torch.Tensor, torch.Tensor]:
    """The gradients of alpha and beta: see `CodeExpander.gradients`. What would push an alpha that is at the end of its
    range beyond it is left out."""
    expander = expander_of(form)
    gradient = gradient.to(torch.float32)
    with _cuda.gpu_of(alpha.device) as gpu:
        on_gpu = None if gpu is None else _cuda.gradients(_expander_on(form, gpu), alpha, beta, gradient)
    if on_gpu is not None:
        of_alpha, of_beta = on_gpu
    elif alpha.device.type == "cpu":
        arrays = expander.gradients(array_of(alpha), array_of(beta), array_of(gradient).reshape(-1))
        of_alpha, of_beta = (torch.from_numpy(array) for array in arrays)
    else:
        of_alpha, of_beta = _reference.gradients(expander, alpha, beta, gradient)
    end = _LARGEST_ALPHA[expander.alpha_dtype] * expander.alpha_step
    outwards = (alpha.abs() >= end) & (alpha * of_alpha < 0)
    return of_alpha.masked_fill_(outwards, 0), of_beta


class _Expand(torch.autograd.Function):
    """`expand` as one node of autograd, without the cost of an operator: some 0.3 ms a parameter and step."""

    @staticmethod
    def forward(ctx: Any, alpha: Any, beta: Any, alpha_unit: float, beta_unit: float, *rest: Any) -> torch.Tensor:
        ctx.save_for_backward(alpha, beta)
        ctx.units, ctx.form = (alpha_unit, beta_unit), rest[1]
        return _weights(alpha * alpha_unit, beta * beta_unit, *rest)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Tuple[Optional[torch.Tensor], ...]:
        (alpha, beta), (alpha_unit, beta_unit) = ctx.saved_tensors, ctx.units
        of_alpha, of_beta = _gradients(alpha * alpha_unit, beta * beta_unit, gradient, ctx.form)
        return of_alpha.mul_(alpha_unit), of_beta.mul_(beta_unit), None, None, None, None, None, None


def expand(
    alpha: torch.Tensor,
    beta: torch.Tensor,
    units: Tuple[float, float],
    theta0: Optional[torch.Tensor],
    form: str,
    shape: Sequence[int],
    dtype: torch.dtype,
) -> torch.Tensor:
    """theta0 + beta * phi(alpha), of that shape and dtype, with its gradient: see `CodeExpander`. units: what alpha and
    beta are multiplied by before."""
    plain = type(alpha) in (torch.Tensor, nn.Parameter)  # others may have no memory
    if not plain or torch.compiler.is_compiling():
        made: torch.Tensor = expand_operator(alpha * units[0], beta * units[1], theta0, form, shape, dtype)
    else:
        made = _Expand.apply(alpha, beta, *units, theta0, form, shape, dtype)
    return made


@torch.library.custom_op("mcnc::expand", mutates_args=())
def expand_operator(
    alpha: torch.Tensor,
    beta: torch.Tensor,
    theta0: Optional[torch.Tensor],
    form: str,
    shape: Sequence[int],
    dtype: torch.dtype,
) -> torch.Tensor:
    """`expand` as torch.compile takes it."""
    return _weights(alpha, beta, theta0, form, shape, dtype)


@expand_operator.register_fake
def _(
    alpha: torch.Tensor,
    beta: torch.Tensor,
    theta0: Optional[torch.Tensor],
    form: str,
    shape: Sequence[int],
    dtype: torch.dtype,
) -> torch.Tensor:
    return alpha.new_empty(tuple(shape), dtype=dtype)


@torch.library.custom_op("mcnc::expand_gradients", mutates_args=())
def expand_gradients(
    alpha: torch.Tensor, beta: torch.Tensor, gradient: torch.Tensor, form: str
) -> Tuple[torch.Tensor, torch.Tensor]:
    """The gradients of `expand` as torch.compile takes them."""
    return _gradients(alpha, beta, gradient, form)


@expand_gradients.register_fake
def _(
    alpha: torch.Tensor, beta: torch.Tensor, gradient: torch.Tensor, form: str
) -> Tuple[torch.Tensor, torch.Tensor]:
    return torch.empty_like(alpha), torch.empty_like(beta)


def _keep(ctx: Any, inputs: Tuple[Any, ...], output: torch.Tensor) -> None:
    ctx.save_for_backward(inputs[0], inputs[1])
    ctx.form = inputs[3]


def _backward(ctx: Any, gradient: torch.Tensor) -> Tuple[Optional[torch.Tensor], ...]:
    alpha, beta = ctx.saved_tensors
    return (*torch.ops.mcnc.expand_gradients(alpha, beta, gradient, ctx.form), None, None, None, None)


expand_operator.register_autograd(_backward, setup_context=_keep)
