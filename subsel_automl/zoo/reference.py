"""One reference network of a zoo: trained to the end, claimed and written by whoever builds it."""

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
from ..core.last_layer import LastLayer
from ..core.pool import Pool
from ..spaces.base import SearchSpace
from ..training.batches import steps_an_epoch, uniform_epoch
from ..training.meter import Meter
from ..training.probe import PoolProbe
from ..training.recipes import Recipe
from ..training.seeded import seeded
from ..training.trainer import Trainer
from . import store
from .kept import examples_to_keep

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
        keep_features: validation images whose penultimate features are kept (`kept.py`).
    """

    sizes: Mapping[str, int] = field(default_factory=lambda: dict(LITE))
    epochs: int = 4
    recipe: Recipe = field(default_factory=lambda: REFERENCE)
    keep_features: int = 0

    def settings(self) -> dict[str, Any]:
        """JSON for the manifest."""
        recipe = self.recipe
        kept = {"keep_features": self.keep_features} if self.keep_features else {}
        return {
            "sizes": dict(self.sizes),
            "epochs": self.epochs,
            "optimizer": dict(recipe.optimizer),
            "scheduler": dict(recipe.scheduler),
            "batch": recipe.batch,
            "augment": recipe.augment,
            **kept,
        }


Job = tuple[Architecture, int]  # an architecture and the seed of its training
Progress = Callable[[str, int, int], None]  # what happened, finished, of how many


def train_reference(
    space: SearchSpace,
    architecture: Architecture,
    pool: Pool,
    training: ReferenceTraining,
    *,
    seed: int,
    test: Pool | None = None,
    device: str = "cpu",
) -> tuple[np.ndarray, dict[str, Any], LastLayer | None]:
    """One network trained to the end: fp16 log-probabilities over the pool, its record, and its
    features where they are to be kept."""
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
        _layer(trainer, pool, min(1, training.keep_features))  # refused before it is trained
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
    return predictions, record, _layer(trainer, pool, training.keep_features)


def _layer(trainer: Trainer, pool: Pool, count: int) -> LastLayer | None:
    """In float32, so that the logits follow from it."""
    if not count:
        return None
    assert pool.validation is not None
    probe = PoolProbe(trainer.model, pool.validation, trainer.inputs, False, trainer.recorded)
    return probe.last_layer(examples_to_keep(pool, count).rows)


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
    name = store.network_name(architecture, seed)
    if store.finished(folder, name):
        return "found"
    lock = store.claim(folder, name)
    if lock is None:
        return "busy"
    try:
        if store.finished(folder, name):  # finished between the look and the lock
            return "found"
        predictions, record, layer = train_reference(
            space, architecture, pool, training, seed=seed, test=test, device=device
        )
        store.save_network(folder, architecture, seed, predictions, record, layer=layer)
        return "trained"
    finally:
        os.close(lock)


def tell(progress: Progress | None, folder: Path, jobs: Sequence[Job], did: str) -> None:
    if progress is not None:
        done = sum(
            store.finished(folder, store.network_name(architecture, seed))
            for architecture, seed in jobs
        )
        progress(did, done, len(jobs))
