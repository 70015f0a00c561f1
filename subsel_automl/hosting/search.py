"""A search that a user's own loop makes: trials one after another, each on its subset.

    search = SubsetSearch(provider, 0.1, redraw_every=1)
    for lr in rates:
        loader = search.loader(train_set, model=model, config={"lr": lr})    # was: DataLoader(...)
        ...
        search.tell(accuracy)
    print(search.summary())

A trial ends where the next one begins, or the summary is asked for: then it teaches a provider that
learns, and its bill is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.budget import Budget
from ..core.errors import BadInput
from ..core.feed import SoftTargets, SubsetFeed
from ..core.plan import SubsetPlan
from ..core.provider import SubsetProvider
from ..core.summary import SearchSummary
from .account import SearchAccount
from .loader import SubsetLoader
from .session import SubsetSession


class SubsetSearch:
    """Trials of one search in this process, one at a time.

    Args:
        provider: fitted; its pool holds the user's training examples in their order.
        budget, targets, redraw_every, seed, soft, epochs, prior: see `SubsetFeed`.
        name: of the search, in the ledger.
        ledger: its file; None keeps it in memory.

    Raises:
        BadInput: what `SubsetFeed` refuses.
    """

    def __init__(
        self,
        provider: SubsetProvider,
        budget: Budget | int | float,
        *,
        targets: str = "labels",
        redraw_every: int | None = None,
        seed: int = 0,
        soft: SoftTargets | None = None,
        epochs: int | None = None,
        prior: str = "change",
        name: str = "search",
        ledger: Path | str | None = None,
        host: str = "loop",
    ) -> None:
        self.plan = SubsetPlan(provider, budget, targets, redraw_every, seed, soft, epochs, prior)
        self.plan.feed()
        self.name, self.account = name, SearchAccount(name, ledger, host)
        self.trials = 0
        self.running: SubsetSession | None = None
        self._config: Mapping[str, Any] | None = None
        self._told: tuple[float, str, str] | None = None

    @classmethod
    def of(cls, feed: SubsetFeed, **about: Any) -> SubsetSearch:
        """A search by the plan of a feed; `about`: name, ledger, host."""
        return cls(
            feed.provider,
            feed.budget,
            targets=feed.targets,
            redraw_every=feed.redraw_every,
            seed=feed.seed,
            soft=feed.told_soft,
            epochs=feed.epochs,
            prior=feed.prior,
            **about,
        )

    def share(self, provider: SubsetProvider) -> None:
        """Go on with this copy of the provider, whose lessons other processes reach."""
        self.plan = replace(self.plan, provider=provider)

    def __getstate__(self) -> dict[str, Any]:
        """The trial that runs stays behind."""
        return {**self.__dict__, "running": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> SubsetSearch:
        """Itself: clones of an estimator are trials of one search."""
        return self

    def trial(
        self,
        config: Mapping[str, Any] | None = None,
        name: str = "",
        feed: SubsetFeed | None = None,
    ) -> SubsetSession:
        """End the trial that runs, and begin the next one.

        Args:
            config: what is tried, for the summary.
            feed: of this trial; by default a fresh one.
        """
        self.end()
        if self.plan.provider.learns:
            self.plan.provider.forget()
        session = SubsetSession(feed or self.plan.feed(), name or f"{self.name}/{self.trials}")
        self.trials += 1
        self.account.prepared(self.plan.provider)
        self.running, self._config, self._told = session.__enter__(), config, None
        return session

    def loader(
        self, dataset: Any = None, *, config: Mapping[str, Any] | None = None, **options: Any
    ) -> SubsetLoader:
        """The next trial's loader, in the place of `DataLoader(dataset, ...)`; takes what
        `SubsetLoader` takes."""
        return self.trial(config).loader(dataset, **options)

    def tell(self, value: float, metric: str = "accuracy", mode: str = "max") -> None:
        """How good the trial's network is so far; see `SubsetSession.tell`.

        Raises:
            BadInput: no trial runs. UnknownName: another mode.
        """
        if self.running is None:
            raise BadInput(
                "no trial runs that could be told of; make its loader first: loader(...)"
            )
        self.running.tell(value, mode)
        self._told = float(value), metric, mode

    def end(self, *, failed: bool = False) -> None:
        """The trial is over: its lesson, its bill; nothing where none runs."""
        session, self.running = self.running, None
        if session is None:
            return
        if not failed:
            session.teach()
        session.__exit__(None, None, None)
        value, metric, mode = self._told or (None, "", "max")
        self.account.charge(
            session,
            session.name,
            "end",
            config=self._config,
            value=value,
            metric=metric,
            mode=mode,
            state="failed" if failed else "complete",
        )

    def summary(self) -> SearchSummary:
        """What the search cost, what it would have cost on all data, and who won."""
        self.end()
        return self.account.summary()
