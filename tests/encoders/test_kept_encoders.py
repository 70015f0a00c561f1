"""The encoders that were pre-trained for real are whole, and reach what their reports say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from subsel_automl.encoders.cate_objective import CateObjective
from subsel_automl.encoders.collate import graph_arrays
from subsel_automl.encoders.reconstruction import reconstruction
from subsel_automl.encoders.store import load_encoder, load_report
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.worlds import some_cells

KEPT = Path(__file__).parents[2] / "benchmarks" / "bundles" / "encoders"
CELLS = some_cells(300, seed=5)
ROWS = torch.arange(len(CELLS))


def masked_accuracy(name: str) -> float:
    """On pairs of small cells, fewer than the space's mean."""
    made = CateObjective("cate", NASBench101(), CELLS, 0, {"delta": 1e4, "partners": 2})
    (pairs,) = made.batches(ROWS, 1, 10**6, torch.Generator().manual_seed(0))
    found = made.accuracy(load_encoder(KEPT / name), pairs, torch.Generator().manual_seed(0))
    return found["masked_inner_accuracy"]


def test_arch2vec_rebuilds_cells_that_it_is_given():
    model = load_encoder(KEPT / "arch2vec")
    graphs = graph_arrays(CELLS, model.space, model.operations, model.max_nodes)
    found = reconstruction(model, graphs, ROWS)
    assert found.entries > 0.95
    assert found.operations > 0.85


def test_arch2vec_s_report_reaches_its_bar_under_the_protocol_that_is_named():
    report = load_report(KEPT / "arch2vec")
    valid = {name: found["validity"] for name, found in report["generated"].items()}
    assert valid["position"] >= 0.35
    assert max(valid["prior"], valid["pooled"]) < 0.02
    assert report["cell_accuracy"] > 0.4


def test_cate_tells_more_of_a_near_partner_than_of_a_far_one():
    near, far = (load_report(KEPT / name)["masked_inner_accuracy"] for name in ("cate", "cate-2e6"))
    assert near >= 0.5
    assert far < near - 0.1


def test_cate_tells_masked_operations_of_pairs_drawn_here():
    assert masked_accuracy("cate") >= 0.5


@pytest.mark.parametrize(("name", "delta"), [("cate", 1e4), ("cate-2e6", 2e6)])
def test_a_report_names_its_delta_and_what_it_was_measured_on(name, delta):
    report = load_report(KEPT / name)
    assert report["options"]["delta"] == delta
    assert report["trained_on"] + report["held_out"] == 423_624
    assert report["masked_inner_nodes"] > 10_000
