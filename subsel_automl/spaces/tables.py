"""Accuracies and seconds of cells that others have trained: NAS-Bench-101 and NAS-Bench-201.

    Nasbench101Table()   nb101_test108_423624.npz: test accuracy after 108 epochs on CIFAR-10, mean
                         of three trainings
    Nasbench201Table()   nb201_full_15625.csv.gz: CIFAR-10, CIFAR-100, ImageNet16-120 after 12 and
                         200 epochs, seconds of 200 epochs, seconds of an inference, parameters

The files lie in the folder that SUBSEL_DATA names, or in the one given. Accuracies are in percent.

Source: Ying et al. 2019; Dong and Yang 2020; the files' own origin is in the folder's README.

Deviations:
    [1] NAS-Bench-101's file has no seconds, NAS-Bench-201's none of 12 epochs: neither is guessed.
    [2] 150 rows of NAS-Bench-201 carry the parameter count of another cell with the same canonical
        key (122124, say: two convolutions counted of three). `parameters` is the file's number;
        the network's own is `NASBench201.parameters`.
"""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.errors import BadInput, DamagedArtefact, MissingData, UnknownName
from .enumeration import CellTable
from .nasbench101 import NASBench101
from .nasbench201 import NASBench201, enumerate_cells

NB101_FILE = "nb101_test108_423624.npz"
NB101_SCALE = 29_952  # accuracy = value / scale: three test sets of 9,984 images
NB201_FILE = "nb201_full_15625.csv.gz"
DATA_SETS = {"cifar10": "cifar10", "cifar100": "cifar100", "imagenet16-120": "in16"}
SEEDS = 3
Values = npt.NDArray[np.float64]


def table_file(name: str, folder: Path | str | None = None) -> Path:
    """Where a table lies: in `folder`, else in the folder that SUBSEL_DATA names.

    Raises:
        MissingData: in neither; says what to do.
    """
    tried = [str(place) for place in (folder, os.environ.get("SUBSEL_DATA")) if place]
    for place in tried:
        if (Path(place) / name).is_file():
            return Path(place) / name
    raise MissingData(
        f"the table {name} was not found in {', '.join(tried) or 'any folder'}; set SUBSEL_DATA "
        "to the folder that holds it, or give the folder"
    )


class Nasbench101Table:
    """Test accuracies of all 423,624 cells.

    Args:
        folder: see `table_file`.

    Raises:
        MissingData: no such file.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        with np.load(table_file(NB101_FILE, folder), allow_pickle=False) as stored:
            columns = (stored["n_vertices"], stored["adj_bits"], stored["ops_base3"])
            self.cells = CellTable(*columns)
            self.percent: Values = 100 * stored["test_acc_x29952"].astype(np.float64) / NB101_SCALE
            self.counts = stored["params"].astype(np.int64)

    def test_percent(self, architecture: Architecture) -> float:
        """Mean test accuracy after 108 epochs.

        Raises:
            ArchitectureError: no cell of the space.
        """
        return float(self.percent[self._row(architecture)])

    def parameters(self, architecture: Architecture) -> int:
        """Trainable parameters as published."""
        return int(self.counts[self._row(architecture)])

    def best(self) -> tuple[Architecture, float]:
        """The cell of the highest test accuracy, and that accuracy."""
        row = int(self.percent.argmax())
        return self.cells[row], float(self.percent[row])

    def _row(self, architecture: Architecture) -> int:
        NASBench101().validate(architecture)
        return self.cells.row_of(architecture.key)


class Nasbench201Table:
    """What is known of each of the 15,625 cells, on three data sets.

    Args:
        folder: see `table_file`.

    Raises:
        MissingData: no such file.
        DamagedArtefact: a file that does not list every cell once.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        path = table_file(NB201_FILE, folder)
        with gzip.open(path, "rt", newline="") as text:
            header, *rows = csv.reader(text)
        place = header.index("ops6")
        order = [int(row[place], 5) for row in rows]  # digits of ops6 are codes of the operations
        self.cells = enumerate_cells()
        if sorted(order) != list(range(len(self.cells))):
            raise DamagedArtefact(f"{path} lists {len(order)} cells, not all 15,625 once; get anew")
        self._columns: dict[str, Values] = {}
        for column, name in enumerate(header):
            if name not in ("index", "arch_str", "ops6"):
                values = np.full(len(order), np.nan)
                values[order] = [float(row[column] or "nan") for row in rows]
                self._columns[name] = values

    def test_percent(
        self, architecture: Architecture, data: str = "cifar10", *, epochs: int = 200
    ) -> float:
        """Test accuracy; after 200 epochs the mean of all trainings.

        Raises:
            UnknownName, BadInput: no such data set, or epochs other than 12 and 200.
            ArchitectureError: no cell of the space.
        """
        return self._at(architecture, self.test_percents(data, epochs=epochs))

    def test_percents(self, data: str = "cifar10", *, epochs: int = 200) -> Values:
        """Of every cell, in the order of `cells`, [15625]."""
        return self._column(data, "test_12ep" if _short(epochs) else "test_200ep_mean")

    def validation_percent(
        self,
        architecture: Architecture,
        data: str = "cifar10",
        *,
        epochs: int = 200,
        seed: int | None = None,
    ) -> float:
        """Validation accuracy; of 200 epochs the mean over the trainings, or the seed-th of them.

        Raises:
            BadInput: a training that was not made, or a seed of 12 epochs; and as `test_percent`.
        """
        if _short(epochs):
            if seed is not None:
                raise BadInput("after 12 epochs there is one training; leave the seed out")
            return self._at(architecture, self._column(data, "val_12ep"))
        known = [
            self._at(architecture, self._column(data, f"val_200ep_s{s}")) for s in range(SEEDS)
        ]
        if seed is None:
            return float(np.nanmean(known))
        if seed not in range(SEEDS) or np.isnan(known[seed]):
            made = [s for s in range(SEEDS) if not np.isnan(known[s])]
            raise BadInput(f"the table has the seeds {made} of this cell, not {seed!r}")
        return known[seed]

    def read_percents(self, data: str = "cifar10") -> Values:
        """Validation accuracy that a search reads of every cell, in the order of `cells`, [15625]:
        of CIFAR-10 after 12 epochs, of the others the first seed's after 200.  [1]"""
        return self._column(data, "val_12ep" if data == "cifar10" else "val_200ep_s0")

    def seconds(self, architecture: Architecture, data: str = "cifar10") -> float:
        """Of one training of 200 epochs, on the benchmark's machine. [1]"""
        return self._at(architecture, self._column(data, "train_time_s_200ep"))

    def latency_seconds(self, architecture: Architecture, data: str = "cifar10") -> float:
        """Of one inference, on the benchmark's machine."""
        return self._at(architecture, self._column(data, "latency_s"))

    def parameters(self, architecture: Architecture, data: str = "cifar10") -> int:
        """Trainable parameters as the file has them, 16 channels, 5 cells a stage. [2]"""
        return round(self._at(architecture, self._column(data, "params_M")) * 1e6)

    def best(self, data: str = "cifar10") -> tuple[Architecture, float]:
        """The cell of the highest test accuracy after 200 epochs, and that accuracy."""
        percents = self.test_percents(data)
        row = int(percents.argmax())
        return self.cells[row], float(percents[row])

    def _column(self, data: str, what: str) -> Values:
        if data not in DATA_SETS:
            raise UnknownName("data set of NAS-Bench-201", data, DATA_SETS)
        return self._columns[f"{DATA_SETS[data]}_{what}"]

    def _at(self, architecture: Architecture, values: Values) -> float:
        NASBench201().validate(architecture)
        return float(values[self.cells.row_of(architecture.key)])


def _short(epochs: int) -> bool:
    if epochs not in (12, 200):
        raise BadInput(f"NAS-Bench-201 has 12 and 200 epochs; asked for {epochs}")
    return epochs == 12
