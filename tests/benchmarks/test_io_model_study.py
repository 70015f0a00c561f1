"""The study of the IO model: its rows in tables and claim, and what is drawn for the forest."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.io_model import cells, claim, features, run, table, zoo
from subsel_automl.core.errors import BadInput
from subsel_automl.data.splits import architecture_role

PLACES = [
    f"{of} networks, {on} images" for of in ("learnt", "unseen") for on in ("learnt", "unseen")
]


def row(cell, io):
    place = {"validity": 0.4, "uniqueness": 0.9}
    forest = {
        f"{p} {n}": {"r": 0.5, "rmse": 0.02} for p in ("mean", "flatten") for n in cells.SIZES
    }
    guesses = dict.fromkeys(table.GUESSES, 0.04) | {"io": io, "mean_vector": 0.05}
    networks = {"r": 0.6, "rmse": 0.03, "rmse_of_the_mean": 0.04}
    foretold = {
        "io": dict.fromkeys(PLACES, guesses),
        "accuracy": {"learnt": networks, "unseen": networks},
    }
    return {
        "cell": cell,
        "generated": {"position": place},
        "operation_accuracy": 0.9,
        "entry_accuracy": 0.8,
        "cpu_seconds": 30.0,
        "foretold": foretold.get(cell["model"]),
        "forest": forest,
    }


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "PATH", tmp_path / "rows.jsonl")
    monkeypatch.setattr(features, "PATH", tmp_path / "features.jsonl")
    monkeypatch.setattr(claim, "PATH", tmp_path / "rows.jsonl")

    def written(io, kept=None):
        rows = [row(cell, io) for cell in cells.cells()[:kept]]
        cells.PATH.write_text("".join(json.dumps(one) + "\n" for one in rows))

    return written


@pytest.mark.parametrize(("io", "below"), [(0.030, 25.0), (0.039, 2.5), (0.042, -5.0)])
def test_the_claim_is_held_against_the_lower_mean_vector(write, io, below):
    write(io)
    found = claim.measure(quick=True)
    assert found["percent_below_the_mean_vector"]["value"] == pytest.approx(below)
    assert found["holds"] == (below >= 5)
    assert found["said_of_it"] == ("" if below >= 5 else "not reached")
    assert found["accuracy_model"]["r"]["value"] == 0.6


def test_a_claim_with_missing_rows_does_not_hold_and_counts_them(write):
    write(0.030, kept=4)
    found = claim.measure(quick=True)
    assert (found["cells_not_run"], found["holds"]) == (5, False)


def test_without_rows_there_is_no_claim_and_every_cell_of_a_table_says_so(write):
    with pytest.raises(BadInput, match="io_model run"):
        claim.measure(quick=True)
    assert table.tables().count("not run") > 30


def test_tables_hold_our_numbers_and_the_papers(write):
    write(0.0301)
    shown = table.tables()
    assert "0.0301 (" in shown
    assert "0.0279, 0.0319" in shown  # Table 5
    assert "0.686, 0.713, 0.732" in shown  # Table 6, IO Model 1
    assert "0.0170" not in shown  # numbers of the paper as typed
    assert shown.count("not run") == 2 * 5 + 1  # 10,000 cells; Figs. 2 to 4


@pytest.mark.slow
def test_unseen_networks_are_of_the_test_fold_and_others_of_the_training_fold():
    assert {architecture_role(cell) for cell in zoo.unseen()} == {"test"}
    assert {architecture_role(cell) for cell in zoo.trained()} == {"training"}
    assert (len(zoo.unseen()), len(zoo.trained()), len(zoo.trained(5))) == (16, 64, 5)


class Watching:
    """A predictor that says which rows it was given."""

    given: tuple[list[float], list[float]]

    def fit(self, x, y):
        Watching.given = (x[:, 0].tolist(), [])
        return self

    def predict(self, x):
        Watching.given[1].extend(x[:, 0].tolist())
        return 0.9 + x[:, 0] / 1e4, np.ones(len(x))


def test_the_forest_is_tested_on_cells_above_80_percent_that_it_was_not_fitted_on(monkeypatch):
    percent = np.where(np.arange(600) % 20, 90.0 + np.arange(600) / 100, 10.0)

    class Drawn:
        pass

    Drawn.percent = percent
    monkeypatch.setattr(run, "drawn", lambda: Drawn)
    monkeypatch.setattr(run, "predictor", lambda *_, **__: Watching())
    told = run.forest(np.arange(600.0)[:, None], 100, seed=0)
    fitted, tested = Watching.given
    assert (len(fitted), len(tested)) == (100, 470)
    assert not set(fitted) & set(tested)
    assert all(row % 20 for row in (*fitted, *tested))
    assert told["r"] == pytest.approx(1)
    assert told["rmse"] == pytest.approx(0, abs=1e-9)
