"""Claim: all 423,624 NAS-Bench-101 cells are enumerated in one process within 60 seconds, and the
parameter count of each equals the published table's.

    python -m benchmarks.spaces.nasbench101

reads `nb101_test108_423624.npz` from the folder that SUBSEL_DATA names, else from ../shared/data
beside the repository.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.data import data_folder
from subsel_automl.core.errors import MissingData, SubselError
from subsel_automl.spaces.enumeration import CellTable, enumerate_cells

TABLE = "nb101_test108_423624.npz"


def load_table(data_dir: Path | None = None) -> tuple[CellTable, np.ndarray]:
    """The published cells and their parameter counts [m].

    Raises:
        MissingData: the table is not in the folder.
    """
    path = (data_dir or data_folder()) / TABLE
    if not path.is_file():
        raise MissingData(f"{TABLE} is not in {path.parent}; set SUBSEL_DATA to its folder")
    with np.load(path, allow_pickle=False) as stored:
        cells = CellTable(stored["n_vertices"], stored["adj_bits"], stored["ops_base3"])
        return cells, stored["params"].astype(np.int64)


def measure(data_dir: Path | None = None) -> dict[str, float | int | bool]:
    """Enumerate afresh, join with the table by content key, compare."""
    table, published = load_table(data_dir)
    enumerate_cells.cache_clear()
    wall, cpu = time.perf_counter(), time.process_time()
    cells = enumerate_cells()
    unique = len(set(cells.keys()))
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    counted = cells.parameters()
    ours, theirs = _by_lanes(cells), _by_lanes(table)
    joined = bool(len(cells) == len(table) and (cells.lanes[ours] == table.lanes[theirs]).all())
    equal = int((counted[ours] == published[theirs]).sum()) if joined else 0
    return {
        "cells": len(cells),
        "keys_unique": unique,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "table_rows": len(table),
        "same_keys_as_table": joined,
        "parameters_equal": equal,
        "holds": bool(equal == len(table) == unique == 423_624 and seconds <= 60),
    }


def _by_lanes(cells: CellTable) -> np.ndarray:
    return np.lexsort((cells.lanes[:, 1], cells.lanes[:, 0]))


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
