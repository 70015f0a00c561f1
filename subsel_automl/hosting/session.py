"""One trial of a host that runs the user's own training loop: its feed, its loader, its bill.

with SubsetSession(provider, 0.1) as subset:
    for x, y in subset.loader(train_set, model=model): ...
    subset.bill()
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from torch import nn

from ..core.architecture import Architecture
from ..core.budget import Budget
from ..core.errors import BadInput
from ..core.feed import SoftTargets, SubsetFeed
from ..core.provider import SubsetProvider
from ..training.meter import Meter
from .clock import Clock
from .loader import SubsetLoader

NO_ARCHITECTURE = "not-told"  # a trial whose provider asked for none, in the ledger


@dataclass(frozen=True, eq=False)
class SubsetPlan:
    """What all trials of a search share; the arguments are those of `SubsetFeed`."""

    provider: SubsetProvider
    budget: Budget | int | float
    targets: str = "labels"
    redraw_every: int = 0
    seed: int = 0
    soft: SoftTargets | None = None
    prior: str = "change"

    def feed(self) -> SubsetFeed:
        """A fresh feed; raises what `SubsetFeed` raises."""
        return SubsetFeed(
            self.provider,
            self.budget,
            seed=self.seed,
            redraw_every=self.redraw_every,
            targets=self.targets,
            soft=self.soft,
            prior=self.prior,
        )

    def session(self, name: str = "") -> SubsetSession:
        """One trial, by its name."""
        return SubsetSession(self.feed(), name)


class SubsetSession:
    """What a trial's code is given: `loader`, and for providers that learn, `tell`.

    Args:
        feed: fresh.
        name: of the trial; a lesson that is told twice under one name counts once.
    """

    def __init__(self, feed: SubsetFeed, name: str = "") -> None:
        self.feed, self.name = feed, name
        self.clock, self._meter = Clock(), Meter()
        self._billed_gb_minutes = 0.0
        self.accuracy: float | None = None
        self.curve: list[tuple[int, float]] = []  # (examples, accuracy)
        self.made: SubsetLoader | None = None

    def __enter__(self) -> SubsetSession:
        self._meter.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._meter.__exit__(kind, error, trace)

    def loader(
        self,
        dataset: Any = None,
        *,
        model: nn.Module | None = None,
        architecture: Architecture | None = None,
        validation: Any = None,
        batch_size: int = 64,
        drop_last: bool = False,
        with_weights: bool = False,
        num_workers: int = 0,
    ) -> SubsetLoader:
        """In the place of `DataLoader(dataset, batch_size=64, shuffle=True)`; see `SubsetLoader`.

        Raises:
            BadInput: a second loader in one trial.
        """
        if self.made is not None:
            raise BadInput("this trial has a loader already; a trial trains on one subset")
        self.made = SubsetLoader(
            self.feed,
            architecture,
            dataset,
            batch_size=batch_size,
            seed=self.feed.seed,
            model=model,
            validation=validation,
            drop_last=drop_last,
            with_weights=with_weights,
            num_workers=num_workers,
            clock=self.clock,
        )
        return self.made

    def tell(self, accuracy: float) -> None:
        """The network's held-out accuracy so far; a provider that learns weighs it by that.

        Raises:
            BadInput: a finite number outside of 0..1.
        """
        if math.isfinite(accuracy) and not 0 <= accuracy <= 1:
            raise BadInput(f"accuracy is {accuracy}; tell a share in 0..1")
        self.accuracy = float(accuracy)
        if self.made is not None and math.isfinite(accuracy):
            self.curve.append((self.made.examples, float(accuracy)))

    def teach(self) -> None:
        """At the trial's end: what the trained network answers becomes a lesson.

        Raises:
            BadInput: the provider learns, and no loader was made or no accuracy told.
        """
        provider = self.feed.provider
        if not provider.learns:
            return
        if self.made is None or self.accuracy is None:
            raise BadInput(
                f"provider {provider.name!r} learns from trials; make the trial's loader with "
                "loader(dataset, model=model) and tell its accuracy: subset.tell(accuracy)"
            )
        self.clock.lap()
        architecture, probe = self.made.architecture, self.made.probe
        assert architecture is not None and probe is not None  # noqa: PT018
        lesson = provider.lesson(
            architecture,
            probe,
            accuracy=self.accuracy,
            examples=self.made.examples,
            name=self.name,
            curve=self.curve,
        )
        if lesson is not None:
            provider.learn(lesson)
        self.clock.lap("REFRESH")

    def bill(self) -> dict[str, Any]:
        """What this trial trains on, and what was spent since the last bill."""
        architecture = None if self.made is None else self.made.architecture
        memory = self._meter.gb_minutes
        new, self._billed_gb_minutes = memory - self._billed_gb_minutes, memory
        return {
            "provider": self.feed.provider.name,
            "subset_size": self._size(),
            "architecture_key": NO_ARCHITECTURE if architecture is None else architecture.key,
            "gb_minutes": max(0.0, new),
            **self.clock.take(),
        }

    def _size(self) -> int:
        if self.made is not None:
            return self.made.size
        return self.feed.budget.resolve(len(self.feed.provider.pool))
