"""The policy's regulariser, and draws with and without a floor of one a class."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from subsel_automl.maths import draws
from subsel_automl.subselnet import policy as policies
from subsel_automl.subselnet.inductive import InductiveSubSelNet
from subsel_automl.subselnet.policy import mean_embeddings, train_policy
from subsel_automl.subselnet.solvers import chosen_rows
from subsel_automl.subselnet.transductive import SubSelNet


def losses_for(model, pool, cell) -> np.ndarray:
    return -model.log_probabilities(pool, [cell])[0][np.arange(len(pool)), pool.labels]


@pytest.fixture(scope="session")
def policy(model, pool, folds):
    return train_policy(model, pool, folds["training"], steps=300, budget=0.2)


def test_the_policys_regulariser_makes_its_sigmoids_sum_to_the_budget(
    model, pool, folds, monkeypatch
):
    def shares(weight: float) -> float:
        monkeypatch.setattr(policies, "LAMBDA_PRIME", weight)
        made = train_policy(model, pool, folds["training"], steps=400, budget=0.1)
        cell = folds["training"][0]
        vector = mean_embeddings(model, [cell])[0]
        scores = made.scores(vector, model.log_probabilities(pool, [cell])[0], pool)
        return float((1 / (1 + np.exp(-scores))).sum())

    wanted = 0.1 * len(pool)
    without, as_published, strong = (abs(shares(weight) - wanted) for weight in (0.0, 0.1, 3.0))
    assert without > as_published > strong
    assert strong < 0.2 * wanted


def test_a_bias_alone_satisfies_the_regulariser_and_changes_no_draw(policy, model, pool, folds):
    """What deviation [3] of the policy says."""
    cell = folds["test"][0]
    before = InductiveSubSelNet.from_model(model, pool, policy=policy).subset_for(cell, 15)
    shifted = copy.deepcopy(policy)
    shifted.last.bias.data += 2.0
    after = InductiveSubSelNet.from_model(model, pool, policy=shifted).subset_for(cell, 15)
    assert np.array_equal(before.indices, after.indices)


@pytest.mark.parametrize("floor", [True, False])
def test_eq_8_alone_may_leave_a_class_out_and_the_floor_does_not(floor):
    logits, labels = np.array([9.0, 8.5, 8.0, -9.0]), np.array([0, 0, 0, 1])
    found = {
        tuple(chosen_rows(logits, labels, 2, (seed,), solver="gibbs", per_class=False, floor=floor))
        for seed in range(50)
    }
    assert all((3 in rows) == floor for rows in found)


def test_without_floor_and_balance_the_draw_is_eq_8():
    logits, labels = np.array([1.0, 0.3, -0.5, 0.0]), np.array([0, 1, 2, 3])
    count = 4000
    drawn = [
        tuple(chosen_rows(logits, labels, 2, (seed,), solver="gibbs", per_class=False, floor=False))
        for seed in range(count)
    ]
    for pair in {(0, 1), (1, 0), (2, 3), (0, 3)}:
        expected = np.exp(draws.log_probability(logits, np.array(pair)))
        assert drawn.count(pair) / count == pytest.approx(expected, abs=0.02)


def test_the_floor_is_an_option_of_the_provider(model, pool, folds):
    peaked = {"temperature": 1e-3, "per_class": False}
    with_floor, without = (
        SubSelNet.from_model(model, pool, class_floor=floor, **peaked).subset_for(
            folds["test"][0], 4
        )
        for floor in (True, False)
    )
    assert len(np.unique(pool.labels[with_floor.indices])) == 4
    losses = losses_for(model, pool, folds["test"][0])
    assert set(without.indices) == set(np.argsort(losses)[:4])
