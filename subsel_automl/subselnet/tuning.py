"""Chooses lambda, class balance and the use of soft targets on the validation architectures.

For every budget, redraw mode and kind of target, short trials of validation architectures are
trained on subsets drawn at each lambda of a grid and scored on the validation examples; the best
mean wins and is written into the bundle. Test architectures and test examples are never looked at.

Deviations: the paper fixes lambda = 0.1 (D.3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.feed import SoftTargets, SubsetFeed
from ..spaces.base import SearchSpace
from ..training.recipes import Recipe
from ..training.trial import run_trial
from .base import PredictingProvider
from .temperatures import UNIFORM, Choice, Choices

GRID = (0.1, 0.3, 1.0, UNIFORM, -3.0, -1.0)
Score = tuple[Choice, float]


def candidates(
    budgets: Sequence[float],
    *,
    redraws: Sequence[bool] = (False, True),
    targets: Sequence[str] = ("labels", "soft"),
    grid: Sequence[float] = GRID,
    softness: Sequence[tuple[float, float]] = ((2.0, 0.0),),
) -> list[Choice]:
    """The settings to try: every temperature, drawn per class.

    Args:
        softness: pairs (target temperature, share of the label) tried with soft targets.
    """
    return [
        Choice(budget, redraw, kind, temperature, True, heat, share)
        for budget in budgets
        for redraw in redraws
        for kind in targets
        for heat, share in (softness if kind == "soft" else ((2.0, 0.0),))
        for temperature in grid
    ]


def best(scores: Iterable[Score]) -> Choices:
    """For each budget, redraw mode and kind of target, the setting with the best mean accuracy.

    `gain` is its lead over the uniform draw of the same mode, in points.

    Raises:
        BadInput: nothing was scored.
    """
    means: dict[Choice, list[float]] = defaultdict(list)
    for choice, accuracy in scores:
        means[choice].append(accuracy)
    modes: dict[tuple[float, bool, str], list[Choice]] = defaultdict(list)
    for choice in means:
        modes[choice.budget, choice.redraw, choice.targets].append(choice)
    if not modes:
        raise BadInput("no setting was scored; give at least one validation architecture")
    rows = []
    for group in modes.values():
        winner = max(group, key=lambda choice: np.mean(means[choice]))
        even = [float(np.mean(means[c])) for c in group if c.temperature == UNIFORM]
        lead = 100 * (float(np.mean(means[winner])) - max(even)) if even else None
        rows.append(replace(winner, gain=lead))
    return Choices(rows)


def tune(
    provider: PredictingProvider,
    space: SearchSpace,
    architectures: Sequence[Architecture],
    recipe: Recipe,
    *,
    sizes: Mapping[str, int],
    steps: Mapping[float, int],
    seeds: Sequence[int] = (0,),
    progress: Callable[[int, int], None] | None = None,
    **grid: Any,
) -> Choices:
    """Measure every candidate one after another and keep the best.

    Args:
        steps: budget -> training steps of a trial.
        grid: options of `candidates`.
    """
    held = provider.pool.validation
    if held is None:
        raise BadInput(f"pool {provider.pool.name!r} has no validation pool to choose lambda on")
    jobs = [
        (choice, architecture, seed)
        for seed in seeds
        for architecture in architectures
        for choice in candidates(tuple(steps), **grid)
    ]
    scores: list[Score] = []
    for choice, architecture, seed in jobs:
        chooser = provider.like(
            type(provider), temperature=choice.temperature, per_class=choice.per_class
        )
        feed = SubsetFeed(
            chooser,
            choice.budget,
            seed=seed,
            redraw_every=int(choice.redraw),
            targets=choice.targets,
            soft=SoftTargets(choice.target_temperature, choice.label_share),
        )
        result = run_trial(
            space,
            architecture,
            feed,
            recipe,
            steps=steps[choice.budget],
            test=held,
            sizes=sizes,
            seed=seed,
        )
        scores.append((choice, result.accuracy))
        if progress is not None:
            progress(len(scores), len(jobs))
    return best(scores)
