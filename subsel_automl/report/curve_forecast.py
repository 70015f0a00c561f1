"""Runs that go on: what each will come to, and whether that beats the best run that has ended.

    P(better) = Phi(s (m_E - best) / sd_E),   s = 1 where more is better, else -1

Source: the normal law of a prediction's mean and spread; Domhan et al. 2015, 4 (the chance to beat
the best run). Deviations: none.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ..core.curves import Curves
from ..core.errors import BadInput
from ..core.files import write_atomic
from ..predictors.curve_base import CurvePrediction, CurvePredictor


@dataclass(frozen=True)
class Forecast:
    """Of one run that goes on; `seconds_left` is None where its seconds are not known."""

    run: str
    seen: int
    last: float
    final: float
    sd: float
    chance: float
    seconds_left: float | None


@dataclass(frozen=True)
class Forecasts:
    """Of all runs that go on, the best first.

    Attributes:
        best: value of the best run that has ended, and `winner`, its name.
        curves: the runs in the order of `rows`, with their `prediction`.
    """

    rows: tuple[Forecast, ...]
    best: float
    winner: str
    curves: Curves
    prediction: CurvePrediction


def forecast(
    predictor: CurvePredictor,
    ended: Curves,
    runs: Curves,
    seconds: Mapping[str, float] | None = None,
) -> Forecasts:
    """What the runs that have not ended will come to.

    Args:
        predictor: fitted.
        ended: the runs that it was fitted on.
        runs: others, begun or ended; the latter are only compared with.
        seconds: that runs took up to their last value.

    Raises:
        BadInput: no run goes on.
    """
    open_ = runs.take(runs.lengths < runs.epochs)
    if not len(open_):
        raise BadInput(
            f"all {len(runs)} runs have their {runs.epochs} epochs; there is nothing to foretell"
        )
    best, winner = _best(ended, runs.finished())
    prediction = predictor.predict(open_)
    order = np.argsort(-runs.sign * prediction.final, kind="stable")
    open_ = open_.take(order)
    prediction = CurvePrediction(prediction.mean[order], prediction.sd[order])
    rows = []
    for row, (name, seen) in enumerate(zip(open_.names, open_.lengths.tolist(), strict=True)):
        final, sd = float(prediction.mean[row, -1]), float(prediction.sd[row, -1])
        took = (seconds or {}).get(name)
        left = None if took is None else took / seen * (open_.epochs - seen)
        last = float(open_.values[row, seen - 1])
        chance = chance_of(runs.sign * (final - best), sd)
        rows.append(Forecast(name, seen, last, final, sd, chance, left))
    return Forecasts(tuple(rows), best, winner, open_, prediction)


def chance_of(lead: float, sd: float) -> float:
    """That a normal value around `lead` is above 0."""
    if sd <= 0:
        return float(lead > 0)
    return 0.5 * math.erfc(-lead / sd / math.sqrt(2))


def write_forecasts(path: Path, rows: Sequence[Forecast]) -> None:
    """As CSV, a run a row."""
    out = io.StringIO()
    table = csv.DictWriter(out, list(Forecast.__dataclass_fields__), lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(row) for row in rows)
    write_atomic(path, out.getvalue().encode())


def _best(*curves: Curves) -> tuple[float, str]:
    """Of runs that have ended, the best last value and whose it is."""
    finals = [
        (float(value), name)
        for some in curves
        for name, value in zip(some.names, some.values[:, -1], strict=True)
    ]
    sign = curves[0].sign
    return max(finals, key=lambda one: sign * one[0])
