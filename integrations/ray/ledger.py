"""Writes what the trials of a Ray Tune search report into the ledger, from the driver, and sums it
up at the end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import ray
from ray import tune

from ...core.ledger import AmortizationLedger
from ...core.modes import MODES
from ...core.plain import plain
from ...core.provider import SubsetProvider
from ...core.summary import SearchSummary
from ...hosting.account import SearchAccount
from ...hosting.bill import charge_bill
from .lessons import FACTS

HOST = "Ray Tune"
METRIC, MODE = "accuracy", "max"  # of a result that does not say what it is judged by
_used: WeakValueDictionary[tuple[str, str], SubsetProvider] = WeakValueDictionary()
stops: dict[str, dict[str, Any]] = {}  # of trials by their id: what a `CurveStopper` tells of them


def used(provider: SubsetProvider) -> None:
    """This driver's trials ask this provider: their ledger is charged with its preparation."""
    if provider._pool is not None:  # else the host refuses it, in its own words
        _used[provider.name, provider._pool.name] = provider


def charge(
    ledger: AmortizationLedger,
    search: str,
    trial: str,
    result: Mapping[str, Any],
    config: Mapping[str, Any] | None = None,
) -> None:
    """Write one report down.

    Args:
        search: its name, the same after a restore.
        result: with training_iteration, and attempt where the trainable tells it; judged by the
            metric and mode that its facts name, or by its accuracy.
        config: of the trial.
    """
    where = f"{search}/{trial}"
    attempt = result.get("attempt")
    epoch = f"{result['training_iteration']}" + (f"-{attempt}" if attempt else "")
    charge_bill(
        ledger,
        search,
        trial,
        f"{where}/{epoch}",
        {**result, **result.get(FACTS, {})},
        host=HOST,
        config=None if config is None else dict(config),
        **_judged(result),
    )


def _judged(result: Mapping[str, Any]) -> dict[str, Any]:
    facts = result.get(FACTS, {})
    metric, mode = facts.get("metric") or METRIC, facts.get("mode")
    value = plain(result.get(metric))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return {}
    return {"metric": metric, "mode": mode if mode in MODES else MODE, "value": value}


class LedgerCallback(tune.Callback):
    """Writes what trials report into a ledger, in the driver alone; when the search ends, prints
    what was saved and keeps it as `summary`.

    A report that Ray repeats after a restore counts once (see `charge`). What a killed driver
    was not told is not in it; a `TrialTask` with a ledger writes that down itself. A search that is
    restored and has nothing left to do is not summed up in print again.

    Args:
        path: the ledger's file; None keeps the ledger in memory, and in Ray's own checkpoints of
            the search.
        name: of the search; the same after a restore.
        show: print the summary.

    Attributes:
        summary: a `SearchSummary`, when the search has ended; None before, or without a report.
    """

    def __init__(
        self, path: Path | str | None = None, name: str = "search", *, show: bool = True
    ) -> None:
        self.account = SearchAccount(name, path, HOST)
        self.path, self.name, self.show = self.account.path, name, show
        self.ledger = self.account.ledger
        self.summary: SearchSummary | None = None
        self._lessons: set[str] = set()  # actors that hold the lessons of trials
        self._told = False  # anything since the callback was made

    def __reduce__(self) -> tuple[Any, ...]:
        """Ray keeps its callbacks for a restore; a restored one opens the ledger's file again."""
        return _made_again, (self.path, self.name, self.show)

    def get_state(self) -> dict[str, Any] | None:
        """What a restore needs that is in no file."""
        return {"rows": self.ledger.rows()} if self.path is None else None

    def set_state(self, state: dict[str, Any]) -> None:
        self.ledger.take(state["rows"])

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        self._told = True
        facts = {**result, **result.get(FACTS, {})}
        if facts.get("actor"):
            self._lessons.add(str(facts["actor"]))
        charge(self.ledger, self.name, trial.trial_id, result, trial.config)
        provider = _used.get((str(facts.get("provider")), str(facts.get("pool"))))
        if provider is not None:
            self.account.prepared(provider)

    def _take_ends(self, actor: str) -> None:
        """What trials spent, and taught, after their last reports."""
        try:
            holder: Any = ray.get_actor(actor)
            spent: Any = ray.get(holder.bills.remote())
        except ValueError:  # it has ended: Ray was shut down meanwhile
            return
        for trial, bills in spent.items():
            for place, bill in enumerate(bills):
                event = f"{self.name}/{trial}/end-{place}"
                charge_bill(self.ledger, self.name, trial, event, bill, host=HOST)

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._ended(trial, "complete")

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._ended(trial, "failed")

    def _ended(self, trial: Any, state: str) -> None:
        self._told = True
        told = stops.pop(trial.trial_id, {})
        ends = "stopped" if state == "complete" and "stopped_by" in told else state
        self.account.ended(trial.trial_id, ends, told)

    def on_experiment_end(self, trials: list[Any], **info: Any) -> None:
        if not self.ledger.rows()["reports"]:
            return
        for name in self._lessons:
            self._take_ends(name)
        self.summary = self.account.summary()
        if self.show and self._told:
            print(self.summary, flush=True)


def _made_again(path: Path | None, name: str, show: bool) -> LedgerCallback:
    return LedgerCallback(path, name, show=show)
