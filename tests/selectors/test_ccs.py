"""Truths of coverage-centric selection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mislabelled import WRONG, differ, mislabelled

from subsel_automl.core.pool import Pool
from subsel_automl.selectors.ccs import CCS

POOL = mislabelled()


class Known(CCS):
    """CCS whose difficulties are the pool's first feature."""

    def _score(self, pool):
        return pool.features[:, 0].astype(float)


def pool_of(difficulties) -> Pool:
    values = np.asarray(difficulties, float)
    return Pool("known", values[:, None], np.arange(len(values)) % 2)


def chosen(difficulties, b: int, **options) -> np.ndarray:
    return Known(**options).fit(pool_of(difficulties)).subset_for(None, b).indices


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_mislabelled_are_left_out(seed):
    subset = CCS().fit(POOL).subset_for(None, 60, seed=seed)
    assert not set(subset.indices.tolist()) & set(WRONG.tolist())


def test_without_a_cutoff_the_mislabelled_are_covered_too():
    subset = CCS(hard_cutoff=0).fit(POOL).subset_for(None, 60)
    assert set(subset.indices.tolist()) & set(WRONG.tolist())


def test_no_row_is_harder_than_the_cutoff():
    assert chosen(np.arange(100), 40, hard_cutoff=0.29).max() < 71


def test_the_cutoff_yields_to_the_budget():
    assert sorted(chosen(np.arange(100), 90, hard_cutoff=0.5)) == list(range(90))


def test_strata_are_covered_evenly_and_small_ones_wholly():
    """70 easy rows, 20 middling, 2 hard; 30 wanted: all of the 2, then 14 of each."""
    hard = np.repeat([0.0, 0.5, 1.0], [70, 20, 2])
    rows = chosen(hard, 30, hard_cutoff=0, strata=3)
    assert [int((hard[rows] == level).sum()) for level in (0.0, 0.5, 1.0)] == [14, 14, 2]


def test_one_stratum_is_a_uniform_draw():
    counts = np.zeros(10)
    provider = Known(hard_cutoff=0, strata=1).fit(pool_of(np.arange(10.0) ** 3))
    seeds = np.arange(2000)
    for seed in seeds:
        counts[provider.subset_for(None, 3, seed=int(seed)).indices] += 1
    assert np.abs(counts / len(seeds) - 0.3).max() < 0.05  # five standard errors


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=40),
    st.integers(1, 60),
    st.floats(0, 0.99),
    st.booleans(),
    st.data(),
)
def test_the_budget_is_honoured_for_all_difficulties(hard, strata, cutoff, per_class, data):
    b = data.draw(st.integers(1, len(hard)))
    rows = chosen(hard, b, hard_cutoff=cutoff, strata=strata, per_class=per_class)
    assert len(set(rows.tolist())) == b


@pytest.mark.parametrize("options", [{"hard_cutoff": 0.1}, {"strata": 2}], ids=str)
def test_each_option_changes_the_choice(options):
    assert differ(CCS, POOL, **options)
