"""Single path one-shot: every step trains one path, drawn uniformly; then evolution chooses.

    weights   E over uniform cells of L_train(w_cell)                                       (Eq. 7)
    search    argmax over cells of accuracy of w_cell on the architecture half               (Eq. 8)

Evolution: half of each generation by crossing the ten best so far, half by mutating them. `notes`
tell the cells that it judged, as they came.

Source: Guo et al. 2020 (SPOS), 3.2, Algorithm 1: population 50, 20 generations, ten parents.

Deviations:
    [1] While the weights train nothing is chosen in the paper. Here, for the subset to follow, the
        spelled cell is the best of a few random ones and the one before, after every epoch, judged
        on the architecture half.
    [2] A mutation is one edit, not each place with a chance of 0.1.
    [3] `judged` limits the images that a cell is judged on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from .base import SupernetSearch
from .cells import CellPlan, Cells
from .halves import Halves, Rows
from .options import at_least, mean
from .run import Run

PARENTS = 10
TRIES = 20  # to find a cell that was not judged yet


@dataclass(frozen=True, kw_only=True)
class Spos(SupernetSearch):
    """Uniform paths, then evolution.

    Args:
        candidates: random cells that are looked at after every epoch [1].
        population: cells of a generation.
        generations: of the evolution at the end.
        judged: most images of the architecture half that judge a cell, the first by the run's rank;
            0 takes all [3].
    """

    name: ClassVar[str] = "spos"
    source: ClassVar[str] = "Guo et al. 2020, Algorithm 1"
    mixture: ClassVar[bool] = False

    candidates: int = 5
    population: int = 50
    generations: int = 20
    judged: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        leasts = {"candidates": 1, "population": 2, "generations": 1, "judged": 0}
        for name, least in leasts.items():
            at_least(name, getattr(self, name), least)

    def _prepare(self, run: Run) -> None:
        super()._prepare(run)
        run.supernet.show(run.plan.sample(run.rng(0x5505)))

    def _train(self, run: Run, parts: Halves) -> float:
        rng = run.rng(run.epoch, 0x5506)
        batches = parts.weights.batches(rng)
        losses = []
        for _ in range(self._steps(parts)):
            mix = run.supernet.path_mix(run.plan.sample(rng))
            losses.append(self._weight_step(run, next(batches), mix))
        judge = self._judge(run, parts)  # [1]
        judge.see(run.supernet.spelled())
        for _ in range(self.candidates):
            judge.see(run.plan.sample(rng))
        run.supernet.show(judge.best(1)[0])
        return mean(losses)

    def _finish(self, run: Run) -> Cells:
        spelled, rng = run.supernet.spelled(), run.rng(0x5507)
        parts, _ = self._parts(run, self._feed_epoch(run) - 1, spelled)
        judge = self._judge(run, parts)
        judge.see(spelled)
        for _ in range(self.population - 1):
            judge.see(unseen(judge, lambda: run.plan.sample(rng)))
        for _ in range(self.generations - 1):
            self._generation(judge, run.plan, rng)
        best = judge.best(1)[0]
        run.notes["accuracy"] = judge.scores[best.tobytes()]
        run.notes["candidates"] = [
            {"cells": judge.cells[name].tolist(), "accuracy": score}
            for name, score in judge.scores.items()
        ]
        return best

    def _judge(self, run: Run, parts: Halves) -> Judge:
        return Judge(run, parts.architecture.rows[: self.judged or None])

    def _generation(self, judge: Judge, plan: CellPlan, rng: np.random.Generator) -> None:
        parents = judge.best(PARENTS)
        for crosses in (True, False):
            for _ in range(self.population // 2):
                judge.see(unseen(judge, partial(_child, plan, parents, crosses, rng)))


class Judge:
    """Accuracies of paths on the same rows, each computed once."""

    def __init__(self, run: Run, rows: Rows) -> None:
        self.run, self.rows = run, rows
        self.scores: dict[bytes, float] = {}
        self.cells: dict[bytes, Cells] = {}

    def see(self, cells: Cells) -> float:
        """The accuracy of a path."""
        name = cells.tobytes()
        if name not in self.scores:
            self.cells[name] = cells
            self.scores[name] = self.run.accuracy(self.rows, self.run.supernet.path_mix(cells))
        return self.scores[name]

    def best(self, count: int) -> list[Cells]:
        """The best so far, best first; the earlier of equals."""
        names = sorted(self.scores, key=self.scores.__getitem__, reverse=True)
        return [self.cells[name] for name in names[:count]]


def unseen(judge: Judge, draw: Callable[[], Cells]) -> Cells:
    """A drawn cell that was not judged yet, or the last one drawn where that takes too long."""
    for _ in range(TRIES):
        cells: Cells = draw()
        if cells.tobytes() not in judge.scores:
            break
    return cells


def _child(plan: CellPlan, parents: list[Cells], crosses: bool, rng: np.random.Generator) -> Cells:
    one, other = (parents[int(i)] for i in rng.integers(len(parents), size=2))
    return plan.crossed(one, other, rng) if crosses else plan.mutated(one, rng)  # [2]
