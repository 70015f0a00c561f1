"""Runs from JSON: lists by run, records with lists, or a line a report.

    {"a": [0.9, 0.7], "b": [0.8]}        {"a": {"loss": [0.9, 0.7], "acc": [0.5, 0.6]}}
    {"loss": [0.9, 0.7], "val_acc": [0.5, 0.6]}      # metrics by name: the history of one run
    [{"name": "a", "val_losses": [0.9, 0.7], "recepie": "{...}"}]     # also as text: "[0.9, 0.7]"
    {"run": "a", "epoch": 1, "loss": 0.9}      # a line, or an item of a list, a report

A list may hold null at its end (not yet known); NaN is a value of a run that diverged. The records
of NAS-Bench-NLP (Klyuchnikov et al. 2022) are read as they are: runs of one recipe are a group.

Source: RFC 8259; JSON lines. Deviations: none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import BadInput
from .curve_csv import text_of
from .curve_rows import (
    GROUPS,
    RUNS,
    SECONDS,
    STEPS,
    Asked,
    column_of,
    groups_of,
    number_of,
    reports_of,
    split,
)
from .goals import names_metric
from .reports import Reports

ALLOWED = (
    '{"run": [values]}, [{"name": ..., "metric": [values]}], or a report a line: '
    '{"run": ..., "epoch": ..., "metric": ...}'
)


def json_reports(content: bytes, asked: Asked, where: str) -> Reports:
    """Of a file's content.

    Raises:
        BadInput: empty, no JSON, none of the forms, values that are no numbers.
        UnknownName: a column or metric that is not there.
    """
    value, cut = _parsed(text_of(content, where), where)
    found = _of_value(value, asked, where)
    if not cut:
        return found
    notes = ("the last line is cut off: left out", *found.notes)
    return Reports(found.metric, found.runs, found.groups, found.seconds, notes=notes)


def _of_value(value: Any, asked: Asked, where: str) -> Reports:
    if isinstance(value, dict) and isinstance(value.get("log_history"), list):
        value = value["log_history"]  # transformers' trainer_state.json
    if isinstance(value, dict) and any(_listed(one) is None for one in value.values()):
        inner = all(isinstance(one, dict) for one in value.values())
        value = [{"run": name, **one} for name, one in value.items()] if inner else [value]
    if isinstance(value, dict) and value and all(map(_is_history, value)):
        value = [{"run": where, **value}]
    if isinstance(value, dict) and value:
        asked.refuse(f"{where} holds a list a run", "run", "epoch", "group", "metric")
        return Reports("", {name: _values(name, one, where) for name, one in value.items()})
    if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
        what = type(value).__name__ if value else "nothing"
        raise BadInput(f"{where} holds {what}, no runs; give {ALLOWED}")
    if any(_listed(cell) is not None for row in value for cell in row.values()):
        return _of_records(value, asked, where)
    runs, columns = split(value, asked, where)
    return reports_of(runs, asked, where, groups=groups_of(runs, asked, where), apart=columns)


def lines_of(text: str, where: str) -> tuple[list[dict[str, Any]], bool]:
    """JSON objects, one a line, and whether the last one is cut off (it is left out).

    Raises:
        BadInput: another line that is no JSON object.
    """
    lines = [line for line in text.splitlines() if line.strip("\0 \t")]
    found: list[dict[str, Any]] = []
    for at, line in enumerate(lines, 1):
        try:
            value = json.loads(line)
        except ValueError as error:
            if at == len(lines) and found:
                return found, True
            raise BadInput(f"line {at} of {where} is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise BadInput(f"line {at} of {where} is {type(value).__name__}, not a JSON object")
        found.append(value)
    return found, False


def _parsed(text: str, where: str) -> tuple[Any, bool]:
    """The JSON, or its lines, and whether the last of them is cut off."""
    if not text.strip():
        raise BadInput(f"{where} holds nothing; give {ALLOWED}")
    try:
        return json.loads(text), False
    except ValueError as error:
        if "\n" not in text.strip():
            raise BadInput(f"{where} is no JSON: {error}") from error
    return lines_of(text, where)


def _is_history(name: str) -> bool:
    """Whether a list is called as a metric is, and so belongs to one run with several."""
    return names_metric(name) or name in ("lr", "learning_rate", *STEPS)


def _listed(cell: Any) -> list[Any] | None:
    """A list, also one that is written as text; None for anything else."""
    if isinstance(cell, str) and cell.lstrip().startswith("["):
        try:
            cell = json.loads(cell)
        except ValueError:
            return None
    return cell if isinstance(cell, list) else None


def _of_records(records: Sequence[Mapping[str, Any]], asked: Asked, where: str) -> Reports:
    """A record a run, with a list a metric."""
    asked.refuse(f"{where} holds a list a run: value k is of epoch k", "epoch")
    columns = list(dict.fromkeys(name for row in records for name in row))
    run = column_of("run", asked.run, RUNS, columns, where)
    group = column_of("group", asked.group, GROUPS, columns, where)
    listed = {name for row in records for name, cell in row.items() if _listed(cell) is not None}
    metric = asked.metric_of(listed - {*SECONDS, *STEPS, "steps", "lr", "learning_rate"}, where)
    runs: dict[str, list[tuple[float, float]]] = {}
    groups, seconds = {}, {}
    for at, row in enumerate(records):
        name = str(row[run]) if run and run in row else str(at)
        if name in runs:
            raise BadInput(f"{where} has two records of run {name!r}; a run has one")
        runs[name] = _values(name, row.get(metric), where)
        groups[name] = str(row.get(group)) if group else name
        times = next((row[one] for one in SECONDS if one in row), None)
        if (each := _listed(times)) and all(isinstance(one, int | float) for one in each):
            seconds[name] = float(sum(each))  # of each epoch
    notes = () if asked.metric else (f"the metric is {metric!r}",)
    return Reports(metric, runs, groups, seconds, notes=notes)


def _values(name: str, cell: Any, where: str) -> list[tuple[float, float]]:
    """(epoch, value); null is no report."""
    if cell is None:
        return []
    listed = _listed(cell)
    if listed is None:
        raise BadInput(f"run {name!r} of {where} has {str(cell)[:40]!r}, no list of values")
    found = []
    for epoch, value in enumerate(listed, 1):
        if value is None:
            continue
        number = number_of(value)
        if number is None:
            raise BadInput(
                f"run {name!r} of {where} has {str(value)[:40]!r} at epoch {epoch}, which is no "
                "number"
            )
        found.append((float(epoch), number))
    return found
