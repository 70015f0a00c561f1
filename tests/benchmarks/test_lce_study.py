"""The study of extrapolated searches: its space, and its claim on rows whose answers are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.lce import cells as study
from benchmarks.lce import claim, table
from benchmarks.lce.space import NAME, graph, nearest
from subsel_automl.core.curves import Curves
from subsel_automl.core.errors import BadInput, MissingData

REGRETS = {"": 0.5, "last": 0.2, "lcsvr": 0.1, "wpm": 0.3, "ridge": 0.6}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Rows of all cells: regret at 2,000 epochs by who foretells, a little more or less by seed."""
    path = tmp_path / "lce.jsonl"
    for module in (study, claim):
        monkeypatch.setattr(module, "PATH", path)

    def written(wanted, regrets=REGRETS):
        rows = [
            {
                "cell": cell,
                "regret": [[50, 2.0], [2000, regrets[cell["by"]] + 0.001 * (cell["seed"] % 3)],
                           [2001, 0.0]],
                "tried": 100, "stopped": 60, "ended": "spent", "cpu_seconds": 1.0,
            }
            for cell in wanted
        ]  # fmt: skip
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    return written


def test_the_claim_holds_where_every_search_is_better_with_an_extrapolator(write):
    write(study.cells())
    found = claim.measure(quick=True)
    assert found["holds"]
    assert found["cells_not_run"] == 0
    assert found["seeds"] == 30
    assert found["clearly_better_than_whole_trainings"]["bo"] == ["last", "lcsvr", "wpm"]
    assert found["clearly_better_than_last"] == [f"{name}, lcsvr" for name in study.SEARCHES]
    assert len(found["clearly_worse_than_last"]) == 2 * len(study.SEARCHES)
    assert found["regret_less_whole_trainings"]["random"]["last"]["value"] == -0.3


def test_the_claim_does_not_hold_where_extrapolators_are_worse(write):
    write(study.cells(), {**REGRETS, "": 0.05})
    assert not claim.measure(quick=True)["holds"]


def test_the_claim_does_not_hold_with_a_cell_missing(write):
    write(study.cells()[:-1])
    found = claim.measure(quick=True)
    assert (found["holds"], found["cells_not_run"]) == (False, 1)


def test_without_rows_the_claim_says_what_to_run(write):
    write([])
    with pytest.raises(BadInput, match="not all is measured"):
        claim.measure(quick=True)


def test_a_table_of_nothing_says_not_run(write):
    write([])
    assert table.tables().count("not run") == 5 * len(study.SEARCHES) + 4 * len(study.FEWS)


def test_regret_is_read_of_what_had_finished(write):
    row = {"regret": [[50, 2.0], [1000, 1.0], [1001, 0.5]]}
    assert [study.regret(row, at) for at in (999, 1000, 2000)] == [2.0, 1.0, 0.5]


def test_the_sweep_shares_the_cells_of_the_comparison_at_a_fifth():
    swept = {cell["few"] for cell in study.swept()}
    assert swept | {study.FEW} == set(study.FEWS)
    assert study.FEW not in swept


def test_a_recipe_becomes_a_graph_from_the_input_to_the_output():
    recipe = {
        "h_new_0": {"op": "activation_tanh", "input": ["f"]},
        "f": {"op": "linear", "input": ["x", "h_prev_0"]},
    }
    found = graph(json.dumps(recipe))
    assert found.space == NAME
    assert sorted(found.ops) == sorted(
        ("input", "x", "h_prev", "linear", "activation_tanh", "output")
    )
    linear, last = found.ops.index("linear"), found.ops.index("activation_tanh")
    assert (linear, last) in found.edges
    assert (last, len(found) - 1) in found.edges
    assert {u for u, v in found.edges if v == linear} == {1, 2}


def test_names_of_nodes_do_not_matter():
    one, other = (
        graph(json.dumps({name: {"op": "linear", "input": ["x"]}, "h_new_0": {
            "op": "blend", "input": [name, "h_prev_0"]}}))
        for name in ("f", "node_7")
    )  # fmt: skip
    assert one.key == other.key


def test_neighbours_are_mutual_and_near():
    x = np.arange(30.0)[:, None] ** 2
    near = nearest(Curves(np.ones((30, 2)), "min", x=x))
    assert all(row in near[other] for row in range(30) for other in near[row])
    assert set(near[0]) >= set(range(1, 9))
    assert 0 not in near[0]


@pytest.mark.shared
def test_the_recipes_are_261_graphs_and_each_can_be_reached():
    from benchmarks.lce.space import table as known

    try:
        space = known().space
    except MissingData as error:
        pytest.skip(f"the curves of NAS-Bench-NLP are not here: {error}")
    assert len({one.key for one in space.enumerate()}) == 261
    reached, left = {space.enumerate()[0].key}, [space.enumerate()[0]]
    while left:
        new = [one for one in space.neighbours(left.pop()) if one.key not in reached]
        reached |= {one.key for one in new}
        left += new
    assert len(reached) == 261
