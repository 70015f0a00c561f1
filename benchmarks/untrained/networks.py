"""The networks that nobody trained when the bundle was made, and what they reach once trained.

Cells are of the test fold of NAS-Bench-101, one of each stratum of the parameter count, as those of
the zoo were drawn; they are trained as the zoo's were: same sizes, recipe and passes. They are the
first of `diverse_architectures(space, 32, role="test", seed=101)`, kept in `networks.json`; any
prefix spreads over small and large ones.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from benchmarks import settings
from benchmarks.data import splits_kept
from benchmarks.zoo.build import training_for
from subsel_automl.catalog import search_space
from subsel_automl.core.architecture import Architecture
from subsel_automl.zoo.reference import train_reference

DATA, SPACE = "fashion-mnist", "nasbench101"
COUNT = 24


@functools.lru_cache(maxsize=1)
def unseen() -> list[Architecture]:
    """In the order in which they are trained."""
    kept = json.loads(Path(__file__).with_name("networks.json").read_text())[:COUNT]
    return [Architecture(SPACE, tuple(ops), tuple((u, v) for u, v in edges)) for ops, edges in kept]


def trained(place: int) -> dict[str, Any]:
    """The network of a place, trained: accuracies in 0..1, parameters, seconds."""
    data, cell = splits_kept(DATA), unseen()[place]
    training = training_for(DATA, settings.DATA[DATA].zoo_epochs)
    _, record = train_reference(
        search_space(SPACE), cell, data.train, training, seed=0, test=data.test
    )
    kept = ("validation_accuracy", "test_accuracy", "parameters", "seconds", "cpu_seconds")
    return {"key": cell.key, **{name: record[name] for name in kept}}
