"""Truths of matching pursuit and of Glister's Taylor greedy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from subsel_automl.maths.pursuit import OuterProducts, Vectors, pursue
from subsel_automl.maths.taylor import Gradients, Held, taylor_greedy

seeds = st.integers(0, 2**31 - 1)


def factors(seed, n=60, c=4, k=6):
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(size=(n, m)).astype(np.float32) for m in (c, k))


def dense(error, inner):
    return (error[:, :, None] * inner[:, None, :]).reshape(len(error), -1)


@given(seed=seeds)
def test_a_planted_sparse_combination_is_recovered(seed):
    rng = np.random.default_rng(seed)
    atoms = rng.normal(size=(40, 400)).astype(np.float32)  # nearly orthogonal
    planted, weights = rng.choice(40, 5, replace=False), rng.uniform(1, 3, 5)
    target = (weights @ atoms[planted]).astype(np.float32)
    found = pursue(Vectors(atoms), target, 5, regulariser=0.0)
    assert set(found.rows) == set(planted)
    order = np.argsort(found.rows)
    assert np.allclose(found.weights[order], weights[np.argsort(planted)], rtol=1e-3)
    assert found.filled == 0
    assert found.error < 1e-3


@given(seed=seeds, b=st.integers(1, 25), regulariser=st.sampled_from([0.1, 1.0, 30.0]))
def test_weights_are_the_best_non_negative_ones_for_their_atoms(seed, b, regulariser):
    error, inner = factors(seed)
    g = dense(error, inner).astype(np.float64)
    target = g.sum(0)
    found = pursue(
        OuterProducts(error, inner),
        target.reshape(4, 6).astype(np.float32),
        b,
        regulariser=regulariser,
    )
    mine = found.rows[: b - found.filled]
    stacked = np.vstack([g[mine].T, np.sqrt(regulariser) * np.eye(len(mine))])
    best, _ = nnls(stacked, np.concatenate([target, np.zeros(len(mine))]))
    assert np.allclose(found.weights[: len(mine)], best, atol=2e-3 * best.max())


@given(seed=seeds, b=st.integers(1, 60))
def test_exactly_b_distinct_atoms_of_positive_weight(seed, b):
    error, inner = factors(seed)
    atoms = OuterProducts(error, inner)
    found = pursue(atoms, atoms.sum(slice(None), np.ones(60)), b)
    assert len(set(found.rows.tolist())) == len(found.weights) == b
    assert (found.weights > 0).all()


def test_a_pursuit_that_ends_early_is_filled_by_correlation_at_the_mean_weight():
    atoms = np.eye(6, dtype=np.float32)
    atoms[3] = [0.1, 0.1, 0, 0.9, 0, 0]
    target = np.array([2, 1, 0, 0, 0, 0], np.float32)
    found = pursue(Vectors(atoms), target, 4, regulariser=0.0)
    assert found.rows.tolist() == [0, 1, 3, 2]  # 3 points along the target, 2 is the lowest at zero
    assert found.filled == 2
    assert np.allclose(found.weights, [2, 1, 1.5, 1.5])


def test_nothing_to_match_is_filled_and_not_nan():
    found = pursue(Vectors(np.zeros((5, 3), np.float32)), np.zeros(3, np.float32), 4)
    assert found.filled == 4
    assert found.weights.tolist() == [1, 1, 1, 1]


def test_atoms_given_twice_do_not_break_the_solve():
    atoms = np.repeat(np.random.default_rng(0).normal(size=(5, 8)), 3, 0).astype(np.float32)
    found = pursue(Vectors(atoms), atoms.sum(0), 15, regulariser=0.0)
    assert np.isfinite(found.weights).all()
    assert len(set(found.rows.tolist())) == 15


@pytest.mark.parametrize("tolerance", [0.5, 0.01])
def test_the_tolerance_ends_the_pursuit(tolerance):
    error, inner = factors(1, n=200)
    atoms = OuterProducts(error, inner)
    found = pursue(
        atoms, atoms.sum(slice(None), np.ones(200)), 100, regulariser=0.0, tolerance=tolerance
    )
    assert found.error <= tolerance
    assert found.filled > 0


def test_a_larger_regulariser_gives_smaller_weights():
    error, inner = factors(2)
    atoms = OuterProducts(error, inner)
    target = atoms.sum(slice(None), np.ones(60))
    small, large = (pursue(atoms, target, 8, regulariser=r).weights.sum() for r in (0.1, 100))
    assert large < small


def test_factors_stand_for_the_outer_products():
    error, inner = factors(3)
    g, atoms, rows = dense(error, inner), OuterProducts(error, inner), np.array([4, 8, 15])
    weights = np.array([1.0, 2.0, 3.0])
    assert len(atoms) == 60
    assert np.allclose(atoms.sum(rows, weights).ravel(), weights @ g[rows], atol=1e-4)
    assert np.allclose(atoms.along(g[9].reshape(4, 6)), g @ g[9], atol=1e-4)
    assert np.allclose(atoms.gram(rows, 9), g[rows] @ g[9], atol=1e-4)


@pytest.mark.parametrize("b", [0, 61])
def test_a_budget_out_of_range_is_refused(b):
    error, inner = factors(0)
    with pytest.raises(ValueError, match=f"cannot take {b} of 60"):
        pursue(OuterProducts(error, inner), np.ones((4, 6), np.float32), b)
    with pytest.raises(ValueError, match=f"cannot take {b} of 60"):
        greedy(0, b)


# Glister


def held_of(seed, m=30, c=4, k=6):
    rng = np.random.default_rng([seed, 9])
    labels = rng.integers(c, size=m)
    p = rng.dirichlet(np.ones(c), m)
    inner = rng.normal(size=(m, k)).astype(np.float32)
    return Held((p - np.eye(c)[labels]).astype(np.float32), inner, labels), p


def greedy(seed, b, *, terms=15, step=0.2, sample=0):
    held, _ = held_of(seed)
    rng = np.random.default_rng(seed)
    pool = Gradients(*factors(seed))
    return taylor_greedy(pool, held, b, terms=terms, step=step, sample=sample, rng=rng)


def validation_loss(logits, held):
    top = logits - logits.max(1, keepdims=True)
    log_p = top - np.log(np.exp(top).sum(1, keepdims=True))
    return -log_p[np.arange(len(held.labels)), held.labels].mean()


@given(seed=seeds)
def test_one_term_takes_the_gradients_most_along_the_validation_gradient(seed):
    held, _ = held_of(seed)
    g = dense(*factors(seed))
    mean = dense(held.error, held.inner).mean(0)
    chosen = greedy(seed, 10, terms=1)
    assert set(chosen) == set(np.argsort(-(g @ mean), kind="stable")[:10])


@given(seed=seeds)
def test_the_step_of_the_choice_lowers_the_validation_loss_more_than_random_steps(seed):
    held, p = held_of(seed)
    error, inner = factors(seed)

    def after(rows):
        mean = error[rows].T @ inner[rows] / len(rows)
        return validation_loss(np.log(p) - 0.2 * held.inner @ mean.T, held)

    rng = np.random.default_rng(seed)
    others = [after(rng.choice(60, 10, replace=False)) for _ in range(20)]
    assert after(greedy(seed, 10)) < min(others)


def test_more_terms_look_again_and_choose_others():
    assert set(greedy(3, 30, terms=1, step=5.0)) != set(greedy(3, 30, terms=15, step=5.0))


def test_a_larger_step_moves_the_validation_gradient():
    assert set(greedy(3, 30, step=0.01)) != set(greedy(3, 30, step=20.0))


@given(seed=seeds, b=st.integers(1, 60), sample=st.sampled_from([0, 1, 5]))
def test_the_budget_is_exact_and_no_example_comes_twice(seed, b, sample):
    assert len(set(greedy(seed, b, sample=sample).tolist())) == b
