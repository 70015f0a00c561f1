"""What a search space is declared with: a number, one of a few values, a choice of branches.

Ranges are checked where a space is written down, so that no searcher meets an empty one: Ray takes
a reversed range in silence, Optuna and Hyperopt refuse it in words of their own.
"""

from __future__ import annotations

import itertools
import math
import numbers
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.errors import BadInput, UnknownName

_ROUNDING = 1e-9  # exp(log(high)) may pass high by a rounding error


@dataclass(frozen=True)
class Float:
    """A number in [low, high], spread evenly, or evenly in its logarithm.

    Raises:
        BadInput: low >= high, a bound that is not finite, or log from 0 or below.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise BadInput(
                f"the range {self.low}..{self.high} is empty; give low < high, both finite"
            )
        if self.log and self.low <= 0:
            raise BadInput(f"a log range starts above 0; got {self.low}..{self.high}")

    def sample(self, rng: np.random.Generator) -> float:
        if self.log:
            return self.clip(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))
        return float(rng.uniform(self.low, self.high))

    def grid(self, points: int) -> list[float]:
        """Evenly spread points with both ends; the middle alone when there is one."""
        at = [0.5] if points == 1 else [index / (points - 1) for index in range(points)]
        if self.log:
            return [self.clip(self.low * (self.high / self.low) ** t) for t in at]
        return [self.clip(self.low + (self.high - self.low) * t) for t in at]

    def clip(self, value: float) -> float:
        return min(max(float(value), self.low), self.high)

    def checked(self, label: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise BadInput(
                f"{label} is {value!r}, not a number: the searcher handed out a config that is not "
                "resolved; use one of the forms of OptimizerSpace"
            )
        slack = _ROUNDING * max(abs(self.low), abs(self.high))
        if not self.low - slack <= float(value) <= self.high + slack:
            raise BadInput(f"{label} is {value}; the space allows {self.low}..{self.high}")
        return self.clip(float(value))


@dataclass(frozen=True)
class Categorical:
    """One of a few values (numbers, strings, booleans).

    Raises:
        BadInput: no value, or one listed twice.
    """

    values: tuple[bool | int | float | str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        if not self.values or len(set(self.values)) != len(self.values):
            raise BadInput(f"the values {self.values} are empty or repeat; list each once")

    def sample(self, rng: np.random.Generator) -> Any:
        return self.values[int(rng.integers(len(self.values)))]

    def grid(self, points: int) -> list[Any]:
        return list(self.values)

    def checked(self, label: str, value: object) -> Any:
        for known in self.values:
            if type(known) is type(value) and known == value:
                return known
        raise BadInput(
            f"{label} is {value!r}; the space allows {', '.join(map(repr, self.values))}"
        )


Node = Float | Categorical


@dataclass(frozen=True)
class Choice:
    """One of several named branches, each with parameters of its own.

    Raises:
        BadInput: no branch, a node of another type, or a name that is no label: empty, "name", with
            a "/", or of a branch and a parameter alike.
    """

    branches: Mapping[str, Mapping[str, Node]]

    def __post_init__(self) -> None:
        if not self.branches:
            raise BadInput("a choice needs at least one branch; got none")
        for branch, parameters in self.branches.items():
            for name in (branch, *parameters):
                if not name or "/" in name or name == "name":
                    raise BadInput(f"{name!r} cannot name a branch or parameter; choose another")
            for name, node in parameters.items():
                if name in self.branches:
                    raise BadInput(f"{name!r} names a branch and a parameter; rename one of them")
                if not isinstance(node, (Float, Categorical)):
                    raise BadInput(f"{branch}/{name} is {node!r}; give a Float or a Categorical")

    def sample(self, rng: np.random.Generator) -> dict[str, Any]:
        """One resolved setting: branches evenly, then the branch's own parameters."""
        branch = list(self.branches)[int(rng.integers(len(self.branches)))]
        return {"name": branch} | {
            name: node.sample(rng) for name, node in self.branches[branch].items()
        }

    def grid(self, points: int) -> Iterator[dict[str, Any]]:
        """Every resolved setting, `points` values a Float."""
        for branch, parameters in self.branches.items():
            values = [node.grid(points) for node in parameters.values()]
            for setting in itertools.product(*values):
                yield {"name": branch, **dict(zip(parameters, setting, strict=True))}

    def checked(self, label: str, given: object) -> dict[str, Any]:
        """The chosen branch and its own parameters, every one in range.

        Raises:
            BadInput: a missing, unknown, unresolved or out-of-range parameter, by its label.
            UnknownName: a branch that the choice lacks.
        """
        if not isinstance(given, dict) or "name" not in given:
            raise BadInput(
                f"the config has no resolved {label!r} (got {given!r}); "
                "give a name and its parameters"
            )
        branch = given["name"]
        if not isinstance(branch, str) or branch not in self.branches:
            raise UnknownName(label, branch, self.branches)
        own = {key: value for key, value in given.items() if key != "name"}
        apart = {key: own.pop(key) for key in list(own) if key in self.branches}
        chosen = apart.get(branch)
        own |= chosen if isinstance(chosen, dict) else {}
        nodes = self.branches[branch]
        if set(own) != set(nodes):
            raise BadInput(
                f"{label} {branch!r} takes {sorted(nodes)}; the config gives {sorted(own)}"
            )
        return {"name": branch} | {
            key: node.checked(f"{label}/{branch}/{key}", own[key]) for key, node in nodes.items()
        }
