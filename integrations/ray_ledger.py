"""Writes what the trials of a Ray Tune search report into the ledger, in the driver alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ray import tune

from ..core.ledger import AmortizationLedger
from .ray_trainable import STAGES


class LedgerCallback(tune.Callback):
    """Writes what trials report into a ledger, in the driver alone.

    One event a trial, epoch and stage: a report that Ray repeats after a restore counts once.

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
        where = f"{self.name}/{trial.trial_id}"
        key = result["architecture_key"]
        self.ledger.asked(key, event=f"{where}/asked")
        for stage in STAGES:
            part = stage.lower()
            self.ledger.record(
                stage,
                result[f"{part}_seconds"],
                cpu_seconds=result[f"{part}_cpu_seconds"],
                gb_minutes=result["gb_minutes"] if stage == "TRAIN" else 0.0,
                architecture_key=key,
                event=f"{where}/{result['training_iteration']}/{stage}",
                trial=trial.trial_id,
            )
