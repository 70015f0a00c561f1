"""A predictor: from vectors of architectures and their results, the results of others, and how far
each prediction may be off.

    z = (y - mean y) / sd y;   mean, sd of z by the method;   mean y + sd y mean,  sd y sd

Source: SubSelNet names none; the surrogates of Yan 2022 (thesis), chapters 3 and 4.

Deviations:
    [1] z is rounded at 1e-9: y that is shifted or scaled is then fitted alike to the last bit.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput

if TYPE_CHECKING:
    from typing_extensions import Self

Values = npt.NDArray[np.float64]
CHUNK = 8_192  # rows that are predicted at once
DIGITS = 9
LEAST = 1e-12  # spread of a column, as a share of its largest value: below it is constant


class Prediction(NamedTuple):
    """Mean and standard deviation of each row; `mean, sd = predictor.predict(x)`."""

    mean: Values  # [m]
    sd: Values  # [m]


class Scale(NamedTuple):
    """What columns are shifted and divided by; a constant column is shifted only."""

    mean: Values
    spread: Values

    @classmethod
    def of(cls, values: Values) -> Scale:
        """Of each column of [n, d], or of [n]."""
        spread = values.std(0)
        return cls(values.mean(0), np.where(spread > LEAST * np.abs(values).max(0), spread, 1.0))

    def apply(self, values: Values) -> Values:
        """Columns of mean 0 and spread 1, for the rows that the scale is of."""
        found: Values = (values - self.mean) / self.spread
        return found


class Fitted(NamedTuple):
    """What `fit` leaves behind."""

    model: Any
    target: Scale
    width: int


@dataclass(frozen=True, kw_only=True)
class Predictor(ABC):
    """Base of every predictor: a frozen dataclass of its options.

    Attributes:
        name: in the catalog.
        source: of the method and its settings.
        widens: the standard deviation grows away from the rows that were fitted.
        foretold: the first column is a result that was foretold of the row.

    Args:
        seed: of all that is drawn.

    Raises:
        BadInput: an option out of range, named.
    """

    name: ClassVar[str]
    source: ClassVar[str]
    widens: ClassVar[bool] = True
    foretold: ClassVar[bool] = False

    seed: int = 0
    _kept: dict[str, Fitted] = field(default_factory=dict, init=False, repr=False, compare=False)

    def fit(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        """Learn from vectors x [n, d] and results y [n]; what was learned before is forgotten.

        Raises:
            BadInput: fewer than two rows, another number of results than of rows, values that are
                not finite numbers.
        """
        self._kept.clear()
        rows, results = _matrix(x), _numbers(y, "y")
        if results.ndim != 1 or len(results) != len(rows):
            raise BadInput(
                f"x has {len(rows)} rows and y the shape {results.shape}; give one result a row"
            )
        if len(rows) < 2:
            raise BadInput(f"predictor {self.name!r} got {len(rows)} rows to fit; give two or more")
        target = Scale.of(results)
        model = self._fit(rows, np.round(target.apply(results), DIGITS))  # [1]
        self._kept["last"] = Fitted(model, target, rows.shape[1])
        return self

    def predict(self, x: npt.ArrayLike) -> Prediction:
        """Mean and standard deviation of the results of x [m, d], in chunks.

        Raises:
            BadInput: not fitted, rows of another width than those fitted, values that are not
                finite numbers.
        """
        if "last" not in self._kept:
            raise BadInput(f"predictor {self.name!r} is not fitted; call fit(x, y) first")
        fitted, rows = self._kept["last"], _matrix(x)
        if rows.shape[1] != fitted.width:
            raise BadInput(
                f"predictor {self.name!r} was fitted on rows of {fitted.width} numbers and got "
                f"rows of {rows.shape[1]}; encode both alike"
            )
        parts = [
            self._predict(fitted.model, rows[at : at + CHUNK]) for at in range(0, len(rows), CHUNK)
        ]
        mean, sd = (np.concatenate([np.zeros(0), *column]) for column in _columns(parts))
        return Prediction(
            fitted.target.mean + fitted.target.spread * mean, fitted.target.spread * sd
        )

    # authors write these
    @abstractmethod
    def _fit(self, x: Values, y: Values) -> Any:
        """What is learned of x [n, d] and of results y [n] of mean 0 and spread 1."""

    @abstractmethod
    def _predict(self, model: Any, x: Values) -> Prediction:
        """Mean and standard deviation [m] of such results, from what `_fit` gave."""


def positive(name: str, value: float) -> None:
    """Raises:
    BadInput: an option that is not a finite number above 0.
    """
    if not (math.isfinite(value) and value > 0):
        raise BadInput(f"{name} is {value}; give a finite number above 0")


def _columns(parts: list[Prediction]) -> tuple[list[Values], list[Values]]:
    return [part.mean for part in parts], [part.sd for part in parts]


def _matrix(x: npt.ArrayLike) -> Values:
    rows = _numbers(x, "x")
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise BadInput(f"x has the shape {rows.shape}; give a row a vector, [n, d]")
    return rows


def _numbers(values: npt.ArrayLike, name: str) -> Values:
    """As float64.

    Raises:
        BadInput: no numbers, or not all finite.
    """
    try:
        found: Values = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name} holds values that are no numbers: {error}") from error
    bad = int((~np.isfinite(found)).sum())
    if bad:
        raise BadInput(f"{name} holds {bad} values that are not finite; leave those rows out")
    return found
