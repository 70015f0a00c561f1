"""Which cells the ranking is made of, and how far their rows agree with the truth."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from benchmarks import methods
from benchmarks.run import RESULTS, read_rows
from benchmarks.statistics import Estimate, kendall_interval
from benchmarks.trials import cell
from subsel_automl.catalog import provider_class
from subsel_automl.core.provider import Needs
from subsel_automl.maths import metrics
from subsel_automl.training.recipes import Recipe

CONFIGURATIONS, FULL_STEPS, ARCHITECTURE = 36, 1312, 2
RATIOS, SEEDS, TRUTH_SEEDS = (0.1, 0.3, 0.5), (0, 1, 2), (10, 11)
PATH = RESULTS / "correlation.jsonl"
MAIN = (  # method, targets, redraw
    ("full", "labels", 0),
    ("random", "labels", 0),
    ("random", "labels", 1),
    ("random", "soft", 1),
    ("subselnet", "labels", 0),
    ("subselnet", "soft", 0),
    ("subselnet", "labels", 1),
    ("subselnet", "soft", 1),
    ("zoo-mean", "soft", 1),
    ("zoo-mean", "labels", 1),
    ("random", "soft", 0),
    ("random-per-class", "labels", 0),
    ("zoo-mean", "soft", 0),
    ("zoo-mean", "labels", 0),
)
MEASURES = ("kendall", "pearson", "spearman", "regret", "accuracy")
Mode = tuple[str, str, int]


@functools.lru_cache(maxsize=1)
def configurations() -> list[Recipe]:
    """The 36, the same in every process."""
    from subsel_automl.integrations.hpo_space.optimizer import OptimizerSpace

    space, rng = OptimizerSpace(), np.random.default_rng(36)
    drawn = [space.sample(rng) for _ in range(CONFIGURATIONS)]
    return [Recipe(one["optimizer"], one["scheduler"]) for one in drawn]


def modes() -> list[Mode]:
    """The main ones, then every other provider that chooses before training."""
    known = {name for name, _, _ in MAIN}
    others = [
        (name, "labels", 0)
        for name in methods.method_names()
        if name not in known
        and name not in ("facility-location-whole", "subselnet-online")
        and Needs.PROBE not in provider_class(name).needs
    ]
    return [*MAIN, *others]


def truth_cells(seed: int) -> list[dict[str, Any]]:
    """All data to the end."""
    return [_cell(place, ("full", "labels", 0), 1.0, seed) for place in _places()]


def cells(only: Collection[str] = ()) -> list[dict[str, Any]]:
    """The truth, then r = 0.1 on all seeds, then the larger ratios and the other providers."""
    main, others = modes()[: len(MAIN)], modes()[len(MAIN) :]
    asked = [
        *((m, 0.1, s) for s in SEEDS for m in main[:9]),
        *((m, 0.3, 0) for m in main[:9]),
        *((m, 0.1, 0) for m in [*main[10:], *others]),
        *((m, 0.5, 0) for m in main[:9]),
        *((m, r, s) for r in RATIOS for s in SEEDS for m in main),
    ]
    wanted = [
        _cell(c, mode, ratio, seed)
        for mode, ratio, seed in dict.fromkeys(asked)
        if not only or mode[0] in only
        for c in _places()
    ]
    return (
        truth_cells(TRUTH_SEEDS[0])
        + wanted[: 9 * 36]
        + truth_cells(TRUTH_SEEDS[1])
        + wanted[9 * 36 :]
    )


def _places() -> range:
    return range(CONFIGURATIONS)


def _cell(place: int, mode: Mode, ratio: float, seed: int) -> dict[str, Any]:
    name, targets, redraw = mode
    budget = 1.0 if name == "full" else ratio
    steps = round(FULL_STEPS * ratio)
    made = cell(ARCHITECTURE, name, budget, targets, steps, seed, redraw=redraw)
    return {**made, "configuration": place}


def truth_of(rows: Sequence[dict[str, Any]]) -> np.ndarray | None:
    """Accuracy on all data to the end, [36], mean over its seeds; None before the first ran."""
    each = [_accuracies(("full", "labels", 0), 1.0, seed, rows) for seed in TRUTH_SEEDS]
    whole = [one for one in each if one is not None]
    return None if each[0] is None else np.mean(whole, axis=0)


def rankings(mode: Mode, ratio: float, rows: Sequence[dict[str, Any]]) -> list[np.ndarray]:
    """A mode's accuracies, [36] a seed whose configurations are all measured."""
    each = (_accuracies(mode, ratio, seed, rows) for seed in SEEDS)
    return [one for one in each if one is not None]


def agreement(mode: Mode, ratio: float, rows: Sequence[dict[str, Any]]) -> list[dict[str, float]]:
    """One entry a seed whose configurations are all measured."""
    truth = truth_of(rows)
    if truth is None:
        return []
    return [
        {
            "kendall": metrics.kendall_tau(own, truth),
            "pearson": metrics.pearson(own, truth),
            "spearman": metrics.spearman(own, truth),
            "regret": 100 * metrics.regret(truth, own, 3),
            "accuracy": 100 * float(own.mean()),
        }
        for own in rankings(mode, ratio, rows)
    ]


def _accuracies(
    mode: Mode, ratio: float, seed: int, rows: Sequence[dict[str, Any]]
) -> np.ndarray | None:
    name, targets, redraw = mode
    found = {}
    for row in rows:
        c = row["cell"]
        same = (c["method"], c["targets"], c["redraw"], c["seed"]) == (name, targets, redraw, seed)
        if same and c["steps"] == round(FULL_STEPS * ratio):
            found[c["configuration"]] = row["accuracy"]
    if len(found) < CONFIGURATIONS:
        return None
    return np.array([found[place] for place in _places()])


def entries(ratio: float) -> list[tuple[Mode, dict[str, float], Estimate, int]]:
    """(mode, measure -> mean over seeds, tau with its interval, seeds), best tau first."""
    rows, found = read_rows(PATH), []
    truth = truth_of(rows)
    for mode in modes():
        seeds = agreement(mode, ratio, rows)
        if truth is not None and seeds:
            summed = {m: float(np.mean([one[m] for one in seeds])) for m in MEASURES}
            tau = kendall_interval(rankings(mode, ratio, rows), truth)
            found.append((mode, summed, tau, len(seeds)))
    return sorted(found, key=lambda entry: -entry[1]["kendall"])
