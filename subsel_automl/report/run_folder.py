"""A run on disk, as `subsel tune` and `subsel demo` leave it, and the report that it makes.

    ledger.sqlite      every second
    facts.json         title and what was run on what
    architecture.json  the cell: space, ops, edges
    trials.json        one mapping a trial
    rivals.json        costs to break even against: name, preparation, per_architecture, training
    examples.npz       pictures of chosen and rejected examples, classes chosen and in the pool

Every file may be absent; the page then leaves out what it would show.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.amortization import OVERS, Cost, Over, break_even
from ..core.architecture import Architecture
from ..core.errors import BadInput, DamagedArtefact, MissingData
from ..core.files import read_json, write_atomic
from ..core.ledger import AmortizationLedger
from ..core.pool import Pool
from ..core.subset import Subset
from ..core.summary import summaries_of
from .cell_svg import draw_cell
from .data import ReportData

LEDGER, FACTS, CELL = "ledger.sqlite", "facts.json", "architecture.json"
TRIALS, RIVALS, EXAMPLES = "trials.json", "rivals.json", "examples.npz"
PICTURES = 12  # of each end of each group
QUERIES = 40  # points of a break-even curve
TITLE = "A run of subsel_automl"


def read_rows(path: Path) -> list[dict[str, Any]]:
    """A JSON list of objects.

    Raises:
        MissingData: no such file.
        DamagedArtefact: something else is in it.
    """
    if not path.is_file():
        raise MissingData(f"there is no file {str(path)!r}")
    try:
        rows = json.loads(path.read_bytes())
    except ValueError as error:
        raise DamagedArtefact(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DamagedArtefact(f"{path} holds no JSON list of objects")
    return rows


def report_of(
    folder: Path | None = None,
    *,
    ledger: Path | None = None,
    trials: Path | None = None,
    accuracy: Path | None = None,
    title: str | None = None,
) -> ReportData:
    """The report of a run folder; files that are given stand in for the folder's.

    Raises:
        BadInput: neither a folder nor a file is given.
        MissingData: a given file or folder is not there.
        DamagedArtefact: a file that cannot be read.
    """
    if folder is None and ledger is None and trials is None and accuracy is None:
        raise BadInput("a report of what? give a run's folder, a ledger, trials or accuracy rows")
    if folder is not None and not folder.is_dir():
        raise MissingData(f"there is no run folder {str(folder)!r}")
    facts = _json_of(folder, FACTS)
    title = title or facts.pop("title", TITLE)
    parts: dict[str, Any] = {"facts": {name: str(value) for name, value in facts.items()}}
    file = ledger or _there(folder, LEDGER)
    if file is not None:
        parts |= _costs(file, folder)
    rows = trials or _there(folder, TRIALS)
    if rows is not None:
        parts["trials"] = read_rows(rows)
    if accuracy is not None:
        parts["accuracy"] = read_rows(accuracy)
    cell = _json_of(folder, CELL)
    if cell:
        parts["cell_svg"] = draw_cell(_architecture(cell))
    examples = _there(folder, EXAMPLES)
    if examples is not None:
        parts |= _examples(examples)
    return ReportData(title, **parts)


def _there(folder: Path | None, name: str) -> Path | None:
    return folder / name if folder is not None and (folder / name).is_file() else None


def _json_of(folder: Path | None, name: str) -> dict[str, Any]:
    path = _there(folder, name)
    return {} if path is None else read_json(path)


def _architecture(cell: Mapping[str, Any]) -> Architecture:
    edges = tuple((int(u), int(v)) for u, v in cell["edges"])
    return Architecture(cell["space"], tuple(cell["ops"]), edges)


def _costs(file: Path, folder: Path | None) -> dict[str, Any]:
    if not file.is_file():
        raise MissingData(f"there is no ledger at {str(file)!r}")
    ledger = AmortizationLedger(file)
    try:
        stages = ledger.totals()
        mine = ledger.cost() if ledger.test_architectures else None
        summaries = [summary.as_dict() for summary in summaries_of(ledger)]
    finally:
        ledger.close()
    rivals = _there(folder, RIVALS)
    if mine is None or rivals is None:
        return {"stages": stages, "summaries": summaries}
    names = ("preparation", "per_architecture", "training")
    others = {row["name"]: Cost(*(row[name] for name in names)) for row in read_rows(rivals)}
    return {"stages": stages, "summaries": summaries, "break_even": curves(mine, others)}


def curves(mine: Cost, others: Mapping[str, Cost]) -> dict[str, Any]:
    """Break-even curves, up to twice the last crossing."""
    points: dict[str, dict[str, int | None]] = {
        name: {over: break_even(mine, other, over) for over in OVERS}
        for name, other in others.items()
    }
    last = max((k or 0 for point in points.values() for k in point.values()), default=0)
    tests = np.unique(np.geomspace(1, max(100, 2 * last), QUERIES).astype(int)).tolist()

    def line(cost: Cost, over: Over) -> list[float]:
        return [cost.amortized(k, over) for k in tests]

    series = {
        name: {over: line(cost, over) for over in OVERS}
        for name, cost in {"this run": mine, **others}.items()
    }
    return {"tests": tests, "series": series, "points": points}


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """A JSON list of objects, whole or not at all."""
    write_atomic(path, json.dumps([dict(row) for row in rows], indent=1, allow_nan=False).encode())


def write_examples(
    folder: Path, pool: Pool, subset: Subset, probabilities: npt.NDArray[np.floating]
) -> None:
    """Pictures at both ends of the predicted probability, chosen and rejected; class counts.

    Args:
        probabilities: predicted probability of its own label for each example of the pool, [n].
    """
    if pool.images is None or pool.labels is None:
        return
    chosen = np.zeros(len(pool), bool)
    chosen[subset.indices] = True
    order = np.argsort(-probabilities, kind="stable")
    groups = [order[chosen[order]], order[~chosen[order]]]
    rows = np.unique(
        np.concatenate([part for g in groups for part in (g[:PICTURES], g[-PICTURES:])])
    )
    names = pool.class_names or tuple(map(str, range(pool.classes)))
    counts = [np.bincount(x, minlength=pool.classes) for x in (pool.labels[chosen], pool.labels)]
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        images=pool.images.batch(rows),
        labels=pool.labels[rows],
        probability=probabilities[rows],
        chosen=chosen[rows],
        names=np.array(names),
        counts=np.stack(counts),
    )
    write_atomic(folder / EXAMPLES, buffer.getvalue())


def _examples(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as file:
            parts = {name: file[name] for name in file.files}
        names, (picked, there) = [str(name) for name in parts["names"]], parts["counts"]
        rows = zip(*(parts[n] for n in ("images", "labels", "probability", "chosen")), strict=True)
        gallery = [
            {"image": image, "label": names[label], "probability": float(p), "chosen": bool(taken)}
            for image, label, p, taken in rows
        ]
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise DamagedArtefact(f"{path} cannot be read: {error}") from error
    balance = {n: (int(a), int(b)) for n, a, b in zip(names, picked, there, strict=True)}
    return {"gallery": gallery, "class_balance": balance}
