"""A zoo on disk whose networks see what their cells tell, for tests: nothing is trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from subsel_automl.core.architecture import Architecture
from subsel_automl.core.last_layer import LastLayer
from subsel_automl.data.splits import architecture_role
from subsel_automl.worlds import clump_pool, some_cells, strength
from subsel_automl.zoo.kept import examples_to_keep
from subsel_automl.zoo.store import DiskZoo, create, save_network

WIDTH, IMAGES = 12, 10
POOL = clump_pool(150)


def zoo_cells(learnt: int = 6, unseen: int = 3) -> list[Architecture]:
    """Of the training fold, and of the others."""
    cells = some_cells(60)
    roles = [architecture_role(cell) == "training" for cell in cells]
    ours, others = ([c for c, r in zip(cells, roles, strict=True) if r is s] for s in (True, False))
    return [*ours[:learnt], *others[:unseen]]


def kept_zoo(
    folder: Path, cells: Sequence[Architecture] | None = None, images: int = IMAGES
) -> DiskZoo:
    """Features: the strength of the cell, times the brightness of the image, times a channel's."""
    kept = examples_to_keep(POOL, images)
    create(folder, POOL, {}, kept)
    weight = np.random.default_rng(1).standard_normal((POOL.classes, WIDTH)).astype(np.float32)
    bright = kept.images.reshape(images, -1).mean(1, keepdims=True) / 255
    for cell in zoo_cells() if cells is None else cells:
        strong = strength(cell)
        features = (strong * bright * np.linspace(0.5, 1.5, WIDTH)).astype(np.float32)
        record = {
            "seconds": 1.0,
            "cpu_seconds": 1.0,
            "curve": {},
            "epoch_seconds": [],
            "validation_accuracy": strong,
            "parameters": 1,
        }
        layer = LastLayer(features, weight, np.zeros(POOL.classes, np.float32))
        save_network(folder, cell, 0, np.zeros((2, 2)), record, layer=layer)
    return DiskZoo(folder, POOL)
