"""Report: how many reference networks are enough, and after how many trials a zoo has paid.

python -m benchmarks.claims run references
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.ablation.cells import knee, references
from benchmarks.equal_cost.cells import BUDGET
from benchmarks.equal_cost.table import summary
from benchmarks.tradeoff.cells import cost, curves
from benchmarks.trials import FASHION
from benchmarks.tune.cells import spent
from subsel_automl.core.amortization import Cost, break_even


def measure_references(quick: bool = False) -> dict[str, Any]:
    """The knee in the number of reference networks, and what it costs to get there."""
    rows = references()
    names = ("soft 0.5 %", "soft 2 %", "labels 0.5 %", "labels 2 %")
    found: dict[str, Any] = {}
    for epochs in sorted({row["epochs"] for row in rows}):
        mine = [row for row in rows if row["epochs"] == epochs]
        found[f"{epochs} epochs"] = {
            "knee": {name: knee(rows, name, epochs) for name in names},
            "table": [
                {
                    "k": row["k"],
                    "zoo_cpu_seconds": round(row["cpu_seconds"], 1),
                    **{name: [round(x, 2) for x in row[name]] for name in names if name in row},
                }
                for row in mine
            ],
        }
    return {"zoos": found, "break_even": _break_evens(rows)}


def _break_evens(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Trials after which a zoo has paid, against full training and against full data for as many
    steps, and against a random subset, which has neither zoo nor tuning; over test architectures
    alone, and over training and test together. What the settings were chosen by is in the bill.

    Rivals: a trial of 10 passes over all data; and, for the accuracy of 300 redrawn + soft steps,
    the steps of `full` that the equal-cost table finds for it.
    """
    full, found = curves(FASHION)
    known = {(c.method, c.targets): c.runs.get(0.1) for c in found}
    mine_10, random_10 = known.get(("zoo-mean", "soft")), known.get(("random", "labels"))
    ours = next(
        (
            r
            for r in summary(FASHION)["rows"]
            if (r["method"], r["targets"], r["budget"]) == ("zoo-mean", "soft", BUDGET)
        ),
        None,
    )
    if ours is None or not mine_10 or not random_10:
        return []
    trial = float(np.mean([cost(row) for row in mine_10.values()]))
    whole = float(np.mean([cost(row) for row in full.values()]))
    factor = (ours["saved"][0.95] or (1.0, 0.0))[0]
    drawn = float(np.mean([cost(row) for row in random_10.values()]))
    rivals = {
        "full training": Cost(0.0, whole),
        "full, equal steps": Cost(0.0, factor * trial),
        "random": Cost(0.0, drawn),
    }
    out = []
    for row in rows:
        mine = Cost(row["cpu_seconds"] + spent(FASHION), trial, row["k"])
        out.append(
            {"epochs": row["epochs"], "k": row["k"]}
            | {
                f"{name}, over {over}": break_even(mine, rival, over)
                for name, rival in rivals.items()
                for over in ("training+test", "test")
            }
        )
    return out
