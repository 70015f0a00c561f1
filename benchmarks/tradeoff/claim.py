"""Claims about the trade-off: ours against every rival with the same kind of target.

    python -m benchmarks.claims run tradeoff-fashion-mnist | tradeoff-cifar10  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there. Rivals are baselines and controls alike. How far soft targets are above the best baseline
with labels is told beside, and so is what it was before the targets were tuned again, after test
rows had been seen; the controls were not tuned. Intervals are over architectures.
"""

from __future__ import annotations

from typing import Any

from benchmarks import methods
from benchmarks.run import not_run
from benchmarks.statistics import Estimate
from benchmarks.tradeoff.cells import BEFORE, Curve, cells, curves, path_of
from benchmarks.tradeoff.run import measure
from benchmarks.tradeoff.table import against, summary
from benchmarks.trials import FASHION
from benchmarks.tune.cells import spent
from subsel_automl.core.files import read_json
from subsel_automl.subselnet.bundle import RECORD, bundle_folder

Rows = dict[tuple[str, str], Any]
BARS = (("labels", 20), ("soft", 10))  # targets, RAR in percent


def measure_fashion(quick: bool = False) -> dict[str, Any]:
    """Tables 1 and 8 on Fashion-MNIST."""
    return _tradeoff(FASHION, quick)


def measure_cifar(quick: bool = False) -> dict[str, Any]:
    """Table 8 on CIFAR-10."""
    return _tradeoff("cifar10", quick)


def _tradeoff(data: str, quick: bool) -> dict[str, Any]:
    if not quick:
        measure(data)
    rows = {(r["method"], r["targets"]): r for r in summary(data)}
    full, found = curves(data)
    known = {(curve.method, curve.targets): curve for curve in found}
    bars = {f"{targets} at {rar} %": _bar(rows, known, full, targets, rar) for targets, rar in BARS}
    with_labels = _best(rows, "labels", 10, (*methods.CONTROLS, *methods.OURS))
    return {
        "bars": bars,
        "soft_over_best_baseline_with_labels_at_10": {
            targets: _factor(_value(rows, ("subselnet", targets), 10), with_labels[1])
            for targets in ("soft", BEFORE)
        },
        "speedups": {
            f"{name} {targets}": {str(rar): _value(rows, (name, targets), rar) for rar in (20, 10)}
            for name, targets in rows
        },
        "once_cpu_seconds": once(data),
        "methods": len(rows),
        "cells_not_run": not_run(path_of(data), cells(data)),
        "holds": all(bar["holds"] for bar in bars.values()),
    }


def _bar(
    rows: Rows, known: dict[tuple[str, str], Curve], full: Any, targets: str, rar: int
) -> dict[str, Any]:
    """Ours at a RAR, the best rival with the same targets, and the factor between them."""
    best = _best(rows, targets, rar, methods.OURS)
    ours = _value(rows, ("subselnet", targets), rar)
    factor: Estimate | None = None
    if ours and best[1]:
        pair = known["subselnet", targets], known[best[0], targets]
        factor = against(*pair, full, rar / 100)
    return {
        "subselnet": ours,
        "best_rival": [best[0], best[1]],
        "factor": None if factor is None else factor.plain(),
        "holds": ours > 0 and ours >= best[1],
    }


def once(data: str) -> dict[str, float]:
    """CPU seconds that no trial is charged: the zoo, what was fitted to it, tuning."""
    made = read_json(bundle_folder(methods.place_of(data)) / RECORD)["made"]
    parts = {"zoo": "zoo_cpu_seconds", "encoder": "encoder_cpu_seconds", "fit": "fit_cpu_seconds"}
    told = {name: round(float(made.get(key, 0.0)), 1) for name, key in parts.items()}
    return {**told, "tuning": round(spent(data), 1)}


def _value(rows: Rows, name: tuple[str, str], rar: int) -> float:
    """Speed-up at a RAR; 0 where it is not attained."""
    found = rows[name][f"speedup_{rar}"] if name in rows else None
    return round(found[0], 3) if found else 0.0


def _best(rows: Rows, targets: str, rar: int, but: tuple[str, ...]) -> tuple[str, float]:
    rivals = [name for name in rows if name[1] == targets and name[0] not in but]
    return max(
        ((name[0], _value(rows, name, rar)) for name in rivals),
        key=lambda pair: pair[1],
        default=("none ran", 0.0),
    )


def _factor(ours: float, best: float) -> float | None:
    return round(ours / best, 2) if ours and best else None
