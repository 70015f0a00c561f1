"""A claim, what it stands on, and when it holds."""

from __future__ import annotations

import json

import pytest

from benchmarks import claims, render, standing
from benchmarks.claims import CLAIMS
from benchmarks.run import read_rows
from benchmarks.standing import Claim, missing
from subsel_automl.core.errors import BadInput

MADE = Claim("made", "at least one", "no.where:at_all", rows=("made.jsonl",))


@pytest.mark.parametrize(
    ("measured", "holds"),
    [
        ({"holds": True}, True),
        ({"holds": False}, False),
        ({"holds": True, "cells_not_run": 0}, True),
        ({"holds": True, "cells_not_run": 1}, False),
        ({"holds": True, "cells_not_run": {"table 1": 0, "table 2": 2}}, False),
    ],
)
def test_a_claim_holds_when_its_bar_does_and_no_cell_is_missing(measured, holds):
    assert MADE.holds(measured) is holds


def test_a_report_neither_holds_nor_fails():
    report = Claim("told", "what there is", "no.where:at_all", report=True)
    assert report.holds({"cells_not_run": 3}) is None


def test_missing_cells_are_summed_over_tables():
    assert missing({"cells_not_run": {"a": 1, "b": 2}}) == 3
    assert missing({}) == 0


def test_a_claim_is_as_old_as_the_oldest_of_its_rows(tmp_path, monkeypatch):
    rows = [{"commit": name} for name in ("new", "old+", "gone")]
    (tmp_path / "made.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(standing, "RESULTS", tmp_path)
    monkeypatch.setattr(standing, "behind", {"new": 2, "old+": 9, "gone": None}.__getitem__)
    assert standing.oldest(MADE, {"commit": "new"}) == ("old+", 9)


def test_a_claim_without_rows_is_as_old_as_its_run(monkeypatch):
    monkeypatch.setattr(standing, "behind", {"run": 4}.__getitem__)
    assert standing.oldest(Claim("made", "", ""), {"commit": "run"}) == ("run", 4)


def test_a_commit_that_is_not_here_is_not_counted():
    assert standing.behind("0" * 40) is None


def test_rows_of_a_claim_that_stands_on_none_are_refused():
    with pytest.raises(BadInput, match="'fresh' stands on no rows"):
        claims.run(CLAIMS["fresh"], quick=False, rows=True)


def test_the_table_tells_reports_from_claims_and_how_far_each_is_behind(tmp_path, monkeypatch):
    kept = [
        {"claim": "cli", "holds": False, "commit": "a+", "measured": {"help_seconds_median": 9}},
        {"claim": "own-model", "holds": True, "commit": "b"}
        | {"measured": {"trials": 6, "best_accuracy": 0.5}},
    ]
    monkeypatch.setattr(render, "KEPT", tmp_path / "claims.jsonl")
    render.KEPT.write_text("".join(json.dumps(row) + "\n" for row in kept))
    monkeypatch.setattr(standing, "behind", {"a+": 7, "b": None}.__getitem__)
    lines = {line.split("`")[1]: line for line in render.claims_table().splitlines()[2:]}
    assert lines["cli"].endswith("| **no** | a+ | 7 |")
    assert lines["own-model"].endswith("| report | b |  |")
    assert lines["fresh"].endswith("| not run | | | |")


@pytest.mark.parametrize(("quick", "rows", "kept"), [(True, False, 0), (False, True, 1)])
def test_what_the_rows_come_to_is_kept_and_a_quick_look_is_not(
    tmp_path, monkeypatch, quick, rows, kept
):
    asked = []
    monkeypatch.setattr(claims, "KEPT", tmp_path / "claims.jsonl")
    monkeypatch.setattr(Claim, "measure", lambda _, quick: asked.append(quick) or {"holds": True})
    document = claims.run(MADE, quick, rows)
    assert document["holds"] is True
    assert asked == [True]  # nothing is trained
    assert len(read_rows(claims.KEPT)) == kept
