"""The families of learning curves, and the sampling that rejects."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.maths.curve_families import FAMILIES, fitted
from subsel_automl.maths.divergence import kl_of_gaussians
from subsel_automl.maths.metropolis import step

X = np.arange(1.0, 31)


def test_there_are_eleven_families():
    assert len(FAMILIES) == 11


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_rises_from_where_a_fit_begins(name):
    family = FAMILIES[name]
    y = family(X, np.asarray(family.start))
    assert np.isfinite(y).all()
    assert (np.diff(y) > 0).all()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_finds_its_own_curve(name):
    family = FAMILIES[name]
    y = family(X, 0.9 * np.asarray(family.start))
    parameters, squares = fitted(family, X, y)
    assert squares < 1e-6
    np.testing.assert_allclose(family(X, parameters), y, atol=1e-3)


def test_vapor_pressure_has_its_exponential():
    parameters = np.array([0.1, -0.5, 0.2])
    expected = np.exp(0.1 - 0.5 / X + 0.2 * np.log(X))
    np.testing.assert_allclose(FAMILIES["vapor pressure"](X, parameters), expected)


def test_a_rejected_proposal_leaves_the_state_as_it_was():
    state, rng = np.ones((4, 3, 2)), np.random.default_rng(0)
    found, score, taken = step(
        state, np.zeros((4, 3)), np.asarray(0.5), lambda x: np.full(x.shape[:-1], -np.inf), rng
    )
    assert not taken.any()
    assert np.array_equal(found, np.ones((4, 3, 2)))
    assert np.array_equal(state, np.ones((4, 3, 2)))
    assert not score.any()


def test_a_density_that_is_no_number_is_rejected():
    _, _, taken = step(
        np.ones((1, 5, 2)),
        np.zeros((1, 5)),
        np.asarray(1.0),
        lambda x: np.full(x.shape[:-1], np.nan),
        np.random.default_rng(0),
    )
    assert not taken.any()


def test_samples_of_a_normal_have_its_mean_and_spread():
    rng, state = np.random.default_rng(0), np.zeros((1, 50, 1))

    def density(x):
        return -0.5 * np.square((x[..., 0] - 3) / 0.5)

    score, seen = density(state), []
    for turn in range(600):  # noqa: B007
        state, score, _ = step(state, score, np.asarray(1.0), density, rng)
        seen.append(state)
    kept = np.stack(seen[200:])
    assert kept.mean() == pytest.approx(3, abs=0.03)
    assert kept.std() == pytest.approx(0.5, abs=0.03)


def test_a_distribution_does_not_diverge_from_itself():
    assert not kl_of_gaussians([1.0, 2.0], [0.1, 0.2], [1.0, 2.0], [0.1, 0.2]).any()


def test_divergence_of_two_gaussians():
    found = kl_of_gaussians([0.0], [1.0], [1.0], [2.0])
    assert found[0] == pytest.approx(np.log(2) + (1 + 1) / 8 - 0.5)


def test_no_spread_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        kl_of_gaussians([0.0], [0.0], [0.0], [1.0])
