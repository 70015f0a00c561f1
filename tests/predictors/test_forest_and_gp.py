"""Truths of the forest and of the Gaussian process, and of what all predictors share."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor

from subsel_automl.core.errors import BadInput
from subsel_automl.predictors import base
from subsel_automl.predictors.forest import Forest
from subsel_automl.predictors.gp import AMPLITUDE, LENGTH, NOISE, GaussianProcess
from subsel_automl.testing.predictor import linear_world

WORLD = linear_world()


def test_a_forests_doubt_is_the_spread_of_its_trees():
    forest = Forest(trees=7).fit(WORLD.x, WORLD.y)
    trees = forest._kept["last"].model.estimators_
    each = np.stack([tree.predict(WORLD.other_x) for tree in trees])
    mean, sd = forest.predict(WORLD.other_x)
    np.testing.assert_allclose(mean, each.mean(0) * WORLD.y.std() + WORLD.y.mean())
    np.testing.assert_allclose(sd, each.std(0) * WORLD.y.std())
    assert len(trees) == 7


def test_a_split_tries_four_columns_or_all_there_are():
    tried = [
        Forest().fit(WORLD.x[:, :d], WORLD.y)._kept["last"].model.estimators_[0].max_features_
        for d in (2, 4)
    ]
    assert tried == [2, 4]
    assert Forest(max_features=3).fit(WORLD.x, WORLD.y)._kept["last"].model.max_features == 3


def test_more_trees_are_steadier():
    world = linear_world(60)
    spreads = []
    for trees in (2, 50):
        means = [
            Forest(trees=trees, seed=s).fit(world.x, world.y).predict(world.other_x).mean
            for s in range(4)
        ]
        spreads.append(np.std(means, axis=0).mean())
    assert spreads[1] < spreads[0] / 2


def test_a_process_knows_what_it_was_told():
    mean, sd = GaussianProcess().fit(WORLD.x, WORLD.y).predict(WORLD.x)
    np.testing.assert_allclose(mean, WORLD.y, atol=0.05 * WORLD.y.std())
    assert sd.max() < 0.05 * WORLD.y.std()


def test_a_process_far_away_knows_the_mean_alone():
    y = np.sin(3 * WORLD.x[:, 0])
    mean, sd = GaussianProcess().fit(WORLD.x, y).predict(1e6 * WORLD.other_x)
    np.testing.assert_allclose(mean, y.mean(), atol=1e-6)
    assert sd.min() > 0.3 * y.std()


def test_a_process_finds_the_noise():
    rng = np.random.default_rng(3)
    noisy = WORLD.y + rng.normal(0, 0.5, len(WORLD.y))
    _, sd = GaussianProcess().fit(WORLD.x, noisy).predict(WORLD.x)
    assert sd.mean() == pytest.approx(0.5, rel=0.3)


@pytest.mark.parametrize("noise", [0.0, 1e3], ids=["line", "noise"])
def test_what_ends_on_a_bound_is_kept_without_a_warning(noise):
    rng = np.random.default_rng(4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        process = GaussianProcess().fit(WORLD.x, WORLD.y + noise * rng.normal(size=len(WORLD.y)))
        process.predict(WORLD.other_x)
    found = np.exp(process._kept["last"].model.process.kernel_.theta)
    for value, (low, high) in zip(found, (AMPLITUDE, LENGTH, NOISE), strict=True):
        assert 0.999 * low <= value <= 1.001 * high


def test_restarts_are_more_searches_and_the_most_likely_kernel_is_kept(monkeypatch):
    found = []
    inner = GaussianProcessRegressor._constrained_optimization

    def searched(self, *arguments):
        found.append(inner(self, *arguments))
        return found[-1]

    monkeypatch.setattr(GaussianProcessRegressor, "_constrained_optimization", searched)
    y = np.sin(4 * WORLD.x[:, 0])
    process = GaussianProcess(restarts=3).fit(WORLD.x, y)._kept["last"].model.process
    assert len(found) == 4
    assert process.log_marginal_likelihood_value_ == pytest.approx(-min(f for _, f in found))


def test_a_process_does_not_care_for_place_and_size_of_the_vectors():
    here = GaussianProcess().fit(WORLD.x, WORLD.y).predict(WORLD.other_x)
    there = GaussianProcess().fit(7 + 1e3 * WORLD.x, WORLD.y).predict(7 + 1e3 * WORLD.other_x)
    np.testing.assert_allclose(there.mean, here.mean, atol=1e-4)


def test_rows_are_predicted_in_chunks_and_come_back_in_order(monkeypatch):
    forest = Forest(trees=5).fit(WORLD.x, WORLD.y)
    whole = forest.predict(WORLD.other_x)
    sizes = []
    inner = Forest._predict
    monkeypatch.setattr(base, "CHUNK", 77)
    monkeypatch.setattr(
        Forest, "_predict", lambda self, model, x: sizes.append(len(x)) or inner(self, model, x)
    )
    parts = forest.predict(WORLD.other_x)
    assert sizes == [77, 77, 77, 69]
    np.testing.assert_array_equal(parts.mean, whole.mean)
    np.testing.assert_array_equal(parts.sd, whole.sd)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Forest(trees=0), "trees is 0; give 1 or more"),
        (lambda: Forest(max_features=0), "max_features is 0"),
        (lambda: GaussianProcess(restarts=-1), "restarts is -1; give 0 or more"),
    ],
    ids=["trees", "max_features", "restarts"],
)
def test_options_out_of_range_are_refused(make, words):
    with pytest.raises(BadInput, match=words):
        make()


def test_a_predictor_is_its_options():
    assert Forest(trees=3).fit(WORLD.x, WORLD.y) == Forest(trees=3) != Forest(trees=4)


@pytest.mark.parametrize("value", [0.1, 2.0, 0.0, -1e9])
def test_a_constant_column_is_shifted_and_not_divided(value):
    scale = base.Scale.of(np.full((1000, 1), value))
    assert scale.spread == 1
    np.testing.assert_allclose(scale.apply(np.full((3, 1), value)), 0, atol=1e-6)


def test_a_fit_that_is_refused_leaves_nothing_behind():
    forest = Forest(trees=2).fit(WORLD.x, WORLD.y)
    with pytest.raises(BadInput, match="finite"):
        forest.fit(WORLD.x, np.full(len(WORLD.y), np.nan))
    with pytest.raises(BadInput, match="not fitted"):
        forest.predict(WORLD.x)
