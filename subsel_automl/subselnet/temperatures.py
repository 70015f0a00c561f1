"""The temperature lambda and its companions, for each budget, redraw mode and kind of target.

What is best differs: easy examples for small fixed subsets with labels, harder ones for redrawn
subsets with soft targets. `tuning.py` measures it on the validation architectures; a bundle records
what was found, and a provider takes the entry whose budget is nearest on a logarithmic scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..core.errors import BadInput
from ..core.provider import Mode

UNIFORM = 1e6  # a temperature at which every example is as likely as any other


@dataclass(frozen=True)
class Choice:
    """One setting.

    Args:
        budget: fraction of the pool.
        temperature: lambda of Eq. 2; negative for harder examples.
        per_class: draw the same number from every class.
        target_temperature, label_share: how soft targets are trained on.
        ease_examples: of redrawn subsets, how many examples are drawn at `temperature` before
            `later_temperature` takes over (easy examples help early and hold back later); None
            keeps `temperature`.
        gain: accuracy above a uniform draw in points, as measured; None when not measured.
    """

    budget: float
    redraw: bool
    targets: str
    temperature: float
    per_class: bool = True
    target_temperature: float = 2.0
    label_share: float = 0.0
    ease_examples: int | None = None
    later_temperature: float = UNIFORM
    gain: float | None = None

    def temperature_after(self, examples: int) -> float:
        """lambda once so many examples have been drawn."""
        if self.ease_examples is None or examples < self.ease_examples:
            return self.temperature
        return self.later_temperature


# Before anything was measured on a pool: what two measured pools (Fashion-MNIST, CIFAR-10) agree
# on. Easy examples: the fewer the more; redrawn ones too.
UNTUNED = tuple(
    Choice(budget, redraw, targets, 0.3 if redraw else temperature)
    for budget, temperature in ((0.005, 0.1), (0.02, 0.3), (0.1, 1.0))
    for redraw in (False, True)
    for targets in ("labels", "soft")
)


class Choices:
    """A table of settings.

    Raises:
        BadInput: an empty table, or none for a mode.
    """

    def __init__(self, rows: Iterable[Choice] = UNTUNED) -> None:
        self.rows = tuple(rows)
        if not self.rows:
            raise BadInput("a table of temperatures needs at least one row")

    def nearest(self, fraction: float, mode: Mode) -> Choice:
        """The row of this mode with the nearest budget."""
        fitting = [r for r in self.rows if r.redraw == mode.redraw and r.targets == mode.targets]
        if not fitting:
            raise BadInput(
                f"no temperature was chosen for redraw={mode.redraw}, targets={mode.targets!r}; "
                "tune for it, or give temperature= yourself"
            )
        return min(fitting, key=lambda row: abs(math.log(row.budget / fraction)))
