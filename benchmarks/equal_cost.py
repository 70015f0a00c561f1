"""Equal cost: accuracy against steps, every provider that can redraw, and `full` as the rival.

    python -m benchmarks.equal_cost run [fashion-mnist | cifar10]  [--minutes 60] [--main]
    python -m benchmarks.equal_cost show [fashion-mnist | cifar10]

Every method trains for the same steps of the same batch, 75 to 2,400; subsets of 10 % (and of 2 %,
up to 600 steps) are redrawn at every pass. The steps that a method saves at a share of full
accuracy are those of `full` divided by its own for that accuracy, both read off lines through the
means over the pairs of architecture and seed, steps on a logarithmic scale. Full accuracy is the
trade-off's (ten or thirty passes over all data).
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import Any

from benchmarks import methods, settings
from benchmarks.run import RESULTS, run_cells
from benchmarks.trials import FASHION, cell, run_cell
from subsel_automl.catalog import provider_class
from subsel_automl.core.provider import Needs

STEPS = (75, 150, 300, 600, 1200, 2400)
BUDGET, SMALLER, SEEDS = 0.1, 0.02, (0, 1)
MAIN = (("full", "labels"), ("subselnet", "soft"), ("random", "soft"), ("zoo-mean", "soft"))
LABELS = (("subselnet", "labels"), ("zoo-mean", "labels"), ("random", "labels"))


def path_of(data: str) -> Path:
    """The rows of a data set."""
    if data == FASHION:
        return RESULTS / "science_equal_cost.jsonl"
    return RESULTS / f"equal_cost_{data}.jsonl"


def redrawable() -> list[str]:
    """Methods whose subset depends on the seed and that do not look at the running trial."""
    found = []
    for name in methods.method_names():
        kind = provider_class(name)
        if kind.drawn and Needs.PROBE not in kind.needs and not kind.learns:
            found.append(name)
    return found


def cells(data: str = FASHION, main_only: bool = False) -> list[dict[str, Any]]:
    """Main rivals first, on two seeds; other providers on one seed and up to 1,200 steps."""
    main = _grid(data, MAIN, STEPS, SEEDS)
    main += _grid(data, MAIN[1:], STEPS[:4], SEEDS, SMALLER)
    if main_only:
        return main
    others = [
        (name, targets)
        for name in redrawable()
        for targets in (("soft", "labels") if name in methods.SOFT else ("labels",))
        if (name, targets) not in MAIN + LABELS
    ]
    few = STEPS[:-1]
    return main + _grid(data, LABELS, few, SEEDS[:1]) + _grid(data, others, few, SEEDS[:1])


def _grid(
    data: str,
    rivals: Any,
    steps: tuple[int, ...],
    seeds: tuple[int, ...],
    budget: float = BUDGET,
) -> list[Any]:
    extra = {} if data == FASHION else {"data": data}
    return [
        cell(
            index,
            name,
            1.0 if name == "full" else budget,
            targets,
            count,
            seed,
            redraw=int(name != "full"),
            **extra,
        )
        for name, targets in rivals
        for seed in seeds
        for count in steps
        for index in range(settings.UNSEEN)
    ]


def measure(
    data: str = FASHION,
    workers: int = 2,
    minutes: float = 1e9,
    main_only: bool = False,
    only: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Run what is missing, of all methods or of some; all rows of these."""
    made = [c for c in cells(data, main_only) if not only or c["method"] in only]
    return run_cells(path_of(data), made, run_cell, ("",), workers, seconds_limit=60 * minutes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("data", nargs="?", choices=settings.DATA, default=FASHION)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--main", action="store_true", help="the main rivals alone")
    parser.add_argument("--methods", default="", help="names, separated by commas")
    asked = parser.parse_args()
    if asked.what == "run":
        only = [name for name in asked.methods.split(",") if name]
        measure(asked.data, asked.workers, asked.minutes, asked.main, only)
    from benchmarks.tables import equal_cost_table

    print(equal_cost_table(asked.data))


if __name__ == "__main__":
    main()
