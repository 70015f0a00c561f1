"""One trial of a host that runs the user's own training loop: its feed, its loader, its bill.

with SubsetSession(provider, 0.1) as subset:
    for x, y in subset.loader(train_set, model=model): ...
    subset.bill()
"""

from __future__ import annotations

import math
import uuid
import warnings
from types import TracebackType
from typing import Any

from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.modes import checked_mode
from ..core.pool import Pool
from ..core.task import MULTI_LABEL, REGRESSION
from ..maths.answers import variance
from ..training.meter import Meter
from .bill import facts_of
from .clock import Clock
from .loader import SubsetLoader
from .ranks import ranks
from .soft import say_soft
from .watch import Watch

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
        self.made: Any = None  # the trial's loader, or what stands for it in a host
        self.model: Any = None  # the network, where a host shows it before the loader is made
        self.lessons = 0  # that this trial has stored
        self.untaught = ""  # why it stored none
        self._taught = False
        self.failed = False  # its own code raised
        self.read_epochs = False  # the loop asked how long it should be
        self.stands_for: float | None = None  # examples of the full training that it replaces
        self.last_training = False  # the winner's, on all data

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
        self.failed = isinstance(error, Exception)
        first = getattr(self.made, "given", None) == 1
        if error is not None and self.failed and first and self.feed.targets == "soft":
            say_soft(error)
        self.clock.leave()

    @property
    def epochs(self) -> int:
        """Passes over its loader that this trial should make: of a search by rungs, its rung's.

        Raises:
            BadInput: nobody has said how long a trial is.
        """
        if self.feed.epochs is None:
            raise BadInput(
                "this search was not told how long a trial is; give epochs= where the provider and "
                "the budget are given"
            )
        self.read_epochs = True
        return self.feed.epochs

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
        made = SubsetLoader(self.feed, architecture, dataset, clock=self.clock, **options)
        self.made = made
        return made

    def adopt(self, loader: SubsetLoader) -> None:
        """Another trial's loader, which this one keeps: it begins at this trial's first epoch."""
        loader.attach(self.feed, self.clock)
        self.made = loader

    def tell(self, value: float, mode: str = "max") -> None:
        """How good the network is so far; a provider that learns weighs it by that.

        Args:
            value: a share in 0..1 that is better when higher (accuracy, F1, R^2), or that in
                percent; with mode "min" a loss or error from 0.
            mode: "max" or "min".

        A value that can be neither teaches nothing, and the trial goes on.

        Raises:
            UnknownName: another mode.
        """
        checked_mode(mode)
        share = self._share(float(value), mode)
        self.accuracy = share
        if self.made is not None and math.isfinite(share):
            self.curve.append((self.made.examples, share))

    def _share(self, value: float, mode: str) -> float:
        pool = self.feed.provider.pool
        if not math.isfinite(value):
            return value
        if mode == "min" and value >= 0:
            return 1 / (1 + value / _scale(pool))
        if mode == "max" and 1 < value <= 100:
            if self.feed.provider.first("percent"):
                warnings.warn(f"the metric {value:.6g} is read as percent", stacklevel=4)
            return value / 100
        if mode == "max" and value < 0 and pool.task == REGRESSION:
            return 0.0  # R^2 of a network that is worse than the mean
        if mode == "max" and 0 <= value <= 1:
            return value
        self.untaught = f"its metric is {value:.6g}; tell a share in 0..1, or a loss as mode 'min'"
        return math.nan

    def teach(self) -> None:
        """At the trial's end, however it ended: what its network said becomes a lesson. Asked again
        it does nothing; what goes wrong in it is noted in `untaught`, and never the trial's end."""
        provider = self.feed.provider
        if not provider.learns or self._taught or ranks()[1] > 0:
            return
        self._taught = True
        self.clock.lap()
        self.untaught = self._unfit()
        if self.untaught:
            provider.conclude(self.name, self.untaught)
        else:
            self._listen()
        if self.made is not None and self.made.watch is not None:
            self.made.watch.close()
        self.clock.lap("REFRESH")

    def _unfit(self) -> str:
        """Why the trial can leave no lesson, as far as it is known before."""
        if self.made is None:
            return "it made no loader by loader(dataset, model=model)"
        if self.made.examples == 0:
            return "it trained on no batch of its loader"
        if self.accuracy is not None and not math.isfinite(self.accuracy):
            return self.untaught or "its metric is not a finite number"
        return ""

    def _listen(self) -> None:
        try:
            stored, self.untaught = self._listened()
            self.lessons += stored
        except Exception as error:  # before anything was asked: lessons that are out of reach
            self.untaught = f"{type(error).__name__}: {error}"
            self.feed.provider.conclude(self.name, self.untaught)

    def _listened(self) -> tuple[bool, str]:
        loader = self.made
        provider, watch = loader.feed.provider, loader.watch
        if loader.architecture is None:
            asked = watch or Watch(loader.probe.model, None)
            loader.architecture = asked.architecture(provider.first)
        told: tuple[bool, str] = provider.listen(
            loader.architecture,
            loader.probe,
            name=self.name or uuid.uuid4().hex,
            accuracy=self.accuracy,
            examples=loader.examples,
            curve=self.curve,
            heard=None if watch is None else watch.heard(),
        )
        return told

    def bill(self) -> dict[str, Any]:
        """What this trial trains on; what was spent, and examples handed out, since the last bill.

        Plain values; the facts of `facts_of` beside the stages' seconds, `gb_minutes`, `examples`
        and `full_examples` (`Clock`).
        """
        architecture = None if self.made is None else self.made.architecture
        if isinstance(self.made, SubsetLoader):
            self.made.batches.tell()
        memory = self._meter.gb_minutes
        new, self._billed_gb_minutes = memory - self._billed_gb_minutes, memory
        spent = self.clock.take()
        if self.stands_for is not None:
            spent["full_examples"], self.stands_for = self.stands_for, 0.0
        return {
            **facts_of(self.feed if self.made is None else self.made.feed, self._size()),
            "lessons": self.lessons,
            "untaught": self.untaught,
            "last_training": self.last_training,
            "architecture_key": NO_ARCHITECTURE if architecture is None else architecture.key,
            "gb_minutes": max(0.0, new),
            **spent,
        }

    def _size(self) -> int:
        if self.made is not None:
            return int(self.made.size)
        return self.feed.budget.resolve(len(self.feed.provider.pool))


def _scale(pool: Pool) -> float:
    """The loss of somebody who knows nothing, squared or cross-entropy: it makes a share of 1/2."""
    if pool.task == REGRESSION:
        return variance(pool)
    return math.log(2) if pool.task == MULTI_LABEL else math.log(max(pool.classes, 2))
