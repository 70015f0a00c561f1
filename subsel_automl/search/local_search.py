"""Local search: from the best of a few random architectures to a better neighbour, until there is
none; then from a new random start.

Source: White et al. 2020, "Local search is state of the art for neural architecture search
benchmarks", Algorithm 1; 10 initial architectures, the first better neighbour is taken.

Deviations:
    [1] The neighbours of NAS-Bench-101's cells include those with one vertex more.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..core.architecture import Architecture
from .by_trials import ByTrials
from .options import at_least
from .queries import Walk
from .reach import Reach
from .stopped import finished

Seen = tuple[Architecture, float]


@dataclass(frozen=True, kw_only=True)
class LocalSearch(ByTrials):
    """Hill climbing with restarts.

    Args:
        initial: random architectures, the best of which is the first start.
    """

    name: ClassVar[str] = "local"
    source: ClassVar[str] = "White et al. 2020, Algorithm 1"

    initial: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("initial", self.initial, 1)

    def walk(self, reach: Reach, rng: np.random.Generator, at_once: int) -> Walk:
        count = self.initial
        while True:
            here = yield from _best([reach.sample() for _ in range(count)], at_once)
            while finished(here[1]):  # else a restart: nothing is known of what was stopped
                better = yield from _step(here, reach, rng, at_once)
                if better is None:
                    break
                here = better
            count = 1  # a restart


def _best(
    wanted: Sequence[Architecture], at_once: int
) -> Generator[Sequence[Architecture], list[float], Seen]:
    """The best of some architectures."""
    seen: list[Seen] = []
    for start in range(0, len(wanted), at_once):
        part = wanted[start : start + at_once]
        seen.extend(zip(part, (yield part), strict=True))
    return max(seen, key=lambda one: one[1])


def _step(
    here: Seen, reach: Reach, rng: np.random.Generator, at_once: int
) -> Generator[Sequence[Architecture], list[float], Seen | None]:
    """The first better neighbour (of those that were asked about together the best), or None."""
    near = reach.neighbours(here[0])  # [1]
    order = rng.permutation(len(near))
    for start in range(0, len(near), at_once):
        part = [near[place] for place in order[start : start + at_once]]
        found = max(zip(part, (yield part), strict=True), key=lambda one: one[1])
        if found[1] > here[1]:
            return found
    return None
