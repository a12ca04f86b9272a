# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Which parameters of a module become codes, and how."""

from __future__ import annotations

import fnmatch
import math
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Set, Tuple, Union

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parametrize

from .. import McncError, Uniform
from ._expand import DTYPES, Form, expander_of
from ._generated import GeneratedWeight, originals_of
from ._processes import agreed
from ._shards import is_sharded

_NORMS = (nn.LayerNorm, nn.GroupNorm, nn.modules.batchnorm._NormBase, getattr(nn, "RMSNorm", nn.LayerNorm))
NOT_SMALLER = "its codes would not be smaller"  # why a parameter is left as it is
TENSOR_BYTES = 200  # what a tensor takes beside its elements or codes, about

Patterns = Union[None, str, Sequence[str]]


@dataclass(frozen=True)
class CompressedParameter:
    """A parameter that is made of codes now."""

    name: str  # also of each parameter that is tied to it, see `tied`
    shape: Tuple[int, ...]
    numbers: int  # of its codes, that are trained in place of its elements
    bytes: int  # of its codes in a file, before they are compressed further
    tied: Tuple[str, ...] = ()  # other names of it

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Report:
    """What `compress` did. `str(report)` is a table for people."""

    compressed: Tuple[CompressedParameter, ...]
    left: Dict[str, str] = field(default_factory=dict)  # why each other parameter was left as it is
    expected_bytes: int = 0  # of the file, about: what was left as it is, codes, and 200 bytes a tensor

    @property
    def ratio(self) -> float:
        """Elements of the compressed parameters for each number of their codes."""
        return sum(c.elements for c in self.compressed) / sum(c.numbers for c in self.compressed)

    def __str__(self) -> str:
        width = max(len(name) for name in [*(c.name for c in self.compressed), *self.left])
        lines = []
        for c in self.compressed:
            shape = " x ".join(map(str, c.shape))
            tied = f", also {', '.join(c.tied)}" if c.tied else ""
            lines.append(f"{c.name:{width}}  {shape:>16}  {c.elements:>13,} weights from {c.numbers:,} numbers{tied}")
        lines += [f"{name:{width}}  left as it is: {why}" for name, why in self.left.items()]
        elements = sum(c.elements for c in self.compressed)
        numbers = sum(c.numbers for c in self.compressed)
        lines.append(
            f"{elements:,} weights from {numbers:,} numbers, {self.ratio:.1f} times fewer; "
            f"a file of about {self.expected_bytes:,} bytes"
        )
        return "\n".join(lines)


class NothingToCompress(McncError):
    """No parameter of a module is to be compressed. `left` says of each why."""

    def __init__(self, left: Dict[str, str]) -> None:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(left.items())[:3])
        why += " ..." if len(left) > 3 else ""
        super().__init__(
            "no parameter of the module is to be compressed: " + (why or "it has none, or all are compressed already")
        )
        self.left = left


def compress(
    module: nn.Module,
    *,
    ratio: Optional[float] = None,
    chunk_dim: Union[None, int, Mapping[str, int]] = None,
    code_dim: int = 9,
    codes_per_chunk: int = 1,
    hidden: Sequence[int] = (),
    seed: int = 0,
    frequency: int = 1 << 19,
    alpha_dtype: str = "I8",
    beta_dtype: str = "BF16",
    shared_beta: bool = False,
    theta0: str = "uniform",
    include: Patterns = None,
    exclude: Patterns = None,
    rate: float = 32.0,
    verbose: bool = True,
) -> Report:
    """Makes parameters of `module` be made of codes, which are what is trained from then on.

    Call it before the optimizer is made, as the parameters of the module are others afterwards: of each compressed one,
    `parametrizations.NAME.original0` is its alpha and `original1` its beta. Everything else stays as it is:
    `module.weight` is a tensor of the same shape, dtype and device, made anew of the codes each time it is used. In the
    state_dict the codes stand in place of the weights.

    Of several processes that train together each calls it, with the same arguments, and after
    torch.distributed.init_process_group: the first one decides then how widely theta0 is spread. Called before that, with
    modules that were drawn differently, each process would train another network; the first forward raises McncError.

    The weights change: they start at theta0, drawn anew from the seed as widely as they are spread now, because a file
    that kept them would be as large as they are.

    Args:
        module: any module. Parameters that are tied stay tied.
        ratio: how many weights one trained number stands for; or
        chunk_dim: d, how many weights one code makes; or several, by names of parameters, with * and ?, of which the first
            that fits counts: {"*.bias": 64, "*": 1024}. One of ratio and chunk_dim must be given. `plan` finds it for a
            file of so many bytes.
        code_dim, codes_per_chunk, hidden, frequency, alpha_dtype, beta_dtype: as of `mcnc.CodeExpander`.
        shared_beta: whether all codes of a parameter have one beta, which is one trained number, in place of one each. With
            short codes that makes a file clearly smaller: at code_dim 9, beta is an eighth of it.
        seed: of the generator and of theta0.
        theta0: "uniform", drawn from the seed; or "zero", where random codes break the symmetry.
        include: names of parameters, with * and ?, that are to be compressed. None: those of two dimensions and more,
            but those of normalizations, where that saves something. McncError where a pattern finds none, or one that
            cannot be compressed.
        exclude: names of parameters, with * and ?, that are left as they are.
        rate: how many times as far a step of an optimizer such as Adam moves codes as it moves other parameters: with 32,
            the learning rate that suits the network suits its codes.
        verbose: whether the report is printed.

    Returns:
        What was compressed, what was left as it is and why, and how large the file will be.

    Raises:
        McncError: argument, where something does not fit. The module is as it was then.
    """
    dims = chunk_dim if isinstance(chunk_dim, Mapping) else {"*": chunk_dim}
    rest = (code_dim, codes_per_chunk, hidden, seed, frequency, alpha_dtype, beta_dtype)
    forms = {pattern: form_of(ratio, dim, *rest) for pattern, dim in dims.items()}
    for form in forms.values():
        check_start(form, theta0, rate)
    places = places_of(module)

    def form_for(name: str) -> Form:
        for pattern, form in forms.items():
            if fnmatch.fnmatchcase(name, pattern):
                return form
        raise McncError(f"chunk_dim has no name or pattern for parameter {name}")

    chosen, left = _choose(places, form_for, _list(include), _list(exclude))
    if not chosen:
        raise NothingToCompress(left)
    groups = [[name] for name in chosen]
    forms_chosen = [form_for(name) for name in chosen]
    report = compress_groups(module, places, groups, left, forms_chosen, theta0, rate, shared_beta)
    if verbose:
        print(report)
    return report


def check_start(form: Form, theta0: str, rate: float) -> None:
    """McncError where the arguments of `compress` are out of range."""
    if theta0 not in ("uniform", "zero"):
        raise McncError(f'theta0 must be "uniform" or "zero", not {theta0!r}')
    if not (math.isfinite(rate) and rate > 0):
        raise McncError(f"rate must be a positive number, not {rate}")
    expander_of(form.text())


def compress_groups(
    module: nn.Module,
    places: Dict[str, List[Place]],
    groups: List[List[str]],
    left: Dict[str, str],
    forms: List[Form],
    theta0: str,
    rate: float,
    shared_beta: bool,
) -> Report:
    """Compresses the named parameters. Those of a group have one shape, one form, which `forms` has, and one theta0, one
    after the other in it."""
    count = len(module.state_dict())
    own = [_spread([places[name][0] for name in group]) for group in groups]
    spreads, agreement = agreed(forms, groups, own)
    started = {}
    for stream, (group, form, spread) in enumerate(zip(groups, forms, spreads)):
        for number, name in enumerate(group):
            started[name] = _weight(places[name][0].parameter, form, theta0, rate, spread, stream, number, shared_beta)
            started[name].agreement = agreement
    compressed = []
    for name, weight in started.items():
        _register(weight, places[name])
        form = Form.parse(weight.form)
        codes = weight.expander.chunks(weight.shape) * form.codes_per_chunk
        betas = 1 if shared_beta else codes
        alpha_bytes = codes * form.code_dim * (2 if form.alpha_dtype == "I16" else 1)
        beta_bytes = betas * (4 if form.beta_dtype == "F32" else 2)
        tied = tuple(place.name for place in places[name][1:])
        numbers = codes * form.code_dim + betas
        compressed.append(CompressedParameter(name, weight.shape, numbers, alpha_bytes + beta_bytes, tied))
    kept = {id(t): t for t in [*(places[name][0].parameter for name in left), *module.buffers()]}
    expected = sum(t.numel() * t.element_size() for t in kept.values()) + sum(c.bytes for c in compressed)
    return Report(tuple(compressed), left, expected + TENSOR_BYTES * count)


@dataclass(frozen=True)
class Place:
    """Where a parameter is."""

    name: str
    module: nn.Module
    own_name: str  # in that module
    parameter: nn.Parameter


def _list(patterns: Patterns) -> Optional[List[str]]:
    return [patterns] if isinstance(patterns, str) else None if patterns is None else list(patterns)


def form_of(
    ratio: Optional[float], chunk_dim: Optional[int], code_dim: int, codes_per_chunk: int, hidden: Sequence[int], *rest: Any
) -> Form:
    if (ratio is None) == (chunk_dim is None):
        raise McncError("give ratio or chunk_dim, one of the two")
    if ratio is not None:
        if not (math.isfinite(ratio) and ratio > 1):
            raise McncError(f"ratio must be a number above 1, not {ratio}")
        chunk_dim = round(ratio * codes_per_chunk * (code_dim + 1))
    assert chunk_dim is not None
    return Form(code_dim, chunk_dim, codes_per_chunk, tuple(hidden), *rest)


def places_of(module: nn.Module) -> Dict[str, List[Place]]:
    """Every parameter of `module` that is not part of a parametrization, under its first name, with all of its places."""
    found: Dict[int, List[Place]] = {}
    for prefix, part in module.named_modules():
        if isinstance(part, (parametrize.ParametrizationList, GeneratedWeight)):
            continue
        for name, parameter in part._parameters.items():
            if parameter is not None:
                place = Place(f"{prefix}.{name}" if prefix else name, part, name, parameter)
                found.setdefault(id(parameter), []).append(place)
    return {places[0].name: places for places in found.values()}


def obstacle_of(places: List[Place]) -> str:
    """Why a parameter cannot be compressed at all; "" where it can."""
    parameter = places[0].parameter
    if nn.parameter.is_lazy(parameter):
        return "it has no shape before the first forward"
    if is_sharded(parameter):
        return "each process has a part of it: compress the module before fully_shard or parallelize_module"
    if parameter.is_meta:
        return "it is on the meta device: give it memory and values first"
    if parameter.dtype not in DTYPES:
        return f"it is of {parameter.dtype}, where weights are float32, float16 or bfloat16"
    if parameter.numel() == 0:
        return "it has no elements"
    if not parameter.requires_grad:
        return "it is frozen"
    if any(isinstance(place.module, nn.RNNBase) for place in places):
        return "recurrent modules of PyTorch keep their weights in a list of their own"
    if parameter.layout != torch.strided:
        return f"its layout is {parameter.layout}"
    return ""


def _choose(
    all_places: Dict[str, List[Place]],
    form_for: Callable[[str], Form],
    include: Optional[List[str]],
    exclude: Optional[List[str]],
) -> Tuple[List[str], Dict[str, str]]:
    """The names of the parameters to compress, and why each other is left as it is."""
    chosen: List[str] = []
    left: Dict[str, str] = {}
    matched: Set[str] = set()
    for name, places in all_places.items():
        names = [place.name for place in places]
        excluded = [p for p in exclude or [] if any(fnmatch.fnmatchcase(n, p) for n in names)]
        included = [p for p in include or [] if any(fnmatch.fnmatchcase(n, p) for n in names)]
        matched.update(excluded, included)
        obstacle = obstacle_of(places)
        if excluded:
            left[name] = "excluded"
        elif include is not None and not included:
            left[name] = "not included"
        elif obstacle:
            if include is not None:
                raise McncError(f"parameter {name} cannot be compressed: {obstacle}")
            left[name] = obstacle
        elif include is None and (places[0].parameter.dim() < 2 or isinstance(places[0].module, _NORMS)):
            left[name] = "a bias or a normalization"
        elif include is None and _numbers(form_for(name), places[0].parameter) >= places[0].parameter.numel():
            left[name] = NOT_SMALLER
        else:
            chosen.append(name)
    for pattern in [*(include or []), *(exclude or [])]:
        if pattern not in matched:
            raise McncError(f"no parameter of the module is called {pattern!r}")
    return chosen, left


def _numbers(form: Form, parameter: torch.Tensor) -> int:
    expander = expander_of(form.text())
    return expander.chunks(tuple(parameter.shape)) * expander.codes_per_chunk * (expander.code_dim + 1)


def _spread(places: List[Place]) -> float:
    """The standard deviation of the elements of parameters of one shape."""
    squares = []
    for place in places:
        values = place.parameter.detach().float()
        squares.append(float(values.var(correction=0)) if values.numel() > 1 else 0.0)
        if not math.isfinite(squares[-1]):
            raise McncError(f"parameter {place.name} has values that are not finite")
    return math.sqrt(sum(squares) / len(squares))


def _weight(
    parameter: torch.Tensor,
    form: Form,
    theta0: str,
    rate: float,
    spread: float,
    stream: int,
    number: int,
    shared_beta: bool,
) -> GeneratedWeight:
    """The parametrization of parameter `number` of a group, with the codes that it starts from."""
    shape = tuple(parameter.shape)
    start = Uniform(form.seed, np.float32(spread * 3**0.5 / 32768).item(), stream) if spread > 0 else None
    if theta0 == "zero":
        start = None
    # The norm of a chunk as the parameter has it, or, where it is zero, as a layer of that size would.
    beta_unit = (spread or 1 / math.sqrt(3 * max(shape, default=1))) * math.sqrt(form.chunk_dim) * rate
    expander = expander_of(form.text())
    alpha, beta = expander.empty_codes(shape)
    beta += 1 / rate
    # Random codes where weights would not differ from each other without them.
    if form.codes_per_chunk > 1 or (start is None and spread > 0):
        reach = 127 * expander.alpha_step if form.alpha_dtype == "I8" else 4.0
        random = np.random.default_rng((form.seed, stream, number))
        alpha[:] = random.uniform(-reach / rate, reach / rate, alpha.shape)
    device = parameter.device
    if shared_beta:
        beta = beta[:1, :1]
    codes = torch.from_numpy(alpha).to(device), torch.from_numpy(beta).to(device)
    units = {"alpha_unit": rate, "beta_unit": beta_unit, "first": number * parameter.numel(), "start": codes}
    units["shared_beta"] = shared_beta
    return GeneratedWeight(form, shape, parameter.dtype, start, **units)


def _register(weight: GeneratedWeight, places: List[Place]) -> None:
    """Puts the codes in the place of a parameter, in all its places the same."""
    first = places[0]
    parametrize.register_parametrization(first.module, first.own_name, weight)
    originals = originals_of(first.module, first.own_name)
    for place in places[1:]:
        units = {"alpha_unit": weight.alpha_unit, "beta_unit": weight.beta_unit, "first": weight.first}
        units["shared_beta"] = weight.shared_beta
        codes = originals.original0.detach(), originals.original1.detach()
        copy = GeneratedWeight(Form.parse(weight.form), weight.shape, weight.dtype, weight.theta0, start=codes, **units)
        parametrize.register_parametrization(place.module, place.own_name, copy)
        tied = originals_of(place.module, place.own_name)
        tied.original0, tied.original1, tied[0] = originals.original0, originals.original1, weight
