"""Searches at smoke size, and a provider that remembers what it was asked."""

from __future__ import annotations

from typing import Any

from subsel_automl.catalog import provider, search_class
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.search.base import Search, SearchResult
from subsel_automl.search.by_trials import ByTrials
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

SMALL: dict[str, dict[str, Any]] = {
    "darts": {},
    "darts2": {},
    "gdas": {},
    "enas": {"controller_steps": 1, "drawn": 2, "candidates": 2},
    "spos": {"candidates": 1, "population": 4, "generations": 2},
    "hm-nas": {"warm_epochs": 0, "mask_epochs": 1, "tune_epochs": 1, "weight_share": 0.5},
    "evolution": {"trial_epochs": 1, "population": 2, "tournament": 1},
    "random": {"trial_epochs": 1},
    "local": {"trial_epochs": 1, "initial": 1},
    "bo": {"trial_epochs": 1, "initial": 2, "candidates": 30, "fit_epochs": 3, "chosen": 2},
    "bo-local": {"trial_epochs": 1, "initial": 2, "candidates": 30, "fit_epochs": 3, "chosen": 2},
    "rl": {"trial_epochs": 1, "candidates": 30, "steps": 2},
}
POOL = clump_pool()
BY_TRIALS = sorted(name for name in SMALL if issubclass(search_class(name), ByTrials))
ENGINES = [*sorted({*SMALL} - {*BY_TRIALS}), "evolution"]  # one of those that train alike


def small(name: str, **options: Any) -> Search:
    """A search of few steps and channels."""
    size = {"epochs": 2, "steps_an_epoch": 1, "batch": 8, "channels": 2, "cells": 1}
    return search_class(name)(**{**size, **SMALL[name], **options})


def feed_of(name: str, budget: float = 0.4, seed: int = 0) -> SubsetFeed:
    return SubsetFeed(provider(name).fit(POOL), 1.0 if name == "full" else budget, seed=seed)


def searched(
    name: str, space: str = "nasbench201", subset: str = "random", seed: int = 0, **options: Any
) -> SearchResult:
    sizes = {"cells": 3} if space == "darts" else {}
    return small(name, **{**sizes, **options}).run(space, feed_of(subset, seed=seed), seed=seed)


class Asked(Random):
    """Random examples, and a list of the architectures that were asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []

    def _select(self, request: Any) -> Any:
        assert request.architecture is not None
        self.keys.append(request.architecture.key)
        return super()._select(request)
