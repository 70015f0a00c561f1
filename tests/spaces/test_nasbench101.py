"""Truths of the NAS-Bench-101 space."""

from __future__ import annotations

import hashlib
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.spaces.nasbench101 import load_table, measure
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import ArchitectureError, MissingData
from subsel_automl.spaces.base import prune
from subsel_automl.spaces.enumeration import INNER_OPS, CellTable, enumerate_cells
from subsel_automl.spaces.nasbench101 import NASBench101, module_hash

SPACE = NASBench101()
C3, C1, MP = INNER_OPS
CHAIN = ("input", C3, C1, "output")
BEST_OPS = ("input", C1, C3, MP, C3, C3, "output")  # 94.32 % test, best of the benchmark
BEST_EDGES = ((0, 1), (0, 2), (0, 5), (0, 6), (1, 5), (2, 3), (3, 4), (4, 5), (5, 6))

seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="session")
def table() -> CellTable:
    return enumerate_cells()


@pytest.fixture(scope="session")
def published() -> tuple[CellTable, np.ndarray]:
    try:
        return load_table()
    except MissingData as error:
        pytest.skip(str(error))


def cell_of(seed: int) -> Architecture:
    return SPACE.sample(np.random.default_rng(seed))


def reference_hash(matrix: list[list[int]], labels: list[int]) -> str:
    """The benchmark's description of its hash, on matrices, written independently."""
    n = len(labels)
    columns = list(zip(*matrix, strict=True))
    md5 = lambda text: hashlib.md5(text.encode()).hexdigest()  # noqa: E731
    state = [md5(str((sum(matrix[i]), sum(columns[i]), labels[i]))) for i in range(n)]
    for _ in range(n):
        into = ["".join(sorted(itertools.compress(state, columns[i]))) for i in range(n)]
        out = ["".join(sorted(itertools.compress(state, matrix[i]))) for i in range(n)]
        state = [md5(f"{into[i]}|{out[i]}|{state[i]}") for i in range(n)]
    return md5(str(sorted(state)))


@pytest.mark.parametrize(
    ("vertices", "cells"), [(2, 1), (3, 7), (4, 91), (5, 2_532), (6, 64_542), (7, 423_624)]
)
def test_cumulative_counts_are_those_of_the_benchmark(table, vertices, cells):
    assert (table.n_vertices <= vertices).sum() == cells


def test_every_cell_has_its_own_key(table):
    assert len(set(table.keys())) == len(table) == 423_624


@given(row=st.integers(0, 423_623))
def test_a_row_is_a_valid_cell_whose_stored_key_is_its_content(table, row):
    cell = table[row]
    SPACE.validate(cell)
    assert Architecture(cell.space, cell.ops, cell.edges).key == cell.key
    assert table.row_of(cell.key) == row


@given(seed=seeds)
def test_every_sample_is_in_the_enumeration(table, seed):
    cell = cell_of(seed)
    SPACE.validate(cell)
    assert cell in table
    assert table[table.row_of(cell.key)].key == cell.key


def test_a_key_of_no_cell_is_refused(table):
    with pytest.raises(ArchitectureError, match="no cell of the table has the key"):
        table.row_of("0" * 32)


def test_rows_of_a_smaller_table_are_the_same_cells(table):
    rows = np.array([5, 70_000, 423_623])
    assert list(table[rows]) == [table[5], table[70_000], table[-1]]


def test_the_representative_is_the_smallest_listing_of_its_class(table):
    cell = SPACE.architecture(("input", C1, C3, "output"), [(0, 1), (0, 2), (1, 3), (2, 3)])
    assert table[table.row_of(cell.key)].ops == ("input", C3, C1, "output")


@given(seed=seeds, data=st.data())
@settings(max_examples=60)
def test_isomorphic_listings_have_equal_keys_and_module_hashes(seed, data):
    cell = cell_of(seed)
    inner = data.draw(st.permutations(range(1, len(cell) - 1)))
    new = dict(zip(range(len(cell)), (0, *inner, len(cell) - 1), strict=True))
    ops = [""] * len(cell)
    for old, op in enumerate(cell.ops):
        ops[new[old]] = op
    other = SPACE.architecture(ops, [(new[u], new[v]) for u, v in cell.edges])
    assert other.key == cell.key
    assert module_hash(other) == module_hash(cell)


@given(seed=seeds)
def test_module_hash_is_that_of_an_independent_implementation(seed):
    cell = cell_of(seed)
    labels = [-1, *(INNER_OPS.index(op) for op in cell.ops[1:-1]), -2]
    assert module_hash(cell) == reference_hash(cell.adjacency().astype(int).tolist(), labels)


def test_module_hash_of_the_best_cell():
    assert module_hash(SPACE.architecture(BEST_OPS, BEST_EDGES)) == (
        "02e5a0247bbdcf2860b7e96f74961594"
    )


def test_module_hash_refuses_another_space():
    with pytest.raises(ArchitectureError, match="only cells of 'nasbench101'"):
        module_hash(Architecture("nasbench201", ("input", "output"), ((0, 1),)))


@pytest.mark.parametrize(
    ("ops", "edges", "parameters"),
    [
        (("input", "output"), [(0, 1)], 882_570),
        (("input", C3, "output"), [(0, 1), (1, 2)], 10_177_674),
        (BEST_OPS, BEST_EDGES, 32_426_634),
        (
            ("input", C3, C3, C3, C3, C3, "output"),
            [(0, 1), (0, 2), (0, 4), (0, 6), (1, 4), (2, 3), (3, 4), (4, 5), (5, 6)],
            49_979_274,  # the largest of the benchmark
        ),
    ],
)
def test_parameters_of_known_cells(ops, edges, parameters):
    assert SPACE.parameters(SPACE.architecture(ops, edges)) == parameters


def test_parameters_of_a_small_network_counted_by_hand():
    cell = SPACE.architecture(("input", C1, "output"), [(0, 1), (1, 2)])
    stem, projection, inner, dense = 9 * 1 * 4 + 8, 4 * 4 + 8, 4 * 4 + 8, 4 * 5 + 5
    counted = SPACE.parameters(cell, classes=5, in_channels=1, channels=4, stacks=1, cells=1)
    assert counted == stem + projection + inner + dense


@given(row=st.integers(0, 423_623))
def test_the_table_counts_parameters_like_the_space(table, row):
    few = table[row : row + 1]
    small = {"channels": 16, "stacks": 2, "cells": 1, "classes": 3, "in_channels": 1}
    assert few.parameters(**small)[0] == SPACE.parameters(few[0], **small)


@given(seed=seeds)
def test_pruning_is_idempotent(seed):
    cell = cell_of(seed)
    assert prune(cell.ops, cell.edges) == (cell.ops, cell.edges)


def test_vertices_off_every_path_are_pruned():
    loose = SPACE.architecture(("input", C3, MP, C1, "output"), [(0, 1), (0, 2), (3, 4), (1, 4)])
    assert loose == SPACE.architecture(("input", C3, "output"), [(0, 1), (1, 2)])


def test_nodes_listed_out_of_order_are_put_in_order():
    mixed = SPACE.architecture(("input", C1, C3, "output"), [(0, 2), (2, 1), (1, 3)])
    assert mixed == SPACE.architecture(CHAIN, [(0, 1), (1, 2), (2, 3)])


@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_neighbours_are_valid_unique_other_cells_in_a_fixed_order(seed):
    cell = cell_of(seed)
    keys = [other.key for other in SPACE.neighbours(cell)]
    assert keys == sorted(set(keys) - {cell.key})
    assert all(other in enumerate_cells() for other in SPACE.neighbours(cell))


@given(seed=seeds)
@settings(max_examples=10, deadline=None)
def test_a_cell_is_a_neighbour_of_its_neighbours_of_the_same_size(seed):
    cell = cell_of(seed)
    for other in SPACE.neighbours(cell):
        back = {third.key for third in SPACE.neighbours(other)}
        assert len(other) < len(cell) or cell.key in back


def test_neighbours_do_not_depend_on_the_listing():
    one = SPACE.architecture(("input", C1, C3, "output"), [(0, 1), (0, 2), (1, 3), (2, 3)])
    two = SPACE.architecture(("input", C3, C1, "output"), [(0, 1), (0, 2), (1, 3), (2, 3)])
    keys = [cell.key for cell in SPACE.neighbours(one)]
    assert keys == [cell.key for cell in SPACE.neighbours(two)]
    assert (
        SPACE.architecture(
            ("input", C3, C1, "output"), [(0, 1), (0, 2), (1, 3), (2, 3), (1, 2)]
        ).key
        in keys
    )


def test_neighbours_of_a_chain_of_one():
    cell = SPACE.architecture(("input", C3, "output"), [(0, 1), (1, 2)])
    found = {(other.ops[1:-1], len(other.edges)) for other in SPACE.neighbours(cell)}
    assert found == {((C1,), 2), ((MP,), 2), ((C3,), 3)}


def test_only_growing_neighbours_leave_the_smallest_cell():
    smallest = SPACE.architecture(("input", "output"), [(0, 1)])
    with pytest.warns(UserWarning, match="grow=True"):
        assert SPACE.neighbours(smallest) == []
    assert [len(other) for other in SPACE.neighbours(smallest, grow=True)] == [3, 3, 3]


def test_the_same_seed_samples_the_same_cell():
    assert cell_of(7) == cell_of(7) != cell_of(8)


@pytest.mark.parametrize(
    ("ops", "edges", "message"),
    [
        (("input", "conv3x3", "output"), [(0, 1), (1, 2)], "Did you mean 'conv3x3-bn-relu'"),
        (CHAIN, [(0, 1), (1, 2), (2, 1), (2, 3)], "cyclic"),
        (CHAIN, [(0, 1), (1, 1), (1, 3)], "cyclic"),
        (CHAIN, [(0, 1), (2, 3)], "cut"),
        (CHAIN, [], "cut"),
        (("input", *[C3] * 6, "output"), [(i, i + 1) for i in range(7)], "8 nodes.*at most 7"),
        (
            ("input", *[C3] * 3, "output"),
            [(u, v) for u in range(5) for v in range(u + 1, 5)],
            "10 edges.*at most 9",
        ),
        (CHAIN, [(0, 4)], "leaves the 4 nodes"),
        (CHAIN, [(0, 3), (1, 0)], "leads into the input"),
        (CHAIN, [(0, 3), (3, 1)], "leaves the output"),
        (CHAIN, [(0, 3), (0, 3)], "listed twice"),
        (("input",), [], "needs an input and an output"),
        ((C3, "output"), [(0, 1)], "starts with 'input'"),
    ],
)
def test_a_bad_graph_is_refused_with_its_reason(ops, edges, message):
    with pytest.raises(ArchitectureError, match=message):
        SPACE.architecture(ops, edges)


def test_validate_refuses_a_cell_of_another_space():
    with pytest.raises(ArchitectureError, match="belongs to space 'darts'"):
        SPACE.validate(Architecture("darts", ("input", "output"), ((0, 1),)))


def test_validate_refuses_an_unpruned_cell():
    with pytest.raises(ArchitectureError, match="of which 3 lie on a path"):
        SPACE.validate(Architecture("nasbench101", CHAIN, ((0, 1), (1, 3))))


@pytest.mark.shared
def test_parameters_of_all_cells_equal_the_published_table(published):
    result = measure()
    assert result["parameters_equal"] == result["table_rows"] == 423_624


@pytest.mark.shared
def test_module_hashes_ascend_like_the_rows_of_the_published_table(published):
    cells, _ = published
    hashes = [module_hash(cell) for cell in cells[::200]]
    assert hashes == sorted(hashes)
