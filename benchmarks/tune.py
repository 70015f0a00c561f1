"""Chooses the temperatures of a bundle on the validation architectures, two processes at once.

    python -m benchmarks.tune BUNDLE [--workers 2]

Rows go to results/tuning.jsonl; the bundle's table is rewritten from them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.run import RESULTS, run_cells
from benchmarks.trials import cell, dataset_kept, run_cell
from subsel_automl.subselnet.bundle import load_bundle, save_bundle
from subsel_automl.subselnet.choices import Choice
from subsel_automl.subselnet.tuning import GRID, UNIFORM, best, candidates

REDRAW_STEPS = 150
FIXED_STEPS = {0.005: 100, 0.02: 200, 0.1: 400}
ARCHITECTURES = (1, 2)  # 0 has 4,536 parameters: its single runs scatter by several points
SOFTNESS = ((1.0, 0.0), (2.0, 0.3), (1.0, 0.3))


def tried() -> list[tuple[Choice, int]]:
    """(setting, steps), most important first."""
    fixed = candidates(tuple(FIXED_STEPS), redraws=(False,), grid=GRID)
    redrawn = candidates((0.02, 0.1), redraws=(True,), grid=GRID)
    soft = [
        replace(choice, target_temperature=heat, label_share=share)
        for choice in (*fixed, *redrawn)
        if choice.targets == "soft" and choice.temperature in (UNIFORM, -1.0)
        for heat, share in SOFTNESS
    ]
    return [
        (choice, REDRAW_STEPS if choice.redraw else FIXED_STEPS[choice.budget])
        for choice in (*redrawn, *fixed, *soft)
    ]


def cells() -> list[dict[str, Any]]:
    """Cells of the validation architectures."""
    return [
        cell(
            index,
            "subselnet",
            choice.budget,
            choice.targets,
            steps,
            0,
            redraw=int(choice.redraw),
            role="validation",
            temperature=choice.temperature,
            per_class=choice.per_class,
            target_temperature=choice.target_temperature,
            label_share=choice.label_share,
        )
        for index in ARCHITECTURES
        for choice, steps in tried()
    ]


def choice_of(cell: dict[str, Any]) -> Choice:
    return Choice(
        cell["budget"],
        bool(cell["redraw"]),
        cell["targets"],
        cell["temperature"],
        cell["per_class"],
        cell["target_temperature"],
        cell["label_share"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    path = RESULTS / "tuning.jsonl"
    rows = run_cells(path, cells(), run_cell, (str(asked.bundle),), asked.workers)
    choices = best((choice_of(row["cell"]), row["accuracy"]) for row in rows)
    bundle = load_bundle(asked.bundle, dataset_kept("fashion-mnist").train)
    save_bundle(asked.bundle, bundle.model, choices, bundle.policy, bundle.record["made"])
    print(json.dumps([row.__dict__ for row in choices.rows], indent=1))


if __name__ == "__main__":
    main()
