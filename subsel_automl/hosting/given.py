"""How a loop gives a batch to its network, learned from one call: which parts, by place and name,
in which shape and type. Other examples are then given in the same way, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..training.outputs import Given

FIRST = 256  # numbers of a tensor that are compared


@dataclass(frozen=True)
class Leaf:
    """A tensor of the batch: its place among them, its shape after the first axis, its type."""

    place: int
    tail: tuple[int, ...] | None
    dtype: torch.dtype


@dataclass(frozen=True)
class Recipe:
    """From a collated batch to a call."""

    args: tuple[Any, ...]
    named: Mapping[str, Any]

    @classmethod
    def learned(cls, batch: Any, args: tuple[Any, ...], named: Mapping[str, Any]) -> Recipe | None:
        """From a batch and the call that a loop made of it; None where the loop computes what it
        gives (normalises, mixes, moves axes): that is known to the loop alone."""
        held = list(leaves(batch))
        try:
            return cls(_spec(args, held), _spec(dict(named), held))
        except LookupError:
            return None

    def of(self, batch: Any) -> Given:
        """The same of another batch."""
        held = list(leaves(batch))
        return Given(_filled(self.args, held), _filled(self.named, held))


def leaves(value: Any) -> Iterator[Tensor]:
    """Tensors inside of any structure."""
    if isinstance(value, Tensor):
        if value.numel():
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from leaves(part)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from leaves(getattr(value, name))


def same_numbers(one: Tensor, other: Tensor) -> bool:
    """By their first numbers, whatever their shape, device and type."""
    if one.numel() != other.numel():
        return False
    first, second = (part.detach().reshape(-1)[:FIRST].double().cpu() for part in (one, other))
    return bool(torch.allclose(first, second, rtol=1e-3, atol=1e-6))


def _spec(value: Any, held: list[Tensor]) -> Any:
    if isinstance(value, Tensor):
        return _leaf(value, held)
    if isinstance(value, Mapping):
        return {name: _spec(part, held) for name, part in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_spec(part, held) for part in value)
    if any(True for _ in leaves(value)):
        raise LookupError(type(value).__name__)
    return value


def _leaf(value: Tensor, held: list[Tensor]) -> Leaf:
    for place, part in enumerate(held):
        if value.ndim and part.ndim and len(value) == len(part) and same_numbers(value, part):
            tail = None if value.shape == part.shape else tuple(value.shape[1:])
            if tail is not None and len(tail) == 1:
                tail = (-1,)
            return Leaf(place, tail, value.dtype)
    raise LookupError("computed in the loop")


def _filled(spec: Any, held: list[Tensor]) -> Any:
    if isinstance(spec, Leaf):
        part = held[spec.place]
        shaped = part if spec.tail is None else part.reshape(len(part), *spec.tail)
        return shaped.to(spec.dtype)
    if isinstance(spec, Mapping):
        return {name: _filled(part, held) for name, part in spec.items()}
    if type(spec) in (list, tuple):
        return type(spec)(_filled(part, held) for part in spec)
    return spec
