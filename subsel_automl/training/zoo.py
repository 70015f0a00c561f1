"""Builds a zoo of reference networks (SubSelNet 5.1, Fig. 5): few, diverse in size, trained once.

One builder or many, in this process or as Ray tasks over a cluster: a network is claimed with an
operating-system lock before it is trained, and is on disk whole or not at all, so any number of
builders, killed at any time, train each network once. (On several machines the folder must be one
that they share, with working file locks.)
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import BadInput, SubselError
from ..core.pool import Pool
from ..data.splits import architecture_role
from ..spaces.base import SearchSpace
from . import zoo_store
from .batches import steps_an_epoch, uniform_epoch
from .meter import Meter
from .recipes import Recipe
from .seeded import seeded
from .trainer import Trainer

REFERENCE = Recipe(  # 91.6 % on Fashion-MNIST after four epochs of a mid-sized lite network
    {"name": "sgd", "lr": 0.2, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}, batch=128
)
LITE = {"channels": 16, "stacks": 3, "cells": 1, "stem_stride": 2}


@dataclass(frozen=True)
class ReferenceTraining:
    """How every network of a zoo is made; stored in the manifest.

    Args:
        sizes: arguments of `SearchSpace.module` (stem width, stacks, cells, stem stride).
        epochs: passes over the pool.
        recipe: optimizer, schedule, batch.
    """

    sizes: Mapping[str, int] = field(default_factory=lambda: dict(LITE))
    epochs: int = 4
    recipe: Recipe = field(default_factory=lambda: REFERENCE)

    def settings(self) -> dict[str, Any]:
        """JSON for the manifest."""
        recipe = self.recipe
        return {
            "sizes": dict(self.sizes),
            "epochs": self.epochs,
            "optimizer": dict(recipe.optimizer),
            "scheduler": dict(recipe.scheduler),
            "batch": recipe.batch,
            "augment": recipe.augment,
        }


Job = tuple[Architecture, int]  # an architecture and the seed of its training
Progress = Callable[[str, int, int], None]  # what happened, finished, of how many


def diverse_architectures(
    space: SearchSpace, count: int, *, role: str = "training", seed: int = 0, candidates: int = 2000
) -> list[Architecture]:
    """Unlike sizes first: one candidate from each of `count` strata of the parameter count.

    Candidates are sampled from the given fold of the space; any prefix of the result spreads over
    small and large networks (strata are visited in bit-reversed order).
    """
    if count < 1:
        raise BadInput(f"asked for {count} architectures; give at least 1")
    rng = np.random.default_rng([seed, 0xD1CE])
    found: dict[str, Architecture] = {}
    for _ in range(50 * max(candidates, count)):
        architecture = space.sample(rng)
        if architecture_role(architecture) == role:
            found.setdefault(architecture.key, architecture)
        if len(found) >= max(candidates, 2 * count):
            break
    if len(found) < count:
        raise BadInput(f"space {space.name!r} has only {len(found)} {role} cells, not {count}")
    pool = list(found.values())
    size = np.array([space.parameters(architecture) for architecture in pool])
    strata = np.array_split(np.argsort(size, kind="stable"), count)
    order = sorted(range(count), key=lambda i: _bit_reversed(i, count))
    return [pool[int(rng.choice(strata[i]))] for i in order]


def _bit_reversed(i: int, count: int) -> int:
    bits = max(1, (count - 1).bit_length())
    return int(format(i, f"0{bits}b")[::-1], 2)


def train_reference(
    space: SearchSpace,
    architecture: Architecture,
    pool: Pool,
    training: ReferenceTraining,
    *,
    seed: int,
    test: Pool | None = None,
    device: str = "cpu",
) -> tuple[np.ndarray, dict[str, Any]]:
    """One network trained to the end: fp16 log-probabilities over the pool, and its record."""
    if pool.images is None or pool.validation is None:
        raise BadInput(f"pool {pool.name!r} needs images and a validation pool to train a zoo")
    with seeded(seed):
        model = space.module(
            architecture,
            classes=pool.classes,
            in_channels=pool.images.shape[2],
            **training.sizes,
        )
    steps = steps_an_epoch(len(pool), training.recipe.batch)
    epoch_seconds, began = [], time.perf_counter()
    with Meter() as meter:
        trainer = Trainer(
            model, pool, training.recipe, steps=steps * training.epochs, seed=seed, device=device
        )
        for _ in range(training.epochs):
            mean = trainer.epoch(uniform_epoch(trainer.rng, len(pool), training.recipe.batch))
            if not np.isfinite(mean):
                raise SubselError(
                    f"reference network {architecture.key} (seed {seed}) diverged: its loss is "
                    f"{mean}; lower the learning rate of the zoo's recipe"
                )
            epoch_seconds.append(time.perf_counter() - began)
            began = time.perf_counter()
    predictions = trainer.predict(pool).numpy().astype(np.float16)
    accuracy, loss = trainer.evaluate(pool.validation)
    record = {
        "seconds": meter.seconds,
        "cpu_seconds": meter.cpu_seconds,
        "gb_minutes": meter.gb_minutes,
        "epoch_seconds": epoch_seconds,
        "curve": trainer.curve,
        "validation_accuracy": accuracy,
        "validation_loss": loss,
        "parameters": sum(p.numel() for p in model.parameters()),
        "device": device,
    }
    if test is not None:
        record["test_accuracy"] = trainer.evaluate(test)[0]
    return predictions, record


def build_zoo(
    folder: Path | str,
    space: SearchSpace,
    pool: Pool,
    jobs: Sequence[Job],
    training: ReferenceTraining,
    *,
    workers: int = 1,
    test: Pool | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> zoo_store.DiskZoo:
    """Train what is missing; safe to interrupt and to run several times at once.

    Args:
        workers: 1 trains in this process; more are Ray tasks of one CPU each (extra [ray]; Ray is
            started on this machine only when the caller has not started it).

    Raises:
        RefusedArtefact: the folder holds a zoo of another pool or other settings.
    """
    folder = Path(folder).resolve()
    zoo_store.create(folder, pool, training.settings())
    if workers > 1:
        from .zoo_ray import build_with_ray

        build_with_ray(folder, space, pool, jobs, training, workers, test, device, progress)
    else:
        for architecture, seed in jobs:
            did = build_one(folder, space, architecture, seed, pool, training, test, device)
            _tell(progress, folder, jobs, did)
    return zoo_store.DiskZoo(folder, pool)


def build_one(
    folder: Path,
    space: SearchSpace,
    architecture: Architecture,
    seed: int,
    pool: Pool,
    training: ReferenceTraining,
    test: Pool | None,
    device: str,
) -> str:
    """ "trained", "found" (finished before) or "busy" (another builder has it)."""
    name = zoo_store.network_name(architecture, seed)
    if zoo_store.finished(folder, name):
        return "found"
    lock = zoo_store.claim(folder, name)
    if lock is None:
        return "busy"
    try:
        if zoo_store.finished(folder, name):  # finished between the look and the lock
            return "found"
        predictions, record = train_reference(
            space, architecture, pool, training, seed=seed, test=test, device=device
        )
        zoo_store.save_network(folder, architecture, seed, predictions, record)
        return "trained"
    finally:
        os.close(lock)


def _tell(progress: Progress | None, folder: Path, jobs: Sequence[Job], did: str) -> None:
    if progress is not None:
        done = sum(
            zoo_store.finished(folder, zoo_store.network_name(architecture, seed))
            for architecture, seed in jobs
        )
        progress(did, done, len(jobs))
