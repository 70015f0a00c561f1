"""ENAS: a controller writes cells, is rewarded for their accuracy, and shares one set of weights.

    weights       paths that the controller draws, on the weight half
    controller    grad = (R - b) grad log pi(cell) + c grad H;  R = accuracy of the path on a batch
                  of the architecture half, b = 0.95 b + 0.05 R

The cell that is spelled is the controller's likeliest; at the end, the best of `candidates` drawn
cells on the architecture half.

Source: Pham et al. 2018, 2.2; Adam 3.5e-4, entropy weight 1e-4 (3.2, A); controller's steps and
baseline as NAS-Bench-201's ENAS.

Deviations: those of controller.py; [1] weights with the base's SGD, not Nesterov with restarts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from ..training.seeded import seeded
from .base import SupernetSearch
from .cells import Cells
from .controller import Controller
from .halves import Batch, Halves
from .options import above_zero, at_least, mean
from .run import Run


@dataclass(frozen=True, kw_only=True)
class Enas(SupernetSearch):
    """Search by REINFORCE.

    Args:
        controller_rate: of its Adam.
        controller_steps: an epoch.
        drawn: cells a step of the controller.
        entropy: its weight in the reward.
        baseline: share of the old baseline that is kept.
        candidates: cells that are compared at the end.
    """

    name: ClassVar[str] = "enas"
    source: ClassVar[str] = "Pham et al. 2018, 2.2; settings 3.2"
    mixture: ClassVar[bool] = False

    controller_rate: float = 3.5e-4
    controller_steps: int = 50
    drawn: int = 10
    entropy: float = 1e-4
    baseline: float = 0.95
    candidates: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        above_zero("controller_rate", self.controller_rate)
        for name in ("controller_steps", "drawn", "candidates"):
            at_least(name, getattr(self, name), 1)

    def _prepare(self, run: Run) -> None:
        super()._prepare(run)
        with seeded(int(run.rng(0xE7A5).integers(2**31))):
            run.modules["controller"] = Controller(run.plan)
        parameters = run.modules["controller"].parameters()
        run.optimizers["controller"] = torch.optim.Adam(parameters, self.controller_rate)
        run.notes["baseline"] = None
        run.supernet.show(_controller(run).write(None)[0])

    def _train(self, run: Run, parts: Halves) -> float:
        rng = run.rng(run.epoch, 0xE7A6)
        weights, held = parts.weights.batches(rng), parts.architecture.batches(rng)
        losses = []
        for _ in range(self._steps(parts)):
            with torch.no_grad():
                cells = _controller(run).write(rng)[0]
            losses.append(self._weight_step(run, next(weights), run.supernet.path_mix(cells)))
        for _ in range(self.controller_steps):
            self._controller_step(run, [next(held) for _ in range(self.drawn)], rng)
        run.supernet.show(_controller(run).write(None)[0])
        return mean(losses)

    def _controller_step(self, run: Run, batches: list[Batch], rng: np.random.Generator) -> None:
        loss = torch.zeros(())
        for batch in batches:
            cells, log_p, entropy = _controller(run).write(rng)
            reward = run.accuracy(batch.rows, run.supernet.path_mix(cells))
            before = run.notes["baseline"]
            before = reward if before is None else before  # the first reward begins the baseline
            kept = self.baseline * before + (1 - self.baseline) * reward
            run.notes["baseline"] = kept
            loss = loss - ((reward - kept) * log_p + self.entropy * entropy) / len(batches)
        optimizer = run.optimizers["controller"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(_controller(run).parameters(), self.clip)
        optimizer.step()
        run.costs["architecture_steps"] += 1

    def _finish(self, run: Run) -> Cells:
        spelled = run.supernet.spelled()
        parts, _ = self._parts(run, self._feed_epoch(run) - 1, spelled)
        rng = run.rng(0xE7A7)
        with torch.no_grad():
            listed = [spelled, *(_controller(run).write(rng)[0] for _ in range(self.candidates))]
        rows = parts.architecture.rows
        scores = [run.accuracy(rows, run.supernet.path_mix(cells)) for cells in listed]
        best = max(range(len(listed)), key=scores.__getitem__)
        run.notes["accuracy"] = scores[best]
        return listed[best]


def _controller(run: Run) -> Controller:
    made = run.modules["controller"]
    assert isinstance(made, Controller)
    return made
