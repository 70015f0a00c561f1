"""Regularised evolution: mutate the best of a few of the last architectures; the oldest dies.

    population   the last P architectures
    parent       the best of S drawn from it;  child = a neighbour of the parent

Source: Real et al. 2019, Algorithm 1; P = 10, S = 3 as NAS-Bench-201's REA.

Deviations:
    [1] A child that was asked about before lives with its known value and costs no query.
    [2] A child whose training was stopped (`stopped.py`) is not born: it has no value to live with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import BadInput
from .by_trials import ByTrials
from .options import at_least
from .queries import Walk
from .reach import Reach
from .stopped import finished


@dataclass(frozen=True, kw_only=True)
class Evolution(ByTrials):
    """Ageing evolution.

    Args:
        population: P; the first P architectures are random.
        tournament: S.
    """

    name: ClassVar[str] = "evolution"
    source: ClassVar[str] = "Real et al. 2019, Algorithm 1; settings of NAS-Bench-201"

    population: int = 10
    tournament: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("population", "tournament"):
            at_least(name, getattr(self, name), 1)
        if self.tournament > self.population:
            raise BadInput(
                f"tournament is {self.tournament}, more than the population of {self.population}"
            )

    def walk(self, reach: Reach, rng: np.random.Generator, at_once: int) -> Walk:
        alive: deque[tuple[Architecture, float]] = deque(maxlen=self.population)
        while len(alive) < self.population:
            born = [reach.sample() for _ in range(min(at_once, self.population - len(alive)))]
            alive.extend(_living(born, (yield born)))
        while True:
            born = [self._child(list(alive), reach, rng) for _ in range(at_once)]
            alive.extend(_living(born, (yield born)))

    def _child(
        self, alive: list[tuple[Architecture, float]], reach: Reach, rng: np.random.Generator
    ) -> Architecture:
        drawn = sorted(rng.choice(len(alive), self.tournament, replace=False))
        parent, _ = max((alive[place] for place in drawn), key=lambda one: one[1])
        near = reach.neighbours(parent)
        return near[rng.integers(len(near))]


def _living(
    born: Sequence[Architecture], values: Sequence[float]
) -> Iterator[tuple[Architecture, float]]:
    """Those with a value. [2]"""
    return (one for one in zip(born, values, strict=True) if finished(one[1]))
