"""Truths of the search benchmarks' tables, from rows whose answers are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.correlation import cells as correlation
from benchmarks.correlation import table as correlation_table
from benchmarks.hpo import cells as hpo
from benchmarks.hpo import claim as hpo_claim
from benchmarks.hpo import table as hpo_table
from benchmarks.online import cells as online
from benchmarks.online import claim as online_claim
from benchmarks.run import read_rows
from subsel_automl.core.errors import BadInput

RESULTS = hpo.PATH  # as shipped


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def search(cell, error, cpu, curves=()):
    return {
        "cell": cell,
        "test_error": error,
        "validation_accuracy": 0.9,
        "cpu_seconds": cpu,
        "wall_seconds": cpu / 2,
        "fit_cpu_seconds": 0.0,
        "epochs_trained": 20,
        "config": {"lr": error},
        "curves": list(curves),
    }


def winners(rows):
    """Of the searches: their errors, 0.3 points less or more by seed."""
    return [
        {"cell": cell, "test_error": json.loads(cell["config"])["lr"] + 0.3 * (cell["seed"] - 1)}
        for cell in hpo.winner_cells(rows)
    ]


KNOWN = {"full": (10, 100), "rungs": (10.2, 10), "random": (12, 10), "automata": (11, 50)}


@pytest.fixture
def write_searches(tmp_path, monkeypatch):
    """Searches of methods by (test error, CPU seconds); every repeat has a winner of its own."""
    monkeypatch.setattr(hpo, "PATH", tmp_path / "hpo.jsonl")
    monkeypatch.setattr(hpo, "WINNERS", tmp_path / "hpo_winners.jsonl")

    def write_them(known, cells=None):
        rows = [
            search(c, *known[c["method"]])
            | {"config": {"lr": known[c["method"]][0], "of": c["repeat"]}}
            for c in (hpo.cells() if cells is None else cells)
            if c["method"] in known
        ]
        write(hpo.PATH, rows)
        write(hpo.WINNERS, winners(rows))
        return rows

    return write_them


@pytest.fixture
def searches(write_searches):
    """Full: error 10 in 100 s; rungs 10.2 in 10; random 12 in 10; automata 11 in 50."""
    return write_searches(KNOWN)


def every_method(**instead):
    """As KNOWN, everybody else with an error of 12 in 20 s."""
    others = {cell["method"]: (12, 20) for cell in hpo.cells()}
    return others | KNOWN | instead


@pytest.mark.usefixtures("searches")
def test_speed_up_is_full_searchs_cost_over_ones_own():
    rows = {entry["rival"]: entry for entry in hpo.entries(0.1)}
    assert rows["rungs", "labels", 1]["cpu"].value == pytest.approx(10)
    assert rows["automata", "labels", 0]["wall"].value == pytest.approx(2)


def test_a_slower_machine_makes_no_search_dearer(write_searches):
    rows = write_searches(KNOWN)
    full = 100 / 20  # seconds of an epoch, when full search ran
    slower = {"cpu_seconds": 20.0, "epoch_cpu_seconds": 2 * full}
    write(hpo.PATH, [r | slower if r["cell"]["method"] == "rungs" else r for r in rows])
    entry = {entry["rival"]: entry for entry in hpo.entries(0.1)}[hpo.BEST]
    assert entry["cpu"].value == pytest.approx(10)
    assert entry["cpu_as_read"] is None


@pytest.mark.usefixtures("searches")
def test_the_papers_numbers_stand_beside_the_fixed_subsets_with_labels():
    text = hpo_table.table()
    assert (
        "| automata | labels | fixed | 11.00 (11.00 to 11.00) | 3.39 | 2.0 (2.0 to 2.0) |" in text
    )
    assert "| random | labels | redrawn | 12.00 (12.00 to 12.00) |  | 10.0 (10.0 to 10.0) |" in text


def test_the_hpo_claim_holds_when_every_bar_does(write_searches):
    write_searches(every_method())
    found = hpo_claim.measure(quick=True)
    assert found["holds"]
    assert found["best"]["more_error_than_full"]["value"] == pytest.approx(0.2)
    assert (found["distinct_winners"], found["seeds"]) == (12, 3)


@pytest.mark.parametrize("rungs", [(10.6, 10), (10.2, 13)], ids=["error", "cost"])
def test_the_hpo_claim_needs_both_of_its_bars(write_searches, rungs):
    write_searches(every_method(rungs=rungs))
    assert not hpo_claim.measure(quick=True)["holds"]


def test_the_hpo_claim_does_not_hold_with_a_cell_missing(write_searches):
    write_searches(every_method())
    rows = [json.loads(line) for line in hpo.WINNERS.read_text().splitlines()]
    write(hpo.WINNERS, rows[:-1])
    found = hpo_claim.measure(quick=True)
    assert found["cells_not_run"] == {"searches": 0, "winners": 1}
    assert not found["holds"]


def test_the_hpo_claim_says_who_is_ahead(write_searches):
    write_searches(every_method(random=(9, 5)))
    ahead = hpo_claim.measure(quick=True)["ahead"]
    assert "random labels redrawn" in ahead["less_error"]
    assert "random labels redrawn" in ahead["cheaper"]
    assert "automata labels" in ahead["dearer"]


@pytest.mark.usefixtures("searches")
def test_a_searchs_error_is_the_mean_over_the_seeds_of_its_winner():
    rows = {entry["rival"]: entry for entry in hpo.entries(0.1)}
    assert rows[hpo.FULL]["errors"][0] == pytest.approx(10)  # of 9.7, 10 and 10.3
    kept = [json.loads(line) for line in hpo.WINNERS.read_text().splitlines()]
    write(hpo.WINNERS, [row for row in kept if row["cell"]["seed"] != 2])
    rows = {entry["rival"]: entry for entry in hpo.entries(0.1)}
    assert rows[hpo.FULL]["errors"] == {}


def test_searches_with_the_same_winner_share_its_trainings():
    rows = [{"config": {"lr": 1, "name": "a"}}, {"config": {"name": "a", "lr": 1}}]
    assert [cell["seed"] for cell in hpo.winner_cells(rows)] == [0, 1, 2]


def test_rungs_look_at_as_many_configurations_and_cost_an_eighth_at_most():
    assert hpo.PLAN.trials == hpo.SAMPLES
    seen = {row["cell"]["repeat"]: row["epochs_trained"] for row in read_rows(RESULTS) if full(row)}
    assert hpo.PLAN.cost * hpo.RETRAIN_PASSES < min(seen.values()) / 8


def full(row):
    return row["cell"]["method"] == "full"


def test_a_single_repeat_has_no_spread(write_searches):
    write_searches({"full": (10, 100)}, [c for c in hpo.cells(["full"]) if c["repeat"] == 0])
    assert (
        "| full | labels | all data | 10.00 | 2.48 | 1.0 | 1.0 | 1.0 | 1.0 | 1 | 90.00 | 1, 1 |"
        in hpo_table.table()
    )


def test_a_ratio_without_rows_is_not_run(tmp_path, monkeypatch):
    monkeypatch.setattr(correlation, "PATH", tmp_path / "none.jsonl")
    assert "r = 0.3: not run" in correlation_table.table()


def test_a_claim_without_rows_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setattr(hpo, "PATH", tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match=r"benchmarks\.hpo run"):
        hpo_claim.measure(quick=True)


def ranked(mode, ratio, seed, accuracies):
    return [
        {"cell": correlation._cell(place, mode, ratio, seed), "accuracy": float(value)}
        for place, value in enumerate(accuracies)
    ]


def test_a_mode_that_ranks_as_the_truth_does_has_tau_one_and_no_regret():
    truth = np.linspace(0.5, 0.9, correlation.CONFIGURATIONS)
    rows = ranked(("full", "labels", 0), 1.0, correlation.TRUTH_SEEDS[0], truth)
    rows += ranked(("random", "labels", 0), 0.1, 0, truth - 0.2)
    rows += ranked(("subselnet", "soft", 1), 0.1, 0, -truth + 1)
    same = correlation.agreement(("random", "labels", 0), 0.1, rows)[0]
    turned = correlation.agreement(("subselnet", "soft", 1), 0.1, rows)[0]
    assert (same["kendall"], same["regret"]) == (pytest.approx(1), pytest.approx(0))
    assert turned["kendall"] == pytest.approx(-1)
    assert turned["regret"] > 30


def test_a_seed_with_a_missing_configuration_is_not_ranked():
    truth = np.linspace(0.5, 0.9, correlation.CONFIGURATIONS)
    rows = ranked(("full", "labels", 0), 1.0, correlation.TRUTH_SEEDS[0], truth)
    rows += ranked(("random", "labels", 0), 0.1, 0, truth)[:-1]
    assert correlation.agreement(("random", "labels", 0), 0.1, rows) == []


def test_quarters_compare_the_first_epoch_of_the_same_configurations(tmp_path, monkeypatch):
    monkeypatch.setattr(online, "PATH", tmp_path / "online.jsonl")
    rows = []
    for cell in online.cells():
        gain = np.linspace(-0.01, 0.02, online.TRIALS) * (cell["method"] == online.OURS)
        cpu = 1000.0 if cell["method"] == online.FULL else 100.0
        rows.append(search(cell, 10.0, cpu, [[0.7 + g, 0.9] for g in gain]))
    write(online.PATH, rows)
    found = online.summary()
    means = [quarter.value for quarter in found["gain_by_quarter"]]
    assert means == sorted(means)
    assert means[-1] > 1.5
    assert found["cost_of_full"] == pytest.approx(0.1)
    assert 0 < found["ahead_after_trials"] < online.TRIALS
    assert 0 in found["trials_behind"][0]
    assert found["cost_of_rival"].value == pytest.approx(1)
    assert not online_claim.measure(quick=True)["holds"]  # behind in the first quarter


def test_a_gain_by_rescue_is_told_apart_from_one_over_a_good_rival(tmp_path, monkeypatch):
    monkeypatch.setattr(online, "PATH", tmp_path / "online.jsonl")
    rows = []
    for cell in online.cells():
        ours = cell["method"] == online.OURS
        good, ruined = 0.7 + 0.01 * ours, 0.2 + 0.3 * ours
        curves = [[good if trial % 2 else ruined] for trial in range(online.TRIALS)]
        rows.append(search(cell, 10.0, 100.0, curves))
    write(online.PATH, rows)
    found = online.summary()
    assert found["gain_where_rival_is_good"].value == pytest.approx(1)
    assert found["gain_elsewhere"].value == pytest.approx(30)
    assert found["trials_behind"] == [[], [], []]
