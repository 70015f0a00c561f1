"""Which cells equal cost is made of, and its rows by steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import methods, settings
from benchmarks.run import RESULTS
from benchmarks.tradeoff.cells import Run
from benchmarks.trials import FASHION, cell
from subsel_automl.catalog import provider_class
from subsel_automl.core.provider import Needs

Row = Mapping[str, Any]
Means = dict[tuple[str, str, float], dict[int, dict[Run, float]]]
STEPS = (75, 150, 300, 600, 1200, 2400)
BUDGET, SMALLER, SEEDS = 0.1, 0.02, (0, 1)
MAIN = (("full", "labels"), ("subselnet", "soft"), ("random", "soft"), ("zoo-mean", "soft"))
LABELS = (("subselnet", "labels"), ("zoo-mean", "labels"), ("random", "labels"))
FULL = ("full", "labels", 1.0)


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


def step_means(rows: Iterable[Row], keep: Callable[[Row], bool]) -> Means:
    """(method, targets, budget) -> steps -> run -> accuracy."""
    found: Means = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        c = row["cell"]
        if keep(c):
            name = (c["method"], c["targets"], c["budget"])
            found[name][c["steps"]][c["architecture"], c["seed"]] = row["accuracy"]
    return found
