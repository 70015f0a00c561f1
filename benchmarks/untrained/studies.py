"""The three studies: bundle, unseen cells, and accuracies that process and forest learn from."""

from __future__ import annotations

import csv
import functools
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import ROOT, data_folder
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.files import read_json
from subsel_automl.data.splits import architecture_role
from subsel_automl.encoders.choose import encoder_of_space
from subsel_automl.encoders.embeddings import vectors
from subsel_automl.spaces.nasbench201 import NASBench201
from subsel_automl.spaces.tables import Nasbench101Table, Nasbench201Table, table_file
from subsel_automl.subselnet.bundle import RECORD, Bundle, bundle_folder, load_bundle

from .networks import unseen

Values = npt.NDArray[np.float64]
BUNDLES = {
    "zoo": "fashion-mnist/nasbench101",
    "nasbench101": "fashion-mnist/nasbench101",
    "nasbench201": str(ROOT / "benchmarks" / "bundles" / "cifar10-sprites" / "nasbench201"),
}
ENCODERS = {
    "zoo": ("gvae", "adjacency"),
    "nasbench101": ("gvae", "adjacency"),
    "nasbench201": ("adjacency",),
}
DRAWN, SEED = 300, 7
PROXIES = "nb201_zc_proxies_cifar10_9445.csv.gz"


@dataclass(frozen=True, eq=False)
class Study:
    """What is ranked.

    Attributes:
        truth: accuracies, [n]; of the zoo None: they are among the rows.
        known, results: trained networks that process and forest learn from; none: the study's own.
        proxies: that others have published, by name, [n].
    """

    space: str
    cells: list[Architecture]
    truth: Values | None = None
    known: list[Architecture] = field(default_factory=list)
    results: Values | None = None
    proxies: Mapping[str, Values] = field(default_factory=dict)


@functools.lru_cache(maxsize=1)
def bundle(name: str) -> Bundle:
    return load_bundle(BUNDLES[name])


def record(name: str) -> dict[str, Any]:
    """Of the bundle of a study."""
    return read_json(bundle_folder(BUNDLES[name]) / RECORD)


@functools.lru_cache(maxsize=1)
def study(name: str) -> Study:
    if name == "zoo":
        return Study("nasbench101", unseen())
    table = (Nasbench101Table if name == "nasbench101" else Nasbench201Table)(data_folder())
    keys = set(record(name)["training_keys"])
    places = {key: table.cells.row_of(key) for key in sorted(keys)}
    published = _published() if name == "nasbench201" else {}
    cells: dict[str, Architecture] = {}
    for row in np.random.default_rng(SEED).permutation(len(table.cells)):
        cell = table.cells[int(row)]
        fits = not published or cell.key in published
        if fits and cell.key not in keys and architecture_role(cell) == "test":
            cells.setdefault(cell.key, cell)
        if len(cells) == DRAWN:
            break
    known = [table.cells[row] for row in places.values()]
    listed = list(cells.values())
    truth, results = (np.array([table.test_percent(one) for one in some]) / 100
                      for some in (listed, known))  # fmt: skip
    proxies = {
        kind: np.array([published[key][kind] for key in cells])
        for kind in (next(iter(published.values())) if published else ())
    }
    return Study(name, listed, truth, known, results, proxies)


def encoded(space: str, encoder: str, cells: list[Architecture]) -> Values:
    """All nodes of a cell side by side."""
    found = vectors(encoder_of_space(space, encoder), cells, "flat").cpu().numpy()
    return np.asarray(found, np.float64)


def _published() -> dict[str, dict[str, float]]:
    """The file's proxies of a cell, by its key."""
    with gzip.open(table_file(PROXIES, data_folder()), "rt", newline="") as text:
        rows = list(csv.DictReader(text))
    kinds = [name for name in rows[0] if name not in ("net", "net_str")]
    space = NASBench201()
    return {
        space.from_string(row["net_str"]).key: {kind: float(row[kind]) for kind in kinds}
        for row in rows
    }
