"""Truths of the DARTS space."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl import search_space
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import ArchitectureError, BadInput
from subsel_automl.spaces.base import SearchSpace
from subsel_automl.spaces.cell_operations import DARTS_OPERATIONS
from subsel_automl.spaces.cells import Genotype, reductions
from subsel_automl.spaces.darts import CELL_OPERATIONS, Darts

SPACE = Darts()
SEP, POOL, SKIP = "sep_conv_3x3", "max_pool_3x3", "skip_connect"
SECOND_ORDER = Genotype(  # Liu et al. 2019, Figures 4 and 5 right: 2.76 % on CIFAR-10
    ((SEP, 0), (SEP, 1), (SEP, 0), (SEP, 1), (SEP, 1), (SKIP, 0), (SKIP, 0), ("dil_conv_3x3", 2)),
    ((POOL, 0), (POOL, 1), (SKIP, 2), (POOL, 1), (POOL, 0), (SKIP, 2), (SKIP, 2), (POOL, 1)),
)
CELL = SPACE.from_genotype(SECOND_ORDER)
LITE = {"classes": 5, "in_channels": 1, "channels": 4, "layers": 4}
architectures = st.integers(0, 2**32 - 1).map(lambda s: SPACE.sample(np.random.default_rng(s)))


def changed(kind: int, place: int, pair: tuple[str, int]) -> Genotype:
    cells = [list(pairs) for pairs in SECOND_ORDER]
    cells[kind][place] = pair
    return Genotype(*map(tuple, cells))


def test_the_catalog_knows_it():
    assert isinstance(search_space("darts"), Darts)


def test_its_operations_are_those_that_can_be_built():
    assert CELL_OPERATIONS == DARTS_OPERATIONS


@given(cell=architectures)
def test_the_genotype_is_inverted(cell: Architecture):
    assert SPACE.from_genotype(SPACE.to_genotype(cell)) == cell
    assert SPACE.architecture(cell.ops, cell.edges) == cell


@given(cell=architectures)
def test_nothing_of_a_cell_would_be_pruned(cell: Architecture):
    assert SearchSpace.architecture(SPACE, cell.ops, cell.edges) == cell


@given(cell=architectures)
def test_a_node_reads_two_earlier_nodes(cell: Architecture):
    for pairs in SPACE.to_genotype(cell):
        for node in range(4):
            one, two = pairs[2 * node][1], pairs[2 * node + 1][1]
            assert one != two
            assert max(one, two) < node + 2


def test_who_reads_a_node_reads_both_of_its_operations():
    """Node 5 of the normal cell reads node 2, made by graph nodes 3 and 4, with its second edge."""
    assert {u for u, v in CELL.edges if v == 10} == {3, 4}
    assert {u for u, v in CELL.edges if v == 11} == set(range(3, 11))


def test_the_order_of_a_nodes_edges_does_not_change_the_key():
    swapped = (SECOND_ORDER.normal[1], SECOND_ORDER.normal[0], *SECOND_ORDER.normal[2:])
    other = SPACE.from_genotype(SECOND_ORDER._replace(normal=swapped))
    assert other != CELL
    assert other.key == CELL.key


def test_the_two_kinds_of_cell_are_told_apart():
    assert SPACE.from_genotype(Genotype(*SECOND_ORDER[::-1])).key != CELL.key


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("pair", [("dil_conv_5x5", 0), (SEP, 3)])
def test_every_edge_matters_to_the_key(kind, pair):
    other = SPACE.from_genotype(changed(kind, 6, pair))
    assert other.key != CELL.key


def test_neighbours_differ_in_one_edge():
    found = SPACE.neighbours(CELL)
    keys = {other.key for other in found}
    assert len(keys) == len(found)
    assert CELL.key not in keys
    for other in found:
        pairs = zip(sum(SECOND_ORDER, ()), sum(SPACE.to_genotype(other), ()), strict=True)
        (one,) = [(a, b) for a, b in pairs if a != b]
        assert (one[0][0] == one[1][0]) != (one[0][1] == one[1][1])
    assert SPACE.from_genotype(changed(1, 7, (POOL, 0))).key in keys
    assert SPACE.from_genotype(changed(0, 0, ("dil_conv_5x5", 0))).key in keys


@pytest.mark.parametrize(
    ("kind", "place", "pair", "reason"),
    [
        (0, 0, ("sep_conv_7x7", 0), "normal cell has the operation 'sep_conv_7x7'"),
        (1, 4, (SEP, 4), r"node 4 of the reduction cell reads 4; give one of 0\.\.3"),
        (1, 1, (SEP, 0), "reads 0 twice"),
    ],
)
def test_what_is_no_genotype_is_refused(kind, place, pair, reason):
    with pytest.raises(ArchitectureError, match=reason):
        SPACE.from_genotype(changed(kind, place, pair))


def test_a_missing_edge_is_refused():
    with pytest.raises(ArchitectureError, match="is no pair of darts cells"):
        SPACE.architecture(CELL.ops, CELL.edges[:-3] + CELL.edges[-2:])


def test_a_graph_of_another_size_is_refused():
    with pytest.raises(ArchitectureError, match="24 nodes; got 3"):
        SPACE.architecture(("input", SEP, "output"), [(0, 1), (1, 2)])


def test_it_cannot_be_listed():
    with pytest.raises(BadInput, match="too many to list"):
        SPACE.enumerate()


def test_the_second_order_cell_has_its_published_number_of_parameters():
    assert SPACE.parameters(CELL) == 3_349_342


@pytest.mark.parametrize("seed", range(4))
def test_the_parameters_are_those_of_the_network(seed):
    cell = SPACE.sample(np.random.default_rng(seed))
    sizes = {**LITE, "channels": 3 + seed, "layers": 3 + seed}
    model = SPACE.module(cell, **sizes)
    assert sum(p.numel() for p in model.parameters()) == SPACE.parameters(cell, **sizes)


def test_reductions_stand_at_one_and_two_thirds():
    assert reductions(20) == {6, 13}
    model = SPACE.module(CELL, **LITE)
    x = torch.zeros(2, 1, 16, 16)
    sides, before = [], model.stem(x)
    last = before
    for cell in model.cells:
        before, last = last, cell(before, last)
        sides.append((last.shape[1], last.shape[2]))
    assert sides == [(16, 16), (32, 8), (64, 4), (64, 4)]


@pytest.mark.parametrize("side", [4, 9])
def test_the_last_layer_reads_the_features_at_any_size(side):
    model = SPACE.module(CELL, **LITE, stem_stride=2).eval()
    x = torch.randn(2, 1, side, side)
    assert model.features(x).shape == (2, 64)
    assert torch.allclose(model.dense(model.features(x)), model(x))


@pytest.mark.parametrize("sizes", [{"layers": 2}, {"channels": 0}])
def test_a_size_that_makes_no_network_is_refused(sizes):
    with pytest.raises(BadInput, match=r"give at least 3|at least 1"):
        SPACE.module(CELL, **{**LITE, **sizes})
