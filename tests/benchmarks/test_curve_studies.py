"""Truths of the studies of curves and of stoppers, from rows and curves whose answers are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("optuna", reason="extra [optuna] is not installed")

from benchmarks import extrapolating
from benchmarks.curves import cells as curve_cells
from benchmarks.curves import claim as curve_claim
from benchmarks.curves import nlp
from benchmarks.curves import run as curve_run
from benchmarks.curves import table as curve_table
from benchmarks.stopper import claim, orders, run, searches, table
from subsel_automl.core.curves import Curves
from subsel_automl.core.errors import BadInput

EPOCHS = orders.EPOCHS


def kept(path, rows) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def curve_rows(tmp_path, monkeypatch):
    """Writes the rows of the curves' study."""
    for module in (curve_claim, curve_run, curve_table):
        monkeypatch.setattr(module, "PATH", tmp_path / "curves.jsonl")

    def write(lcsvr=0.95, structure=0.2, both=0.9, left_out=0):
        rows = []
        for cell in curve_cells.cells():
            if cell["study"] == "rank":
                tau = lcsvr if cell["predictor"] == "lcsvr" else 0.5
                row = {str(e): {"tau": tau, "rmse": 1.0, "within_sd": 0.5} for e in (5, 10, 20)}
            elif cell["study"] == "other":
                row = {str(e): dict.fromkeys(curve_table.MEASURES, 0.5) for e in (1, 2, 5)}
            elif cell["study"] == "surrogate":
                value = structure if cell["features"] == "structure" else both
                row = dict.fromkeys(curve_table.MEASURES, value)
            else:
                shown = [f"sd at {e}" for e in curve_cells.SHOWN_EPOCHS]
                shown += [f"lag {lag}" for lag in curve_cells.LAGS]
                kinds = [*curve_table.KLS, "mse", "mse_to_replicates", "kurtosis", *shown]
                row = dict.fromkeys(kinds, 1.0)
            rows.append({"cell": cell, **row})
        kept(tmp_path / "curves.jsonl", rows[left_out:])

    return write


@pytest.mark.parametrize(
    ("rows", "holds"),
    [({}, True), ({"structure": 0.31}, False), ({"both": 0.75}, False), ({"left_out": 1}, False)],
    ids=["good", "leak", "weak", "missing"],
)
def test_a_surrogate_holds_without_a_leak_and_with_all_cells(curve_rows, rows, holds):
    curve_rows(**rows)
    assert curve_claim.measure_surrogate(quick=True)["holds"] is holds


@pytest.mark.parametrize(("tau", "holds"), [(0.95, True), (0.91, False)])
def test_the_order_holds_at_every_epoch(curve_rows, tau, holds):
    curve_rows(lcsvr=tau)
    found = curve_claim.measure_rank(quick=True)
    assert found["holds"] is holds
    assert found["lcsvr_less_last"]["100"]["5"]["value"] == pytest.approx(tau - 0.5)


def test_tables_print_what_is_not_run_and_what_is_published(curve_rows, tmp_path):
    kept(tmp_path / "curves.jsonl", [])
    shown = curve_table.tables()
    assert "| SVD-FOREST | structure | not run |" in shown
    assert (
        "| NAS-Bench-311 | SVD-LGB-GKDE | 0.779 | 0.800 | 0.728 | 0.788 | 0.503 | 0.548 |" in shown
    )
    with pytest.raises(BadInput, match="nothing is measured yet"):
        curve_claim.measure_rank(quick=True)


def test_words_of_the_claims_are_made_of_their_rows(curve_rows):
    curve_rows()
    told = extrapolating.of_rank(curve_claim.measure_rank(quick=True))
    assert "lcsvr 0.950, 0.950, 0.950" in told
    surrogate = extrapolating.of_surrogate(curve_claim.measure_surrogate(quick=True))
    assert "structure adds +0.00" in surrogate


def test_what_is_counted_of_a_recipe():
    recipe = {
        "f": {"op": "linear", "input": ["x", "h_prev_0"]},
        "h_new_0": {"op": "activation_tanh", "input": ["f"]},
    }
    found = nlp.counts(json.dumps(recipe), 1000.0)
    assert found == [1, 0, 0, 0, 1, 0, 0, 2, 3, 1, 3.0]


@pytest.fixture
def falling(monkeypatch):
    """300 losses that never cross."""
    levels = np.random.default_rng(0).permutation(300)[:, None] / 300
    curves = Curves(levels + 1 / np.arange(1.0, EPOCHS + 1), "min")
    monkeypatch.setattr(orders, "curves", lambda: curves)
    return curves


def test_without_a_stopper_a_budget_is_so_many_whole_runs(falling):
    found = orders.work({"stopper": "none", "order": 3})["regret_and_seen"]
    assert {name: seen for name, (_, seen) in found.items()} == {"1000": 20, "2000": 40, "4000": 80}
    first = np.random.default_rng(3).permutation(300)[:20]
    best = falling.values[first, -1].min() - falling.values[:, -1].min()
    assert found["1000"][0] == pytest.approx(best)


@pytest.mark.parametrize("stopper", ["last", "ridge after 20", "median (Optuna)", "asha (Optuna)"])
def test_a_stopper_sees_more_runs_and_where_curves_never_cross_loses_nothing(falling, stopper):
    stopped, plain = (
        orders.work({"stopper": name, "order": 3})["regret_and_seen"] for name in (stopper, "none")
    )
    assert stopped["2000"][1] > 2 * plain["2000"][1]
    assert stopped["2000"][0] <= plain["2000"][0]


def test_rows_are_of_other_orders_than_the_choices():
    assert max(cell["order"] for cell in orders.cells()) < 1_000


@pytest.fixture
def stopper_rows(tmp_path, monkeypatch):
    """Rows of orders and of searches whose winner is trial 0."""
    for module in (claim, run, table):
        monkeypatch.setattr(module, "PATH", tmp_path / "stopper.jsonl")

    def write(ours=100, winner=0, regret=0.05):
        rows = []
        for cell in run.cells():
            if cell["study"] == "orders":
                found = {str(b): [regret, 9] for b in orders.BUDGETS}
                rows.append({"cell": cell, "regret_and_seen": found})
                continue
            curves = [[0.5, 0.9 - place / 100] for place in range(searches.TRIALS)]
            epochs = ours if cell["stopper"] == "curves" else 150 + cell["seed"]
            row = {"curves": curves, "epochs": epochs, "winner": 0, "cpu_seconds": 1.0}
            rows.append({"cell": cell, **row})
            rows[-1]["winner"] = winner if cell["stopper"] == "curves" else 0
        kept(tmp_path / "stopper.jsonl", rows)

    return write


@pytest.mark.parametrize(
    ("rows", "holds"),
    [({}, True), ({"ours": 160}, False), ({"winner": 3}, False), ({"regret": 0.2}, False)],
    ids=["good", "no cheaper", "other winner", "regret"],
)
def test_a_stopper_holds_if_it_spares_epochs_and_not_the_winner(stopper_rows, rows, holds):
    stopper_rows(**rows)
    assert claim.measure(quick=True)["holds"] is holds


def test_points_are_lost_where_another_trial_wins(stopper_rows):
    stopper_rows(winner=3)
    found = claim.measure(quick=True)["hosts"]["ray"]
    assert found["stoppers"]["curves"]["points_lost"]["value"] == pytest.approx(3.0)
    assert found["stoppers"]["curves"]["same_winner"] == 0
    assert "| curves | 0.260" in table.search_table("optuna")


def test_a_training_of_the_searches_depends_on_its_configuration_and_seed_alone():
    configs = searches.drawn(3)
    assert configs == searches.drawn(3) != searches.drawn(4)
    one, two = (searches.network(configs[0], 3) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one.parameters(), two.parameters(), strict=True))
