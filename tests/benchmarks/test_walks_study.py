"""The study of walks: what an edit is, and where a walk by vectors goes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.walks import cells, run, table
from benchmarks.walks.edits import codes, distances
from subsel_automl.spaces.enumeration import INNER_OPS, CellTable
from subsel_automl.worlds import some_cells

C3, C1, MP = "conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"
CHAIN = (("input", C3, C1, "output"), ((0, 1), (1, 2), (2, 3)))


def listed(graphs):
    """As the enumeration holds them."""
    sizes = [len(ops) for ops, _ in graphs]
    edges = [sum(1 << (x + y * (y - 1) // 2) for x, y in edges) for _, edges in graphs]
    ops = [
        sum(3**place * INNER_OPS.index(op) for place, op in enumerate(ops[1:-1]))
        for ops, _ in graphs
    ]
    return CellTable(np.array(sizes, "u1"), np.array(edges, "u4"), np.array(ops, "u1"))


def drawn(count):
    return listed([(cell.ops, cell.edges) for cell in some_cells(count, seed=3)])


def apart(*graphs):
    one, two = codes(listed(graphs))
    return int(distances(one, two[None])[0])


@pytest.mark.parametrize(
    ("other", "edits"),
    [
        (CHAIN, 0),
        ((("input", C3, MP, "output"), CHAIN[1]), 1),
        ((CHAIN[0], (*CHAIN[1], (0, 3))), 1),
        ((("input", C1, C3, "output"), CHAIN[1]), 2),
        ((("input", C3, "output"), ((0, 1), (1, 2))), 4),  # a vertex, two edges, and one instead
    ],
    ids=["itself", "operation", "edge", "exchanged", "vertex"],
)
def test_an_edit_is_an_operation_an_edge_or_a_vertex(other, edits):
    assert apart(CHAIN, other) == apart(other, CHAIN) == edits


def test_edits_are_a_metric():
    bits = codes(drawn(25))
    d = np.array([distances(one, bits) for one in bits])
    np.testing.assert_array_equal(d, d.T)
    assert (np.diag(d) == 0).all()
    assert (d <= (d[:, :, None] + d[None]).min(1)).all()  # the triangle


def test_a_walk_goes_to_the_nearest_that_was_not_visited():
    x = np.array([[0.0], [1.0], [3.0], [-1.5], [10.0]], np.float32)
    assert run.nearest_walk(x, 0, 4, np.random.default_rng(0)).tolist() == [0, 1, 2, 3, 4]


def test_of_the_equally_near_one_is_drawn():
    x = np.array([[0.0], [1.0], [-1.0]], np.float32)
    found = {run.nearest_walk(x, 0, 1, np.random.default_rng(seed))[1] for seed in range(20)}
    assert found == {1, 2}


def test_walks_of_all_views_start_from_the_same_cell(monkeypatch):
    starts = []
    monkeypatch.setattr(run, "enumerate_cells", lambda: drawn(40))
    monkeypatch.setattr(run, "everywhere", lambda *_: None)
    monkeypatch.setattr(
        run, "nearest_walk", lambda x, start, *_: starts.append(start) or np.array([start] * 16)
    )
    run._neighbours("gvae", "mean", 3)
    run._neighbours("cate", "own", 3)
    run._neighbours("cate", "own", 4)
    assert starts[0] == starts[1] != starts[2]


def test_the_vectors_of_the_graph_itself_rank_pairs_by_edits(monkeypatch):
    monkeypatch.setattr(run, "random_walk", lambda _: drawn(40))
    found = run.walked(cells.cells()[-1] | {"view": cells.PLAIN, "pooling": "listed", "seed": 0})
    assert found["pairs"] == 40 * 39 / 2
    assert found["spearman"] > 0.5


def test_a_view_without_rows_is_not_run(monkeypatch, tmp_path):
    monkeypatch.setattr(cells, "PATH", tmp_path / "none.jsonl")
    assert "| gvae, mean | not run |  | not run |" in table.tables()
