"""All of the pool: the honest rival at equal cost, and the ceiling at equal epochs."""

from __future__ import annotations

import numpy as np

from ..core.errors import BudgetError
from ..core.provider import Request, SubsetProvider
from ..core.subset import Subset


class Full(SubsetProvider):
    """Every example, whatever the seed; the budget must be all of the pool."""

    name = "full"
    source = "control: no selection"
    cost = "none"
    drawn = False
    whole_only = True  # smaller budgets are refused

    def _select(self, request: Request) -> Subset:
        n = len(request.pool)
        if request.count != n:
            raise BudgetError(
                f"provider 'full' hands out all {n} examples; budget {request.budget} asks for "
                f"{request.count}. Use Budget(1.0), or another provider"
            )
        return Subset(np.arange(n))
