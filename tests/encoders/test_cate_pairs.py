"""Truths of the pairs that CATE learns from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.encoders.cate_pairs import computation, draw_pairs
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.spaces.nasbench201 import NASBench201

computations = st.lists(st.integers(0, 60), min_size=2, max_size=60)


@given(computations, st.integers(1, 20), st.integers(1, 4), st.integers(0, 99))
def test_every_pair_keeps_the_law_of_the_window(values, delta, partners, seed):
    p = np.array(values, np.int64)
    pairs = draw_pairs(p, np.arange(len(p)), delta, partners, np.random.default_rng(seed))
    x, y = pairs.T
    assert (np.abs(p[x] - p[y]) < delta).all()
    assert (x != y).all()
    assert len(np.unique(pairs, axis=0)) == len(pairs)  # K distinct partners


@given(computations, st.integers(1, 20), st.integers(1, 4), st.integers(0, 99))
def test_every_cell_gets_as_many_partners_as_its_window_has(values, delta, partners, seed):
    p = np.array(values, np.int64)
    pairs = draw_pairs(p, np.arange(len(p)), delta, partners, np.random.default_rng(seed))
    others = (np.abs(p[:, None] - p) < delta).sum(1) - 1
    found = np.bincount(pairs[:, 0], minlength=len(p))
    assert found.tolist() == np.minimum(others, partners).tolist()


@given(st.integers(0, 999))
def test_only_cells_that_were_given_are_paired(seed):
    rng = np.random.default_rng(seed)
    p = rng.integers(0, 30, 40)
    given_rows = rng.permutation(40)[:25]
    pairs = draw_pairs(p, given_rows, 8, 2, rng)
    assert set(pairs.flatten().tolist()) <= set(given_rows.tolist())


def test_all_partners_of_a_window_are_equally_likely():
    p = np.array([0, 5, 9, 10, 14, 40])
    pairs = np.concatenate(
        [draw_pairs(p, np.arange(6), 6, 1, np.random.default_rng(k)) for k in range(3_000)]
    )
    drawn = pairs[pairs[:, 0] == 2][:, 1]  # |P - 9| < 6: 5, 10, 14
    shares = np.bincount(drawn, minlength=6) / len(drawn)
    assert shares.nonzero()[0].tolist() == [1, 3, 4]
    assert shares[[1, 3, 4]] == pytest.approx(1 / 3, abs=0.04)


def test_a_difference_of_delta_is_outside():
    p = np.array([0, 10, 19])
    pairs = draw_pairs(p, np.arange(3), 10, 2, np.random.default_rng(0))
    assert sorted(map(tuple, pairs.tolist())) == [(1, 2), (2, 1)]


def test_pairs_follow_the_generator():
    p = np.random.default_rng(1).integers(0, 100, 200)
    one, two, three = (
        draw_pairs(p, np.arange(200), 9, 2, np.random.default_rng(k)) for k in (0, 0, 1)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, three)


@pytest.mark.parametrize("space", [NASBench101(), NASBench201()], ids=["nb101", "nb201"])
def test_computation_is_the_number_of_parameters(space):
    rng = np.random.default_rng(0)
    cells = [space.sample(rng) for _ in range(5)]
    assert computation(space, cells).tolist() == [space.parameters(cell) for cell in cells]
