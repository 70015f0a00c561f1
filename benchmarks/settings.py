"""What every benchmark at lite scale shares: architectures, sizes, recipes, steps.

The architectures are `diverse_architectures(space, 64 | 4 | 6, role=..., seed=0)` of the training,
validation and test folds, kept in `architectures.json` so that a run need not draw them again.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from subsel_automl.core.architecture import Architecture
from subsel_automl.training.recipes import Recipe, paper_recipe
from subsel_automl.zoo.reference import LITE

RECIPE = Recipe()  # one-cycle SGD, batch 64
SEEDS = (0, 1, 2)
FIXED_STEPS = {0.005: 100, 0.02: 200, 0.1: 250}  # 30, 15 and 4 passes
EQUAL_STEPS = (75, 150, 300, 600)
TEST_EXAMPLES = 6000  # the first half of the test fold
BUDGETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
UNSEEN = 3  # architectures of the test fold in the trade-off


@dataclass(frozen=True)
class DataSettings:
    """What differs between data sets.

    Args:
        dataset: name in the catalog.
        features: kind of `subsel_automl.data.features`; what providers see.
        augment: Table 7: FMNIST normalises only, CIFAR flips and crops.
        epochs: passes of a trial in the paper's protocol (equal epochs).
        zoo_epochs: passes of a reference network.
        bundle: what SubSelNet learned: a name, or a folder beside this file.
    """

    dataset: str
    features: str
    augment: str
    epochs: int
    zoo_epochs: int
    bundle: str
    budgets: tuple[float, ...] = BUDGETS
    test_examples: int = 6000


DATA = {
    "fashion-mnist": DataSettings(
        "fashion-mnist", "pixels", "none", 10, 4, "fashion-mnist/nasbench101"
    ),
    "cifar10": DataSettings(
        "cifar10-sprites",
        "efficientnet-128",
        "flip-crop",
        30,
        15,
        "bundles/cifar10",
    ),
    "digits": DataSettings(  # the smoke version: a bundle of the work folder
        "digits", "pixels", "none", 4, 1, "bundles/digits", (0.05, 0.1, 0.2), 300
    ),
}


@dataclass(frozen=True)
class Scale:
    """What differs between this machine and the paper's.

    Args:
        sizes: of a network (`SearchSpace.module`).
        recipe: of a trial.
        epochs: passes of a trial; None takes the data set's own.
        refresh, warm: of adaptive selectors, as shares of the passes: D.2 refreshes every 10 and
            warms up for 5 of 50 epochs.
        master: network of the selectors that train one.
        device: of torch.
    """

    sizes: dict[str, int]
    recipe: Recipe
    epochs: int | None = None
    refresh: float = 0.2
    warm: float = 0.1
    master: str = "resnet-8"
    device: str = "cpu"


SCALES = {
    "lite": Scale(dict(LITE), RECIPE),
    "paper": Scale(
        {"channels": 128, "stacks": 3, "cells": 3, "stem_stride": 1},
        paper_recipe(),
        epochs=150,
        master="resnet-18",
        device="cuda",
    ),
}


SCALE = os.environ.get("SUBSEL_SCALE", "lite")
if SCALE not in SCALES:
    raise SystemExit(f"--scale {SCALE!r} is unknown; use {' or '.join(SCALES)}")
SIZES, DEVICE = SCALES[SCALE].sizes, SCALES[SCALE].device


def add_scale(parser: argparse.ArgumentParser) -> None:
    """The option that `benchmarks/__init__.py` reads before anything else."""
    parser.add_argument("--scale", choices=SCALES, default=SCALE)


@functools.lru_cache(maxsize=1)
def architectures() -> dict[str, list[Architecture]]:
    """Role -> architectures."""
    spec: dict[str, Any] = json.loads(Path(__file__).with_name("architectures.json").read_text())
    return {
        role: [
            Architecture("nasbench101", tuple(ops), tuple((u, v) for u, v in edges))
            for ops, edges in cells
        ]
        for role, cells in spec.items()
    }


def unseen() -> list[Architecture]:
    """The five architectures of the test fold on which everything is compared."""
    return architectures()["test"][:5]
