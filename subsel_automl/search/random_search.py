"""Random search: architectures as the space draws them; the plain control.

Source: Li and Talwalkar 2019.

Deviations: none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .by_trials import ByTrials
from .queries import Walk
from .reach import Reach


@dataclass(frozen=True, kw_only=True)
class RandomSearch(ByTrials):
    """Draws every architecture anew."""

    name: ClassVar[str] = "random"
    source: ClassVar[str] = "Li and Talwalkar 2019, random search"

    def walk(self, reach: Reach, rng: np.random.Generator, at_once: int) -> Walk:
        while True:
            yield [reach.sample() for _ in range(at_once)]
