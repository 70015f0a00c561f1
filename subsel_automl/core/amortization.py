"""Amortized cost T_total / M_total and the query from which one method is cheaper (SubSelNet 5.2).

With P seconds of preparation, c seconds a test architecture, k test, n training architectures:

    A(k) = (P + c k) / (k + n)     over = "training+test": M_total counts both, as Table 6 does
    A(k) = (P + c k) / k           over = "test": what one new architecture really costs

Break-even of (P, c, n) with (P', c', n') is the smallest k >= 1 from which A(k) <= A'(k) for ever:
multiplied by both denominators that is a quadratic in k,

    (c - c') k^2 + (P - P' + c n' - c' n) k + (P n' - P' n) <= 0,

which for "test" (n = n' = 0) is (c - c') k + P - P' <= 0, so k = ceil((P - P') / (c' - c)).

Deviations: none. [1] The paper does not define a break-even; this is ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .errors import BadInput, UnknownName

Over = Literal["training+test", "test"]
OVERS: tuple[Over, ...] = ("training+test", "test")


def _checked_over(over: str) -> str:
    if over not in OVERS:
        raise UnknownName("denominator", over, OVERS)
    return over


@dataclass(frozen=True)
class Cost:
    """What a method costs: P seconds once, c seconds a test architecture; n training architectures.

    Raises:
        BadInput: a number that is negative or not finite.
    """

    preparation: float
    per_architecture: float
    training: int = 0

    def __post_init__(self) -> None:
        for name in ("preparation", "per_architecture", "training"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise BadInput(f"{name} is {value}; give a finite number that is at least 0")

    def amortized(self, tests: int, over: Over = "training+test") -> float:
        """A(tests), seconds an architecture; see `amortized`."""
        return amortized(self.preparation, self.per_architecture, tests, self.training, over)


def amortized(
    preparation: float,
    per_architecture: float,
    tests: int,
    training: int,
    over: Over = "training+test",
) -> float:
    """A(k) of the module's docstring, in seconds an architecture.

    Raises:
        BadInput: a negative or non-finite number, or a denominator of 0.
        UnknownName: `over` is neither "training+test" nor "test".
    """
    cost = Cost(preparation, per_architecture, training)
    count = tests + (cost.training if _checked_over(over) == "training+test" else 0)
    if tests < 0 or count <= 0:
        raise BadInput(
            f"{tests} test and {training} training architectures leave nothing to divide by "
            f"over {over!r}; ask for at least one architecture"
        )
    return (cost.preparation + cost.per_architecture * tests) / count  # T_total / M_total


def break_even(ours: Cost, other: Cost, over: Over = "training+test") -> int | None:
    """Smallest k >= 1 from which on our amortized cost is at most the other's; None if never.

    Exact: the quadratic is solved for a whole number in rational arithmetic.

    Raises:
        UnknownName: `over` is neither "training+test" nor "test".
    """
    n, m = (0, 0) if _checked_over(over) == "test" else (ours.training, other.training)
    once, each = Fraction(ours.preparation), Fraction(ours.per_architecture)
    once_other, each_other = Fraction(other.preparation), Fraction(other.per_architecture)
    return _last_crossing(
        each - each_other,
        once - once_other + each * m - each_other * n,
        once * m - once_other * n,
    )


def _last_crossing(square: Fraction, linear: Fraction, constant: Fraction) -> int | None:
    """Smallest whole k >= 1 from which square k^2 + linear k + constant <= 0 for ever."""

    def holds(k: int) -> bool:
        return (square * k + linear) * k + constant <= 0

    if square > 0 or (square == 0 and linear > 0):
        return None
    if square == 0 and linear == 0:
        return 1 if holds(1) else None
    top = 1 if square == 0 else max(1, math.ceil(-linear / (2 * square)))  # falls from here on
    if holds(top):
        return top if top > 1 and not holds(top - 1) else 1  # it rises up to the top
    low, high = top, 2 * top
    while not holds(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
