"""Walks: by vectors from nearest to nearest, and at random by the space's own edits."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.run import run_cells
from benchmarks.walks.cells import ANY, FOLDERS, LENGTH, PATH, PLAIN, STEPS, UNTRAINED, cells
from benchmarks.walks.edits import codes, distances
from subsel_automl.catalog import search_space
from subsel_automl.encoders.base import CHUNK, ArchitectureEncoder
from subsel_automl.encoders.choose import encoder_of_space
from subsel_automl.encoders.embeddings import vectors
from subsel_automl.encoders.store import load_encoder
from subsel_automl.maths.metrics import spearman
from subsel_automl.search.reach import Reach
from subsel_automl.spaces.enumeration import CellTable, enumerate_cells

SPACE = "nasbench101"
Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    """Run what is missing."""
    run_cells(PATH, cells(), walked, (), workers, seconds_limit=60 * minutes)


def walked(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of one walk, and its CPU seconds."""
    began = time.process_time()
    by_vectors = cell["figure"] == "neighbours"
    found = (_neighbours if by_vectors else _pairs)(cell["view"], cell["pooling"], cell["seed"])
    return {**found, "cpu_seconds": round(time.process_time() - began, 2)}


def _neighbours(view: str, pooling: str, seed: int) -> dict[str, Any]:
    """Fig. 3.5: the edits of each step; the start is the same for all views."""
    table = enumerate_cells()
    start = int(np.random.default_rng([seed, 0x35]).integers(len(table)))
    rng = np.random.default_rng([seed, 0x53])
    if view == ANY:
        rows = np.array([start, *rng.choice(len(table), STEPS, replace=False)])
    else:
        rows = nearest_walk(everywhere(view, pooling), start, STEPS, rng)
    bits = codes(table[rows])
    steps = [int(distances(here, there[None])[0]) for here, there in pairwise(bits)]
    return {"edits": steps, "mean_edits": float(np.mean(steps))}


def nearest_walk(x: Floats, start: int, steps: int, rng: np.random.Generator) -> Rows:
    """Rows from `start` on, each the nearest in L2 to the one before that was not visited."""
    rows, left = [start], np.ones(len(x), bool)
    for _ in range(steps):
        left[rows[-1]] = False
        apart = np.empty(len(x), np.float32)
        for at in range(0, len(x), CHUNK):
            apart[at : at + CHUNK] = np.square(x[at : at + CHUNK] - x[rows[-1]]).sum(1)
        apart[~left] = np.inf
        rows.append(int(rng.choice(np.flatnonzero(apart <= apart.min() * (1 + 1e-5)))))
    return np.array(rows)


def _pairs(view: str, pooling: str, seed: int) -> dict[str, Any]:
    """Fig. 3.3: rank correlation of L2 and edits, and the mean L2 by edits (mean of all: 1)."""
    some = random_walk(seed)
    x, bits = encoded(_encoder(view), some, pooling), codes(some)
    edits, apart = [], []
    for here in range(len(some) - 1):
        edits.append(distances(bits[here], bits[here + 1 :]))
        apart.append(np.linalg.norm(x[here + 1 :] - x[here], axis=1))
    steps, lengths = np.concatenate(edits), np.concatenate(apart).astype(np.float64)
    by_edits = {
        str(count): float(lengths[steps == count].mean() / lengths.mean())
        for count in np.unique(steps).tolist()
    }
    return {"spearman": spearman(lengths, steps), "pairs": len(steps), "l2_by_edits": by_edits}


@functools.lru_cache(maxsize=2)
def random_walk(seed: int) -> CellTable:
    """Different cells, each but the first one edit of an earlier one."""
    rng = np.random.default_rng([seed, 0x33])
    reach, table = Reach(search_space(SPACE), rng), enumerate_cells()
    here = reach.sample()
    rows = {table.row_of(here.key): None}
    while len(rows) < LENGTH:
        near = reach.neighbours(here)
        here = near[int(rng.integers(len(near)))]
        rows[table.row_of(here.key)] = None
    return table[np.array(list(rows))]


@functools.lru_cache(maxsize=1)
def everywhere(view: str, pooling: str) -> Floats:
    """The vector of every cell of the space."""
    return encoded(_encoder(view), enumerate_cells(), pooling)


def encoded(encoder: ArchitectureEncoder, some: CellTable, pooling: str) -> Floats:
    """A row a cell, some thousands at a time."""
    parts = [
        vectors(encoder, some[slice(at, at + CHUNK)], pooling).numpy()
        for at in range(0, len(some), CHUNK)
    ]
    return np.concatenate(parts).astype(np.float32)


def _encoder(view: str) -> ArchitectureEncoder:
    if view == PLAIN:
        return encoder_of_space(SPACE, PLAIN)
    encoder = load_encoder(FOLDERS[view.removesuffix(UNTRAINED)])
    if view.endswith(UNTRAINED):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return type(encoder).from_config(encoder.config()).eval()
    return encoder
