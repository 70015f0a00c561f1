"""What a bundle cost to make, charged to a ledger: the preparation P of T_total / M_total.

A bundle records seconds and CPU seconds of its zoo, its encoder and its fit. The zoo's are spread
evenly over the training networks, so that the ledger counts each of them in M_total. Charging the
same bundle twice counts once.

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.ledger import AmortizationLedger, Stage

PARTS = {"encoder": Stage.FIT_ENCODER, "fit": Stage.FIT_APPROXIMATOR}


def charge_preparation(ledger: AmortizationLedger, record: Mapping[str, Any]) -> float:
    """Charge a bundle's preparation; the wall seconds that it records.

    Args:
        record: the bundle's JSON (`Bundle.record`); seconds that it does not name are not charged.
    """
    made, keys = record["made"], record["training_keys"]
    name = f"bundle/{record['sha256'][:16]}"
    zoo, zoo_cpu = (float(made.get(f"zoo_{part}", 0.0)) for part in ("seconds", "cpu_seconds"))
    for key in keys:
        ledger.record(
            Stage.TRAIN_ZOO,
            zoo / len(keys),
            cpu_seconds=zoo_cpu / len(keys),
            architecture_key=key,
            event=f"{name}/zoo/{key}",
        )
    total = zoo
    for part, stage in PARTS.items():
        if f"{part}_seconds" in made:
            seconds = float(made[f"{part}_seconds"])
            cpu = float(made.get(f"{part}_cpu_seconds", 0.0))
            ledger.record(stage, seconds, cpu_seconds=cpu, event=f"{name}/{part}")
            total += seconds
    return total
