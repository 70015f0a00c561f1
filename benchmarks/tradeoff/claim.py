"""Claims about the trade-off: ours against every baseline, with labels and soft targets.

    python -m benchmarks.claims run tradeoff-fashion-mnist | tradeoff-cifar10  [--quick]

A full run trains every cell that is not yet among the results; --quick trains a few afresh.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import methods, settings
from benchmarks.run import not_run, run_cells
from benchmarks.tradeoff.cells import cells, path_of
from benchmarks.tradeoff.run import measure
from benchmarks.tradeoff.table import summary
from benchmarks.trials import FASHION, cell, run_cell

SOFT_BAR = 1.5


def measure_fashion(quick: bool = False) -> dict[str, Any]:
    """Tables 1 and 8 on Fashion-MNIST."""
    return _tradeoff(FASHION, quick)


def measure_cifar(quick: bool = False) -> dict[str, Any]:
    """Table 8 on CIFAR-10."""
    return _tradeoff("cifar10", quick)


def _tradeoff(data: str, quick: bool) -> dict[str, Any]:
    if quick:
        return _few_cells(data)
    measure(data)
    rows = {(r["method"], r["targets"]): r for r in summary(data)}
    rivals = {
        name: row
        for (name, targets), row in rows.items()
        if targets == "labels" and name not in (*methods.CONTROLS, *methods.OURS)
    }
    ours, soft = rows["subselnet", "labels"], rows["subselnet", "soft"]
    best_20, best_10 = _best(rivals, "speedup_20"), _best(rivals, "speedup_10")
    at_20, at_10 = _value(ours, "speedup_20"), _value(soft, "speedup_10")
    factor = None if best_10[1] == 0 or at_10 == 0 else round(at_10 / best_10[1], 2)
    controls = {
        f"{name} {targets}": {
            "20": _value(rows[name, targets], "speedup_20"),
            "10": _value(rows[name, targets], "speedup_10"),
        }
        for name in methods.CONTROLS
        for targets in ("labels", "soft")
    }
    labels_hold = at_20 > 0 and at_20 >= best_20[1]
    soft_hold = at_10 > 0 and at_10 >= SOFT_BAR * best_10[1]
    return {
        "labels_at_20": {"subselnet": at_20, "best_baseline": best_20, "holds": labels_hold},
        "soft_at_10": {
            "subselnet": at_10,
            "best_baseline": best_10,
            "factor": factor,
            "holds": soft_hold,
        },
        "controls": controls,
        "methods": len(rows),
        "cells_not_run": not_run(path_of(data), cells(data)),
        "holds": labels_hold and soft_hold,
    }


def _few_cells(data: str) -> dict[str, Any]:
    """Three unseen networks on 1 %, afresh: labels against a random subset."""
    passes = settings.DATA[data].epochs
    made = [
        cell(index, name, 0.01, "labels", None, 0, data=data, passes=passes)
        for name in ("random", "subselnet")
        for index in range(settings.UNSEEN)
    ]
    with tempfile.TemporaryDirectory() as folder:
        rows = run_cells(Path(folder) / "quick.jsonl", made, run_cell, ("", "lite"))
    mean = {
        name: round(
            100 * float(np.mean([r["accuracy"] for r in rows if r["cell"]["method"] == name])), 2
        )
        for name in ("random", "subselnet")
    }
    return {"accuracy_at_1_percent": mean, "holds": mean["subselnet"] > mean["random"]}


def _value(row: Any, name: str) -> float:
    return round(row[name][0], 3) if row[name] else 0.0


def _best(rivals: dict[str, Any], name: str) -> tuple[str, float]:
    return max(((m, _value(row, name)) for m, row in rivals.items()), key=lambda pair: pair[1])
