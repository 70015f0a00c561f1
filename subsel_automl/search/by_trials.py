"""A search by queries as the supernet's searches are run: on a feed, with their options and result.

Every architecture is trained for `trial_epochs` from new weights, on its own subset
(`trial_objective.py`). `query` asks any other objective, a table say.

Source: the host of SubSelNet 5.2, with short trainings in place of a weight-sharing network;
defaults as the supernets' (base.py).

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import BadInput, UnknownName
from ..core.feed import SubsetFeed
from ..training.precision import PRECISIONS
from ..training.recipes import Recipe
from .objective import Objective
from .options import above_zero, at_least, usable_device
from .queries import Asked, Many, Progress, Walker
from .result import SearchResult
from .run import COSTS
from .spelling import collapsed, skip_share, spelled
from .trial_objective import TrialObjective


@dataclass(frozen=True, kw_only=True)
class ByTrials(Walker):
    """Base of the searches by queries.

    Args:
        epochs: of all trainings together, a multiple of `trial_epochs`; `queries`, where it is
            given, says how many trainings there are instead.
        trial_epochs: of one training.
        judged: validation examples that judge it.
        steps_an_epoch: 0 makes one pass over the subset.
        batch, channels, cells, stem_stride: of the networks (cells of a stage, of DARTS in all).
        rate, least_rate, momentum, weight_decay, clip: of SGD, its rate falling by cosine.
        precision, device: see `Trainer`.
    """

    epochs: int = 50
    trial_epochs: int = 5
    judged: int = 1000
    steps_an_epoch: int = 0
    batch: int = 64
    channels: int = 16
    cells: int = 5
    stem_stride: int = 1
    rate: float = 0.025
    least_rate: float = 0.001
    momentum: float = 0.9
    weight_decay: float = 3e-4
    clip: float = 5.0
    precision: str = "auto"
    device: str = "cpu"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, least in {"epochs": 1, "trial_epochs": 1, "judged": 1, "batch": 2}.items():
            at_least(name, getattr(self, name), least)
        at_least("steps_an_epoch", self.steps_an_epoch, 0)
        if not self.queries and self.epochs % self.trial_epochs:
            raise BadInput(
                f"epochs is {self.epochs}, no multiple of the {self.trial_epochs} epochs of a trial"
            )
        if self.precision not in PRECISIONS:
            raise UnknownName("precision", self.precision, PRECISIONS)
        for name in ("rate", "clip"):
            above_zero(name, getattr(self, name))
        usable_device(self.device)

    @property
    def total_queries(self) -> int:
        return self.queries or self.epochs // self.trial_epochs

    @property
    def total_epochs(self) -> int:
        """Epochs of all trainings."""
        return self.total_queries * self.trial_epochs

    def _count(self, objective: Objective) -> int:
        if not self.queries and not isinstance(objective, TrialObjective):
            raise BadInput(
                f"search {self.name!r} asks a {objective.kind}; say how often with queries="
            )
        return self.total_queries

    def objective(self, space: str, feed: SubsetFeed, seed: int = 0) -> TrialObjective:
        """Trainings with this search's options.

        Raises:
            MissingNeed: what `TrialObjective` misses. UnknownName: no such space.
        """
        depth = "layers" if space == "darts" else "cells"
        optimizer = {"name": "sgd", "lr": self.rate, "momentum": self.momentum}
        optimizer["weight_decay"] = self.weight_decay
        return TrialObjective(
            Recipe(
                optimizer,
                {"name": "cosine", "eta_min": self.least_rate},
                self.batch,
                clip=self.clip,
            ),
            feed,
            space=space,
            epochs=self.trial_epochs,
            steps=self.steps_an_epoch,
            judged=self.judged,
            sizes={"channels": self.channels, depth: self.cells, "stem_stride": self.stem_stride},
            seed=seed,
            device=self.device,
            precision=self.precision,
        )

    def run(
        self,
        space: str,
        feed: SubsetFeed,
        *,
        seed: int = 0,
        folder: Path | str | None = None,
        resume: bool = False,
        progress: Progress | None = None,
        ledger: Path | str | None = None,
        at_once: int = 1,
        many: Many | None = None,
    ) -> SearchResult:
        """Search a space by trainings.

        Args:
            space: a name of `catalog.SPACES`.
            feed, ledger: as of the supernets' searches.
            seed, folder, resume, progress, at_once, many: see `query`.

        Raises:
            What `objective` and `query` raise.
        """
        asked = self.query(
            self.objective(space, feed, seed),
            seed=seed,
            folder=folder,
            resume=resume,
            progress=progress,
            ledger=ledger,
            at_once=at_once,
            many=many,
        )
        return result_of(asked)


def result_of(asked: Asked) -> SearchResult:
    """A search by queries in the form of the others."""
    best, curve, costs = asked.best, [], {**dict.fromkeys(COSTS, 0.0), **asked.foretold}
    for one in asked.asked:
        about = _about(one.architecture)
        curve += [
            {**about, **row, "epoch": len(curve) + n} for n, row in enumerate(one.answer.curve)
        ]
        for name, spent in one.answer.costs.items():
            costs[name] += spent
    candidates = [
        {
            "key": one.architecture.key,
            "ops": list(one.architecture.ops),
            "edges": [list(edge) for edge in one.architecture.edges],
            "accuracy": one.value,
        }
        for one in asked.asked
    ]
    return SearchResult(
        asked.search,
        best,
        spelled(best),
        curve,
        costs,
        collapsed(best),
        skip_share(best),
        {"candidates": candidates, "accuracy": asked.value},
        asked.summary,
    )


def _about(architecture: Any) -> Mapping[str, Any]:
    return {
        "key": architecture.key,
        "genotype": spelled(architecture),
        "skip_share": skip_share(architecture),
        "collapsed": collapsed(architecture),
    }
