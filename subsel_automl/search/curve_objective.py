"""What a search of several fidelities asks: a training that is begun, and goes on as far as it is
asked to.

    CurveTable(space, Curves(losses, "min", names=keys))     curves that others have trained
    TrialCurves(TrialObjective(recipe, feed, ...))           trainings, judged after every epoch

Values are turned so that more is better. The last value of a whole training is its result.

Source: Yan 2022 (thesis), 5: benchmarks that give the whole learning curve.

Deviations: none.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from ..core.architecture import Architecture
from ..core.curves import Curves
from ..core.errors import ArchitectureError, BadInput
from ..spaces.base import SearchSpace
from .trial_objective import TrialObjective


class CurveObjective(ABC):
    """Trainings of the architectures of a space.

    Attributes:
        space: where the architectures come from.
        epochs: of a whole training.
        kind: in words, for messages and records.
    """

    kind: ClassVar[str]
    space: SearchSpace
    epochs: int

    @abstractmethod
    def begin(self, architecture: Architecture) -> Iterator[float]:
        """A value an epoch, more is better; the same ones whenever, in whatever process.

        Raises:
            ArchitectureError: no architecture of the space.
        """

    @abstractmethod
    def about(self) -> dict[str, Any]:
        """What tells this objective from others, in JSON's types."""


class CurveTable(CurveObjective):
    """Curves that are known.

    Args:
        space: of the architectures.
        curves: whole ones; the name of each is its architecture's key.

    Raises:
        BadInput: a curve that has not all epochs, or none at all.
    """

    kind = "curves"

    def __init__(self, space: SearchSpace, curves: Curves) -> None:
        short = np.flatnonzero(curves.lengths < curves.epochs)
        if not len(curves) or short.size:
            what = f"curve {curves.names[short[0]]!r} has not" if short.size else "no curve has"
            raise BadInput(f"{what} all {curves.epochs} epochs; give whole ones (finished())")
        self.space, self.curves, self.epochs = space, curves, curves.epochs
        self._row = {key: row for row, key in enumerate(curves.names)}
        self._values = curves.sign * curves.values

    def begin(self, architecture: Architecture) -> Iterator[float]:
        return iter(self._values[self._at(architecture)].tolist())

    def truth(self, architecture: Architecture) -> float:
        """The last value, more is better."""
        return float(self._values[self._at(architecture), -1])

    def regret(self, architecture: Architecture) -> float:
        """How far the last value is below the best of all."""
        return float(self._values[:, -1].max()) - self.truth(architecture)

    def about(self) -> dict[str, Any]:
        content = hashlib.sha256(self._values.tobytes() + "\n".join(self.curves.names).encode())
        return {
            "objective": self.kind,
            "goal": self.curves.goal,
            "epochs_of_a_training": self.epochs,
            "curves": content.hexdigest(),
        }

    def _at(self, architecture: Architecture) -> int:
        if architecture.key not in self._row:
            raise ArchitectureError(
                f"architecture {architecture.key} has no curve among the {len(self.curves)} of "
                "this table"
            )
        return self._row[architecture.key]


class TrialCurves(CurveObjective):
    """Trainings of a `TrialObjective`, judged on its validation examples after every epoch.

    Raises:
        BadInput: a provider that learns: what a training that was stopped taught is not known.
    """

    kind = "trials"

    def __init__(self, trials: TrialObjective) -> None:
        if trials.provider.learns:
            raise BadInput(
                f"provider {trials.provider.name!r} learns from whole trainings, and some are "
                "stopped here; give a provider that does not learn"
            )
        self.trials, self.space, self.epochs = trials, trials.space, trials.epochs

    def begin(self, architecture: Architecture) -> Iterator[float]:
        """Accuracies in 0..1; NaN once the loss is not finite."""
        for trainer, row in self.trials.epochs_of(architecture, self.trials.feed.fresh()):
            if row["loss"] is None:
                yield math.nan
            else:
                yield trainer.evaluate(self.trials.held, self.trials.judged)[0]

    def about(self) -> dict[str, Any]:
        return {**self.trials.about(), "judged_every_epoch": True}
