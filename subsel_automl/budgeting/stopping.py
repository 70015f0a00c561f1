"""When a trial is stopped by its curve: at a few epochs, unless its end is foretold to be among the
best of those that came as far.

    checks    1/32, 1/16, 1/8, 1/4, 1/2 of a whole training
    a trial at a check goes on if less than a share of 0.4 of the trials that reached it, stopped
    ones too, are foretold to end better than it;  the first five at a check all go on

Foretold by `last` (what is seen) until 50 trials have finished, then by what the rule names. Every
trial is foretold from the same number of epochs and by the same model, so that no value of few
epochs ever stands beside a final one.

Source: Yan 2022 (thesis), 5, the framework of learning curve extrapolation; checks that double as
in successive halving (Jamieson and Talwalkar 2016). The share and the checks were chosen on this
project's table of trials (`benchmarks/trial_table`: of 40 configurations whose trainings anneal,
0.3, 0.4, 0.5 train 50, 54, 57 % of the epochs and lose 0.31, 0.16, 0.07 points) and on orders of
the NAS-Bench-NLP curves that no row is of (`benchmarks/stopper`).

Deviations:
    [1] The thesis compares at one epoch, with full trainings; here with all that came as far.
    [2] A model is fitted on the first 50, 55, 61 ... finished curves in their order: whoever asks,
        in whatever process, is told the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.curves import GOALS
from ..core.errors import BadInput, UnknownName
from ..predictors.curve_base import CurvePredictor
from ..predictors.named import curve_predictor, curve_predictor_class
from ..predictors.takeover import Takeover

Values = npt.NDArray[np.float64]
CONTROL, AFTER = "last", 50
DIVERGED = "diverged"


@dataclass(frozen=True)
class Verdict:
    """What was decided about a trial, and by whom.

    Attributes:
        stop: whether it ends here.
        epoch: 1 for the first.
        by: "last", the rule's predictor, or "diverged".
        foretold: the trial's last value; NaN of a diverged one.
        better, compared: trials foretold to end better, of so many.
    """

    stop: bool
    epoch: int
    by: str
    foretold: float
    better: int
    compared: int


@dataclass(frozen=True, kw_only=True)
class StoppingRule:
    """How trials are judged.

    Args:
        predictor: of curves, by name; `options` are its own.
        share: of the trials at a check that go on.
        first: check, as a share of a whole training; the others are its doubles, below a whole.
        warmup: trials that go on at a check before any is stopped there.
        after: finished trials before the predictor takes over from `last`; by default 50, and 0 of
            one that learns from none (`wpm`).
        seed: of the predictor.

    Raises:
        BadInput: an option out of range. UnknownName: no such predictor.
    """

    predictor: str = CONTROL
    share: float = 0.4
    first: float = 1 / 32
    warmup: int = 5
    after: int | None = None
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("share", "first"):
            value = getattr(self, name)
            if not (isinstance(value, (int, float)) and 0 < value < 1):
                raise BadInput(f"{name} is {value!r}; give a number between 0 and 1")
        if self.warmup < 1:
            raise BadInput(f"warmup is {self.warmup}; give 1 or more trials")
        least = curve_predictor_class(self.predictor).least
        if self.after is None:
            object.__setattr__(self, "after", AFTER if least else 0)
        if self.waits < least:
            raise BadInput(
                f"after is {self.after}, and predictor {self.predictor!r} is fitted on {least} "
                f"finished curves or more; give after={least} or more"
            )
        self.made()

    @property
    def waits(self) -> int:
        """Finished trials before the predictor takes over."""
        return AFTER if self.after is None else self.after

    def told(self) -> str:
        """Who decides, in words."""
        if self.predictor == CONTROL or not self.waits:
            return self.predictor
        return f"{self.predictor} after {self.waits} finished trials, before that {CONTROL}"

    def made(self) -> CurvePredictor:
        """The predictor, not fitted."""
        return curve_predictor(self.predictor, seed=self.seed, **self.options)

    def checks(self, epochs: int) -> list[int]:
        """Epochs after which trials are judged, ascending, of a whole training of `epochs`."""
        found, share = set(), self.first
        while share < 1:
            found.add(max(1, math.ceil(share * epochs - 1e-9)))
            share *= 2
        return sorted(one for one in found if one < epochs)


@dataclass
class Judge:
    """Judges trials of one search by a rule; keeps fitted models, and nothing that decides.

    Args:
        goal: "min" or "max".

    Raises:
        UnknownName: another goal.
    """

    rule: StoppingRule
    goal: str
    _takeovers: dict[int, Takeover] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise UnknownName("goal", self.goal, GOALS)

    def verdict(
        self, trial: str, curves: Mapping[str, Sequence[float]], epochs: int
    ) -> Verdict | None:
        """What becomes of a trial, which has just told its last value; None between checks.

        Args:
            trial: one of `curves`.
            curves: values of each trial of the search, in the order in which they began or ended.
            epochs: values of a whole training.
        """
        mine = np.asarray(curves[trial], np.float64)
        seen = len(mine)
        if not np.isfinite(mine).all():
            return Verdict(True, seen, DIVERGED, math.nan, 0, 0)
        if seen not in self.rule.checks(epochs):
            return None
        names = [name for name, values in curves.items() if len(values) >= seen]
        prefix = np.array([np.asarray(curves[name][:seen], np.float64) for name in names])
        fine = np.isfinite(prefix).all(1)
        names = [name for name, kept in zip(names, fine, strict=True) if kept]
        model, by = self._model(curves, epochs)
        final = model.predict(prefix[fine]).final
        sign = 1.0 if self.goal == "max" else -1.0
        own = float(final[names.index(trial)])
        better = int((sign * final > sign * own).sum())
        allowed = math.ceil(self.rule.share * len(names) - 1e-9)
        stop = len(names) > self.rule.warmup and better >= allowed
        return Verdict(stop, seen, by, own, better, len(names) - 1)

    def _model(
        self, curves: Mapping[str, Sequence[float]], epochs: int
    ) -> tuple[CurvePredictor, str]:
        """Who foretells now, and its name."""
        rule = self.rule
        whole = [values for values in curves.values() if len(values) == epochs]
        done = [values for values in whole if np.isfinite(np.asarray(values, np.float64)).all()]
        if epochs not in self._takeovers:
            self._takeovers[epochs] = Takeover(rule.made, rule.waits, epochs)
        model = self._takeovers[epochs].model(done)  # [2]
        return model, model.name


def told_of(stopper: str, stopped: Sequence[Mapping[str, Any]]) -> str:
    """What a stopper did, in words.

    Args:
        stopper: `StoppingRule.told`.
        stopped: of each stopped trial `stopped_by` and `unspent`, the epochs that it did not train.
    """
    by = Counter(str(one["stopped_by"]) for one in stopped)
    counts = ", ".join(f"{count} by {name}" for name, count in sorted(by.items()))
    if not counts:
        return f"{stopper}: no trial was stopped"
    unspent = sum(int(one["unspent"]) for one in stopped)
    return f"{stopper}: stopped {counts}; {unspent:,} epochs not trained"
