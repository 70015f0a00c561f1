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
from subsel_automl.core.errors import BadInput


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


@pytest.fixture
def searches(tmp_path, monkeypatch):
    """Full: error 10 in 100 s; subselnet 10.2 in 10; random 12 in 10; automata 11 in 50."""
    path = tmp_path / "hpo.jsonl"
    monkeypatch.setattr(hpo, "PATH", path)
    known = {"full": (10, 100), "subselnet": (10.2, 10), "random": (12, 10), "automata": (11, 50)}
    write(path, [search(c, *known[c["method"]]) for c in hpo.cells() if c["method"] in known])


@pytest.mark.usefixtures("searches")
def test_speed_up_is_full_searchs_cost_over_ones_own():
    rows = {entry["rival"]: entry for entry in hpo.entries(0.1)}
    assert rows["subselnet", "labels", 0]["cpu"].value == pytest.approx(10)
    assert rows["automata", "labels", 0]["wall"].value == pytest.approx(2)


@pytest.mark.usefixtures("searches")
def test_the_papers_numbers_stand_beside_the_fixed_subsets_with_labels():
    text = hpo_table.table()
    assert (
        "| subselnet | labels | fixed | 10.20 (10.20 to 10.20) | 2.7 | 10.0 (10.0 to 10.0) |"
        in text
    )
    assert (
        "| subselnet | soft | redrawn | 10.20 (10.20 to 10.20) |  | 10.0 (10.0 to 10.0) |" in text
    )


@pytest.mark.usefixtures("searches")
def test_the_hpo_claim_holds_when_every_bar_does():
    found = hpo_claim.measure(quick=True)
    assert found["holds"]
    assert found["more_error_than_full"]["value"] == pytest.approx(0.2)


def test_a_control_that_is_clearly_ahead_breaks_the_hpo_claim(tmp_path, monkeypatch):
    monkeypatch.setattr(hpo, "PATH", tmp_path / "hpo.jsonl")
    known = {"full": (10, 100), "subselnet": (10.2, 10), "random": (9, 10), "automata": (11, 50)}
    cells = [c for c in hpo.cells() if c["method"] in known]
    write(hpo.PATH, [search(c, *known[c["method"]]) for c in cells])
    found = hpo_claim.measure(quick=True)
    assert "random soft redrawn" in found["controls_ahead"]
    assert not found["holds"]


@pytest.mark.usefixtures("searches")
def test_searches_with_the_same_winner_are_one_training():
    rows = {entry["rival"]: entry for entry in hpo.entries(0.1)}
    assert rows["subselnet", "soft", 1]["trainings"] == 3  # a seed each
    found = hpo_claim.measure(quick=True)
    assert (found["searches"], found["distinct_trainings"]) == (45, 12)


def test_a_single_repeat_has_no_spread(tmp_path, monkeypatch):
    monkeypatch.setattr(hpo, "PATH", tmp_path / "hpo.jsonl")
    cells = [c for c in hpo.cells() if c["method"] in ("full", "random") and c["repeat"] == 0]
    write(hpo.PATH, [search(c, 10, 100) for c in cells])
    assert (
        "| full | labels | all data | 10.00 | 2.48 | 1.0 | 1.0 | 1.0 | 1 | 90.00 | 1, 1 |"
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
