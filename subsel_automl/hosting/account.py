"""SearchAccount: what the trials of one search cost, and the summary at its end, in every host.

account = SearchAccount("my-search", "ledger.sqlite", host="my loop")
account.prepared(provider)
with SubsetSession(feed, "trial-1") as subset:
    ...
    account.charge(subset, "trial-1", "1", config=config, value=0.9, metric="accuracy")
print(account.summary())
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ..core.errors import BadInput
from ..core.ledger import AmortizationLedger
from ..core.modes import checked_mode
from ..core.provider import SubsetProvider
from ..core.summary import SearchSummary, summary_of
from .bill import charge_bill


class Billed(Protocol):
    """A `SubsetSession`."""

    def bill(self) -> dict[str, Any]: ...


class SearchAccount:
    """Charges of one search, in a ledger file or in memory.

    It pickles: with a file, the copy writes into the same one; without, the copy begins with an
    empty ledger in memory, since seconds are counted where they are spent.

    Args:
        name: of the search.
        ledger: its file, or None for one in memory. A file may hold several searches.
        host: what runs the search, in words.

    Raises:
        BadInput: no name.
    """

    def __init__(
        self, name: str = "search", ledger: Path | str | None = None, host: str = ""
    ) -> None:
        if not name:
            raise BadInput("a search needs a name; got an empty one. Give name='my-search'")
        self.name, self.host = name, host
        self.path = None if ledger is None else Path(ledger).resolve()
        self._ledger: AmortizationLedger | None = None
        self._prepared: list[SubsetProvider] = []

    @property
    def ledger(self) -> AmortizationLedger:
        """Opened when first used; raises what `AmortizationLedger` raises."""
        if self._ledger is None:
            self._ledger = AmortizationLedger(self.path)
        return self._ledger

    def close(self) -> None:
        """Release the file; what is in memory stays."""
        if self.path is not None and self._ledger is not None:
            self._ledger.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_ledger": None, "_prepared": []}

    def prepared(self, provider: SubsetProvider) -> None:
        """Charge what the provider cost before the search: its fit, or its bundle; twice is once.

        What stands in the ledger already is not charged again, whichever search wrote it.
        """
        if not any(provider is one for one in self._prepared):
            with self.ledger.together():
                provider.charge_preparation(self.ledger)
            self._prepared.append(provider)

    def charge(
        self,
        billed: Billed | Mapping[str, Any],
        trial: str,
        event: str,
        *,
        config: Mapping[str, Any] | None = None,
        value: float | None = None,
        metric: str = "",
        mode: str = "max",
        state: str = "",
        stopped: Mapping[str, Any] | None = None,
    ) -> None:
        """Write down what a trial spent since it was last charged.

        Args:
            billed: its session, or a bill of it.
            event: tells this charge from the trial's others; the same one again changes nothing.
            config: of the trial; what JSON does not hold is kept by its `repr`.
            value: of the metric, now; mode "max" or "min" says which is better.
            state: "complete", "pruned" or "failed", at its end.
            stopped: who stops trials by their curves (`stopper`), and of one that was stopped by
                whom (`stopped_by`) and how many epochs it did not train (`unspent`).

        Raises:
            UnknownName: another mode.
        """
        checked_mode(mode)
        bill = billed if isinstance(billed, Mapping) else billed.bill()
        judged = {} if value is None else {"metric": metric or "value", "mode": mode}
        charge_bill(
            self.ledger,
            self.name,
            trial,
            f"{self.name}/{trial}/{event}",
            bill,
            host=self.host,
            config=None if config is None else dict(config),
            value=value,
            state=state,
            **judged,
            **(stopped or {}),
        )

    def ended(self, trial: str, state: str, stopped: Mapping[str, Any] | None = None) -> None:
        """A trial ended whose last charge did not know it; the first such word stands.

        Args:
            stopped: as in `charge`.
        """
        event, facts = f"{self.name}/{trial}/ended", {"state": state, **(stopped or {})}
        self.ledger.report(self.name, trial, event=event, facts=facts)

    def summary(self) -> SearchSummary:
        """What the search cost and saved so far.

        Raises:
            UnknownName: the ledger holds other searches, and nothing of this one.
        """
        return summary_of(self.ledger, self.name if self.ledger.rows()["reports"] else None)
