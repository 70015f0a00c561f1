"""Temperatures of fixed subsets with soft targets, at the steps of the trade-off (ten passes).

    python -m benchmarks.tune_fixed_soft

`benchmarks.tune` chose them from three runs a setting, at 200 and 400 steps; its means scatter by
a point. Here: three validation architectures, two seeds, the steps that a budget's ten passes take.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.run import RESULTS, read_rows, run_cells
from benchmarks.trials import cell, run_cell
from subsel_automl.subselnet.choices import UNIFORM

PATH = RESULTS / "tuning_fixed_soft.jsonl"
STEPS = {0.02: 131, 0.05: 328, 0.1: 656}
TEMPERATURES = (0.3, 1.0, 3.0, UNIFORM)
ARCHITECTURES, SEEDS = (1, 2, 3), (0, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    cells = [
        cell(
            place, "subselnet", budget, "soft", steps, seed, role="validation",
            temperature=temperature, per_class=True,
        )
        for budget, steps in STEPS.items()
        for seed in SEEDS
        for place in ARCHITECTURES
        for temperature in TEMPERATURES
    ]  # fmt: skip
    run_cells(PATH, cells, run_cell, ("",), parser.parse_args().workers)
    for budget in STEPS:
        for temperature in TEMPERATURES:
            found = [
                100 * row["accuracy"]
                for row in read_rows(PATH)
                if (row["cell"]["budget"], row["cell"]["temperature"]) == (budget, temperature)
            ]
            print(f"{budget:g} lambda {temperature:g}: {np.mean(found):.2f} ({len(found)} runs)")


if __name__ == "__main__":
    main()
