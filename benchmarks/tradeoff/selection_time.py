"""Table 10: what selecting costs beside the training that it saves, every selector.

    python -m benchmarks.tradeoff.selection_time [fashion-mnist | cifar10]

Read off the trade-off's rows (CPU seconds of one thread): fitting a master or proxy network,
selection with refreshes, and the training on the subset. A selector that costs more than it saves
is seen here at once.
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks import paper
from benchmarks.tradeoff.cells import curves
from benchmarks.trials import FASHION

BUDGET = 0.005
COLUMNS = {  # of the paper's table
    "subselnet": "Transductive",
    "subselnet-inductive": "Inductive",
    "facility-location": "FL",
}


def rows(data: str = FASHION, budget: float = BUDGET) -> list[dict[str, Any]]:
    """Mean seconds a trial, cheapest selection first."""
    found = []
    for curve in curves(data)[1]:
        runs = list(curve.runs.get(budget, {}).values())
        if curve.targets == "labels" and runs:
            mean = {
                name: sum(row[name] for row in runs) / len(runs)
                for name in ("fit_cpu_seconds", "select_cpu_seconds", "cpu_seconds")
            }
            found.append(
                {
                    "method": curve.method,
                    "fit": mean["fit_cpu_seconds"],
                    "select": mean["select_cpu_seconds"],
                    "train": mean["cpu_seconds"] - mean["select_cpu_seconds"],
                }
            )
    return sorted(found, key=lambda row: row["fit"] + row["select"])


def markdown(data: str = FASHION) -> str:
    """The table, with the paper's columns."""
    found = rows(data)
    if not found:
        return "not run"
    lines = [
        "| method | fitting s | selection and refreshes s | paper | training s | paper |",
        "|" + "---|" * 6,
    ]
    for row in found:
        name = row["method"]
        theirs = [
            f"{paper.value(10, part, COLUMNS[name]):g}" if name in COLUMNS else ""
            for part in ("Subset selection", "Training")
        ]
        lines.append(
            f"| {name} | {row['fit']:.2f} | {row['select']:.3f} | {theirs[0]} "
            f"| {row['train']:.2f} | {theirs[1]} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(*sys.argv[1:2]))
