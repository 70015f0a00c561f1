"""A space with known answers: ten bits, an architecture is one of 1,024 chains of operations."""

from __future__ import annotations

import functools
import tempfile
from typing import Any

import numpy as np

from subsel_automl.core.architecture import Architecture
from subsel_automl.encoders.operations import OperationsEncoder
from subsel_automl.encoders.store import save_encoder
from subsel_automl.search.objective import Answer, Objective
from subsel_automl.spaces.base import SearchSpace

BITS = 10


class Bits(SearchSpace):
    """Strings of "a" and "b"; neighbours differ in one place."""

    name = "bits"
    operations = ("input", "a", "b", "output")
    max_nodes = BITS + 2
    max_edges = BITS + 1

    def of(self, bits: Any) -> Architecture:
        ops = ("input", *("b" if bit else "a" for bit in bits), "output")
        return Architecture(self.name, ops, tuple((n, n + 1) for n in range(len(ops) - 1)))

    def sample(self, rng: np.random.Generator) -> Architecture:
        return self.of(rng.integers(2, size=BITS))

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        bits = bits_of(architecture)
        return [self.of(bits ^ (np.arange(BITS) == place)) for place in range(BITS)]

    def enumerate(self) -> Any:
        return listed()

    def parameters(self, architecture: Architecture) -> int:
        return int(bits_of(architecture).sum())

    def module(self, architecture: Architecture, **sizes: Any) -> Any:
        raise NotImplementedError


@functools.cache
def bits_encoder() -> str:
    """A folder with the operations encoder for as many nodes as a string has."""
    folder = tempfile.mkdtemp()
    save_encoder(OperationsEncoder(max_nodes=BITS + 2), folder)
    return folder


@functools.cache
def listed() -> list[Architecture]:
    """All 1,024 strings."""
    return [Bits().of(row) for row in np.indices((2,) * BITS).reshape(BITS, -1).T]


def bits_of(architecture: Architecture) -> Any:
    return np.array([op == "b" for op in architecture.ops[1:-1]])


class Weighted(Objective):
    """A linear function of the bits: the best has a "b" wherever a weight is above zero."""

    kind = "function"

    def __init__(self, seed: int = 0) -> None:
        self.space = Bits()
        self.weights = np.random.default_rng(seed).normal(size=BITS)
        self.asked: list[str] = []

    def ask(self, architecture: Architecture) -> Answer:
        self.asked.append(architecture.key)
        return Answer(self.value(architecture), {"seconds": 2.0})

    def value(self, architecture: Architecture) -> float:
        return float(self.weights @ bits_of(architecture))

    @property
    def best(self) -> float:
        return float(np.maximum(self.weights, 0).sum())

    def about(self) -> dict[str, Any]:
        return {"objective": self.kind}
