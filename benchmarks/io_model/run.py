"""Trains a model and measures it: what it rebuilds and foretells, a forest on its vectors."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.encoders.cells import LEAST_PERCENT, TESTED
from benchmarks.encoders.vectors import drawn
from benchmarks.io_model import zoo
from benchmarks.io_model.cells import CELLS, PATH, POOLINGS, SIZES, cells
from benchmarks.run import run_cells
from subsel_automl.catalog import predictor, search_space
from subsel_automl.encoders.base import ArchitectureEncoder
from subsel_automl.encoders.labelled_vae import LabelledVae
from subsel_automl.encoders.pretrain import pretrain
from subsel_automl.spaces.enumeration import CellTable

KEPT = (
    "steps",
    "cpu_seconds",
    "operation_accuracy",
    "entry_accuracy",
    "cell_accuracy",
    "generated",
    "networks_learnt",
    "networks_unseen",
    "foretold",
)


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    """Build what the zoo lacks, and run what is missing."""
    if not zoo.whole():
        zoo.build()
    run_cells(PATH, cells(), trained, (), workers, seconds_limit=60 * minutes)


def trained(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The report's numbers, and the forest's of each pooling and size."""
    kind = cell["model"]
    model, report = pretrain(
        kind,
        "nasbench101",
        cells_learned(cell["cells"]),
        seed=cell["seed"],
        epochs=cell["epochs"],
        batch=cell["batch"],
        zoo=None if kind == "arch2vec" else zoo.kept(cell["networks"]),
    )
    began = time.process_time()
    forests = {
        f"{pooling} {size}": forest(_vectors(model, pooling), size, cell["seed"])
        for pooling in POOLINGS[kind]
        for size in SIZES
    }
    return {
        **{name: report[name] for name in KEPT if name in report},
        "forest": forests,
        "forest_cpu_seconds": round(time.process_time() - began, 1),
    }


def forest(x: npt.NDArray[np.floating], size: int, seed: int) -> dict[str, float]:
    """Pearson's r and RMSE of the table's accuracy, above 80 %, of cells that were not fitted."""
    y = drawn().percent / 100
    order = np.random.default_rng(seed).permutation(len(y))
    good = order[y[order] > LEAST_PERCENT / 100]
    others = good[size : size + TESTED]
    made = predictor("forest", seed=seed).fit(x[good[:size]], y[good[:size]])
    off = made.predict(x[others])[0] - y[others]
    r = np.corrcoef(off + y[others], y[others])[0, 1]
    return {"r": float(r), "rmse": float(np.sqrt(np.square(off).mean()))}


def _vectors(model: ArchitectureEncoder, pooling: str) -> npt.NDArray[np.floating]:
    """A row a drawn cell: the mean of its nodes, or the output of the flatten layer."""
    table = drawn().cells
    if pooling == "flatten":
        assert isinstance(model, LabelledVae)
        return model.latent_vectors(table).numpy()
    h, mask = model.embed(table)
    return ((h * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)).numpy()


@functools.cache
def cells_learned(count: int = CELLS) -> CellTable:
    """The same cells always, in the order of the enumeration."""
    table = search_space("nasbench101").enumerate()
    rows = np.random.default_rng(608).permutation(len(table))[:count]
    return table[np.sort(rows)]
