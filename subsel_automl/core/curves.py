"""Learning curves: one value an epoch of each run; what a stopper and a surrogate read.

    curves = Curves(values, goal="min", names=("run-1", "run-2"))       # values [n, epochs]

A run that has not ended, or was stopped, has fewer values: NaN stand after its last one. A run with
a value that is not finite before its last one has diverged; it is refused by its name, or left out
by `Curves.of(..., diverged="drop")`, which says which.

Source: this project. Deviations: none.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .errors import BadInput, UnknownName

Values = npt.NDArray[np.float64]
GOALS = ("min", "max")
DIVERGED = ("refuse", "drop")
FEWEST, MOST = 5, 0.9  # runs, and the share of them that must worsen for a warning


@dataclass(frozen=True, eq=False)
class Curves:
    """Curves of some runs.

    Args:
        values: [n, epochs], NaN after a run's last value.
        goal: whether less ("min", a loss) or more ("max", an accuracy) is better.
        names: of the runs, distinct; numbers by default.
        groups: runs of one configuration share a group: a split never parts them.
        x: what is known of a run before it starts, [n, d]; None where nothing is.

    Raises:
        BadInput: not two-dimensional, no epochs, a diverged run, names or rows that do not match.
        UnknownName: another goal.
    """

    values: Values
    goal: str
    names: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    x: Values | None = None

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise UnknownName("goal", self.goal, GOALS)
        values = matrix_of(self.values, "values of curves")
        names = self.names or tuple(str(row) for row in range(len(values)))
        for word, found in (("names", names), ("groups", self.groups or names)):
            if len(found) != len(values):
                raise BadInput(f"{len(values)} curves have {len(found)} {word}; give one a curve")
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise BadInput(f"two curves are called {twice!r}; runs have distinct names")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "groups", self.groups or names)
        if self.x is not None:
            x = matrix_of(self.x, "x of curves")
            if len(x) != len(values) or not np.isfinite(x).all():
                raise BadInput(f"x has {len(x)} rows for {len(values)} curves; give finite rows")
            object.__setattr__(self, "x", x)
        if (bad := np.flatnonzero(diverged(values))).size:
            raise BadInput(
                f"run {names[bad[0]]!r} has a value that is not finite at epoch "
                f"{_first_bad(values[bad[0]]) + 1}; leave diverged runs out ({len(bad)} in all)"
            )

    @classmethod
    def of(
        cls,
        runs: Mapping[str, Sequence[float]],
        goal: str,
        *,
        groups: Mapping[str, str] | None = None,
        epochs: int | None = None,
        diverged: str = "refuse",
    ) -> Curves:
        """Of runs by name, each a list of its values; unequal lengths are unfinished runs.

        Args:
            groups: of runs, by their name.
            epochs: of a finished run; by default those of the longest.
            diverged: what to do about runs with values that are not finite: "refuse" or "drop".

        Raises:
            BadInput: no run, or a run longer than `epochs`. UnknownName: another `diverged`.
        """
        if diverged not in DIVERGED:
            raise UnknownName("diverged", diverged, DIVERGED)
        kept = {name: _numbers(name, run) for name, run in runs.items()}
        if diverged == "drop":
            bad = [name for name, run in kept.items() if not np.isfinite(run).all()]
            if bad:
                warnings.warn(
                    f"{len(bad)} of {len(kept)} runs diverged and are left out: "
                    f"{', '.join(bad[:5])}{' ...' if len(bad) > 5 else ''}",
                    UserWarning,
                    stacklevel=2,
                )
            kept = {name: run for name, run in kept.items() if name not in set(bad)}
        if not kept:
            raise BadInput("no run is left; give at least one run whose values are finite")
        _refuse_inner(kept)
        long = max(len(run) for run in kept.values())
        if epochs is not None and long > epochs:
            name = next(name for name, run in kept.items() if len(run) > epochs)
            raise BadInput(
                f"run {name!r} has {len(kept[name])} epochs, more than a whole training of {epochs}"
            )
        values = np.full((len(kept), epochs or long), np.nan)
        for row, run in enumerate(kept.values()):
            values[row, : len(run)] = run
        names = tuple(kept)
        found = cls(values, goal, names, tuple((groups or {}).get(name, name) for name in names))
        found._warn_of_direction()
        return found

    def __len__(self) -> int:
        return len(self.values)

    @property
    def epochs(self) -> int:
        """Of a finished run."""
        return int(self.values.shape[1])

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Epochs that each run has, [n]."""
        found: npt.NDArray[np.int64] = np.isfinite(self.values).sum(1)
        return found

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.goal == "max" else -1

    def take(self, rows: npt.ArrayLike) -> Curves:
        """The runs of these rows, or where a mask is true."""
        kept = np.arange(len(self))[np.asarray(rows)]
        return replace(
            self,
            values=self.values[kept],
            names=tuple(self.names[row] for row in kept),
            groups=tuple(self.groups[row] for row in kept),
            x=None if self.x is None else self.x[kept],
        )

    def finished(self) -> Curves:
        """Runs that have all epochs."""
        return self.take(self.lengths == self.epochs)

    def seen(self, epochs: int) -> Curves:
        """The same runs when so many epochs had passed."""
        values = self.values.copy()
        values[:, epochs:] = np.nan
        return replace(self, values=values)

    def folds(self, count: int, seed: int = 0) -> Iterable[tuple[Curves, Curves]]:
        """Splits (to fit, to test): each run is tested once, and no group is on both sides.

        Raises:
            BadInput: fewer groups than folds.
        """
        for fold in group_folds(self.groups, count, seed):
            yield self.take(~fold), self.take(fold)

    def _warn_of_direction(self) -> None:
        runs = self.lengths > 1
        if runs.sum() < FEWEST:
            return
        last = self.values[runs, self.lengths[runs] - 1]
        worse = float((self.sign * (last - self.values[runs, 0]) < 0).mean())
        if worse >= MOST:
            warnings.warn(
                f"{worse:.0%} of the curves end worse than they began, if {self.goal!r} is the "
                f"goal; is it {GOALS[self.goal == 'min']!r}?",
                UserWarning,
                stacklevel=3,
            )


def group_folds(groups: Sequence[str], count: int, seed: int = 0) -> list[npt.NDArray[np.bool_]]:
    """Masks of `count` parts, in which every row is once and a group's rows are together.

    Raises:
        BadInput: fewer groups than parts.
    """
    kinds, of = np.unique(np.asarray(groups), return_inverse=True)
    if not 2 <= count <= len(kinds):
        raise BadInput(f"{count} parts of {len(kinds)} groups; give 2..{len(kinds)} parts")
    part = np.empty(len(kinds), np.int64)
    part[np.random.default_rng(seed).permutation(len(kinds))] = np.arange(len(kinds)) % count
    return [part[of] == one for one in range(count)]


def diverged(values: Values) -> npt.NDArray[np.bool_]:
    """Rows with an infinite value, or a NaN before their last finite value, [n]."""
    finite = np.isfinite(values)
    after = np.logical_or.accumulate(finite[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(np.isinf(values).any(1) | (after & ~finite).any(1))


def matrix_of(values: npt.ArrayLike, word: str) -> Values:
    """As float64 [n, d] with d of 1 or more.

    Raises:
        BadInput: no numbers, or another shape.
    """
    try:
        found: Values = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{word} are no numbers: {error}") from error
    if found.ndim != 2 or found.shape[1] == 0:
        raise BadInput(f"{word} have the shape {found.shape}; give a row a run, [n, epochs]")
    return found


def _numbers(name: str, run: Sequence[float]) -> Values:
    try:
        found: Values = np.asarray(list(run), np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"run {name!r} holds values that are no numbers: {error}") from error
    if found.ndim != 1 or not len(found):
        raise BadInput(f"run {name!r} has no values, or not one an epoch; leave it out")
    return found


def _refuse_inner(runs: Mapping[str, Values]) -> None:
    for name, run in runs.items():
        if not np.isfinite(run).all():
            raise BadInput(
                f"run {name!r} has a value that is not finite at epoch "
                f"{int(np.flatnonzero(~np.isfinite(run))[0]) + 1}; leave diverged runs out "
                "(diverged='drop')"
            )


def _first_bad(row: Values) -> int:
    return int(np.flatnonzero(~np.isfinite(row))[0])
