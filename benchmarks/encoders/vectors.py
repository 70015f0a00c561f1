"""Vectors of the cells of NAS-Bench-101: of encoders, and of the controls that know no encoder."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.data import data_folder
from benchmarks.encoders.cells import CONTROLS, FOLDERS, PLAIN, POOL
from subsel_automl.encoders.base import CHUNK, ArchitectureEncoder
from subsel_automl.encoders.choose import choose_encoder
from subsel_automl.encoders.embeddings import vectors as package_vectors
from subsel_automl.encoders.store import load_encoder
from subsel_automl.spaces.enumeration import INNER_OPS, MAX_NODES, CellTable
from subsel_automl.spaces.tables import Nasbench101Table

Floats = npt.NDArray[np.floating]


class Drawn(NamedTuple):
    """The cells that everything is drawn from, and their results."""

    cells: CellTable
    percent: npt.NDArray[np.float64]
    parameters: npt.NDArray[np.int64]


@functools.lru_cache(maxsize=1)
def drawn() -> Drawn:
    """The same cells always."""
    table = Nasbench101Table(data_folder())
    rows = np.random.default_rng(101).permutation(len(table.percent))[:POOL]
    return Drawn(table.cells[rows], table.percent[rows], table.counts[rows])


def vectors(view: str, pooling: str) -> Floats:
    """A row a drawn cell."""
    if view in CONTROLS:
        return _control(view)
    if pooling in ("listed", "own"):
        return _pooled(view, pooling)
    nodes, mask = _nodes(view)
    if pooling == "flat":
        return nodes.reshape(len(nodes), -1)
    total: Floats = nodes.sum(1)
    return total if pooling == "sum" else total / mask.sum(1, keepdims=True)


@functools.lru_cache(maxsize=8)
def _nodes(view: str) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Node embeddings [n, 7, d], 0 where there is no node, and where there is one [n, 7]."""
    cells, encoder = drawn().cells, _encoder(view)
    parts = [
        encoder.embed(cells[np.arange(at, min(at + CHUNK, len(cells)))])
        for at in range(0, len(cells), CHUNK)
    ]
    nodes, mask = (torch.cat(column) for column in zip(*parts, strict=True))
    return (nodes * mask[..., None]).numpy(), mask.numpy()


@functools.lru_cache(maxsize=8)
def _pooled(view: str, pooling: str) -> Floats:
    """As the package pools them."""
    cells, encoder = drawn().cells, _encoder(view)
    found: Floats = package_vectors(encoder, cells, pooling).numpy()
    return found


def _encoder(view: str) -> ArchitectureEncoder:
    if view == PLAIN:
        return choose_encoder([drawn().cells[0]], PLAIN)
    encoder = load_encoder(FOLDERS[view])
    if view.endswith("untrained"):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return type(encoder).from_config(encoder.config()).eval()
    return encoder


def _control(name: str) -> Floats:
    cells, _, parameters = drawn()
    if name == "parameters":
        return np.log(parameters)[:, None]
    inner = np.arange(MAX_NODES - 2) < cells.n_vertices[:, None] - 2
    ops = np.eye(len(INNER_OPS))[cells.op_codes()] * inner[..., None]
    if name == "operation counts":
        return np.concatenate([ops.sum(1), cells.adjacency().sum((1, 2))[:, None]], 1)
    above = np.triu_indices(MAX_NODES, 1)
    bits = cells.adjacency()[:, above[0], above[1]]
    return np.concatenate([bits, ops.reshape(len(ops), -1)], 1)
