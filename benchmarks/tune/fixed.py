"""Temperatures of fixed subsets at the steps of the trade-off (ten passes), soft and with labels.

    python -m benchmarks.tune.fixed

`benchmarks.tune` chose them from three runs a setting, at 100, 200 and 400 steps; its means scatter
by a point. Here: three validation architectures, two seeds (labels: four), the steps that a
budget's ten passes take. What is chosen is written into the bundle by hand, with its source.
"""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.run import read_rows, run_cells
from benchmarks.statistics import mean_and_error
from benchmarks.trials import cell, run_cell
from benchmarks.tune.cells import FIXED_ROWS as PATH
from subsel_automl.subselnet.temperatures import UNIFORM

STEPS = {0.005: 33, 0.01: 66, 0.02: 131, 0.05: 328, 0.1: 656}
GRID = {  # targets -> budgets, temperatures, seeds
    "soft": ((0.02, 0.05, 0.1), (0.3, 1.0, 3.0, UNIFORM), (0, 1)),
    "labels": ((0.005, 0.01, 0.02), (0.1, 0.3, 1.0), (0, 1, 2, 3)),
}
ARCHITECTURES = (1, 2, 3)


def cells(targets: str) -> list[dict[str, Any]]:
    """Every setting, seeds first."""
    budgets, temperatures, seeds = GRID[targets]
    return [
        cell(
            place, "subselnet", budget, targets, STEPS[budget], seed, role="validation",
            temperature=temperature, per_class=True,
        )
        for budget in budgets
        for seed in seeds
        for place in ARCHITECTURES
        for temperature in temperatures
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    workers = parser.parse_args().workers
    for targets, (budgets, temperatures, _) in GRID.items():
        run_cells(PATH, cells(targets), run_cell, ("",), workers)
        for budget in budgets:
            for temperature in temperatures:
                asked = (targets, budget, temperature)
                found = [100 * row["accuracy"] for row in read_rows(PATH) if _of(row) == asked]
                mean, error = mean_and_error(found)
                print(f"{asked}: {mean:.2f} +- {error:.2f} ({len(found)} runs)")


def _of(row: dict[str, Any]) -> tuple[str, float, float]:
    c = row["cell"]
    return c["targets"], c["budget"], c["temperature"]


if __name__ == "__main__":
    main()
