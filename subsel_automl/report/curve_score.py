"""Predictors of curves on runs that have ended, as if only their first epochs had been seen.

    folds of the finished runs by group: fit on the others, foretell the fold from epoch t
    lead = tau of the predictor - tau of `last`, of the last epoch, over all runs;  its standard
    error by a jackknife over groups (Tukey 1958)

Source: Yan 2022 (thesis), 5; the control `last` and grouped folds are this project's.

Deviations:
    [1] Scores are of all runs together, each foretold by a predictor that did not see its group.
    [2] Above 50 groups the jackknife leaves out parts of groups, 50 in all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..core.curves import Curves, group_folds
from ..core.errors import BadInput, SubselError
from ..maths.curve_scores import CurveScores, curve_scores
from ..maths.metrics import jackknife_error, kendall_tau
from ..predictors.curve_base import CurvePredictor
from ..predictors.last import Last

Values = npt.NDArray[np.float64]
CONTROL = Last.name
CLEAR = 2.0  # standard errors
MOST = 50  # [2]
NAN = float("nan")
NO_SCORES = CurveScores(NAN, NAN, NAN, NAN)
SHARES = (0.1, 0.2, 0.4)  # of the epochs, where none are named
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class CurveScore:
    """Of one predictor that has seen so many epochs.

    Attributes:
        lead: over the control, in Kendall's tau of the last epoch; 0 for itself.
        error: the standard error of it.
        refused: what the predictor said instead of predicting; its numbers are then NaN.
        verdict: "better" and "worse" are more than two standard errors away.
    """

    predictor: str
    seen: int
    scores: CurveScores
    lead: float
    error: float
    refused: str = ""

    @property
    def verdict(self) -> str:
        if self.refused:
            return f"not run: {self.refused}"
        if self.predictor == CONTROL:
            return "the control"
        if not np.isfinite(self.lead) or abs(self.lead) <= CLEAR * self.error or not self.lead:
            return "no clear difference"
        return "better" if self.lead > 0 else "worse"

    def row(self) -> dict[str, str | int | float]:
        """For a table, by its columns."""
        named = {"predictor": self.predictor, "seen": self.seen, **self.scores._asdict()}
        return {**named, "lead": self.lead, "error": self.error, "against last": self.verdict}


def score_predictors(
    curves: Curves,
    predictors: Mapping[str, CurvePredictor],
    at: Sequence[int] = (),
    folds: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
    strict: bool = True,
) -> list[CurveScore]:
    """Each predictor after each number of epochs, and the control, which is always there.

    Args:
        curves: unfinished ones are left out.
        at: epochs that were seen; by default a tenth, a fifth and two fifths of them.
        strict: raise what a predictor refuses (too few curves, a package that is missing); else
            it is said in its score.

    Raises:
        SubselError: by a predictor.
        BadInput: an epoch that is none before the last, fewer groups than folds, too few curves.
    """
    at = tuple(dict.fromkeys(at)) or usual_epochs(curves.epochs)
    finished = _checked(curves, at, folds)
    every = {CONTROL: predictors.get(CONTROL, Last()), **predictors}
    parts = group_folds(finished.groups, folds, seed)
    left = group_folds(finished.groups, min(MOST, len(set(finished.groups))), seed)
    found: list[CurveScore] = []
    for seen in at:
        control = _held_out(finished, every[CONTROL], parts, seen)
        for name, predictor in every.items():
            try:
                told = control if name == CONTROL else _held_out(finished, predictor, parts, seen)
            except SubselError as error:
                if strict:
                    raise
                found.append(CurveScore(name, seen, NO_SCORES, NAN, NAN, str(error)))
            else:
                lead, error_of_lead = _lead(finished.values, told, control, left)
                scores = curve_scores(finished.values, told, seen)
                found.append(CurveScore(name, seen, scores, lead, error_of_lead))
            if progress:
                progress(len(found), len(at) * len(every))
    return found


def _checked(curves: Curves, at: Sequence[int], folds: int) -> Curves:
    """The runs that have ended, where they can be scored so."""
    finished = curves.finished()
    if odd := [one for one in at if not 1 <= one < curves.epochs]:
        raise BadInput(f"{odd[0]} epochs seen of {curves.epochs}; give 1..{curves.epochs - 1}")
    if (kinds := len(set(finished.groups))) < max(folds, 2):
        ended = f"{len(finished)} of {len(curves)} runs have ended, of {kinds} configurations"
        if kinds < 2:
            raise BadInput(f"{ended}; a score needs at least 2 that have ended: wait for more")
        raise BadInput(f"{ended}, fewer than the {folds} folds; give --folds 2..{kinds}")
    return finished


def usual_epochs(epochs: int) -> tuple[int, ...]:
    """At which runs are looked at where nothing is said.

    Raises:
        BadInput: runs of one epoch.
    """
    if epochs < 2:
        raise BadInput("the runs have one epoch; a curve goes on only after its first one")
    kept = (min(max(round(share * epochs), 1), epochs - 1) for share in SHARES)
    return tuple(dict.fromkeys(kept))


def _held_out(
    curves: Curves,
    predictor: CurvePredictor,
    parts: Sequence[npt.NDArray[np.bool_]],
    seen: int,
) -> Values:
    predicted = np.empty_like(curves.values)
    for part in parts:  # [1]
        known = predictor.fit(curves.take(~part))
        predicted[part] = known.predict(curves.take(part).seen(seen)).mean
    return predicted


def _lead(
    truth: Values, predicted: Values, control: Values, left: Sequence[npt.NDArray[np.bool_]]
) -> tuple[float, float]:
    """Over the control, and the standard error of it."""
    if predicted is control:
        return 0.0, 0.0

    def lead(rows: npt.NDArray[np.bool_]) -> float:
        y = truth[rows, -1]
        return kendall_tau(y, predicted[rows, -1]) - kendall_tau(y, control[rows, -1])

    whole = lead(np.ones(len(truth), bool))
    return whole, jackknife_error([lead(~part) for part in left])


def spoken(found: Sequence[CurveScore]) -> list[str]:
    """Where a predictor is no better than the value that was seen, a sentence each."""
    return [
        f"{one.predictor} after {one.seen} epochs is not better than {CONTROL!r}: Kendall's tau "
        f"{one.lead:+.3f}, standard error {one.error:.3f} ({one.verdict})"
        for one in found
        if one.predictor != CONTROL and one.verdict != "better" and not one.refused
    ]
