"""Runs from a folder: one file a run, as Ray Tune, Lightning, transformers and Keras leave them.

    experiment/<trial>/result.json | progress.csv    Ray Tune: a line a report, the configuration
    logs/version_0/metrics.csv                       Lightning's CSVLogger
    out/<run>/checkpoint-500/trainer_state.json      transformers: the last checkpoint of a run
    logs/<run>.csv                                   any table of one run

A run is called by its folder. Ray's runs with equal configurations, seeds aside, are one group.

Source: ray.tune.logger; lightning.pytorch.loggers.CSVLogger; transformers.TrainerState.

Deviations:
    [1] Ray writes a NaN of NumPy as the text "null"; it is read as the NaN that it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from .curve_csv import csv_rows, name_of, text_of
from .curve_json import lines_of
from .curve_rows import RUNS, Asked, Row, groups_of, is_empty, reports_of
from .reports import Reports

SEEDS = frozenset(("seed", "random_seed", "random_state", "replicate", "repeat"))
RAY_FILES = ("result.json", "progress.csv")
RAY_OWN = ("trial_id", "experiment_tag", "hostname", "node_ip", "checkpoint_dir_name")


def ray_reports(folder: Path, asked: Asked) -> Reports:
    """Of the trials below a folder, or of one trial's.

    Raises:
        BadInput: no trial with a report, a line that cannot be read, an option of no use.
        UnknownName: a metric that no trial reports.
    """
    asked.refuse("a run is a trial of Ray", "run", "group")
    runs: dict[str, list[dict[str, Any]]] = {}
    groups: dict[str, str] = {}
    empty, cut = 0, []
    for trial in _folders(folder, *RAY_FILES):
        rows, broken = _ray_rows(trial)
        if not rows:
            empty += 1
            continue
        name = _free(str(rows[0].get("trial_id") or trial.resolve().name), runs, trial, folder)
        cut += [name] if broken else []
        runs[name] = rows
        groups[name] = _configuration(trial, rows) or name
    if not runs:
        raise BadInput(f"{folder} has {empty} trials of Ray and none of them has a report")
    notes = [f"{len(runs)} trials of Ray, {len(set(groups.values()))} configurations"]
    notes += [f"{empty} trials have no report: left out"] if empty else []
    notes += [f"the last line of {', '.join(cut)} is cut off: left out"] if cut else []
    return _noted(reports_of(runs, asked, str(folder), groups=groups, apart=RAY_OWN), notes)


def table_reports(folder: Path, pattern: str, asked: Asked) -> Reports:
    """Of tables of text below a folder, one a run.

    Raises:
        BadInput: a table that cannot be read, an option of no use. UnknownName: another metric.
    """
    return _of_files(folder, sorted(folder.rglob(pattern)), csv_rows, asked)


def transformers_reports(folder: Path, asked: Asked) -> Reports:
    """Of the last trainer_state.json of each run below a folder.

    Raises:
        BadInput: one that cannot be read, an option of no use. UnknownName: another metric.
    """
    last: dict[Path, Path] = {}
    for path in folder.rglob("trainer_state.json"):
        home = path.parent.parent if path.parent.name.startswith("checkpoint-") else path.parent
        if home not in last or _progress(path) > _progress(last[home]):
            last[home] = path
    return _of_files(folder, [last[home] for home in sorted(last)], _history, asked)


def _of_files(
    folder: Path,
    paths: Sequence[Path],
    read: Callable[[bytes, str], list[dict[str, Any]]],
    asked: Asked,
) -> Reports:
    asked.refuse("a run is a file below the folder", "run")
    runs: dict[str, Sequence[Row]] = {}
    for path in paths:
        home = path.parent
        if home.name.startswith("checkpoint-"):
            home = home.parent
        name = name_of(home / path.name)
        runs[_free(name, runs, home, folder)] = read(path.read_bytes(), str(path))
    apart = [name for run in runs.values() for row in run for name in row if name.lower() in RUNS]
    groups = groups_of(runs, asked, str(folder))
    notes = [f"{len(runs)} files, a run each"]
    return _noted(reports_of(runs, asked, str(folder), groups=groups, apart=apart), notes)


def _history(content: bytes, where: str) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = json.loads(text_of(content, where))["log_history"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{where} holds no log_history of transformers: {error}") from error
    return rows


def _progress(path: Path) -> int:
    try:
        return int(json.loads(path.read_bytes()).get("global_step", 0))
    except (ValueError, AttributeError, TypeError):
        return -1


def _folders(folder: Path, *names: str) -> list[Path]:
    """That hold one of these files, itself or below."""
    return sorted({path.parent for name in names for path in folder.rglob(name)})


def _ray_rows(trial: Path) -> tuple[list[dict[str, Any]], bool]:
    """Reports of a trial with nested names joined by "/", and whether its last line is cut off."""
    lines = trial / RAY_FILES[0]
    if lines.is_file() and lines.stat().st_size:
        rows, cut = lines_of(text_of(lines.read_bytes(), str(lines)), str(lines))
        return [_flat(row) for row in rows], cut
    table = trial / RAY_FILES[1]
    if not table.is_file() or not table.stat().st_size:
        return [], False
    return csv_rows(table.read_bytes(), str(table)), False


def _flat(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, cell in row.items():
        if isinstance(cell, dict) and cell:
            found |= _flat(cell, f"{before}{name}/")
        else:
            found[before + name] = float("nan") if cell is None or cell == "null" else cell  # [1]
    return found


def _configuration(trial: Path, rows: Sequence[Row]) -> str:
    """Of a trial, without seeds; "" where it has none."""
    found = {
        name.removeprefix("config/"): cell
        for name, cell in rows[0].items()
        if name.startswith("config/")
    }
    if not found and (kept := trial / "params.json").is_file():
        try:
            found = _flat(json.loads(kept.read_bytes()))
        except (ValueError, AttributeError):
            return ""
    return configuration_of(found)


def configuration_of(parameters: Mapping[str, Any]) -> str:
    """One text for equal parameters, seeds aside; "" for none."""
    named = {
        name: "" if is_empty(value) else str(value)
        for name, value in sorted(parameters.items())
        if not is_seed(name)
    }
    return json.dumps(named) if named else ""


def is_seed(name: str) -> bool:
    """Whether a parameter only repeats a run."""
    last = name.rsplit("/", 1)[-1].lower()
    return last in SEEDS or last.endswith("_seed")


def _free(name: str, taken: Mapping[str, Any], path: Path, folder: Path) -> str:
    """A name that is not taken: the path below the folder where it is."""
    if name not in taken:
        return name
    try:
        longer = path.relative_to(folder).as_posix()
    except ValueError:
        longer = path.as_posix()
    return longer if longer not in taken else f"{longer} ({len(taken)})"


def _noted(reports: Reports, notes: Sequence[str]) -> Reports:
    return Reports(
        reports.metric,
        reports.runs,
        reports.groups,
        reports.seconds,
        notes=(*notes, *reports.notes),
    )
