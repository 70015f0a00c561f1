"""What a report of a trial is charged to the ledger, by the trial itself or by the driver.

An event is a trial's epoch and stage in one attempt at it: a report that arrives twice counts once,
and an epoch that is trained again after a kill counts again, because it cost again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.ledger import AmortizationLedger
from ..training.clock import STAGES


def charge(ledger: AmortizationLedger, search: str, trial: str, result: Mapping[str, Any]) -> None:
    """Write one report down.

    Args:
        search: its name, the same after a restore.
        result: with training_iteration, and attempt where the trainable tells it.
    """
    where, key = f"{search}/{trial}", result["architecture_key"]
    attempt = result.get("attempt")
    epoch = f"{result['training_iteration']}" + (f"-{attempt}" if attempt else "")
    ledger.asked(key, event=f"{where}/asked")
    for stage in STAGES:
        part = stage.lower()
        ledger.record(
            stage,
            result[f"{part}_seconds"],
            cpu_seconds=result[f"{part}_cpu_seconds"],
            gb_minutes=result["gb_minutes"] if stage == "TRAIN" else 0.0,
            architecture_key=key,
            event=f"{where}/{epoch}/{stage}",
            trial=trial,
        )
