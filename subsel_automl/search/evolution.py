"""Regularised evolution: mutate the best of a few of the last candidates; the oldest dies.

    population   the last P candidates
    parent       the best of S drawn from it;  child = parent with one edit

Source: Real et al. 2019, Algorithm 1; P = 10, S = 3 as NAS-Bench-201's REA.

Deviations:
    [1] Candidates are trained briefly from new weights (trials.py), not for 25 epochs on all data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..core.errors import BadInput
from .cells import Cells
from .options import at_least
from .run import Run
from .trials import Trials, history


@dataclass(frozen=True, kw_only=True)
class Evolution(Trials):
    """Ageing evolution.

    Args:
        population: P; the first P candidates are random.
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

    def _next(self, run: Run, rng: np.random.Generator) -> Cells:
        alive = history(run)[-self.population :]
        if len(alive) < self.population:
            return run.plan.sample(rng)
        drawn = rng.choice(len(alive), self.tournament, replace=False)
        parent = max(drawn, key=lambda place: alive[place][1])
        return run.plan.mutated(alive[parent][0], rng)
