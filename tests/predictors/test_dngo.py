"""Truths of adaptive basis regression."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from subsel_automl.core.errors import BadInput
from subsel_automl.predictors.dngo import ALPHA, BETA, Dngo, evidence, regression
from subsel_automl.testing.predictor import linear_world

seeds = st.integers(0, 2**16)


def problem(seed, rows, columns, noise=0.3):
    rng = np.random.default_rng(seed)
    phi = rng.normal(size=(rows, columns))
    return phi, phi @ rng.normal(size=columns) + noise * rng.normal(size=rows)


def log_evidence(phi, y, alpha, beta):
    covariance = phi @ phi.T / alpha + np.eye(len(y)) / beta
    return multivariate_normal(np.zeros(len(y)), covariance).logpdf(y)


@given(seed=seeds, rows=st.integers(2, 12), columns=st.integers(1, 12))
def test_the_posterior_is_that_of_the_equations(seed, rows, columns):
    phi, y = problem(seed, rows, columns)
    found = regression(phi, y)
    precision = found.beta * phi.T @ phi + found.alpha * np.eye(columns)
    np.testing.assert_allclose(
        found.mean, np.linalg.solve(precision, found.beta * phi.T @ y), atol=1e-8
    )
    np.testing.assert_allclose(found.root @ found.root.T, np.linalg.inv(precision), atol=1e-8)


@given(seed=seeds, rows=st.integers(2, 10), columns=st.integers(1, 12))
def test_evidence_is_the_density_of_the_results(seed, rows, columns):
    phi, y = problem(seed, rows, columns)
    left, singular, _ = np.linalg.svd(phi, full_matrices=False)
    along = left.T @ y
    parts = singular**2, along**2, y @ y - along @ along, rows - len(along)
    found = [evidence(np.log([a]), np.log([b]), *parts)[0] for a, b in ((0.3, 5.0), (20.0, 0.7))]
    densities = [log_evidence(phi, y, a, b) for a, b in ((0.3, 5.0), (20.0, 0.7))]
    assert found[0] - found[1] == pytest.approx(densities[0] - densities[1], rel=1e-6, abs=1e-6)


@given(seed=seeds, other=st.tuples(st.floats(*ALPHA), st.floats(*BETA)))
def test_no_other_alpha_and_beta_have_more_evidence(seed, other):
    phi, y = problem(seed, 10, 4)
    found = regression(phi, y)
    best = log_evidence(phi, y, found.alpha, found.beta)
    near = [
        (np.clip(found.alpha * a, *ALPHA), np.clip(found.beta * b, *BETA))
        for a, b in ((0.97, 1), (1.03, 1), (1, 0.97), (1, 1.03))
    ]
    assert all(best >= log_evidence(phi, y, *one) - 1e-6 for one in (other, *near))


def test_the_noise_is_found():
    phi, y = problem(0, 2000, 5, noise=0.5)
    found = regression(phi, y)
    assert found.beta**-0.5 == pytest.approx(0.5, rel=0.05)
    assert found.alpha == pytest.approx(5 / (found.mean @ found.mean), rel=0.05)


@pytest.mark.parametrize("y", [np.zeros(6), 1e6 * np.arange(6.0)], ids=["nothing", "huge"])
def test_alpha_and_beta_stay_within_their_bounds(y):
    found = regression(np.random.default_rng(0).normal(size=(6, 9)), y)
    assert ALPHA[0] * 0.999 <= found.alpha <= ALPHA[1] * 1.001
    assert BETA[0] * 0.999 <= found.beta <= BETA[1] * 1.001


def test_the_doubt_is_a_standard_deviation_in_units_of_the_results():
    """Results with noise of 0.5 about a line: two thirds of new ones lie within one sd."""
    world, rng = linear_world(300), np.random.default_rng(1)
    mean, sd = Dngo().fit(world.x, world.y + rng.normal(0, 0.5, 300)).predict(world.other_x)
    off = np.abs(mean - (world.other_y + rng.normal(0, 0.5, len(mean))))
    assert 0.45 < (off < sd).mean() < 0.85
    assert sd.mean() == pytest.approx(0.5, rel=0.4)


def test_it_learns_what_no_line_is():
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, (200, 2))
    mean, _ = Dngo().fit(x[:150], np.abs(x[:150, 0])).predict(x[150:])
    assert np.corrcoef(mean, np.abs(x[150:, 0]))[0, 1] > 0.95


def test_weight_decay_makes_it_less_sure():
    world, rng = linear_world(100), np.random.default_rng(2)
    y = world.y + rng.normal(0, 1, 100)
    little, much = (
        Dngo(weight_decay=decay, rate=0.01).fit(world.x, y).predict(world.other_x).sd.mean()
        for decay in (0, 0.1)
    )
    assert much > 1.5 * little


@pytest.mark.parametrize(
    ("few", "many"),
    [({"epochs": 1}, {"epochs": 100}), ({"rate": 1e-5}, {"rate": 3e-3}), ({"units": 1}, {})],
    ids=["epochs", "rate", "units"],
)
def test_more_training_and_more_units_find_the_column_that_matters(few, many):
    x = np.random.default_rng(0).normal(size=(400, 10))
    y = np.abs(x[:, 3])
    off = [
        np.square(Dngo(**options).fit(x[:250], y[:250]).predict(x[250:]).mean - y[250:]).mean()
        for options in (few, many)
    ]
    assert off[1] < 0.9 * off[0]


def test_layers_and_seed_change_the_answers():
    world = linear_world(40)
    means = [
        Dngo(**options).fit(world.x, world.y).predict(world.other_x).mean
        for options in ({}, {"layers": 1}, {"seed": 1})
    ]
    assert np.abs(means[0] - means[1]).max() > 1e-3
    assert np.abs(means[0] - means[2]).max() > 1e-3


def test_a_round_of_a_search_is_fitted_in_well_under_a_second():
    world = linear_world(300, 16)
    Dngo(epochs=1).fit(world.x, world.y)  # torch warms up
    began = time.process_time()
    Dngo().fit(world.x, world.y)
    assert time.process_time() - began < 2  # 0.3 where nothing else runs


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"units": 0}, "units is 0; give 1 or more"),
        ({"layers": 0}, "layers is 0"),
        ({"epochs": -1}, "epochs is -1"),
        ({"rate": 0.0}, "rate is 0.0; give a finite number above 0"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1; give 0 or more"),
    ],
)
def test_options_out_of_range_are_refused(options, words):
    with pytest.raises(BadInput, match=words):
        Dngo(**options)
