"""A file or folder of runs, whoever wrote it, as what the runs reported.

    read_reports(Path("runs.csv"), Asked(metric="val_loss")).curves("min")

Formats: csv, json, ray, lightning, transformers, tensorboard; told by what is there, or named.
Files may be compressed by gzip. A study of Optuna is read by `integrations/optuna_curves.py`.

Source: this project. Deviations: none.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from ..core.errors import BadInput, UnknownName
from .curve_csv import csv_reports, name_of
from .curve_folders import RAY_FILES, ray_reports, table_reports, transformers_reports
from .curve_json import json_reports
from .curve_rows import Asked
from .reports import Reports
from .tensorboard import PATTERN, tensorboard_reports

FOLDERS = {  # what is looked for in a folder, in this order
    "ray": RAY_FILES,
    "lightning": ("metrics.csv",),
    "transformers": ("trainer_state.json",),
    "tensorboard": (PATTERN,),
    "csv": ("*.csv",),
}
FORMATS = ("auto", "json", *FOLDERS)
GZIP = b"\x1f\x8b"
SQLITE = b"SQLite format 3\0"


def read_reports(path: Path, asked: Asked | None = None, form: str = "auto") -> Reports:
    """What the runs of a file or folder reported of one metric.

    Raises:
        BadInput: not there, empty, none of the formats, or what the format refuses.
        UnknownName: another format, column or metric; the nearest is offered.
        MissingData: the package that reads the format is missing.
    """
    if form not in FORMATS:
        raise UnknownName("format of runs", form, FORMATS)
    asked = asked or Asked()
    if not path.exists():
        raise BadInput(f"{path} is not there; give a file or folder of runs, or a study's URL")
    return _of_folder(path, asked, form) if path.is_dir() else _of_file(path, asked, form)


def _of_folder(folder: Path, asked: Asked, form: str) -> Reports:
    there = [
        name
        for name, patterns in FOLDERS.items()
        if any(next(folder.rglob(one), None) for one in patterns)
    ]
    if form == "json" or (form != "auto" and form not in there):
        raise BadInput(f"{folder} is a folder without files of {form}; it has {there or 'no runs'}")
    if not there:
        looked = ", ".join(one for patterns in FOLDERS.values() for one in patterns)
        raise BadInput(f"{folder} has no runs below it; looked for {looked}")
    kind = there[0] if form == "auto" else form
    if kind == "ray":
        found = ray_reports(folder, asked)
    elif kind == "transformers":
        found = transformers_reports(folder, asked)
    elif kind == "tensorboard":
        found = tensorboard_reports(folder, asked)
    else:
        found = table_reports(folder, FOLDERS[kind][0], asked)
    said = f"{folder} is read as {kind}"
    more = [one for one in there if one not in (kind, "csv")]
    said += f"; it has {', '.join(more)} too (--format)" if more and form == "auto" else ""
    return Reports(
        found.metric, found.runs, found.groups, found.seconds, notes=(said, *found.notes)
    )


def _of_file(path: Path, asked: Asked, form: str) -> Reports:
    if form == "tensorboard" or (form == "auto" and "tfevents" in path.name):
        return tensorboard_reports(path, asked)
    content = path.read_bytes()
    of_ray = path.name == RAY_FILES[0] and b'"training_iteration"' in content
    if form == "ray" or (form == "auto" and of_ray):
        return ray_reports(path.parent, asked)
    if form in ("lightning", "transformers"):
        form = "csv" if form == "lightning" else "json"
    if content.startswith(GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise BadInput(f"{path} is no whole gzip file: {error}") from error
    if not content.strip():
        raise BadInput(f"{path} is empty; no run")
    if content.startswith(SQLITE):
        raise BadInput(f"{path} is a database; a study of Optuna in it is sqlite:///{path}")
    if form == "json" or (form == "auto" and _is_json(path, content)):
        found = json_reports(content, asked, str(path))
    else:
        found = csv_reports(content, asked, str(path))
    if list(found.runs) != [str(path)]:
        return found
    name, seconds = name_of(path), list(found.seconds.values())
    return Reports(
        found.metric,
        {name: found.runs[str(path)]},
        {name: found.groups.get(str(path), name)},
        {name: seconds[0]} if seconds else {},
        notes=found.notes,
    )


def _is_json(path: Path, content: bytes) -> bool:
    suffixes = path.suffixes
    if any(one in (".json", ".jsonl", ".ndjson") for one in suffixes):
        return True
    if any(one in (".csv", ".tsv") for one in suffixes):
        return False
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")
