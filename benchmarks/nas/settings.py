"""Sizes of the architecture searches: on this machine ("lite") and as published ("paper").

    nasbench201   CIFAR-10 (sprites, 8,750 training images); cells scored by the real table
    darts         Fashion-MNIST (lite: 10,000 training images); cells scored by training them on all
                  of these

Deviations at lite scale: few channels, cells and epochs; rates of alpha and of the controller ten
times the papers', of the masks ten to fifty times, because a search has some hundred steps, not
10,000; smaller evolutions; SPOS passes six times over its half in an epoch. At paper scale sizes
and the searches' own defaults are the papers', on the same images.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import settings
from benchmarks.data import SHARED
from subsel_automl.catalog import dataset
from subsel_automl.data.images import Splits

HELD = 1000  # validation images that judge candidates, masks and tuned networks
MOST = {"lite": 10_000, "paper": 10**9}[settings.SCALE]  # training images
ASKED = 2.5  # subselnet-online asks about this multiple of the budget; the rest is never chosen


@dataclass(frozen=True)
class SpaceSettings:
    """How a cell space is searched and scored.

    Args:
        data: of the catalog.
        common: options of every search.
        own: options by search, over the common ones.
        network: sizes of a found cell's network, where there is no table.
        steps: of its training, batch 64, on all data.
        passes: over the weight half in an epoch, by search; one when not named.
    """

    data: str
    common: Mapping[str, Any]
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    network: Mapping[str, int] = field(default_factory=dict)
    steps: int = 0
    passes: Mapping[str, int] = field(default_factory=dict)

    def options(self, search: str) -> dict[str, Any]:
        """Of a search, by name."""
        return {**self.common, **self.own.get(search, {})}


ALPHA = {"alpha_rate": 3e-3}
# 150 steps of masks, not 7,800: too few to come from 0.01 to the threshold of 0.005 at 1e-4, where
# 0.2 % of the parameters were removed (results/retired_nas_short.jsonl).
REACH = {} if settings.SCALE == "paper" else {"mask_rate": 5e-4, "weight_mask_rate": 1e-3}
MASKS = {
    "warm_epochs": 1,
    "mask_epochs": 3,
    "tune_epochs": 4,
    "mask_rate": 1e-4,
    "rate": 0.1,
    **ALPHA,
}
OWN: Mapping[str, Mapping[str, Any]] = {
    "darts": ALPHA,
    "darts2": ALPHA,
    "gdas": ALPHA,
    "hm-nas": MASKS,
    "enas": {"controller_rate": 3.5e-3, "controller_steps": 10, "drawn": 5, "candidates": 20},
    "spos": {"population": 20, "generations": 5},
}
# Longer than the others: 20 epochs gave SPOS about what chance gives (retired_nas_short.jsonl). How
# well its supernet ranks cells now is in the table.
LONG_SPOS = {"epochs": 80, "batch": 64, "candidates": 1, "judged": 1000, **OWN["spos"]}
BY_TRIALS = ("random", "local", "bo", "bo-local", "rl")
LITE = {
    "nasbench201": SpaceSettings(
        "cifar10-sprites",
        {"epochs": 20, "batch": 32, "channels": 8, "cells": 1, "stem_stride": 2, "rate": 0.05},
        {
            **OWN,
            "spos": LONG_SPOS,
            **{name: {"epochs": 40, "trial_epochs": 4} for name in BY_TRIALS},
            "evolution": {"epochs": 40, "trial_epochs": 4, "population": 5},
        },
        passes={"spos": 6},
    ),
    "darts": SpaceSettings(
        "fashion-mnist",
        {"epochs": 6, "batch": 32, "channels": 4, "cells": 3, "stem_stride": 2, "rate": 0.05},
        {
            **OWN,
            **{name: {"epochs": 12, "trial_epochs": 2} for name in BY_TRIALS},
            "evolution": {"epochs": 12, "trial_epochs": 2, "population": 3, "tournament": 2},
        },
        {"channels": 8, "layers": 5, "stem_stride": 2},
        300,
    ),
}
PAPER = {
    "nasbench201": SpaceSettings("cifar10-sprites", {"channels": 16, "cells": 5}),
    "darts": SpaceSettings(
        "fashion-mnist",
        {"channels": 16, "cells": 8},
        network={"channels": 36, "layers": 20},
        steps=600 * (42_000 // 64),
    ),
}
SPACES: Mapping[str, SpaceSettings] = {"lite": LITE, "paper": PAPER}[settings.SCALE]


def bundle_of(data: str, space: str) -> str:
    """The bundle of a zoo: beside the benchmarks, or of the package by its name."""
    name = f"{data}/{space}"
    folder = Path(settings.__file__).parent / "bundles" / name
    return str(folder) if folder.exists() else name


@functools.lru_cache(maxsize=2)
def splits_of(data: str) -> Splits:
    """Pools with their pixels as features; at most MOST images to train on, HELD to validate."""
    if SHARED.exists():
        os.environ.setdefault("SUBSEL_DATA", str(SHARED))
    found = dataset(data)
    held = found.validation.take(np.arange(min(HELD, len(found.validation))), found.validation.name)
    train = found.train
    if len(train) > MOST:
        train = train.take(np.arange(MOST), train.name)
    train = replace(train, validation=held)
    return Splits(train, held, found.test)
