"""Truths of facility location and of the dissimilarities it rests on."""

from __future__ import annotations

import tracemalloc
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.maths.dissimilarity import METRICS, Dissimilarity
from subsel_automl.maths.submodular import MEMORY, facility_location, facility_location_value

seeds = st.integers(0, 2**31 - 1)


def rows_of(seed, n=60, d=5):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def full(x, metric):
    """All pairs, the slow way."""
    x = x.astype(np.float64)
    if metric == "cosine":
        unit = x / np.linalg.norm(x, axis=1, keepdims=True)
        return 1 - unit @ unit.T
    square = ((x[:, None] - x[None]) ** 2).sum(-1)
    return np.sqrt(square) if metric == "distance" else square


def naive(d, b):
    """Naive greedy: the objective after b choices."""
    r, chosen = np.full(len(d), d.max() * len(d)), []
    for _ in range(b):
        gains = np.maximum(r[:, None] - d, 0).sum(0)
        gains[chosen] = -np.inf
        chosen.append(int(gains.argmax()))
        r = np.minimum(r, d[chosen[-1]])
    return r.sum()


def generator(greedy, seed=0):
    return np.random.default_rng(seed) if greedy == "stochastic" else None


@pytest.mark.parametrize("metric", METRICS)
def test_blocks_hold_the_dissimilarity(metric):
    x = rows_of(0)
    space, d = Dissimilarity.of(x, metric), full(x, metric)
    assert np.allclose(space.between(np.array([3, 9]), slice(10, 40)), d[[3, 9], 10:40], atol=1e-3)
    assert np.allclose(space.from_row(7), d[7], atol=1e-2)
    assert space.most_central() == d.sum(1).argmin()


def test_features_far_from_the_origin_lose_nothing():
    x = rows_of(1)
    near = facility_location(Dissimilarity.of(x), 20).rows
    assert np.array_equal(facility_location(Dissimilarity.of(x + 512), 20).rows, near)


def test_a_row_of_zeros_has_a_cosine():
    x = rows_of(0)
    x[4] = 0
    assert np.allclose(Dissimilarity.of(x, "cosine").from_row(4), 1)


@given(seed=seeds, greedy=st.sampled_from(["lazy", "stochastic"]))
def test_one_of_each_of_three_clumps(seed, greedy):
    clump = np.arange(45) % 3
    x = rows_of(seed, 45, 4) + 50 * np.eye(3, 4, dtype=np.float32)[clump]
    chosen = facility_location(Dissimilarity.of(x), 3, rng=generator(greedy, seed)).rows
    assert set(clump[chosen]) == {0, 1, 2}


@given(seed=seeds)
def test_within_1_minus_1_over_e_of_the_optimum(seed):
    d = full(rows_of(seed, 9, 2), "euclidean")
    similarity = d.max() - d
    best = max(similarity[list(s)].max(0).sum() for s in combinations(range(9), 3))
    found = facility_location(Dissimilarity.of(rows_of(seed, 9, 2)), 3).rows
    assert similarity[found].max(0).sum() >= (1 - 1 / np.e) * best


@pytest.mark.parametrize("memory", [MEMORY, 2**15, 0], ids=["sparse", "late", "dense"])
@pytest.mark.parametrize("metric", METRICS)
@given(seed=seeds, b=st.integers(1, 60))
def test_lazy_is_naive_greedy_whatever_the_memory(memory, metric, seed, b):
    x = rows_of(seed)
    space = Dissimilarity.of(x, metric)
    chosen = facility_location(space, b, memory=memory).rows
    reached = full(x, metric)[chosen].min(0).sum()
    slack = 1e-4 * full(x, metric).max()  # mutual nearest rows tie; a tie may lead elsewhere
    assert reached <= 1.02 * naive(full(x, metric), b) + slack


@pytest.mark.parametrize("memory", [MEMORY, 0], ids=["sparse", "dense"])
def test_the_first_choices_are_those_of_naive_greedy(memory):
    d, x = full(rows_of(3, 400), "euclidean"), rows_of(3, 400)
    for b in (1, 2, 5, 40):
        reached = d[facility_location(Dissimilarity.of(x), b, memory=memory).rows].min(0).sum()
        assert reached == pytest.approx(naive(d, b), rel=2e-3)


@pytest.mark.parametrize("memory", [MEMORY, 0], ids=["sparse", "dense"])
@pytest.mark.parametrize("seed", range(3))
def test_stochastic_reaches_95_percent_of_lazy(memory, seed):
    x = rows_of(seed, 400)
    space, d = Dissimilarity.of(x), full(x, "euclidean")
    value = [
        (d.max() - d)[facility_location(space, 40, rng=rng, memory=memory).rows].max(0).sum()
        for rng in (None, np.random.default_rng(seed))
    ]
    assert value[1] >= 0.95 * value[0]


def test_epsilon_sets_how_many_candidates_are_looked_at():
    space = Dissimilarity.of(rows_of(0, 400))
    values = [
        facility_location_value(
            space, facility_location(space, 40, rng=np.random.default_rng(0), epsilon=e).rows
        )
        for e in (0.9, 1e-9)
    ]
    assert values[1] < values[0]


@given(seed=seeds, b=st.integers(1, 60), greedy=st.sampled_from(["lazy", "stochastic"]))
def test_exactly_b_distinct_rows_even_among_duplicates(seed, b, greedy):
    x = np.random.default_rng(seed).integers(0, 2, (60, 2)).astype(np.float32)
    chosen = facility_location(Dissimilarity.of(x), b, rng=generator(greedy, seed)).rows
    assert len(set(chosen.tolist())) == b


@given(seed=seeds, b=st.integers(1, 80))
def test_permuting_the_rows_permutes_the_choice_though_mutual_neighbours_tie(seed, b):
    x, order = rows_of(seed, 80), np.random.default_rng(seed).permutation(80)
    here = facility_location(Dissimilarity.of(x), b).rows
    there = facility_location(Dissimilarity.of(x[order]), b).rows
    assert set(order[there].tolist()) == set(here.tolist())


@pytest.mark.parametrize("memory", [MEMORY, 0], ids=["sparse", "dense"])
def test_every_row_is_counted_for_its_nearest_choice(memory):
    x = rows_of(2, 200)
    cover = facility_location(Dissimilarity.of(x), 20, memory=memory)
    nearest = cover.rows[full(x, "euclidean")[cover.rows].argmin(0)]
    assert np.array_equal(cover.owner, nearest)
    assert np.array_equal(cover.sizes(), [(nearest == row).sum() for row in cover.rows])


def test_value_is_the_sum_of_distances_to_the_nearest_choice():
    x, rows = rows_of(4, 600), np.array([5, 80, 431])
    value = facility_location_value(Dissimilarity.of(x), rows)
    assert value == pytest.approx(full(x, "euclidean")[rows].min(0).sum(), rel=1e-4)


def test_the_matrix_of_all_pairs_is_never_in_memory():
    space = Dissimilarity.of(rows_of(0, 6000, 8))
    tracemalloc.start()
    facility_location(space, 40, memory=2**23)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6000 * 6000 * 4 / 3


@pytest.mark.parametrize("b", [0, 61])
def test_a_budget_out_of_range_is_refused(b):
    with pytest.raises(ValueError, match=f"cannot take {b} of 60 rows"):
        facility_location(Dissimilarity.of(rows_of(0)), b)


def test_an_unknown_metric_is_refused():
    with pytest.raises(ValueError, match="manhattan"):
        Dissimilarity.of(rows_of(0), "manhattan")
