"""Claim: the NAS-Bench-201 and -101 tables say of the best cells what was published, 6,466 of the
15,625 cells of NAS-Bench-201 are unique, and the parameter count of every one, at 16 channels and 5
cells a stage, is the table's; a sample of cells is really built and run.

    python -m benchmarks.spaces.nasbench201

In 150 rows the table has another count than the network: that of a cell with the same canonical
key. There the other table, of zero-cost proxies, is asked, which was measured on built networks.
Tables are read from the folder that SUBSEL_DATA names, else from ../shared/data beside the
repository.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import data_folder
from subsel_automl.core.errors import SubselError
from subsel_automl.spaces.nasbench201 import NASBench201
from subsel_automl.spaces.tables import Nasbench101Table, Nasbench201Table, table_file

PUBLISHED = {"cifar10": 94.37, "cifar100": 73.51, "imagenet16-120": 47.31}
CLASSES = {"cifar10": 10, "cifar100": 100, "imagenet16-120": 120}
PROXIES = "nb201_zc_proxies_cifar10_9445.csv.gz"
BUILT = 40  # of the 15,625; networks that differ in counts only in what the formula adds up


def measure(data_dir: Path | None = None) -> dict[str, Any]:
    """Both tables against what was published, the space and its networks."""
    folder = data_dir or data_folder()
    table, space = Nasbench201Table(folder), NASBench201()
    found: dict[str, Any] = {f"best_{data}": round(table.best(data)[1], 2) for data in PUBLISHED}
    holds = all(found[f"best_{data}"] == percent for data, percent in PUBLISHED.items())
    found["best_nasbench101"] = round(Nasbench101Table(folder).best()[1], 2)
    found["cells"] = len(table.cells)
    found["unique_cells"] = len({space.canonical_key(cell) for cell in table.cells})
    found |= _counts(table, space) | _proxies(folder, space)
    found["built"] = BUILT
    found["built_equal"] = _built(space)
    holds &= (found["cells"], found["unique_cells"]) == (15_625, 6_466)
    holds &= found["best_nasbench101"] == 94.32 and found["built_equal"] == BUILT
    holds &= found["parameters_equal"] + found["parameters_of_a_twin"] == 15_625
    holds &= found["proxies_parameters_equal"] == found["proxies_rows"]
    return {**found, "holds": bool(holds)}


def _counts(table: Nasbench201Table, space: NASBench201) -> dict[str, int]:
    """Cells whose count is the table's on all data sets; others whose table's count is a twin's."""
    ours = {
        data: np.array([space.parameters(cell, classes=classes) for cell in table.cells])
        for data, classes in CLASSES.items()
    }
    theirs = {
        data: np.array([table.parameters(cell, data) for cell in table.cells]) for data in CLASSES
    }
    equal = np.all([ours[data] == theirs[data] for data in CLASSES], axis=0)
    counts = defaultdict(set)
    keys = [space.canonical_key(cell) for cell in table.cells]
    for key, count in zip(keys, ours["cifar10"], strict=True):
        counts[key].add(int(count))
    odd = np.flatnonzero(~equal)
    twins = sum(int(theirs["cifar10"][row]) in counts[keys[row]] for row in odd)
    return {"parameters_equal": int(equal.sum()), "parameters_of_a_twin": twins}


def _proxies(folder: Path, space: NASBench201) -> dict[str, int]:
    with gzip.open(table_file(PROXIES, folder), "rt", newline="") as text:
        rows = list(csv.DictReader(text))
    equal = sum(
        round(float(row["params"]) * 1e6) == space.parameters(space.from_string(row["net_str"]))
        for row in rows
    )
    return {"proxies_rows": len(rows), "proxies_parameters_equal": equal}


def _built(space: NASBench201, seed: int = 0) -> int:
    """Of BUILT cells at full size, those that run and have the counted parameters."""
    import torch

    rng, equal = np.random.default_rng(seed), 0
    with torch.no_grad():
        for _ in range(BUILT):
            cell = space.sample(rng)
            model = space.module(cell, classes=10).eval()
            answers = model(torch.zeros(1, 3, 32, 32)).shape == (1, 10)
            count = sum(p.numel() for p in model.parameters())
            equal += answers and count == space.parameters(cell)
    return int(equal)


def main() -> int:
    try:
        result = measure()
    except SubselError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(json.dumps(result, indent=2))
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
