"""Truths of k-center, herding and the graph cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.maths.covering import herding, k_center
from subsel_automl.maths.dissimilarity import Dissimilarity
from subsel_automl.maths.graph_cut import graph_cut, unit_rows

seeds = st.integers(0, 2**31 - 1)


def rows_of(seed, n=60, d=5):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def plain_k_center(x, b, first):
    x = x.astype(np.float64)
    chosen, r, radii = [first], ((x - x[first]) ** 2).sum(1), []
    for _ in range(b - 1):
        chosen.append(int(r.argmax()))
        radii.append(r.max())
        r = np.minimum(r, ((x - x[chosen[-1]]) ** 2).sum(1))
    return chosen, radii


@pytest.mark.parametrize("n", [60, 3000], ids=["at-once", "with-candidates"])
@pytest.mark.parametrize("metric", ["euclidean", "distance"])
def test_k_center_is_farthest_first(n, metric):
    x = rows_of(n, n)
    rows, radii = k_center(Dissimilarity.of(x, metric), 50)
    plain, far = plain_k_center(x, 50, int(((x - x.mean(0)) ** 2).sum(1).argmin()))
    if metric == "euclidean" or n == 60:  # the most central row is another one by distance
        assert rows[0] == plain[0] or metric == "distance"
    if rows[0] == plain[0]:
        assert rows.tolist() == plain
        far = np.sqrt(far) if metric == "distance" else np.array(far)
        assert np.allclose(radii[1:], far, rtol=1e-4)


@given(seed=seeds)
def test_k_center_covers_within_twice_the_best_radius(seed):
    from itertools import combinations

    x = rows_of(seed, 9, 2).astype(np.float64)
    d = np.linalg.norm(x[:, None] - x[None], axis=-1)
    best = min(d[list(s)].min(0).max() for s in combinations(range(9), 3))
    rows = k_center(Dissimilarity.of(x), 3)[0]
    assert d[rows].min(0).max() <= 2 * best + 1e-3


@given(seed=seeds, b=st.integers(1, 40))
def test_k_center_and_herding_take_exactly_b_even_among_duplicates(seed, b):
    x = np.random.default_rng(seed).integers(0, 2, (40, 2)).astype(np.float32)
    assert len(set(k_center(Dissimilarity.of(x), b)[0].tolist())) == b
    assert len(set(herding(x, b).tolist())) == b


@given(seed=seeds, b=st.integers(1, 60))
def test_herding_keeps_the_running_mean_as_near_as_one_more_row_can(seed, b):
    x = rows_of(seed).astype(np.float64)
    chosen = herding(x, b)
    before, last = chosen[:-1], chosen[-1]
    rest = np.setdiff1d(np.arange(60), before)
    miss = np.linalg.norm((x[before].sum(0) + x[rest]) / b - x.mean(0), axis=1)
    mine = np.linalg.norm(x[chosen].mean(0) - x.mean(0))
    assert last in rest
    assert mine <= miss.min() + 1e-5


def test_herding_misses_the_mean_by_less_than_random_rows_do():
    x, rng = rows_of(0, 500), np.random.default_rng(0)
    miss = np.linalg.norm(x[herding(x, 50)].mean(0) - x.mean(0))
    others = [np.linalg.norm(x[rng.choice(500, 50, False)].mean(0)) for _ in range(20)]
    assert miss < min(others) / 5


def test_graph_cut_takes_the_largest_gain_among_all():
    x, rng = unit_rows(rows_of(1)), np.random.default_rng(0)
    chosen = graph_cut(x, 10, 0.4, 10_000, rng)
    s = (1 + x @ x.T) / 2
    for step in range(10):
        inside = chosen[:step]
        gains = s.sum(1) - 0.4 * (2 * s[:, inside].sum(1) + 1)
        gains[inside] = -np.inf
        assert gains[chosen[step]] == pytest.approx(gains.max(), rel=1e-5)


def test_graph_cut_without_a_trade_takes_the_rows_nearest_to_all():
    x = unit_rows(rows_of(2))
    chosen = graph_cut(x, 10, 0.0, 10_000, np.random.default_rng(0))
    assert set(chosen) == set(np.argsort(-(x @ x.sum(0)))[:10])


@pytest.mark.parametrize("b", [0, 61])
@pytest.mark.parametrize("choose", [lambda x, b: k_center(Dissimilarity.of(x), b), herding])
def test_a_budget_out_of_range_is_refused(choose, b):
    with pytest.raises(ValueError, match=f"cannot take {b} of 60 rows"):
        choose(rows_of(0), b)
