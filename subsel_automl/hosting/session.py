"""One trial of a host that runs the user's own training loop: its feed, its loader, its bill.

with SubsetSession(provider, 0.1) as subset:
    for x, y in subset.loader(train_set, model=model): ...
    subset.bill()
"""

from __future__ import annotations

import math
import warnings
from types import TracebackType
from typing import Any

from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.provider import SubsetProvider
from ..training.meter import Meter
from .bill import facts_of
from .clock import Clock
from .loader import SubsetLoader

NO_ARCHITECTURE = "not-told"  # a trial whose provider asked for none, in the ledger


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
        self.lessons = 0  # that this trial has stored
        self.untaught = ""  # why it stored none

    def __enter__(self) -> SubsetSession:
        self.clock.join()
        self._meter.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._meter.__exit__(kind, error, trace)
        self.clock.leave()

    def loader(self, dataset: Any = None, **options: Any) -> SubsetLoader:
        """In the place of `DataLoader(dataset, batch_size=64, shuffle=True)`; takes what
        `SubsetLoader` takes.

        A trial may make it anew: it goes on where the last one stood. Folds, each a
        `torch.utils.data.Subset` of the training set (or with `rows=`), have a subset each.

        Raises:
            BadInput, MissingNeed: what `SubsetLoader` refuses.
        """
        architecture = options.pop("architecture", None)
        options.setdefault("seed", self.feed.seed)
        self.made = SubsetLoader(self.feed, architecture, dataset, clock=self.clock, **options)
        return self.made

    def adopt(self, loader: SubsetLoader) -> None:
        """Another trial's loader, which this one keeps: it begins at this trial's first epoch."""
        loader.attach(self.feed, self.clock)
        self.made = loader

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
            self.lessons += 1
        self.clock.lap("REFRESH")

    def bill(self) -> dict[str, Any]:
        """What this trial trains on; what was spent, and examples handed out, since the last bill.

        Plain values; the facts of `facts_of` beside the stages' seconds, `gb_minutes`, `examples`
        and `full_examples` (`Clock`).
        """
        architecture = None if self.made is None else self.made.architecture
        if self.made is not None:
            self.made.batches.tell()
        memory = self._meter.gb_minutes
        new, self._billed_gb_minutes = memory - self._billed_gb_minutes, memory
        return {
            **facts_of(self.feed if self.made is None else self.made.feed, self._size()),
            "lessons": self.lessons,
            "untaught": self.untaught,
            "architecture_key": NO_ARCHITECTURE if architecture is None else architecture.key,
            "gb_minutes": max(0.0, new),
            **self.clock.take(),
        }

    def _size(self) -> int:
        if self.made is not None:
            return self.made.size
        return self.feed.budget.resolve(len(self.feed.provider.pool))


def say_untaught(provider: SubsetProvider, host: str) -> None:
    """A host that hands out subsets and tells nobody how the trial ended."""
    if provider.learns:
        warnings.warn(
            f"{host} asks provider {provider.name!r} for subsets and does not teach it: what it "
            "learned elsewhere is used, and nothing is added. Trials teach it in with_subset (Ray) "
            "and SubsetObjective (Optuna), or by provider.lesson(...) and provider.learn(...)",
            UserWarning,
            stacklevel=3,
        )
