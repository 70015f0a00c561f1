"""Claims about the selectors side by side: contract, trade-off, equal cost, zoo size, the tables.

    python -m benchmarks.claims run selectors | tradeoff-fashion-mnist | tradeoff-cifar10 |
        steps-saved | references | paper-tables | plug-in  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there (the trade-off and the equal cost train a few cells afresh).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import ablation, overfit, overlap
from benchmarks.ablation_tables import knee, references
from benchmarks.equal_cost.cells import BUDGET
from benchmarks.equal_cost.table import summary
from benchmarks.run import not_run, run_cells
from benchmarks.tradeoff.cells import cost, curves
from benchmarks.trials import FASHION, run_cell
from subsel_automl.core.amortization import Cost, break_even

ROOT = Path(__file__).resolve().parent.parent


def measure_selectors(quick: bool = False) -> dict[str, Any]:
    """`subsel list` says all of every provider; the contract passes over all of them."""
    words = [sys.executable, "-m", "subsel_automl.cli", "list", "providers", "--json"]
    listed = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    said = ("name", "source", "needs", "adaptive", "cost", "drawn")
    rows = listed["providers"]
    whole = all(row.get(key) not in (None, "") for row in rows for key in said)
    few = ["-k", "TestRandom or TestFacilityLocation"] if quick else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_contract.py", *few],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return {
        "providers": len(rows),
        "names": [row["name"] for row in rows],
        "every_row_complete": whole,
        "contract": done.stdout.strip().split("\n")[-1],
        "holds": whole and done.returncode == 0,
    }


def measure_plug_in(quick: bool = False) -> dict[str, Any]:
    """The selector of CONTRIBUTING, planted from outside, is in CLI, contract and benchmarks."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_plugin.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return {"pytest": done.stdout.strip().split("\n")[-1], "holds": done.returncode == 0}


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
    return {"zoos": found, "break_even": _break_evens(rows), "holds": len(rows) >= 10}


def _break_evens(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Trials after which a zoo has paid, against full training and against full data for as many
    steps; over test architectures alone, and over training and test together.

    Rivals: a trial of 10 passes over all data; and, for the accuracy of 300 redrawn + soft steps,
    the steps of `full` that the equal-cost table finds for it.
    """
    full, found = curves(FASHION)
    curve = next((c for c in found if (c.method, c.targets) == ("zoo-mean", "soft")), None)
    ours = next(
        (
            r
            for r in summary(FASHION)["rows"]
            if (r["method"], r["targets"], r["budget"]) == ("zoo-mean", "soft", BUDGET)
        ),
        None,
    )
    if curve is None or ours is None or 0.1 not in curve.runs:
        return []
    trial = float(np.mean([cost(row) for row in curve.runs[0.1].values()]))
    whole = float(np.mean([cost(row) for row in full.values()]))
    factor = (ours["saved"][0.95] or (1.0, 0.0))[0]
    out = []
    for row in rows:
        mine = Cost(row["cpu_seconds"], trial, row["k"])
        rivals = {"full training": Cost(0.0, whole), "full, equal steps": Cost(0.0, factor * trial)}
        out.append(
            {"epochs": row["epochs"], "k": row["k"]}
            | {
                f"{name}, over {over}": break_even(mine, rival, over)
                for name, rival in rivals.items()
                for over in ("training+test", "test")
            }
        )
    return out


def measure_paper_tables(quick: bool = False) -> dict[str, Any]:
    """Tables 3, 9, 10, 11, 14 and Figures 4 and 9 at lite scale: what was run of each."""
    if not quick:
        run_cells(ablation.path_of("hybrid"), ablation.hybrid_cells(), run_cell, ("",))
        run_cells(overlap.OVERLAP_ROWS, overlap.overlap_cells(), overlap.chosen_rows, ())
        run_cells(overlap.RANK_ROWS, overlap.rank_cells(), run_cell, ("",))
        run_cells(overfit.ROWS, overfit.cells(), run_cell, ("",))
    missing = {
        "tables 3 and 14": not_run(ablation.path_of("models"), ablation.model_cells()),
        "figure 4": not_run(ablation.path_of("hybrid"), ablation.hybrid_cells()),
        "figure 9": not_run(overlap.RANK_ROWS, overlap.rank_cells()),
        "table 11": not_run(overfit.ROWS, overfit.cells()),
    }
    return {
        "cells_not_run": missing,
        "figure_9": overlap.rank_table(),
        "table_9": overlap.overlap_table(),
        "table_11": overfit.table(),
        "holds": not any(missing.values())
        and bool(overlap.rank_table())
        and len(overlap.overlap_table()) == len(overlap.OVERLAPS)
        and bool(overfit.table()),
    }
