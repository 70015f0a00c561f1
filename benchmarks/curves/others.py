"""Other curves at hand: the trial tables of `benchmarks/trial_table`, and the networks of a zoo.

table     validation accuracy at 11 points of the longest schedule on random-per-class subsets of
          10 %, redrawn; 48 configurations with two seeds each, grouped by configuration;
          trainings that diverged are left out
zoo       training loss after each of 4 epochs of 35 cells of NAS-Bench-101 on Fashion-MNIST
          (`python -m benchmarks.curves.others ZOO` writes zoo.json)
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import trial_table
from subsel_automl.budgeting.table import TrialTable
from subsel_automl.core.curves import Curves
from subsel_automl.core.files import read_json, write_json
from subsel_automl.zoo.store import DiskZoo

KIND, ZOO = "class-10", Path(__file__).parent / "zoo.json"
PROBLEMS = ("letter", "fashion-mnist", "fashion-mnist-noisy", "cifar10-sprites")
NAMES = (*PROBLEMS, "zoo")
SEEN = {"zoo": (1, 2)} | dict.fromkeys(PROBLEMS, (2, 5))  # epochs, or points: 64 and 256 steps


@functools.cache
def curves(name: str) -> Curves:
    """Of a problem of the trial table, or of the zoo."""
    if name == "zoo":
        kept = read_json(ZOO)
        return Curves.of(kept["train_loss"], "min")
    table = TrialTable.load(Path(trial_table.__file__).parent / "tables" / f"{name}.npz")
    kind, longest = table.kinds.index(KIND), len(table.lengths) - 1
    values = np.asarray(table.accuracy[:, kind, longest, :, :, -1], np.float64)  # [c, s, p]
    configs, seeds, points = values.shape
    groups = tuple(str(config) for config in range(configs) for _ in range(seeds))
    names = tuple(f"{group}-{place % seeds}" for place, group in enumerate(groups))
    networks = sorted({config["network"] for config in table.configs})
    known = np.array([described(config, networks) for config in table.configs])
    values, x = values.reshape(-1, points), np.repeat(known, seeds, axis=0)
    whole = np.flatnonzero(np.isfinite(values).all(1))
    names, groups = (tuple(part[row] for row in whole) for part in (names, groups))
    return Curves(values[whole], "max", names, groups, x[whole])


def described(config: Mapping[str, Any], networks: list[str]) -> list[float]:
    """A configuration in numbers: which optimizer, schedule and network, and how fast."""
    optimizer = config["optimizer"]
    kinds = ("sgd", "adam", "rmsprop", "adamw")
    return [
        *(float(optimizer["name"] == kind) for kind in kinds),
        float(np.log10(optimizer["lr"])),
        float(np.log10(max(optimizer.get("weight_decay", 0.0), 1e-9))),
        float(optimizer.get("momentum", 0.0)),
        float(config["scheduler"]["name"] == "cosine"),
        *(float(config["network"] == network) for network in networks),
    ]


def write_zoo(folder: Path) -> None:
    """Keep the curves of a zoo's networks."""
    zoo = DiskZoo(folder)
    kept = {one.key: list(zoo.curve(one.key).values["train_loss"]) for one in zoo.architectures}
    write_json(ZOO, {"train_loss": {name: [round(v, 6) for v in kept[name]] for name in kept}})


if __name__ == "__main__":
    write_zoo(Path(sys.argv[1]))
