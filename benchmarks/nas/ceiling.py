"""What lite networks can rank at all: cells trained alone at the searches' size, against the table.

    subsel zoo build cifar10-sprites ZOO --space nasbench201 --count 16 --validation 4 \\
        --epochs 12 --channels 8
    python -m benchmarks.nas.ceiling run ZOO
    python -m benchmarks.nas.ceiling show

No supernet of this size should be expected to rank cells better than their own trainings do.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.nas.search import SPRITES_NAME, table
from benchmarks.nas.settings import splits_of
from benchmarks.run import RESULTS, read_rows, stamp
from subsel_automl.core.files import write_atomic
from subsel_automl.maths.metrics import kendall_tau
from subsel_automl.zoo.store import DiskZoo

PATH = RESULTS / "nas_ceiling.jsonl"
GOOD = 87.0  # percent in the table: three quarters of all cells


def measure(folder: Path) -> None:
    """A row a network of a zoo: its own test accuracy and the table's."""
    zoo, about = DiskZoo(folder, splits_of(SPRITES_NAME).train), stamp()
    by_key = {cell.key: cell for cell in zoo.architectures}
    lines = [
        {
            "key": record["key"],
            "lite_percent": 100 * record["test_accuracy"],
            "table_percent": table().test_percent(by_key[record["key"]], "cifar10"),
            "cpu_seconds": record["cpu_seconds"],
            **about,
        }
        for record in zoo.records.values()
    ]
    write_atomic(PATH, "".join(json.dumps(line) + "\n" for line in lines).encode())


def found() -> dict[str, Any] | None:
    """Kendall's tau over all of them, and over the good ones alone; None when not measured."""
    rows = read_rows(PATH)
    if not rows:
        return None
    groups = {"all": rows, "good": [row for row in rows if row["table_percent"] > GOOD]}
    return {
        name: {
            "cells": len(group),
            "tau": kendall_tau(
                [row["lite_percent"] for row in group], [row["table_percent"] for row in group]
            ),
        }
        for name, group in groups.items()
    }


def told() -> str:
    """In a sentence."""
    one = found()
    if one is None:
        return "What networks of this size can rank: not run."
    whole, good = one["all"], one["good"]
    return (
        f"Trained alone at this size, {whole['cells']} cells rank as the table does with a tau of "
        f"{whole['tau']:.2f}; the {good['cells']} above {GOOD:g} % with {good['tau']:.2f} "
        "(`python -m benchmarks.nas.ceiling`)."
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("zoo", nargs="?", type=Path)
    asked = parser.parse_args()
    if asked.what == "run":
        if asked.zoo is None:
            parser.error("run needs the folder of the zoo")
        measure(asked.zoo)
    print(told())


if __name__ == "__main__":
    main()
