"""Truths of the NAS-Bench-201 space."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.spaces.nasbench201 import measure
from subsel_automl import search_space
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import ArchitectureError, BadInput, MissingData
from subsel_automl.spaces.cell_operations import NB201_OPERATIONS
from subsel_automl.spaces.nasbench201 import EDGE_OPERATIONS, GRAPH, NASBench201
from subsel_automl.worlds import clump_pool

SPACE = NASBench201()
BEST = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|"
BEST += "nor_conv_3x3~2|"
N, S, C1, C3, A = EDGE_OPERATIONS
cells = st.tuples(*[st.sampled_from(EDGE_OPERATIONS)] * 6).map(SPACE.cell)


def test_the_catalog_knows_it():
    assert isinstance(search_space("nasbench201"), NASBench201)


def test_its_operations_are_those_that_can_be_built():
    assert EDGE_OPERATIONS == NB201_OPERATIONS


def test_the_graph_is_arch2vecs():
    into = {v: [u for u, w in GRAPH if w == v] for v in range(8)}
    assert into == {0: [], 1: [0], 2: [0], 3: [1], 4: [0], 5: [1], 6: [2, 3], 7: [4, 5, 6]}


def test_there_are_15625_cells_with_a_key_each():
    listed = SPACE.enumerate()
    assert len(listed) == len(set(listed.keys())) == 15_625


def test_6466_cells_are_unique():
    assert len({SPACE.canonical_key(cell) for cell in SPACE.enumerate()}) == 6_466


@given(cell=cells)
def test_a_cell_is_what_its_graph_is_when_built_anew(cell: Architecture):
    fresh = Architecture("nasbench201", cell.ops, cell.edges)
    assert fresh.key == cell.key
    assert SPACE.architecture(cell.ops, cell.edges) == cell
    assert SPACE.enumerate()[SPACE.enumerate().row_of(cell.key)] == cell


@given(cell=cells)
def test_the_string_form_is_inverted(cell: Architecture):
    assert SPACE.from_string(SPACE.to_string(cell)) == cell


def test_the_string_form_is_the_benchmarks():
    cell = SPACE.cell((C3, C3, C3, S, C3, C3))
    assert SPACE.to_string(cell) == BEST
    assert SPACE.from_string(BEST) == cell


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((S, C3, N, N, C1, N), (C1, C3, N, C1, N, N)),  # 1x1 through a skip, or directly
        ((S, N, C3, N, N, S), (S, C3, N, N, N, S)),  # one edge of two from a copied node
        ((N, N, C3, C1, A, N), (N, N, A, C1, C3, N)),  # whatever reads nothing is nothing
    ],
)
def test_cells_that_do_the_same_share_a_canonical_key(one, other):
    assert SPACE.canonical_key(SPACE.cell(one)) == SPACE.canonical_key(SPACE.cell(other))
    assert SPACE.cell(one).key != SPACE.cell(other).key


@pytest.mark.parametrize("changed", [C3, A, N])
def test_cells_that_differ_do_not(changed):
    one, other = SPACE.cell((C1, N, N, S, S, N)), SPACE.cell((changed, N, N, S, S, N))
    assert SPACE.canonical_key(one) != SPACE.canonical_key(other)


@given(cell=cells)
def test_neighbours_are_the_24_cells_with_another_operation(cell: Architecture):
    found = SPACE.neighbours(cell)
    differ = [sum(a != b for a, b in zip(cell.ops, other.ops, strict=True)) for other in found]
    assert differ == [1] * 24
    assert len({other.key for other in found}) == 24


def test_every_operation_is_sampled_equally_often():
    rng = np.random.default_rng(0)
    drawn = [op for _ in range(500) for op in SPACE.sample(rng).ops[1:-1]]
    shares = [drawn.count(op) / len(drawn) for op in EDGE_OPERATIONS]
    assert shares == pytest.approx([0.2] * 5, abs=0.03)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("|none~0|", "does not spell"),
        (BEST.replace("~2|", "~1|"), "does not spell"),
        (BEST.replace("skip_connect", "skip_conect"), "Did you mean 'skip_connect'"),
    ],
)
def test_a_string_that_is_no_cell_is_refused(text, reason):
    with pytest.raises(ArchitectureError, match=reason):
        SPACE.from_string(text)


def test_other_edges_are_refused():
    with pytest.raises(ArchitectureError, match="has the edges"):
        SPACE.architecture(("input", C3, "output"), [(0, 1), (1, 2)])


def test_a_cell_of_another_space_is_refused():
    with pytest.raises(ArchitectureError, match="belongs to space 'darts'"):
        SPACE.parameters(Architecture("darts", SPACE.enumerate()[0].ops, GRAPH))


@pytest.mark.parametrize("sizes", [{}, {"channels": 5, "stacks": 2, "cells": 1, "in_channels": 1}])
@pytest.mark.parametrize("row", [0, 4_321, 15_624])
def test_the_parameters_are_those_of_the_network(row, sizes):
    cell = SPACE.enumerate()[row]
    model = SPACE.module(cell, classes=7, **sizes)
    assert sum(p.numel() for p in model.parameters()) == SPACE.parameters(cell, classes=7, **sizes)


def test_the_best_cell_has_its_published_number_of_parameters():
    assert SPACE.parameters(SPACE.from_string(BEST)) == 1_288_506


def test_a_cell_computes_the_sum_of_its_edges():
    """Skips alone: x_1 = x, x_2 = 2 x, x_3 = x + x + 2 x."""
    from subsel_automl.spaces.nasbench201_network import Cell

    x = torch.randn(2, 3, 4, 4)
    assert torch.allclose(Cell((S,) * 6, 3)(x), 4 * x)
    assert torch.equal(Cell((S, N, N, N, S, N), 3)(x), x)
    assert not Cell((S, S, S, N, N, N), 3)(x).any()


@pytest.mark.parametrize("side", [4, 7, 32])
def test_the_last_layer_reads_the_features_at_any_size(side):
    model = SPACE.module(SPACE.cell((C3, A, S, N, C1, A)), classes=5, channels=4, cells=1).eval()
    x = torch.randn(2, 3, side, side)
    assert model.features(x).shape == (2, 16)
    assert torch.allclose(model.dense(model.features(x)), model(x))


def test_a_stem_of_stride_2_leaves_a_quarter_of_the_pixels():
    model = SPACE.module(SPACE.enumerate()[3], classes=2, channels=4, cells=1, stem_stride=2)
    assert model.stem(torch.zeros(1, 3, 8, 8)).shape == (1, 4, 4, 4)


def test_a_size_below_one_is_refused():
    with pytest.raises(BadInput, match="cells is 0"):
        SPACE.module(SPACE.enumerate()[3], classes=2, cells=0)


def test_it_learns():
    from subsel_automl.training.batches import uniform_epoch
    from subsel_automl.training.master import master_recipe
    from subsel_automl.training.seeded import seeded
    from subsel_automl.training.trainer import Trainer

    pool = clump_pool(150)
    with seeded(0):
        model = SPACE.module(
            SPACE.cell((C3, C1, S, S, N, C3)), classes=4, in_channels=1, channels=8, cells=1
        )
    trainer = Trainer(model, pool, master_recipe(150), steps=100, seed=0)
    for _ in range(5):
        trainer.epoch(uniform_epoch(trainer.rng, 150, 8))
    assert trainer.evaluate(pool)[0] > 0.8


@pytest.mark.shared
def test_tables_uniqueness_and_parameters_are_the_published_ones():
    try:
        result = measure()
    except MissingData as error:
        pytest.skip(str(error))
    assert result["holds"]
    assert result["parameters_equal"] == 15_475  # 150 rows of the file carry a twin's count
