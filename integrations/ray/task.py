"""What all trials of a `SubsetTrainable` search share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...budgeting.final import FINAL, final_plan
from ...budgeting.passes import RUNG, plan_of_rung
from ...budgeting.scoring import judged_on
from ...core.architecture import Architecture
from ...core.errors import BadInput
from ...core.feed import SoftTargets, SubsetFeed
from ...core.plan import SubsetPlan
from ...core.pool import Pool
from ...core.provider import SubsetProvider
from ...spaces.base import SearchSpace
from ..hpo_space.optimizer import OptimizerSpace
from .ledger import used


@dataclass(frozen=True, eq=False)
class TrialTask:
    """What all trials of a search share; it travels once, through Ray's object store.

    Args:
        provider: fitted (or from a bundle); its pool must have images and a validation pool.
        architectures: `config["architecture"]` is a place in this list (0 when absent).
        epochs: passes over the subset that a trial may make; the length of its schedule. In a
            search by rungs (`RungSearch`) passes over all data of a full training.
        targets, redraw_every, soft: see `SubsetFeed`. Labels are for choosing: soft targets lift
            accuracies and blur their order (`python -m benchmarks.correlation show`).
        sizes: stem width, stacks, cells of the networks.
        steps: of one epoch; by default those of one pass over a subset. With `full` as provider it
            makes the rival at equal cost: all data for as many steps as a subset would take.
        ledger, search: file that trials write what they cost into, and the search's name; only
            where every trial runs on the machine that holds the file.
    """

    provider: SubsetProvider
    space: SearchSpace
    architectures: Sequence[Architecture]
    budget: int | float
    epochs: int
    targets: str = "labels"
    redraw_every: int | None = None
    soft: SoftTargets | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    batch: int = 64
    seed: int = 0
    device: str = "cpu"
    steps: int | None = None
    ledger: Path | str | None = None
    search: str = "subsel"
    optimizer_space: OptimizerSpace = field(default_factory=OptimizerSpace)
    last: bool = True  # judged on all validation examples; below the last rung on fewer

    def __post_init__(self) -> None:
        used(self.provider)
        if self.redraw_every is None:
            object.__setattr__(self, "redraw_every", self.provider.redraws)
        if self.ledger is not None:
            object.__setattr__(self, "ledger", Path(self.ledger).resolve())
        if self.steps is not None and self.steps < 1:
            raise BadInput(f"steps={self.steps} an epoch: give at least 1, or None for one pass")

    def feed(self) -> SubsetFeed:
        """A fresh feed; raises what `SubsetFeed` raises, in the driver, before any trial."""
        return self.plan().feed()

    def of(self, config: Mapping[str, Any]) -> TrialTask:
        """The task of a trial: of a search by rungs, its rung's part of `epochs` passes over all
        data (or of `epochs` times `steps`); the winner's last is given all data."""
        if FINAL in config:
            whole = final_plan(self.plan(), config[FINAL])
            return replace(
                self,
                budget=1.0,
                redraw_every=whole.redraw_every,
                targets=whole.targets,
                soft=whole.soft,
            )
        rung = config.get(RUNG)
        if rung is None:
            return self
        return replace(self._of_length(rung), last=bool(rung.get("last", True)))

    def _of_length(self, rung: Mapping[str, Any]) -> TrialTask:
        if self.steps is not None:
            epochs = max(1, round(rung["length"] * self.epochs))
            steps = max(1, round(rung["length"] * self.epochs * self.steps / epochs))
            return replace(self, epochs=epochs, steps=steps)
        part = plan_of_rung(self.plan(), rung["length"])
        assert part.epochs is not None
        return replace(self, epochs=part.epochs, budget=float(part.feed().budget.size))

    def plan(self) -> SubsetPlan:
        return SubsetPlan(
            self.provider, self.budget, self.targets, self.redraw_every, self.seed, self.soft,
            self.epochs,
        )  # fmt: skip

    @property
    def validation(self) -> Pool:
        held = self.provider.pool.validation
        if held is None:
            raise BadInput(
                f"pool {self.provider.pool.name!r} has no validation pool to rank trials by; "
                "build it with Pool.split(validation=0.1)"
            )
        return judged_on(held, self.last)
