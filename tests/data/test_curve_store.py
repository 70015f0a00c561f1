"""Kept curves: the same back, or refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from subsel_automl.core.curves import Curves
from subsel_automl.core.errors import DamagedArtefact
from subsel_automl.data.curve_store import RECORD, VALUES, KeptCurves, load_curves, save_curves

CURVES = Curves(np.array([[0.9, 0.7], [0.8, 0.6]]), "min", ("a", "b"), ("g", "g"))
KEPT = KeptCurves(CURVES, "loss", (10.0, 20.0), "order", "lcsvr", {"seed": 3, "draws": 9})


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    save_curves(KEPT, tmp_path)
    found = load_curves(tmp_path)
    np.testing.assert_array_equal(found.curves.values, CURVES.values)
    assert (found.curves.names, found.curves.groups) == (("a", "b"), ("g", "g"))
    assert found.curves.goal == "min"
    assert (found.metric, found.steps, found.by) == ("loss", (10.0, 20.0), "order")
    assert (found.predictor, found.options) == ("lcsvr", {"seed": 3, "draws": 9})


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (VALUES, lambda b: b[:-1] + bytes([b[-1] ^ 1]), "does not match the sha256"),
        (VALUES, None, "cannot be read"),
        (RECORD, lambda b: b[:-9], "cannot be read as JSON"),
        (RECORD, lambda b: b.replace(b"curves-1", b"curves-9"), "format 'subsel-curves-9'"),
        (RECORD, lambda b: json.dumps({**json.loads(b), "names": ["a"]}).encode(), "not hold"),
        (RECORD, lambda b: b.replace(b'"goal"', b'"gaol"'), "not hold"),
    ],
)
def test_a_damaged_folder_is_refused(name: str, change, said: str, tmp_path: Path) -> None:
    save_curves(KEPT, tmp_path)
    path = tmp_path / name
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DamagedArtefact, match=said):
        load_curves(tmp_path)
