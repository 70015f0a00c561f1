"""Writes what the trials of a Ray Tune search report into the ledger, from the driver."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ray import tune

from ...core.ledger import AmortizationLedger
from ...hosting.bill import charge_bill


def charge(ledger: AmortizationLedger, search: str, trial: str, result: Mapping[str, Any]) -> None:
    """Write one report down.

    Args:
        search: its name, the same after a restore.
        result: with training_iteration, and attempt where the trainable tells it.
    """
    where = f"{search}/{trial}"
    attempt = result.get("attempt")
    epoch = f"{result['training_iteration']}" + (f"-{attempt}" if attempt else "")
    charge_bill(ledger, search, trial, f"{where}/{epoch}", result)


class LedgerCallback(tune.Callback):
    """Writes what trials report into a ledger, in the driver alone.

    A report that Ray repeats after a restore counts once (see `charge`). What a killed driver
    was not told is not in it; a `TrialTask` with a ledger writes that down itself.

    Args:
        path: the ledger's file.
        name: of the search; the same after a restore.
    """

    def __init__(self, path: Path | str, name: str) -> None:
        self.path, self.name = Path(path).resolve(), name
        self.ledger = AmortizationLedger(self.path)

    def __reduce__(self) -> tuple[Any, ...]:
        """Ray keeps its callbacks for a restore; a restored one opens the ledger's file again."""
        return LedgerCallback, (self.path, self.name)

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        charge(self.ledger, self.name, trial.trial_id, result)
