"""What runs reported, and the curves that they make: one value an epoch of each run.

    reports = Reports("val_loss", {"run-1": [(1, 0.9), (2, 0.7)], "run-2": [(1, 0.8)]})
    found = reports.curves("min");   found.curves.values   # [2, 2], NaN after the end of run-2

The epochs are the steps at which any run reported, in their order; by "order" a run's k-th report
is epoch k. The last report of a step counts: a run that goes back to a step that it had was resumed
there, and what the former attempt reported of later steps is forgotten.

Source: this project. Deviations: none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..core.curves import DIVERGED, Curves
from ..core.errors import BadInput, UnknownName

BY = ("step", "order")
GAPS = ("refuse", "drop")
SHOWN = 5  # names in a note


class Found(NamedTuple):
    """Curves, and what was done to have them."""

    curves: Curves
    steps: tuple[float, ...]  # of the epochs
    seconds: Mapping[str, float]  # of runs, where they are known
    diverged: int
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """How reports become epochs.

    Args:
        by: "step", or "order": a run's k-th report is epoch k, whatever its step.
        gaps: what to do about a run without a report at a step before its last one.
        diverged: what to do about a run with a value that is not finite.
        epochs: of a whole training; what longer runs reported after them is left out.
        steps: of the epochs, where they are known already; by default those of all runs.

    Raises:
        UnknownName: another word. BadInput: epochs below 1.
    """

    by: str = "step"
    gaps: str = "refuse"
    diverged: str = "drop"
    epochs: int | None = None
    steps: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for word, given, known in (
            ("alignment", self.by, BY),
            ("rule for gaps", self.gaps, GAPS),
            ("rule for diverged runs", self.diverged, DIVERGED),
        ):
            if given not in known:
                raise UnknownName(word, given, known)
        if self.epochs is not None and self.epochs < 1:
            raise BadInput(f"epochs is {self.epochs}; give 1 or more, or leave it out")


@dataclass(frozen=True)
class Reports:
    """What runs reported of one metric.

    Args:
        metric: its name; "" where the source has none.
        runs: by name, (step, value) in the order in which they were reported.
        groups: of runs of one configuration; a run is its own by default.
        seconds: from a run's begin to its last report, where they are known.
        goal: "min" or "max" where the source says it.
        notes: what was guessed or left out, a sentence each.

    Raises:
        BadInput: no run with a report.
    """

    metric: str
    runs: Mapping[str, Sequence[tuple[float, float]]]
    groups: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    goal: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        empty = [name for name, run in self.runs.items() if not run]
        kept = {name: run for name, run in self.runs.items() if run}
        if not kept:
            what = f"of {self.metric!r} " if self.metric else ""
            raise BadInput(
                f"no run has a report {what}({len(empty)} runs are empty); curves need a value"
            )
        if empty:
            said = f"{_some(empty)} without a report of {self.metric or 'a value'}: left out"
            object.__setattr__(self, "notes", (*self.notes, said))
            object.__setattr__(self, "runs", kept)

    def curves(self, goal: str, alignment: Alignment | None = None) -> Found:
        """The curves of these runs.

        Raises:
            BadInput: a gap or a diverged run that is refused, a step that is none of the known
                ones, no run left. UnknownName: another goal.
        """
        how = alignment or Alignment()
        notes = list(self.notes)
        runs = {name: resumed(run) for name, run in self.runs.items()}
        again = [name for name, run in runs.items() if len(run) < len(self.runs[name])]
        if again:
            notes.append(f"{_some(again)} reported a step again: the later report counts")
        steps = how.steps or _steps_of(runs.values(), how.by)
        if how.epochs is not None:
            runs = _cut(runs, steps[: how.epochs], how.by, notes)
            steps = steps[: how.epochs]
        if how.by == "step" and len(set(np.round(np.diff(steps), 6))) > 1:
            shown = ", ".join(f"{step:g}" for step in steps[: SHOWN + 1])
            notes.append(f"the steps are not even ({shown} ...): epochs are their order")
        values = _placed(runs, steps, how, notes)
        bad = [name for name, run in values.items() if not np.isfinite(run).all()]
        if how.diverged == "drop" and bad:
            values = {name: run for name, run in values.items() if name not in set(bad)}
            notes.append(f"{_some(bad)} diverged (a value that is not finite): left out")
        curves = Curves.of(values, goal, groups=self.groups, epochs=len(steps))
        return Found(curves, steps, self.seconds, len(bad), tuple(notes))


def resumed(run: Iterable[tuple[float, float]]) -> dict[float, float]:
    """Step -> value in the order of steps; at a step that comes again the later ones are anew."""
    found: dict[float, float] = {}
    for step, value in run:
        if step in found:
            found = {one: kept for one, kept in found.items() if one < step}
        found[step] = value
    return dict(sorted(found.items()))


def _steps_of(runs: Iterable[Mapping[float, float]], by: str) -> tuple[float, ...]:
    runs = list(runs)
    if by == "order":
        return tuple(float(one + 1) for one in range(max(map(len, runs))))
    return tuple(sorted({step for run in runs for step in run}))


def _cut(
    runs: Mapping[str, dict[float, float]], steps: tuple[float, ...], by: str, notes: list[str]
) -> dict[str, dict[float, float]]:
    """Without what was reported after the last of these steps."""
    cut: dict[str, dict[float, float]] = {}
    for name, run in runs.items():
        if by == "order":
            cut[name] = dict(list(run.items())[: len(steps)])
        else:
            cut[name] = {step: value for step, value in run.items() if step <= steps[-1]}
    long = [name for name, run in runs.items() if len(cut[name]) < len(run)]
    if long:
        notes.append(f"{_some(long)} cut to {len(steps)} epochs")
    return {name: run for name, run in cut.items() if run}


def _placed(
    runs: Mapping[str, dict[float, float]],
    steps: tuple[float, ...],
    how: Alignment,
    notes: list[str],
) -> dict[str, list[float]]:
    """Values by epoch, without the runs with gaps."""
    if how.by == "order":
        return {name: list(run.values()) for name, run in runs.items()}
    known, lacking = set(steps), {}
    for name, run in runs.items():
        if odd := [step for step in run if step not in known]:
            raise BadInput(
                f"run {name!r} reports at step {odd[0]:g}, which is none of the {len(steps)} known "
                f"ones ({steps[0]:g} to {steps[-1]:g}); report at the same steps, or let the order "
                "of reports decide for both (--by order)"
            )
        if list(run) != list(steps[: len(run)]):
            lacking[name] = next(step for step in steps if step not in run)
    if lacking and how.gaps == "refuse":
        name, step = next(iter(lacking.items()))
        raise BadInput(
            f"run {name!r} has no report at step {step:g} but has later ones ({len(lacking)} of "
            f"{len(runs)} runs have gaps); leave such runs out (--gaps drop), or let the order of "
            "reports decide (--by order)"
        )
    if lacking:
        notes.append(f"{_some(list(lacking))} with a gap before the last report: left out")
    if len(lacking) == len(runs):
        raise BadInput(
            f"all {len(runs)} runs have gaps: they report at different steps; let the order of "
            "reports decide (--by order)"
        )
    return {name: list(run.values()) for name, run in runs.items() if name not in lacking}


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN]) + (" ..." if len(names) > SHOWN else "")
    return f"{len(names)} {'run' if len(names) == 1 else 'runs'} ({shown})"


def is_whole(values: Iterable[float]) -> bool:
    """Whether all are whole numbers; steps that are not are no epochs."""
    return all(math.isfinite(value) and value == math.floor(value) for value in values)
