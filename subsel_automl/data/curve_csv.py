"""Runs from a table of text: long (a row a report) or wide (a row a run, a column an epoch).

    run,epoch,val_loss          run,1,2,3           run,loss_1,loss_2,acc_1,acc_2
    a,1,0.9                     a,0.9,0.7,0.6       a,0.9,0.7,0.5,0.6

    Step,a - loss,b - loss      as Weights & Biases exports a chart: a column a run

Commas, semicolons or tabs; with semicolons a number may have a comma for its point.

Source: RFC 4180. Deviations: none.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from .curve_rows import (
    GROUPS,
    RUNS,
    STEPS,
    Asked,
    column_of,
    groups_of,
    is_empty,
    reports_of,
    split,
)
from .reports import Reports

DELIMITERS = ",;\t"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
EPOCH = re.compile(r"(?P<metric>.*?)[ _./-]*(?P<step>\d+(?:\.\d+)?)")
NAMELESS = frozenset(("", "e", "ep", "epoch", "step", "iteration", "value"))
CHART = re.compile(r"(?P<run>.+) - (?P<metric>.+)")
DECIMAL = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


def csv_reports(content: bytes, asked: Asked, where: str) -> Reports:
    """Of a file's content.

    Raises:
        BadInput: empty, not text, rows of another width, a cell that is no number.
        UnknownName: a column or metric that is not there.
    """
    rows = csv_rows(content, where)
    named = asked.epoch is not None or asked.metric in rows[0]
    if not named and (wide := _wide_columns(list(rows[0]))):
        return _wide(rows, wide, asked, where)
    rows = _of_chart(rows) or rows
    runs, columns = split(rows, asked, where)
    return reports_of(runs, asked, where, groups=groups_of(runs, asked, where), apart=columns)


def csv_rows(content: bytes, where: str) -> list[dict[str, Any]]:
    """Rows by the names of the first one.

    Raises:
        BadInput: empty, not text, no rows, two columns of one name, a row that is longer.
    """
    text = text_of(content, where)
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if any(line)]
    if len(lines) < 2:
        raise BadInput(f"{where} holds {'only a header' if lines else 'nothing'}; no run")
    names = [name.strip() for name in lines[0]]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInput(f"{where} has two columns called {twice[0]!r}; name them apart")
    for at, line in enumerate(lines[1:], 1):
        if len(line) > len(names):
            raise BadInput(
                f"row {at} of {where} has {len(line)} cells and the first line has {len(names)}; "
                f"is {delimiter!r} what parts them?"
            )
    return [
        {name: _point(cell, delimiter) for name, cell in zip(names, line, strict=False)}
        for line in lines[1:]
    ]


def text_of(content: bytes, where: str) -> str:
    """By its byte order mark, else UTF-8.

    Raises:
        BadInput: no such text.
    """
    encoding = next((name for mark, name in BOMS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadInput(f"{where} is no {encoding} text ({error}); save it as UTF-8") from error


def name_of(path: Path) -> str:
    """Of the run that a file without a column of runs holds: hosts call all their files alike."""
    usual = path.stem in ("metrics", "progress", "result", "trainer_state", "log", "training")
    return path.resolve().parent.name if usual else path.stem


def _point(cell: str, delimiter: str) -> str:
    cell = cell.strip()
    return cell.replace(",", ".") if delimiter == ";" and DECIMAL.fullmatch(cell) else cell


def _wide_columns(columns: Sequence[str]) -> dict[str, dict[float, str]]:
    """By metric, step -> column; {} where no two columns of a metric end in a number, or where a
    column says the step."""
    found: dict[str, dict[float, str]] = {}
    for name in columns:
        if (parts := EPOCH.fullmatch(name)) is None:
            continue
        metric = "" if parts["metric"].lower() in NAMELESS else parts["metric"]
        found.setdefault(metric, {}).setdefault(float(parts["step"]), name)
    found = {metric: steps for metric, steps in found.items() if len(steps) > 1}
    return {} if any(name.lower() in STEPS for name in columns) else found


def _of_chart(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows a report of a table with a column a run; [] where it is none."""
    names = {name: CHART.fullmatch(name) for name in rows[0]}
    parts = {name: found for name, found in names.items() if found}
    steps = [name for name in names if name.lower() in STEPS]
    if not parts or len(steps) != 1:
        return []
    return [
        {"run": of["run"], "step": row.get(steps[0]), of["metric"]: row.get(name)}
        for row in rows
        for name, of in parts.items()
        if not of["metric"].endswith(("__MIN", "__MAX"))
    ]


def _wide(
    rows: Sequence[Mapping[str, Any]],
    wide: Mapping[str, Mapping[float, str]],
    asked: Asked,
    where: str,
) -> Reports:
    asked.refuse(f"{where} has a column an epoch", "epoch")
    if "" in wide:
        asked.refuse(f"the columns of {where} are epochs without a metric's name", "metric")
    metric = "" if "" in wide else asked.metric_of(wide, where)
    steps = dict(sorted(wide[metric].items()))
    others = [name for name in rows[0] if not any(name in s.values() for s in wide.values())]
    column = column_of("run", asked.run, RUNS, list(rows[0]), where)
    if column is None:  # the first one, if it tells rows apart
        first = next((name for name in others if name.lower() not in GROUPS), None)
        apart = first is not None and len({row.get(first) for row in rows}) == len(rows)
        column = first if apart else None
    runs: dict[str, list[dict[str, Any]]] = {}
    for at, row in enumerate(rows, 1):
        name = str(at) if column is None else str(row[column])
        if name in runs:
            raise BadInput(f"{where} has two rows of run {name!r}; a run has one row")
        cells = ((step, row.get(one)) for step, one in steps.items())
        runs[name] = [{"step": s, metric: cell} for s, cell in cells if not is_empty(cell)]
    named = dict(zip(runs, ([row] for row in rows), strict=True))
    groups = groups_of(named, asked, where)
    inner = Asked(metric=metric, epoch="step")
    found = reports_of(runs, inner, where, groups=groups)
    note = f"a row a run, {len(steps)} epochs" + (f", the metric is {metric!r}" if metric else "")
    return Reports(metric, found.runs, found.groups, notes=(note,))
