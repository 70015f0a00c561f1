"""Runs the cells: a search of several fidelities, regret of its best by epochs spent."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.run import run_cells
from subsel_automl.catalog import search_class
from subsel_automl.core.curves import Curves
from subsel_automl.predictors.curve_base import CurvePrediction
from subsel_automl.predictors.wpm import Wpm
from subsel_automl.search.multi_fidelity import MultiFidelity

from .cells import PATH, Cell, cells, options
from .space import table


@dataclass(frozen=True, kw_only=True)
class KeptWpm(Wpm):
    """WPM learns from no other curve: what it foretells of a curve is kept for all searches of the
    process, so that one seed of its chains serves all."""

    def predict(
        self, prefix: Curves | npt.ArrayLike, x: npt.ArrayLike | None = None
    ) -> CurvePrediction:
        values = np.asarray(prefix, np.float64)
        found = [foretold(tuple(row)) for row in values.tolist()]
        return CurvePrediction(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


@functools.cache
def foretold(prefix: tuple[float, ...]) -> CurvePrediction:
    """Of one curve."""
    return Wpm().fit(np.zeros((0, table().epochs))).predict([prefix])


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), searched, (), workers, seconds_limit=60 * minutes)


def searched(cell: Cell) -> dict[str, Any]:
    """[epochs spent, regret from then on], and how trainings went."""
    began = time.process_time()
    found = MultiFidelity(
        search=search_class(cell["search"])(**options(cell["search"])),
        epochs_total=cell["epochs_total"],
        few=cell["few"],
        extrapolator=KeptWpm() if cell["by"] == "wpm" else cell["by"],
    ).query(table(), seed=cell["seed"])
    return {
        "regret": [[at, round(table().regret(one), 5)] for at, one in found.incumbents()],
        "tried": len(found.trainings),
        "stopped": found.stopped,
        "spent": found.spent,
        "ended": found.ended,
        "decided": found.decided,
        "cpu_seconds": round(time.process_time() - began, 3),
    }
