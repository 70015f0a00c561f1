"""Trains the cells: a problem, a mode, a seed; three configurations."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.run import RESULTS, run_cells
from benchmarks.taught.run import WINNERS, on_all, pupils, taught_by, tested
from benchmarks.trial_table.kinds import mixed
from benchmarks.trial_table.problems import Problem, problem
from benchmarks.trial_table.run import BATCH, LONGEST, architecture_of
from subsel_automl.catalog import provider
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.provider import SubsetProvider

PATH = RESULTS / "guard.jsonl"
SHARE, SEEDS, IMBALANCE = 0.1, 5, 50
FASHION = "fashion-mnist"
IMBALANCED, NOISY, RIGHT = f"{FASHION}-imbalanced", f"{FASHION}-noisy", "all data, right labels"
PROBLEMS = (FASHION, NOISY, IMBALANCED, "letter", "cifar10-sprites")
MODES: dict[str, tuple[str, int, str, dict[str, Any]]] = {  # provider, redraws, targets, options
    "guarded": ("guarded", 1, "labels", {}),
    "random-per-class redrawn": ("random-per-class", 1, "labels", {}),
    "all data": ("full", 0, "labels", {}),
    "random redrawn": ("random", 1, "labels", {}),
    "random-per-class fixed": ("random-per-class", 0, "labels", {}),
    "subselnet-online soft redrawn": ("subselnet-online", 1, "soft", {}),
    "ccs redrawn": ("ccs", 1, "labels", {}),
    RIGHT: ("full", 0, "labels", {}),  # what nobody has: the most that a guard could win
}


def cells() -> list[dict[str, Any]]:
    return [
        {"problem": name, "mode": mode, "seed": seed}
        for seed in range(SEEDS)
        for name in PROBLEMS
        for mode in MODES
        if not (mode.startswith("subselnet") and name == IMBALANCED)  # the table has no trials
        if not (mode == RIGHT and name != NOISY)
    ]


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), train, (), workers, seconds_limit=60 * minutes)


def train(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Test accuracies of the three, and CPU seconds: of the fit, and of all."""
    began = time.process_time()
    name, seed = cell["problem"], cell["seed"]
    data = _data(name)
    places = pupils(FASHION if name == IMBALANCED else name)[: len(WINNERS)]
    kind, redraws, targets, options = MODES[cell["mode"]]
    if kind == "full":
        if cell["mode"] == RIGHT:
            data = replace(data, train=(data.train[0], _data(FASHION).train[1]))
        accuracies = tested(data, places, LONGEST, seed, lambda net: on_all(data, net, seed))
        return {"test_accuracy": accuracies, "cpu_seconds": _since(began)}
    teachers = seed if kind == "subselnet-online" else 0
    chooser, fitting = _fitted(name, kind, tuple(options.items()), teachers)
    feed = SubsetFeed(chooser, SHARE, seed=seed, redraw_every=redraws, targets=targets)
    accuracies = tested(
        data, places, LONGEST, seed,
        lambda net: mixed(feed.fresh(), architecture_of(data, net), seed, BATCH),
    )  # fmt: skip
    return {"test_accuracy": accuracies, "cpu_seconds": _since(began), "fit_cpu_seconds": fitting}


def _since(began: float) -> float:
    return round(time.process_time() - began, 1)


@functools.lru_cache(maxsize=16)
def _fitted(
    name: str, kind: str, options: tuple[tuple[str, Any], ...], seed: int
) -> tuple[SubsetProvider, float]:
    if kind == "subselnet-online":
        return taught_by(name, seed)[0], 0.0
    chooser = provider(kind, **dict(options)).fit(_data(name).pool)
    return chooser, round(chooser.fit_cpu_seconds, 2)


@functools.lru_cache(maxsize=len(PROBLEMS))
def _data(name: str) -> Problem:
    return imbalanced() if name == IMBALANCED else problem(name)


def imbalanced() -> Problem:
    """Fashion-MNIST whose classes have from 800 examples down to a fiftieth of that; the test part
    stays even."""
    whole = problem(FASHION)
    x, y = whole.train
    most, last = np.bincount(y).max(), whole.classes - 1
    rows = [
        np.flatnonzero(y == c)[: round(most * IMBALANCE ** (-c / last))]
        for c in range(whole.classes)
    ]
    order = np.random.default_rng(21).permutation(np.concatenate(rows))
    return Problem(FASHION, (x[order], y[order]), whole.validation, whole.test)
