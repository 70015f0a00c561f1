"""Truths of the study of untrained networks, from rows whose answers are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks import settings
from benchmarks.untrained import claim, networks, ranked, run, scores, studies, table
from benchmarks.untrained.proxies import grad_norm, proxies, synflow
from benchmarks.zoo.build import training_for
from subsel_automl.catalog import search_space
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import BadInput, MissingData
from subsel_automl.data.splits import architecture_role
from subsel_automl.worlds import clump_pool

N = networks.COUNT
TRUTH = np.linspace(0.85, 0.92, N)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes the rows of the zoo: the networks' accuracies, and rankings by score."""

    def write(trained=N, **rankings):
        rows = [{"cell": cell, "test_accuracy": TRUTH[cell["network"]]} for cell in run.networks()]
        shuffled = np.random.default_rng(1).permutation(N)
        for cell in run.scores("zoo"):
            given = rankings.get(cell["score"], shuffled)
            each = np.atleast_2d(given).tolist()
            rows.append({"cell": cell, "scores": each, "cpu_seconds": 1.0})
        path = tmp_path / "untrained.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows[N - trained :]))

    monkeypatch.setattr(ranked, "RESAMPLES", 300)
    for module in (claim, ranked, run, table):
        monkeypatch.setattr(module, "PATH", tmp_path / "untrained.jsonl")
    return write


def test_a_ranking_that_is_the_truth_is_above_one_that_is_not(written):
    written(subselnet=TRUTH)
    found = claim.measure(quick=True)
    zoo = found["studies"]["zoo"]
    assert zoo["subselnet"]["kendall"] == {"value": 1.0, "interval": [1.0, 1.0], "units": N}
    assert zoo["subselnet"]["spearman"] == 1.0
    assert zoo["parameters"]["g_beta_less"]["interval"][0] > 0
    assert found["said_of_g_beta"]["zoo"] == "above the parameter count"
    assert found["networks"] == N >= claim.LEAST


@pytest.mark.parametrize(
    ("ours", "said"),
    [(TRUTH, "no better than the parameter count"), (-TRUTH, "below the parameter count")],
    ids=["as good", "the wrong way round"],
)
def test_what_is_no_better_than_the_parameter_count_is_said_to_be_so(written, ours, said):
    written(subselnet=ours, parameters=TRUTH)
    found = claim.measure(quick=True)
    assert found["said_of_g_beta"]["zoo"] == said
    assert not found["holds"]


def test_it_holds_once_every_cell_is_run(written, monkeypatch):
    written(subselnet=TRUTH)
    assert not claim.measure(quick=True)["holds"]  # the tables' studies have no rows
    monkeypatch.setattr(claim, "cells", lambda: [*run.networks(), *run.scores("zoo")])
    assert claim.measure(quick=True)["holds"]


def test_nothing_is_told_of_the_zoo_before_all_its_networks_are_trained(written):
    written(trained=N - 1, subselnet=TRUTH)
    assert ranked.ranked("zoo") == {}
    assert "not run (1 networks not trained)" in table.tables()
    with pytest.raises(BadInput, match=r"run python -m benchmarks.untrained run"):
        claim.measure(quick=True)


def test_a_constant_ranking_orders_nothing(written):
    written(subselnet=TRUTH, synflow=np.full(N, 3.0))
    assert claim.measure(quick=True)["studies"]["zoo"]["synflow"]["kendall"] is None
    assert "| synflow | constant | constant | constant |" in table.tables()


def test_seeds_count_as_their_mean(written):
    written(subselnet=np.stack([TRUTH, -TRUTH, TRUTH]))
    assert ranked.ranked("zoo")["subselnet"].tau.value == pytest.approx(1 / 3)


def test_the_best_score_stands_first(written):
    written(synflow=TRUTH, parameters=-TRUTH)
    assert [*ranked.ranked("zoo")][:: len(scores.names("zoo")) - 1] == ["synflow", "parameters"]


def test_networks_are_of_the_test_fold_and_the_bundle_has_not_learned_from_them():
    record = studies.record("zoo")
    cells = networks.unseen()
    assert len({cell.key for cell in cells}) == N
    assert {architecture_role(cell) for cell in cells} == {"test"}
    assert not {cell.key for cell in cells} & set(record["training_keys"])


def test_networks_are_trained_as_the_bundles_were():
    made = studies.record("zoo")["made"]["zoo"]
    epochs = settings.DATA[networks.DATA].zoo_epochs
    assert json.loads(json.dumps(training_for(networks.DATA, epochs).settings())) == made


def test_left_out_rows_are_predicted_by_others_alone():
    """What a row's own result is does not move its prediction; nothing learned ranks nothing."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(24, 3)), rng.normal(size=24)
    first = scores.cross_validated("subselnet", x, y)
    second = scores.cross_validated("subselnet", x, np.where(np.arange(24) == 5, 9.0, y))
    assert first.shape == (scores.DRAWS, 24)
    np.testing.assert_allclose(second[:, 5], first[:, 5], atol=1e-9)
    assert np.abs(second - first).max() > 0.01


def test_a_model_that_knows_nothing_does_not_rank_the_wrong_way_round():
    y = np.random.default_rng(0).normal(size=24)
    found = scores.cross_validated("gp", np.ones((24, 2)), y)
    np.testing.assert_allclose(found, 0, atol=1e-6)


def two_layers() -> nn.Module:
    network = nn.Sequential(
        nn.Conv2d(1, 2, 1, bias=False), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(2, 3)
    )
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([2.0, -3.0]).view(2, 1, 1, 1))
        network[4].weight.fill_(-0.5)
    return network


def test_synflow_of_two_layers_is_the_sum_of_their_paths_a_layer():
    """Three outputs, each over paths of 2 * 0.5 and 3 * 0.5; both layers lie on every path."""
    found = synflow(two_layers(), torch.zeros(4, 1, 1, 1))
    assert found == pytest.approx(2 * 3 * 5 * 0.5, rel=1e-4)


def test_the_gradient_of_a_sure_network_is_smaller():
    images = torch.randn(8, 1, 1, 1, generator=torch.Generator().manual_seed(0))

    def norm(right):
        network = nn.Sequential(nn.Flatten(), nn.Linear(1, 2))
        with torch.no_grad():
            network[1].weight.zero_()
            network[1].bias.copy_(torch.tensor([right, -right]))
        return grad_norm(network, images, torch.zeros(8, dtype=torch.int64))

    assert 0 < norm(3.0) < norm(0.0)


def test_proxies_of_a_cell_are_the_same_again_and_larger_networks_flow_more():
    space, pool = search_space("nasbench101"), clump_pool(80)
    chain = ((0, 1), (1, 2), (2, 3))
    small, large = (
        Architecture("nasbench101", ("input", op, op, "output"), chain)
        for op in ("conv1x1-bn-relu", "conv3x3-bn-relu")
    )
    sizes = {"channels": 8, "stacks": 2, "cells": 1, "stem_stride": 1}
    one, again, other = (proxies(space, cell, pool, sizes) for cell in (small, small, large))
    assert one == again
    assert other["synflow"] > one["synflow"]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["nasbench101"])
def test_cells_of_a_table_are_unseen_and_its_networks_are_the_bundles(name):
    try:
        found = studies.study(name)
    except MissingData as error:
        pytest.skip(str(error))
    known = studies.record(name)["training_keys"]
    assert {cell.key for cell in found.known} == set(known)
    assert not {cell.key for cell in found.cells} & set(known)
    assert len(found.cells) == len(found.truth) == studies.DRAWN
    assert found.results.min() > 0.5
