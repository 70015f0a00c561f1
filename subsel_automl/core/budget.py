"""How many examples a subset may hold: a count, or a fraction in (0, 1]."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real

from .errors import BudgetError


@dataclass(frozen=True)
class Budget:
    """A budget.

    Args:
        size: a whole number of examples from 1, or a fraction in (0, 1] (a float; 1.0 is all).

    Raises:
        BudgetError: zero, negative, NaN, a float above 1, a bool, or no number at all.
    """

    size: int | float

    def __post_init__(self) -> None:
        size = self.size
        allowed = "give a count from 1, or a fraction in (0, 1]"
        if isinstance(size, bool) or not isinstance(size, Real):
            raise BudgetError(f"budget {size!r} is no number; {allowed}")
        if isinstance(size, Integral):
            if size < 1:
                raise BudgetError(f"budget {size} asks for no example; {allowed}")
            object.__setattr__(self, "size", int(size))
        elif not (math.isfinite(size) and 0 < size <= 1):
            raise BudgetError(f"budget {size!r} is neither a count nor a fraction; {allowed}")
        else:
            object.__setattr__(self, "size", float(size))

    def resolve(self, n: int) -> int:
        """The count for a pool of n examples; a fraction is rounded, and is at least 1.

        Raises:
            BudgetError: a count above n.
        """
        if isinstance(self.size, float):
            return max(1, min(n, math.floor(self.size * n + 0.5)))
        if self.size > n:
            raise BudgetError(
                f"budget {self.size} asks for more than the {n} examples of the pool; "
                f"give 1..{n}, or a fraction in (0, 1]"
            )
        return self.size

    def __str__(self) -> str:
        return f"{self.size:.6g}" if isinstance(self.size, float) else str(self.size)
