"""A set of choices in the words of each searcher, which is imported when it is asked for.

Labels are "choice/branch/parameter": Hyperopt refuses a label that two branches share, and Optuna
learns each branch's parameters apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...core.errors import BadInput, MissingData
from .nodes import Categorical, Choice, Node

Choices = Mapping[str, Choice]


def hyperopt_tree(choices: Choices) -> dict[str, Any]:
    """One `hp.choice` a choice; each option is the branch's nested setting."""
    try:
        from hyperopt import hp
    except ImportError as error:
        raise _missing("hyperopt", error) from error
    return {
        name: hp.choice(
            f"{name}/name",
            [
                {"name": branch}
                | {key: _hp(hp, f"{name}/{branch}/{key}", node) for key, node in own.items()}
                for branch, own in choice.branches.items()
            ],
        )
        for name, choice in choices.items()
    }


def _hp(hp: Any, label: str, node: Node) -> Any:
    if isinstance(node, Categorical):
        return hp.choice(label, list(node.values))
    if node.log:
        return hp.loguniform(label, math.log(node.low), math.log(node.high))
    return hp.uniform(label, node.low, node.high)


def suggest(trial: Any, choices: Choices) -> dict[str, dict[str, Any]]:
    """Ask an Optuna trial for each choice's branch, then for that branch's parameters alone."""
    config: dict[str, dict[str, Any]] = {}
    for name, choice in choices.items():
        branch = trial.suggest_categorical(f"{name}/name", list(choice.branches))
        config[name] = {"name": branch}
        for key, node in choice.branches[branch].items():
            label = f"{name}/{branch}/{key}"
            if isinstance(node, Categorical):
                config[name][key] = trial.suggest_categorical(label, list(node.values))
            else:
                config[name][key] = trial.suggest_float(label, node.low, node.high, log=node.log)
    return config


def ray_draws(choices: Choices) -> dict[str, Any]:
    """Flat domains of Ray: the name of each choice and the parameters of all its branches."""
    tune = _tune()
    space = {f"{name}/name": tune.choice(list(choice.branches)) for name, choice in choices.items()}
    for name, choice in choices.items():
        for branch, own in choice.branches.items():
            for key, node in own.items():
                space[f"{name}/{branch}/{key}"] = _domain(tune, node)
    return space


def ray_grid(choices: Choices, points: int) -> dict[str, Any]:
    """One `tune.grid_search` a choice over its resolved settings; Ray crosses them."""
    tune = _tune()
    return {name: tune.grid_search(list(choice.grid(points))) for name, choice in choices.items()}


def _domain(tune: Any, node: Node) -> Any:
    if isinstance(node, Categorical):
        return tune.choice(list(node.values))
    return (tune.loguniform if node.log else tune.uniform)(node.low, node.high)


def _tune() -> Any:
    try:
        from ray import tune
    except ImportError as error:
        raise _missing("ray.tune", error) from error
    return tune


def _missing(name: str, error: ImportError) -> MissingData:
    return MissingData(f"{name} cannot be imported ({error}); pip install 'subsel_automl[ray]'")


def unflatten(config: Mapping[str, Any]) -> dict[str, Any]:
    """Nested dictionaries from keys with "/".

    Raises:
        BadInput: a key and a longer one of it are both given.
    """
    nested: dict[str, Any] = {}
    for label, value in config.items():
        *path, last = str(label).split("/")
        place = nested
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise BadInput(f"{label!r} and a shorter key of it are both given; give one")
        if last in place:
            raise BadInput(f"{label!r} is given twice; give it once")
        place[last] = unflatten(value) if isinstance(value, Mapping) else value
    return nested
