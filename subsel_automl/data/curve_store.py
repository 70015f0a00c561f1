"""Finished curves on disk: curves.npy ([n, epochs]) and curves.json (names, predictor, sha256).

A predictor of curves is deterministic: it is fitted anew from what is kept. The JSON is written
last and names the values' sha256, so a folder is either whole or refused.

Source: this project. Deviations: none.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.curves import Curves
from ..core.errors import BadInput, DamagedArtefact
from ..core.files import read_json, write_atomic, write_json

FORMAT = "subsel-curves-1"
VALUES, RECORD = "curves.npy", "curves.json"


@dataclass(frozen=True)
class KeptCurves:
    """Finished curves, and what has to be known to read and foretell others like them."""

    curves: Curves
    metric: str
    steps: tuple[float, ...]
    by: str
    predictor: str
    options: Mapping[str, Any]


def save_curves(kept: KeptCurves, folder: Path) -> str:
    """Write them; the sha256 of the values."""
    out = io.BytesIO()
    np.save(out, kept.curves.values, allow_pickle=False)
    sha256 = hashlib.sha256(out.getvalue()).hexdigest()
    write_atomic(folder / VALUES, out.getvalue())
    record = {
        "format": FORMAT,
        "sha256": sha256,
        "goal": kept.curves.goal,
        "metric": kept.metric,
        "by": kept.by,
        "predictor": kept.predictor,
        "options": dict(kept.options),
        "steps": list(kept.steps),
        "names": list(kept.curves.names),
        "groups": list(kept.curves.groups),
    }
    write_json(folder / RECORD, record)
    return sha256


def load_curves(folder: Path) -> KeptCurves:
    """Read what `save_curves` wrote.

    Raises:
        DamagedArtefact: a file is missing, does not match its checksum, or has another format.
    """
    record = read_json(folder / RECORD)
    if record.get("format") != FORMAT:
        raise DamagedArtefact(
            f"{folder / RECORD} has format {record.get('format')!r}; this version reads {FORMAT!r}"
        )
    try:
        content = (folder / VALUES).read_bytes()
    except OSError as error:
        raise DamagedArtefact(f"{folder / VALUES} cannot be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != record.get("sha256"):
        raise DamagedArtefact(
            f"{folder / VALUES} does not match the sha256 in {RECORD}; fit the curves anew"
        )
    try:
        values = np.load(io.BytesIO(content), allow_pickle=False)
        curves = Curves(values, record["goal"], tuple(record["names"]), tuple(record["groups"]))
        return KeptCurves(
            curves,
            record["metric"],
            tuple(record["steps"]),
            record["by"],
            record["predictor"],
            record["options"],
        )
    except (ValueError, KeyError, TypeError, BadInput) as error:
        raise DamagedArtefact(f"{folder} does not hold curves: {error}") from error
