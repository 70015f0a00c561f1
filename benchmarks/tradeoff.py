"""Figures 2 and 3, Tables 1 and 8: accuracy lost against time and memory saved, every selector.

    python -m benchmarks.tradeoff run fashion-mnist | cifar10  [--scale lite] [--minutes 60]
        [--methods full,random,my-selector]
    python -m benchmarks.tradeoff show fashion-mnist | cifar10

The paper's protocol: every method trains for the same number of passes over its subset, so a subset
of a tenth takes a tenth of the steps. T counts fitting the selector (a master network, a proxy),
selection, refreshes, warm-up and training in CPU seconds of one thread (training: the steps, at the
architecture's mean rate over all rows); the zoo of SubSelNet and
its controls is not in it, as in the paper (`benchmarks.ablation` says what it costs). GB-min is the
mean memory of the trial times T.

Deviations: lite scale trains for 10 (Fashion-MNIST) or 30 (CIFAR-10) passes and counts refreshes
and warm-up in proportion (D.2: every 10, and 5, of 50). Budgets above 10 %, and selectors that the
paper does not compare, run on one seed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from typing import Any

from benchmarks import methods, settings
from benchmarks.run import RESULTS, identity, run_cells
from benchmarks.trials import cell, run_cell
from subsel_automl.catalog import provider_class
from subsel_automl.core.errors import SubselError, UnknownName
from subsel_automl.core.provider import Needs

Seeds = tuple[int, ...]
SEEDS: Seeds = (0, 1)
FEW = 0.1  # budgets above it run on one seed
SPARSE = (0.01, 0.05)  # the first budgets of adaptive selectors and of the others
DEAR = ("facility-location-whole",)  # minutes a subset at 784 features: run it by --methods


def path_of(data: str, scale: str = "lite") -> Any:
    """The rows of a data set."""
    stem = f"tradeoff_{data.replace('-', '_')}"
    return RESULTS / (f"{stem}.jsonl" if scale == "lite" else f"{stem}_{scale}.jsonl")


def full_cells(data: str, scale: str = "lite", seeds: Seeds = SEEDS) -> list[dict[str, Any]]:
    """All data, the ceiling and T_f."""
    return [
        _cell(data, scale, index, "full", 1.0, "labels", seed)
        for seed in seeds
        for index in range(settings.UNSEEN)
    ]


def cells(
    data: str, scale: str = "lite", seeds: Seeds = SEEDS, also: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Every method, most important first: controls and ours, the paper's baselines, the others;
    then the larger budgets, and the second seed of what is dear (adaptive selectors)."""
    first = [*methods.CONTROLS, "subselnet"]
    adaptive = [m for m in methods.BASELINES if Needs.PROBE in provider_class(m).needs]
    plain = [m for m in methods.BASELINES if m not in adaptive]
    both, labels, one, rest = ("labels", "soft"), ("labels",), seeds[:1], seeds[1:]
    budgets = settings.DATA[data].budgets
    small, tenth = [b for b in budgets if b < FEW], [b for b in budgets if b == FEW]
    large = [b for b in budgets if b > FEW]
    sparse, rest_small = [b for b in small if b in SPARSE], [b for b in small if b not in SPARSE]
    groups = [
        (first, both, one, small + tenth + large),
        (plain, labels, one, small),
        (adaptive, labels, one, sparse),
        (_others(also), labels, one, sparse),
        (methods.OURS[1:], both, one, small),
        (plain, labels, one, tenth),
        (first, both, rest, small + tenth),
        (plain, labels, rest, small + tenth),
        (methods.OURS[1:], both, one, tenth),
        (adaptive, labels, one, rest_small + tenth),
        (_others(also), labels, one, rest_small + tenth),
        (methods.OURS[1:], both, rest, small + tenth),
        (methods.BASELINES, labels, one, large),
        (adaptive, labels, rest, small + tenth),
        (methods.OURS[1:], both, one, large),
        (_others(also), labels, one, large),
    ]
    made = full_cells(data, scale, seeds) + [
        _cell(data, scale, index, name, budget, targets, seed)
        for names, kinds, repeats, shares in groups
        for name in names
        for targets in kinds
        for seed in repeats
        for budget in shares
        for index in range(settings.UNSEEN)
    ]
    return list({identity(one): one for one in made}.values())


def _others(also: Collection[str]) -> list[str]:
    known = {*methods.CONTROLS, *methods.OURS, *methods.BASELINES}
    return [
        name
        for name in methods.method_names()
        if name not in known
        and name != "subselnet-online"  # without other trials it is random-per-class
        and (name not in DEAR or name in also)
    ]


def _cell(
    data: str, scale: str, index: int, name: str, budget: float, targets: str, seed: int
) -> dict[str, Any]:
    passes = settings.SCALES[scale].epochs or settings.DATA[data].epochs
    return cell(index, name, budget, targets, None, seed, data=data, passes=passes)


def measure(
    data: str,
    scale: str = "lite",
    workers: int = 2,
    minutes: float = 1e9,
    only: Collection[str] = (),
    seeds: Seeds = SEEDS,
) -> list[dict[str, Any]]:
    """Run what is missing, of all methods or of some; all rows of these."""
    unknown = [name for name in only if name not in ("full", *methods.method_names())]
    if unknown:
        raise UnknownName("method", unknown[0], ("full", *methods.method_names()))
    return run_cells(
        path_of(data, scale),
        [c for c in cells(data, scale, seeds, only) if not only or c["method"] in only],
        run_cell,
        ("", scale),
        workers,
        scale=scale,
        seconds_limit=60 * minutes,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("data", choices=settings.DATA)
    parser.add_argument("--scale", choices=settings.SCALES, default="lite")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--methods", default="", help="names, separated by commas")
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    asked = parser.parse_args()
    if asked.what == "run":
        only = [name for name in asked.methods.split(",") if name]
        seeds = tuple(range(asked.seeds))
        try:
            measure(asked.data, asked.scale, asked.workers, asked.minutes, only, seeds)
        except SubselError as error:
            print(f"error: {error}", file=sys.stderr)
            return error.exit_code
    from benchmarks.tables import tradeoff_table

    print(tradeoff_table(asked.data, asked.scale))
    return 0


if __name__ == "__main__":
    sys.exit(main())
