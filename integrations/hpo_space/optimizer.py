"""The optimizer and scheduler space of SubSelNet D.4, for Hyperopt, Optuna, Ray and plain draws.

    optimizer  sgd      lr 0.001..0.1 (log)  momentum 0.7..0.999  weight_decay 0.0001..0.01 (log)
               adam     lr                                        weight_decay
               rmsprop  lr                   momentum             weight_decay
    scheduler  step     step_size 10, 20, 30 or 40  gamma 0.05..0.5
               cosine

A trial always gets one nested config,
`{"optimizer": {"name": "adam", "lr": ..., "weight_decay": ...}, "scheduler": {"name": "cosine"}}`;
`OptimizerSpace.resolve` makes it from whatever a searcher hands out. Labels are
"choice/branch/parameter", so no two branches share one.

Deviations:
[1] D.4 prints weight_decay as (0.01, 0.0001), reversed; it is read as 0.0001..0.01.
[2] D.4 does not say how values are spread: lr and weight_decay are drawn on a log scale.
[3] momentum = 1 never forgets a gradient, so the range (0.7, 1.0) ends at 0.999.
[4] step_size is of the published 100 epochs; `step_in_epochs` scales it to shorter training.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core.errors import BadInput
from .forms import hyperopt_tree, ray_draws, ray_grid, suggest, unflatten
from .nodes import Categorical, Choice, Float

Config = dict[str, dict[str, Any]]
PUBLISHED_EPOCHS = 100  # D.4
LR = Float(0.001, 0.1, log=True)  # [2]
MOMENTUM = Float(0.7, 0.999)  # [3]
WEIGHT_DECAY = Float(0.0001, 0.01, log=True)  # [1] [2]
OPTIMIZERS = Choice(
    {
        "sgd": {"lr": LR, "momentum": MOMENTUM, "weight_decay": WEIGHT_DECAY},
        "adam": {"lr": LR, "weight_decay": WEIGHT_DECAY},
        "rmsprop": {"lr": LR, "momentum": MOMENTUM, "weight_decay": WEIGHT_DECAY},
    }
)
SCHEDULERS = Choice(
    {
        "step": {"step_size": Categorical((10, 20, 30, 40)), "gamma": Float(0.05, 0.5)},  # [4]
        "cosine": {},
    }
)


@dataclass(frozen=True)
class OptimizerSpace:
    """What a trial may train with; without arguments the space of D.4.

    An instance is itself a define-by-run space: `OptunaSearch(space=OptimizerSpace())`; it pickles.
    """

    optimizer: Choice = field(default=OPTIMIZERS)
    scheduler: Choice = field(default=SCHEDULERS)

    @property
    def choices(self) -> dict[str, Choice]:
        return {"optimizer": self.optimizer, "scheduler": self.scheduler}

    def sample(self, rng: np.random.Generator) -> Config:
        """One draw: branches evenly, then the branch's own parameters."""
        return {name: choice.sample(rng) for name, choice in self.choices.items()}

    def grid(self, points: int = 2) -> list[Config]:
        """Every combination, `points` values a Float.

        Raises:
            BadInput: fewer than one point.
        """
        settings = [choice.grid(_positive("points", points)) for choice in self.choices.values()]
        return [
            {name: dict(part) for name, part in zip(self.choices, parts, strict=True)}
            for parts in itertools.product(*settings)
        ]

    def hyperopt(self) -> dict[str, Any]:
        """An `hp.choice` tree, for `fmin` or `HyperOptSearch(space=...)`.

        Raises:
            MissingData: hyperopt is not installed.
        """
        return hyperopt_tree(self.choices)

    def optuna(self, trial: Any) -> Config:
        """Ask an Optuna trial for the chosen branches' parameters only; the nested config."""
        return suggest(trial, self.choices)

    __call__ = optuna

    def ray(self, grid: int | None = None) -> dict[str, Any]:
        """Ray's own `param_space`: random draws, or a grid with `grid` values a Float.

        Random: flat, every branch is drawn, and `resolve` keeps the chosen one (a nested
        `tune.choice` would hand unresolved objects to the trial). Grid: settings arrive resolved.

        Raises:
            MissingData: Ray is not installed.
            BadInput: a grid of fewer than one point.
        """
        if grid is None:
            return ray_draws(self.choices)
        return ray_grid(self.choices, _positive("grid", grid))

    def resolve(self, config: Mapping[str, Any]) -> Config:
        """The one nested config, from a searcher's: nested, flat with "/", or with all branches.

        Keys that do not begin with a choice's name are the host's own and are left out.

        Raises:
            BadInput: a missing, unknown, unresolved or out-of-range parameter, by its label.
            UnknownName: a branch that the space lacks.
        """
        own = {key: value for key, value in config.items() if key.split("/")[0] in self.choices}
        nested = unflatten(own)
        return {
            name: choice.checked(name, nested.get(name)) for name, choice in self.choices.items()
        }


def step_in_epochs(step_size: int, epochs: int) -> int:
    """`step_size` of the published 100 epochs, scaled to `epochs`; at least one  [4].

    Raises:
        BadInput: a number below one.
    """
    share = _positive("step_size", step_size) * _positive("epochs", epochs) / PUBLISHED_EPOCHS
    return max(1, round(share))


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise BadInput(f"{name} is {value}; give at least 1")
    return value
