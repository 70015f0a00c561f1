"""The study of vectors of cells: what is drawn, what is fitted, what stands in its tables."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.encoders import cells, run, table, vectors
from subsel_automl.spaces.enumeration import CellTable

CELL = {"view": "operation counts", "pooling": "", "predictor": "forest", "fitted_on": "above 80 %"}
ROWS = 600


@pytest.fixture
def made(monkeypatch):
    """600 cells whose result is a point for each convolution of 3x3; one in twenty fails."""
    rng = np.random.default_rng(0)
    n = rng.integers(3, 8, ROWS).astype(np.uint8)
    chain = [sum(1 << (y - 1 + y * (y - 1) // 2) for y in range(1, size)) for size in n]
    codes = (rng.integers(0, 3**5, ROWS) % 3 ** (n.astype(int) - 2)).astype(np.uint8)
    listed = CellTable(n, np.array(chain, np.uint32), codes)
    ours = [sum(op.startswith("conv3x3") for op in cell.ops) for cell in listed]
    percent = 85.0 + np.array(ours)
    percent[::20] = 10.0
    found = vectors.Drawn(listed, percent, 1_000 * (1 + np.array(ours)))
    for module in (run, vectors):
        monkeypatch.setattr(module, "drawn", lambda: found)
    monkeypatch.setattr(run, "TESTED", 300)
    vectors._nodes.cache_clear()
    yield found
    vectors._nodes.cache_clear()


@pytest.mark.parametrize("predictor", ["gp", "forest"])
def test_a_view_that_holds_the_result_foretells_it(made, predictor):
    found = run.foretold({**CELL, "predictor": predictor, "rows": 100, "seed": 0})
    assert found["r"] > 0.97
    assert found["rmse"] < 0.004
    assert found["tested"] == 300


def test_what_was_fitted_is_not_tested_and_failures_are_never_tested(made, monkeypatch):
    asked = {}

    class Watching:
        def fit(self, x, y):
            asked["fitted"], asked["results"] = x, y
            return self

        def predict(self, x):
            asked["tested"] = x
            return np.linspace(0, 1, len(x)), np.ones(len(x))

    names = np.arange(ROWS)[:, None].astype(float)
    monkeypatch.setattr(run, "vectors", lambda *_: names)
    monkeypatch.setattr(run, "predictor", lambda *_, **__: Watching())
    for origin, failures in (("all", True), ("above 80 %", False)):
        run.foretold({**CELL, "fitted_on": origin, "rows": 200, "seed": 3})
        fitted, tested = asked["fitted"][:, 0], asked["tested"][:, 0]
        assert len(fitted) == 200
        assert not set(fitted) & set(tested)
        assert (asked["results"].min() < 0.5) == failures
        assert (made.percent[tested.astype(int)] > 80).all()


def test_the_controls_are_what_their_names_say(made):
    cell = made.cells[7]
    counts = vectors.vectors("operation counts", "")[7]
    assert counts[:3].sum() == len(cell) - 2
    assert counts[3] == len(cell.edges)
    onehot = vectors.vectors("one-hot adjacency", "")[7]
    assert (onehot[:21].sum(), onehot[21:].sum()) == (len(cell.edges), len(cell) - 2)
    assert vectors.vectors("parameters", "")[7] == np.log(made.parameters[7])


def test_poolings_are_of_the_nodes_that_are_there(made):
    flat = vectors.vectors("adjacency", "flat").reshape(ROWS, 7, -1)
    total, mean = (vectors.vectors("adjacency", how) for how in ("sum", "mean"))
    np.testing.assert_allclose(total, flat.sum(1))
    np.testing.assert_allclose(mean * made.cells.n_vertices[:, None], total, rtol=1e-6)


def test_an_encoder_that_is_not_there_is_not_run(monkeypatch, tmp_path):
    monkeypatch.setitem(cells.FOLDERS, "cate", tmp_path / "none")
    assert not cells.at_hand({"view": "cate"})
    (tmp_path / "none").mkdir()
    assert cells.at_hand({"view": "cate"})
    assert cells.at_hand({"view": "parameters"})


def test_every_cell_is_asked_for_once():
    named = [json.dumps(cell, sort_keys=True) for cell in cells.cells()]
    assert len(named) == len(set(named)) == 16 * 4 * 2 * 10


def test_tables_show_mean_and_interval_and_what_is_not_run(monkeypatch, tmp_path):
    path = tmp_path / "encoders.jsonl"
    rows = [
        {
            "cell": {**CELL, "predictor": "gp", "rows": 250, "seed": seed},
            "r": 0.5 + seed / 100,
            "rmse": 0.02,
        }
        for seed in range(3)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(cells, "PATH", path)
    first, second, published = table.table().split("\n\nFitted on above")[1].partition("As publ")
    (line,) = [one for one in first.splitlines() if one.startswith("| operation counts")]
    assert line.startswith("| operation counts |  | 0.510 (0.4")
    assert ", 3 of 10 seeds) |" in line
    assert line.endswith("| 0.0200 |" + " not run | not run |" * 3)
    assert second
    assert "| thesis, arch2vec | 0.67 ± 0.02 | 0.018 ± 0.001 |" in published
    assert "| info-NAS, Accuracy Model 1 | | | 0.669 | 0.0164 | 0.724 | 0.0174 | 0.758" in published
