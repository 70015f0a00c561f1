"""Rows of named cells as the reports of runs: which column is the step and which the metric.

What is not named is guessed from the usual names and said in a note; a metric is guessed only where
there is one. An empty cell is no report; "nan" is a report of a run that diverged.

Source: this project. Deviations: none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput, UnknownName
from .reports import Reports, is_whole

Row = Mapping[str, Any]
RUNS = ("run", "run_id", "run_name", "trial", "trial_id", "trial_name", "id", "name", "experiment")
STEPS = ("epoch", "epochs", "training_iteration", "iteration", "step", "global_step", "_step")
GROUPS = ("group", "config_id", "configuration", "recipe", "recepie")
SECONDS = ("time_total_s", "seconds", "wall_time", "wall_times", "elapsed", "_runtime")
OTHERS = re.compile(  # of hosts: no metric is called so
    "_?timestamp|date|time|time_(this_iter|since_restore)_?s?|iterations_since_restore|pid|done|"
    "seed|lr|learning_rate|lr-.*|should_checkpoint|config(/.*)?|hist_stats|total_flos|"
    "|unnamed: 0"
)
EMPTY = frozenset(("", "na", "n/a", "none", "null"))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Columns and metrics by name; None is guessed.

    Args:
        usual: a metric that is taken where it is there and none was asked for.
    """

    metric: str | None = None
    run: str | None = None
    epoch: str | None = None
    group: str | None = None
    usual: str = ""

    def refuse(self, what: str, *names: str) -> None:
        """Names that a source has no use for.

        Raises:
            BadInput: one of them was given.
        """
        for name in names:
            if (given := getattr(self, name)) is not None:
                raise BadInput(f"--{name} {given} is of no use here: {what}; leave it out")

    def metric_of(self, known: Iterable[str], where: str) -> str:
        """The metric that was asked for, or the only one.

        Raises:
            UnknownName: another one; the nearest is offered. BadInput: several, or none at all.
        """
        known = sorted(set(known))
        if not known:
            raise BadInput(f"{where} has no column of numbers beside runs and steps; no metric")
        if self.metric is not None:
            if self.metric not in known:
                raise UnknownName(f"metric of {where}", self.metric, known)
            return self.metric
        if self.usual in known:
            return self.usual
        if len(known) > 1:
            raise BadInput(
                f"{where} has {len(known)} metrics: {', '.join(known)}; name one with --metric"
            )
        return known[0]


def reports_of(
    rows: Mapping[str, Sequence[Row]],
    asked: Asked,
    where: str,
    *,
    groups: Mapping[str, str] | None = None,
    apart: Iterable[str] = (),
) -> Reports:
    """The reports of runs, each a list of rows in the order in which they were written.

    Args:
        groups: of runs, by name.
        apart: columns that are no metric.

    Raises:
        BadInput: a cell that is no number, a row with a value and no step, no metric or several.
        UnknownName: a column that is not there.
    """
    columns = list(dict.fromkeys(name for run in rows.values() for row in run for name in row))
    if asked.epoch is not None and asked.epoch not in columns:
        raise UnknownName(f"column of {where}", asked.epoch, columns)
    metric = asked.metric
    if metric not in columns:
        known = {*RUNS, *STEPS, *GROUPS, *SECONDS, *apart, asked.epoch, asked.run, asked.group}
        free = [
            n for n in columns if not {n, n.lower()} & known and not OTHERS.fullmatch(n.lower())
        ]
        metric = asked.metric_of(_numeric(rows, free), where)
    told = {
        name: [(at, row) for at, row in enumerate(run, 1) if not is_empty(row.get(metric))]
        for name, run in rows.items()
    }
    step = asked.epoch or _step_column([row for run in told.values() for _, row in run])
    notes = [] if asked.metric else [f"the metric is {metric!r}"]
    if asked.epoch is None:
        how = f"in column {step!r}" if step else "in no column: a run's k-th report is epoch k"
        notes.append(f"epochs are {how}")
    runs = {
        name: [
            _report(row, step, metric, place, f"run {name!r} in row {at} of {where}")
            for place, (at, row) in enumerate(run, 1)
        ]
        for name, run in told.items()
    }
    return Reports(metric, runs, groups or {}, _seconds(rows, columns), notes=tuple(notes))


def _report(row: Row, step: str | None, metric: str, place: int, of: str) -> tuple[float, float]:
    """(step, value); without a column of steps the place of the report."""
    value = _cell(row[metric], f"{metric!r} of {of}")
    return (float(place) if step is None else _cell(row.get(step), f"{step!r} of {of}"), value)


def split(rows: Sequence[Row], asked: Asked, where: str) -> tuple[dict[str, list[Row]], list[str]]:
    """Rows by run, in order, and the names of columns that say which; one run where none does.

    Raises:
        UnknownName: a column that is not there. BadInput: a row without a run.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    column = column_of("run", asked.run, RUNS, columns, where)
    if column is None:
        return {where: list(rows)}, []
    found: dict[str, list[Row]] = {}
    for at, row in enumerate(rows, 1):
        if is_empty(row.get(column)):
            raise BadInput(f"row {at} of {where} has no {column!r}: which run is it of?")
        found.setdefault(str(row[column]), []).append(row)
    return found, [column]


def column_of(
    what: str, asked: str | None, usual: Sequence[str], columns: Sequence[str], where: str
) -> str | None:
    """The column that was asked for, or the first of the usual names.

    Raises:
        UnknownName: asked for and not there.
    """
    if asked is not None:
        if asked not in columns:
            raise UnknownName(f"column ({what}) of {where}", asked, columns)
        return asked
    lower = {name.lower(): name for name in reversed(columns)}
    return next((lower[name] for name in usual if name in lower), None)


def groups_of(rows: Mapping[str, Sequence[Row]], asked: Asked, where: str) -> dict[str, str]:
    """Of each run what stands in the column of groups in its first row; {} where there is none."""
    columns = list(dict.fromkeys(name for run in rows.values() for row in run for name in row))
    column = column_of("group", asked.group, GROUPS, columns, where)
    if column is None:
        return {}
    return {name: str(run[0].get(column)) for name, run in rows.items() if run}


def is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in EMPTY)


def number_of(cell: Any) -> float | None:
    """A number, or None where the cell holds none."""
    if isinstance(cell, bool):
        return None
    try:
        return float(cell)
    except (TypeError, ValueError):
        return None


def _cell(cell: Any, what: str) -> float:
    found = number_of(cell)
    if found is None:
        raise BadInput(f"{what} is {str(cell)[:40]!r}, which is no number")
    return found


def _numeric(rows: Mapping[str, Sequence[Row]], columns: Sequence[str]) -> list[str]:
    """Columns that hold a number somewhere."""
    left, found = set(columns), []
    for run in rows.values():
        for row in run:
            some = {name for name in left if number_of(row.get(name)) is not None}
            found += sorted(some)
            left -= some
    return found


def _step_column(rows: Sequence[Row]) -> str | None:
    """The first usual name whose cells are whole numbers: a fractional epoch is no epoch."""
    lower: dict[str, str] = {}
    for row in rows:
        for name in row:
            lower.setdefault(name.lower(), name)
    for usual in STEPS:
        if usual not in lower:
            continue
        cells = [number_of(row.get(lower[usual])) for row in rows]
        if is_whole(cell for cell in cells if cell is not None):
            return lower[usual]
    return None


def _seconds(rows: Mapping[str, Sequence[Row]], columns: Sequence[str]) -> dict[str, float]:
    """Of each run, the last of the column that counts up."""
    column = column_of("seconds", None, SECONDS, columns, "")
    if column is None:
        return {}
    found: dict[str, float] = {}
    for name, run in rows.items():
        cells = [number_of(row.get(column)) for row in run]
        known = [cell for cell in cells if cell is not None and math.isfinite(cell)]
        if known:
            found[name] = known[-1]
    return found
