"""A curve predictor: from whole learning curves, how a curve that has begun goes on.

    z = (y - mean) / spread of all values;   mean, sd of z by the method;   back to y's units

Source: Yan 2022 (thesis), 5, the interface of its extrapolators and surrogates.

Deviations:
    [1] z is rounded at 1e-9: curves that are shifted or scaled are then fitted alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.curves import Curves, diverged, matrix_of
from ..core.errors import BadInput

if TYPE_CHECKING:
    from typing_extensions import Self

Values = npt.NDArray[np.float64]
DIGITS = 9


class CurvePrediction(NamedTuple):
    """Of each run the whole curve: epochs that were seen as they were, with no spread."""

    mean: Values  # [m, epochs]
    sd: Values  # [m, epochs]

    @property
    def final(self) -> Values:
        """Predicted last values, [m]."""
        return self.mean[:, -1]


class Known(NamedTuple):
    """What a method is fitted on: curves of mean 0 and spread 1, and what is known of the runs."""

    curves: Values  # [n, epochs]
    x: Values | None  # [n, d]


class Begun(NamedTuple):
    """Curves that have begun, of one length; epochs may be none."""

    prefix: Values  # [m, t]
    x: Values | None  # [m, d]


class Fitted(NamedTuple):
    """What `fit` leaves behind."""

    known: Known
    mean: float
    spread: float
    goal: str
    models: dict[int, Any]  # by epochs seen, made when they are asked for


@dataclass(frozen=True, kw_only=True)
class CurvePredictor(ABC):
    """Base of every curve predictor: a frozen dataclass of its options.

    Attributes:
        name: in the catalog.
        source: of the method and its settings.
        least: finished curves that it can be fitted on.

    Args:
        seed: of all that is drawn.

    Raises:
        BadInput: an option out of range, named.
    """

    name: ClassVar[str]
    source: ClassVar[str]
    least: ClassVar[int] = 2

    seed: int = 0
    _kept: dict[str, Fitted] = field(default_factory=dict, init=False, repr=False, compare=False)

    def fit(self, curves: Curves | npt.ArrayLike, x: npt.ArrayLike | None = None) -> Self:
        """Learn from finished curves [n, epochs]; what was learned before is forgotten.

        Args:
            curves: all epochs of each run, without NaN.
            x: of each run, what is known before it starts, [n, d]; by default that of `curves`.

        Raises:
            BadInput: too few curves, unfinished or diverged ones, another number of rows of x.
        """
        self._kept.clear()
        values, goal, x = _parts(curves, x)
        if len(values) < self.least:
            raise BadInput(
                f"predictor {self.name!r} got {len(values)} curves to fit; give {self.least} or "
                "more"
            )
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values).all(1))[0])
            raise BadInput(
                f"curve {row} ends, or diverges, before epoch {values.shape[1]}: predictor "
                f"{self.name!r} is fitted on finished curves (Curves.finished())"
            )
        known = _rows_of(x, len(values))
        mean = float(values.mean()) if values.size else 0.0
        spread = float(values.std()) if values.size else 0.0
        if not spread > 1e-12 * max(1.0, abs(mean)):
            spread = 1.0
        scaled = np.round((values - mean) / spread, DIGITS)  # [1]
        self._kept["last"] = Fitted(Known(scaled, known), mean, spread, goal, {})
        return self

    def predict(
        self, prefix: Curves | npt.ArrayLike, x: npt.ArrayLike | None = None
    ) -> CurvePrediction:
        """How curves go on.

        Args:
            prefix: [m, t] values of the first t epochs, NaN after the last of a shorter one;
                [m, 0] where nothing is seen yet.
            x: as in `fit`, [m, d].

        Raises:
            BadInput: not fitted, longer than the fitted curves, diverged, of the other goal, or x
                unlike that of `fit`.
        """
        if "last" not in self._kept:
            raise BadInput(f"predictor {self.name!r} is not fitted; call fit(curves) first")
        fitted = self._kept["last"]
        values, goal, x = _parts(prefix, x, begun=True)
        self._check(fitted, values, goal)
        rows = self._known_of(fitted, x, len(values))
        epochs = fitted.known.curves.shape[1]
        mean, sd = np.empty((len(values), epochs)), np.zeros((len(values), epochs))
        lengths = np.isfinite(values).sum(1)
        for seen in np.unique(lengths):
            some = lengths == seen
            part = Begun(values[some, :seen], None if rows is None else rows[some])
            mean[some], sd[some] = self._of_length(fitted, part, int(seen), epochs)
        return CurvePrediction(mean, sd)

    def _of_length(
        self, fitted: Fitted, part: Begun, seen: int, epochs: int
    ) -> tuple[Values, Values]:
        """Of curves of one length, in y's units."""
        prefix = part.prefix
        if seen == epochs:
            return prefix, np.zeros_like(prefix)
        if seen not in fitted.models:
            fitted.models[seen] = self._fit(fitted.known, seen)
        z = np.round((prefix - fitted.mean) / fitted.spread, DIGITS)
        mean, sd = self._predict(fitted.models[seen], Begun(z, part.x), epochs)
        mean = np.concatenate([prefix, fitted.mean + fitted.spread * mean[:, seen:]], axis=1)
        sd = np.concatenate([np.zeros_like(prefix), fitted.spread * sd[:, seen:]], axis=1)
        return mean, sd

    def _check(self, fitted: Fitted, values: Values, goal: str) -> None:
        if goal and fitted.goal and goal != fitted.goal:
            raise BadInput(
                f"predictor {self.name!r} was fitted on curves whose goal is {fitted.goal!r} and "
                f"got curves whose goal is {goal!r}; give both in one direction"
            )
        epochs = fitted.known.curves.shape[1]
        if values.shape[1] > epochs:
            raise BadInput(
                f"predictor {self.name!r} was fitted on curves of {epochs} epochs and got "
                f"{values.shape[1]}; give at most {epochs}"
            )
        bad = np.flatnonzero(diverged(values)) if values.size else np.zeros(0, int)
        if bad.size:
            raise BadInput(
                f"curve {bad[0]} has a value that is not finite before its last one; "
                "a diverged run has no prediction"
            )

    def _known_of(self, fitted: Fitted, x: npt.ArrayLike | None, count: int) -> Values | None:
        wanted = fitted.known.x
        if (wanted is None) != (x is None):
            had, has = ("x", "none") if x is None else ("no x", "one")
            raise BadInput(
                f"predictor {self.name!r} was fitted with {had} and got {has} to predict; give x "
                "to both or to neither"
            )
        rows = _rows_of(x, count)
        if rows is not None and wanted is not None and rows.shape[1] != wanted.shape[1]:
            raise BadInput(
                f"predictor {self.name!r} was fitted on x of {wanted.shape[1]} numbers and got "
                f"{rows.shape[1]}; describe both alike"
            )
        return rows

    # authors write these
    @abstractmethod
    def _fit(self, known: Known, seen: int) -> Any:
        """What is learned for curves of which `seen` epochs are known."""

    @abstractmethod
    def _predict(self, model: Any, begun: Begun, epochs: int) -> tuple[Values, Values]:
        """Mean and standard deviation [m, epochs]; of seen epochs they are not read."""


def _parts(
    curves: Curves | npt.ArrayLike, x: npt.ArrayLike | None, begun: bool = False
) -> tuple[Values, str, npt.ArrayLike | None]:
    if isinstance(curves, Curves):
        values = curves.values
        if begun:
            values = values[:, : int(curves.lengths.max(initial=0))]
        return values, curves.goal, curves.x if x is None else x
    if begun:
        found = np.asarray(curves, np.float64)
        if found.ndim == 2 and found.shape[1] == 0:
            return found, "", x
    return matrix_of(curves, "curves"), "", x


def _rows_of(x: npt.ArrayLike | None, count: int) -> Values | None:
    if x is None:
        return None
    rows = matrix_of(x, "x")
    if len(rows) != count or not np.isfinite(rows).all():
        raise BadInput(f"x has {len(rows)} rows for {count} curves; give each a finite row")
    return rows
