"""Random search: cells of equal likelihood, each trained for a short while; the plain control.

Source: Li and Talwalkar 2019; trials.py.

Deviations: none beyond trials.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .cells import Cells
from .run import Run
from .trials import Trials


@dataclass(frozen=True, kw_only=True)
class RandomSearch(Trials):
    """Draws every candidate anew."""

    name: ClassVar[str] = "random"
    source: ClassVar[str] = "Li and Talwalkar 2019, random search"

    def _next(self, run: Run, rng: np.random.Generator) -> Cells:
        return run.plan.sample(rng)
