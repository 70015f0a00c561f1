"""The study's zoo: 64 training and 16 unseen cells of NAS-Bench-101, trained briefly on CIFAR-10
sprites, with the penultimate features of the validation images.

    python -m benchmarks.io_model.zoo        goes on where it stopped
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

import torch

from benchmarks import settings
from benchmarks.data import SHARED, work_folder
from subsel_automl.catalog import dataset, search_space
from subsel_automl.core.architecture import Architecture
from subsel_automl.training.recipes import Recipe
from subsel_automl.zoo.build import build_zoo, diverse_architectures
from subsel_automl.zoo.reference import REFERENCE, ReferenceTraining
from subsel_automl.zoo.store import DiskZoo, finished, network_name

DATASET = "cifar10-sprites"
TRAINED, UNSEEN, IMAGES = 64, 16, 1_250
SIZES = {"channels": 16, "stacks": 3, "cells": 1, "stem_stride": 2}
EPOCHS = 3  # 205 steps
RECIPE = Recipe(dict(REFERENCE.optimizer), batch=128)
TRAINING = ReferenceTraining(SIZES, EPOCHS, RECIPE, keep_features=IMAGES)


def folder() -> Path:
    return work_folder() / "io_model" / "zoo"


@functools.cache
def unseen() -> list[Architecture]:
    """Of the test fold, unlike in size."""
    space = search_space("nasbench101")
    return diverse_architectures(space, UNSEEN, role="test", seed=18, candidates=400)


def build() -> DiskZoo:
    """Train what is missing: the unseen early, so that a part of the zoo is of use already."""
    if SHARED.exists():
        os.environ.setdefault("SUBSEL_DATA", str(SHARED))
    jobs = [(cell, 0) for cell in [*trained(16), *unseen(), *trained()[16:]]]
    pool = dataset(DATASET).train

    def told(did: str, done: int, of: int) -> None:
        print(f"\rzoo: {done}/{of} ", end="", file=sys.stderr, flush=True)

    return build_zoo(folder(), search_space("nasbench101"), pool, jobs, TRAINING, progress=told)


def whole() -> bool:
    """Whether every network is there."""
    return all(finished(folder(), network_name(cell, 0)) for cell in [*trained(), *unseen()])


def kept(networks: int = TRAINED) -> DiskZoo:
    """The zoo as it lies, with the first so many training networks."""
    names = [network_name(cell, 0) for cell in [*trained(networks), *unseen()]]
    return DiskZoo(folder(), only=names)


def trained(networks: int = TRAINED) -> list[Architecture]:
    """Of the training fold."""
    return settings.architectures()["training"][:networks]


if __name__ == "__main__":
    torch.set_num_threads(1)
    build()
