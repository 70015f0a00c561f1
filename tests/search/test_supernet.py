"""A supernet holds every cell of its space, and says which one its weights spell."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from subsel_automl.core.errors import BadInput
from subsel_automl.search.mixed import Residual, Stacked
from subsel_automl.search.supernet import Supernet, plan_of
from subsel_automl.spaces.darts import Darts
from subsel_automl.spaces.nasbench201 import NASBench201

SPACES = ("nasbench201", "darts")
SEEDS = st.integers(0, 2**32 - 1)


def supernet(space: str, **options) -> Supernet:
    torch.manual_seed(0)
    sizes = {"in_channels": 1, "classes": 3, "channels": 4, "cells": 3}
    return Supernet(plan_of(space), **{**sizes, **options})


def images(n: int = 6) -> torch.Tensor:
    return torch.randn(n, 1, 8, 8, generator=torch.Generator().manual_seed(1))


def matrices(*modules: nn.Module) -> list[torch.Tensor]:
    return [p for module in modules for p in module.parameters() if p.ndim > 1]


def on_the_path(net: Supernet, cells: np.ndarray) -> list[torch.Tensor]:
    """Convolutions and the dense layer of a path, in the order of the network's own."""
    found = matrices(net.stem)
    for part in net.body:
        if isinstance(part, Residual):
            found += matrices(part.block)
            continue
        assert isinstance(part, Stacked)
        edges = [
            (v, e, o)
            for e, (o, (_, v)) in enumerate(zip(cells[part.kind], net.plan.edges, strict=True))
            if o or not net.plan.kept
        ]
        found += matrices(part.before, *(part.cell.edges[e][o] for _, e, o in edges))
    return found + matrices(net.dense)


def same_output(net: Supernet, network: nn.Module, cells: np.ndarray) -> bool:
    with torch.no_grad():
        for own, theirs in zip(matrices(network), on_the_path(net, cells), strict=True):
            own.copy_(theirs)
        network.dense.bias.copy_(net.dense.bias)
    return torch.allclose(network(images()), net(images(), net.path_mix(cells)), atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_a_path_computes_what_the_network_of_its_cell_computes_on_nasbench201(seed):
    net = supernet("nasbench201")
    cells = net.plan.sample(np.random.default_rng(seed))
    architecture = net.plan.architecture(cells)
    network = NASBench201().module(architecture, classes=3, in_channels=1, channels=4, cells=3)
    assert same_output(net, network, cells)


@pytest.mark.parametrize("seed", range(4))
def test_a_path_computes_what_the_network_of_its_cells_computes_on_darts(seed):
    net = supernet("darts")
    cells = net.plan.sample(np.random.default_rng(seed))
    cells[(cells == 1) | (cells == 2)] = 4  # pools have a batch norm in the supernet alone
    architecture = net.plan.architecture(cells)
    network = Darts().module(architecture, classes=3, in_channels=1, channels=4, layers=3)
    assert same_output(net, network, cells)


@pytest.mark.parametrize("space", SPACES)
@given(seed=SEEDS)
def test_cells_that_are_written_into_alpha_are_spelled(space, seed):
    net = Supernet(plan_of(space), in_channels=1, classes=2, channels=1, cells=3)
    cells = net.plan.sample(np.random.default_rng(seed))
    net.show(cells)
    assert (net.spelled() == cells).all()
    assert net.discretise() == net.plan.architecture(cells)


@pytest.mark.parametrize("space", SPACES)
@given(seed=SEEDS)
def test_a_mutant_is_another_valid_cell(space, seed):
    plan, rng = plan_of(space), np.random.default_rng(seed)
    cells = plan.sample(rng)
    mutant = plan.mutated(cells, rng)
    assert plan.architecture(mutant) != plan.architecture(cells)
    assert (mutant != cells).sum() <= 2


@pytest.mark.parametrize("space", SPACES)
@given(seed=SEEDS)
def test_a_child_has_every_edge_from_a_parent(space, seed):
    plan, rng = plan_of(space), np.random.default_rng(seed)
    one, other = plan.sample(rng), plan.sample(rng)
    child = plan.crossed(one, other, rng)
    plan.architecture(child)
    assert ((child == one) | (child == other)).all()


@given(seed=SEEDS)
def test_darts_keeps_two_edges_a_node_without_none(seed):
    plan, rng = plan_of("darts"), np.random.default_rng(seed)
    shape = len(plan.edges), len(plan.operations)
    cells = plan.spelled([rng.random(shape), rng.random(shape)])
    counts = [(cells[kind, plan.into(v)] > 0).sum() for kind in (0, 1) for v in range(2, 6)]
    assert counts == [2] * 8


def test_the_strongest_edges_are_kept():
    plan = plan_of("darts")
    strengths = np.full((14, 8), 0.1)
    strengths[[3, 4], 7] = 0.9  # into node 3 lead the edges 2, 3 and 4
    cells = plan.spelled([strengths, strengths])
    assert cells[0, [2, 3, 4]].tolist() == [0, 7, 7]


def test_a_skip_only_alpha_is_a_collapse():
    net = supernet("nasbench201")
    net.show(np.array([[1, 1, 0, 1, 1, 1]]))
    cells = net.spelled()
    assert net.plan.collapsed(cells)
    assert net.plan.skip_share(cells) == 1.0


def test_one_convolution_is_no_collapse():
    plan = plan_of("nasbench201")
    cells = np.array([[1, 1, 1, 1, 1, 3]])
    assert not plan.collapsed(cells)
    assert plan.skip_share(cells) == 5 / 6


def test_a_collapse_of_darts_is_one_of_the_normal_cell():
    plan = plan_of("darts")
    skips = np.full((14, 8), 0.1)
    skips[:, 3] = 0.9
    convolutions = np.full((14, 8), 0.1)
    convolutions[:, 4] = 0.9
    assert plan.collapsed(plan.spelled([skips, convolutions]))
    assert not plan.collapsed(plan.spelled([convolutions, skips]))


@pytest.mark.parametrize("space", SPACES)
def test_edge_weights_sum_to_one_at_every_node(space):
    net = supernet(space, with_beta=True)
    for weights in net.mixture().weights:
        for v in range(net.plan.inputs, net.plan.nodes):
            assert float(weights[net.plan.into(v)].detach().sum()) == pytest.approx(1)


@pytest.mark.parametrize("space", SPACES)
def test_a_mixture_is_made_of_its_operations(space):
    """Where alpha is sure of a cell, the mixture computes that cell's path."""
    net = supernet(space)
    cells = net.plan.sample(np.random.default_rng(3))
    for alpha, cell in zip(net.alpha, cells, strict=True):
        alpha.data.fill_(0)
        alpha.data[torch.arange(len(cell)), torch.from_numpy(cell)] = 60
    path = net(images(), net.path_mix(cells))
    assert torch.allclose(net(images(), net.mixture()), path, atol=1e-4)


def test_operations_that_are_masked_away_leave_the_mixture():
    net = supernet("nasbench201")
    net.kept = np.zeros((1, 6, 5), bool)
    net.kept[0, 3, [1, 3]] = True
    assert net.spelled()[0, [0, 1, 2, 4, 5]].tolist() == [0] * 5
    assert net.spelled()[0, 3] in (1, 3)


def test_few_examples_are_answered_beside_company():
    net = supernet("nasbench201").eval()
    net.company = images(40)
    assert net(images(1)).shape == (1, 3)


@pytest.mark.parametrize("sizes", [{"channels": 0}, {"cells": 0}])
def test_a_size_below_one_is_refused(sizes):
    with pytest.raises(BadInput, match=next(iter(sizes))):
        supernet("nasbench201", **sizes)


def test_darts_needs_a_normal_and_two_reduction_cells():
    with pytest.raises(BadInput, match="at least 3"):
        supernet("darts", cells=2)
