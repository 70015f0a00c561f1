"""Any network as an architecture, and a space of the reader's own networks.

    architecture = trace(model, example)
    space = TracedSpace.for_pool("my_module.py:build", pool)
    space = TracedSpace(build, example, classes=10, variants=[{"depth": 2}, {"depth": 4}])

`build(classes=, in_channels=, **options)` makes a network with fresh weights; of `classes` and
`in_channels` it is given those that it names. There is one architecture for each variant of the
options. What an architecture holds is in `tracing.py`, its words in `vocabulary.py`.
Source: none. Deviations:
    [1] A space of a few given networks has no cells to enumerate and no edits: neighbours are the
        variants that differ in one option.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedTensorMixin

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError, BadInput
from ..core.pool import Pool
from .base import Edge, SearchSpace
from .enumeration import CellTable
from .networks import NETWORKS, TIMM, network
from .tracing import MAX_NODES, SPACE, Example, TracedWarning, trace
from .user_code import load_function, resolved_address
from .vocabulary import WORDS

__all__ = ["TracedSpace", "TracedWarning", "trace"]

Build = Callable[..., nn.Module]


@dataclass(frozen=True)
class Named:
    """A fixed network as a `build`; `numbers` is the length of an example, which an mlp reads."""

    name: str
    numbers: int

    def __call__(self, *, classes: int, in_channels: int) -> nn.Module:
        size = {"features": self.numbers} if self.name == "mlp" else {"in_channels": in_channels}
        return network(self.name, classes=classes, **size)


class TracedSpace(SearchSpace):
    """Networks that `build` makes, one for each variant of its options.

    Args:
        build: makes a network; a function, "file.py:function", or a name of `networks.py`. A space
            made from a file is pickled by the file's name and finds the function again there.
        example: one batch as the networks read it, or a tuple of inputs.
        classes: that the networks tell apart.
        variants: options of each network.

    Raises:
        BadInput: no variant, options that `build` does not take, a network that does not run or
            answers another number of classes, two variants that trace to one architecture.
        MissingData, UnknownName: there is no such file, function or network.
        ArchitectureError: a network that cannot be traced.
    """

    name = SPACE
    operations = ("input", *WORDS, "output")
    max_nodes = MAX_NODES
    max_edges = MAX_NODES**2
    reads_vectors = True

    def __init__(
        self,
        build: Build | str,
        example: Example,
        *,
        classes: int,
        variants: Sequence[Mapping[str, Any]] = ({},),
    ) -> None:
        first = example[0] if isinstance(example, tuple) else example
        self._example = example
        self._address = ""
        if isinstance(build, str):
            if build in NETWORKS or build.startswith(TIMM):
                build = Named(build, first[0].numel())
            else:
                self._address = resolved_address(build)
        self._build = None if isinstance(build, str) else build
        self.classes = classes
        self.in_channels = int(first.shape[1]) if first.ndim > 1 else 1
        if not variants:
            raise BadInput("a traced space got no variant; give at least one (options may be {})")
        self.variants: dict[str, dict[str, Any]] = {}
        self._known: dict[str, Architecture] = {}
        for options in variants:
            self._add(dict(options), example)

    @classmethod
    def for_pool(
        cls, build: Build | str, pool: Pool, variants: Sequence[Mapping[str, Any]] = ({},)
    ) -> TracedSpace:
        """The networks for a pool's images [n, c, h, w], or its features [n, d]."""
        if pool.images is None:
            example = torch.zeros(2, pool.features.shape[1])
        else:
            height, width, channels = pool.images.shape
            example = torch.zeros(2, channels, height, width)
        return cls(build, example, classes=pool.classes, variants=variants)

    @property
    def architectures(self) -> list[Architecture]:
        """One a variant, in their order."""
        return list(self._known.values())

    def module(  # type: ignore[override]
        self, architecture: Architecture, *, classes: int, in_channels: int, **sizes: Any
    ) -> nn.Module:
        """The network, with fresh weights; `sizes` are further options of `build`.

        Raises:
            ArchitectureError: not of this space.
            BadInput: options that `build` does not take, or another number of classes or channels
                than `build` was traced with, where it does not take them.
        """
        self.validate(architecture)
        options = {**self.variants[architecture.key], **sizes}
        return self._made(options, classes, in_channels)

    def validate(self, architecture: Architecture) -> None:
        if architecture.key not in self._known:
            raise ArchitectureError(
                f"the architecture {architecture.key[:8]} of space {architecture.space!r} is none "
                f"of the {len(self._known)} networks of this traced space; take one of its "
                "`architectures`, or make a space with that network's options"
            )

    def architecture(self, ops: Sequence[str], edges: Iterable[Edge]) -> Architecture:
        """One of the space's own, found by its graph."""
        found = Architecture(self.name, tuple(ops), tuple(edges))
        self.validate(found)
        return self._known[found.key]

    def sample(self, rng: np.random.Generator) -> Architecture:
        """A variant, each equally likely."""
        return self.architectures[int(rng.integers(len(self._known)))]

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """[1]"""
        self.validate(architecture)
        mine = self.variants[architecture.key]
        return [
            self._known[key] for key, other in self.variants.items() if _edits(mine, other) == 1
        ]

    def enumerate(self) -> CellTable:
        raise BadInput(
            "a traced space has no table of cells; its networks are listed in `architectures`"
        )

    def parameters(self, architecture: Architecture) -> int:
        with torch.random.fork_rng(devices=[]):
            made = self.module(architecture, classes=self.classes, in_channels=self.in_channels)
        return sum(p.numel() for p in made.parameters() if p.requires_grad)

    def _add(self, options: dict[str, Any], example: Example) -> None:
        with torch.random.fork_rng(devices=[]):
            model = self._made(options, self.classes, self.in_channels)
            found = trace(model, example)
            _check_answer(model, example, self.classes)
        if found.key in self._known:
            raise BadInput(
                f"options {options} and {self.variants[found.key]} make the same architecture "
                f"({found.key[:8]}); a trial could not tell them apart, so keep one of them"
            )
        self.variants[found.key], self._known[found.key] = options, found

    def _made(self, options: Mapping[str, Any], classes: int, in_channels: int) -> nn.Module:
        if self._build is None:
            self._build = load_function(self._address)
        given: dict[str, Any] = {"classes": classes, "in_channels": in_channels}
        taken = inspect.signature(self._build).parameters
        if all(p.kind is not p.VAR_KEYWORD for p in taken.values()):
            unknown = sorted(set(options) - set(taken))
            if unknown:
                raise BadInput(
                    f"build takes no option {', '.join(unknown)}; it takes {', '.join(taken)}"
                )
            for name in set(given) - set(taken):
                traced = getattr(self, name)
                if given[name] != traced:
                    raise BadInput(
                        f"build takes no {name} and was traced with {traced}; asked for "
                        f"{given[name]}. Let build take {name}"
                    )
                del given[name]
        model = self._build(**{**given, **options})
        if not isinstance(model, nn.Module):
            raise BadInput(f"build returned {type(model).__name__}; return an nn.Module")
        materialised(model, self._example)
        return model

    def __getstate__(self) -> dict[str, Any]:
        """A function from a file stays behind; its address goes."""
        return {**self.__dict__, "_build": None if self._address else self._build}


def _edits(mine: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    missing = object()
    names = {*mine, *other}
    return sum(mine.get(name, missing) != other.get(name, missing) for name in names)


def materialised(model: nn.Module, example: Example) -> None:
    """Give lazy layers (`nn.LazyLinear`) their shapes and weights, by one batch in eval mode; a
    network that fails there is told of by who uses it."""
    held = [*model.parameters(), *model.buffers()]
    if not any(isinstance(one, UninitializedTensorMixin) for one in held):
        return
    inputs, training = example if isinstance(example, tuple) else (example,), model.training
    with torch.no_grad(), contextlib.suppress(Exception):
        model.eval()(*inputs)
    model.train(training)


def _check_answer(model: nn.Module, example: Example, classes: int) -> None:
    was_training = model.training
    with torch.no_grad():
        out = model.eval()(*(example if isinstance(example, tuple) else (example,)))
    model.train(was_training)
    if not isinstance(out, Tensor) or out.ndim != 2 or out.shape[1] != classes:
        came = tuple(out.shape) if isinstance(out, Tensor) else type(out).__name__
        raise BadInput(f"{type(model).__name__} answers {came}; give logits [n, {classes}]")
