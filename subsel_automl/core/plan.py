"""What all trials of a search share: from it each of them gets a feed of its own."""

from __future__ import annotations

from dataclasses import dataclass

from .budget import Budget
from .feed import SoftTargets, SubsetFeed
from .provider import SubsetProvider


@dataclass(frozen=True, eq=False)
class SubsetPlan:
    """What all trials of a search share; the arguments are those of `SubsetFeed`."""

    provider: SubsetProvider
    budget: Budget | int | float
    targets: str = "labels"
    redraw_every: int | None = None
    seed: int = 0
    soft: SoftTargets | None = None
    epochs: int | None = None
    prior: str = "change"

    def __post_init__(self) -> None:
        if self.redraw_every is None:
            object.__setattr__(self, "redraw_every", self.provider.redraws)

    def feed(self) -> SubsetFeed:
        """A fresh feed; raises what `SubsetFeed` raises."""
        return SubsetFeed(
            self.provider,
            self.budget,
            seed=self.seed,
            redraw_every=self.redraw_every,
            targets=self.targets,
            soft=self.soft,
            epochs=self.epochs,
            prior=self.prior,
        )
