"""Truths of the two comparisons, from rows whose answers are known."""

from __future__ import annotations

import json

import pytest

from benchmarks.science import cells, claim


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes rows of a comparison: accuracy by (method, targets), 0.5 by default."""

    def write(which, made, accuracy):
        path = tmp_path / f"{which}.jsonl"
        rows = [
            {
                "cell": c,
                "accuracy": accuracy.get((c["method"], c["targets"]), 0.5)
                + 0.01 * c["architecture"]  # cancels in pairs
                + 0.002 * (c["method"] == "subselnet") * (c["architecture"] - 2),
            }
            for c in made
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    monkeypatch.setattr(cells, "path_of", lambda which: tmp_path / f"{which}.jsonl")
    monkeypatch.setattr(claim, "path_of", lambda which: tmp_path / f"{which}.jsonl")
    return write


LABELS = {("subselnet", "labels"): 0.55}


def test_soft_targets_alone_win_nothing_where_random_has_them_too(written):
    written("fixed", cells.fixed_cells(), {**LABELS, ("subselnet", "soft"): 0.6, ("random", "soft"): 0.6})  # fmt: skip  # noqa: E501
    found = claim.measure_fixed(quick=True)
    soft = found["leads_over_random_same_targets"]["soft 0.5 %"]
    assert (soft["lead"]["value"], soft["against_bar"], soft["holds"]) == (0.0, "tie", False)
    assert found["random_soft_over_random_labels"]["soft 2 %"]["value"] == 10
    assert not found["holds"]


def test_a_choice_that_helps_at_the_same_targets_holds(written):
    written("fixed", cells.fixed_cells(), {**LABELS, ("subselnet", "soft"): 0.6})
    found = claim.measure_fixed(quick=True)
    assert found["leads_over_random_same_targets"]["labels 2 %"]["lead"]["units"] == 5
    assert found["cells_not_run"] == 0
    assert found["holds"]


@pytest.mark.parametrize(("random", "holds"), [(0.5, True), (0.53, False)])
def test_equal_cost_holds_against_random_with_the_same_targets_too(written, random, holds):
    written("equal-cost", cells.equal_cells(), {("subselnet", "soft"): 0.53, ("random", "soft"): random})  # fmt: skip  # noqa: E501
    found = claim.measure_equal(quick=True)
    assert all(row["holds"] for row in found["leads_over_full_labels"].values())
    assert found["holds"] is holds


def test_one_budget_below_the_bar_is_enough_to_miss_it(written):
    made = cells.equal_cells()
    written("equal-cost", [c for c in made if c["budget"] != 0.02], {("subselnet", "soft"): 0.53})
    found = claim.measure_equal(quick=True)
    assert found["leads_over_full_labels"]["150 steps, 2 %"]["against_bar"] == "not run"
    assert found["cells_not_run"] > 0
    assert not found["holds"]
