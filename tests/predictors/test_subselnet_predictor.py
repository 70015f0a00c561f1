"""Truths of the predictor that calibrates what g_beta foretells; the contract holds it too."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput
from subsel_automl.predictors.gp import GaussianProcess
from subsel_automl.predictors.subselnet import Foretold

RNG = np.random.default_rng(0)
FORETOLD = RNG.uniform(0.88, 0.92, 200)
TRUTH = 0.3 + 0.5 * FORETOLD


def test_a_line_is_found_in_the_scale_of_the_results():
    mean, _ = Foretold().fit(FORETOLD[:100, None], TRUTH[:100]).predict(FORETOLD[100:, None])
    np.testing.assert_allclose(mean, TRUTH[100:], atol=1e-4)


@pytest.mark.parametrize("rows", [2, 3, 5, 40])
@pytest.mark.parametrize("seed", range(3))
def test_results_never_change_the_order_that_was_foretold(rows, seed):
    """Pure noise, or the very opposite: a few rows are no reason to turn the order round."""
    noise = np.random.default_rng(seed).normal(size=rows)
    order = np.argsort(FORETOLD)
    for results in (noise, -FORETOLD[:rows]):
        mean, _ = Foretold().fit(FORETOLD[:rows, None], results).predict(FORETOLD[:, None])
        assert (np.argsort(mean) == order).all()


def test_results_say_how_large_a_difference_is():
    def spread(results):
        return np.ptp(Foretold().fit(FORETOLD[:50, None], results).predict(FORETOLD[:, None]).mean)

    assert spread(RNG.normal(size=50)) < 0.7 * spread(50 * FORETOLD[:50])


def test_belief_outweighs_contrary_rows_until_there_are_many():
    def slope(rows, **options):
        mean, _ = (
            Foretold(**options).fit(FORETOLD[:rows, None], -TRUTH[:rows]).predict([[0.88], [0.92]])
        )
        return mean[1] - mean[0]

    assert slope(100, belief=1000.0) > 5 * slope(100)


def test_it_is_less_sure_where_the_line_fits_badly():
    noisy = TRUTH[:60] + 0.02 * RNG.normal(size=60)
    sure, unsure = (
        Foretold().fit(FORETOLD[:60, None], results).predict(FORETOLD[60:, None]).sd.mean()
        for results in (TRUTH[:60], noisy)
    )
    assert 0.015 < unsure < 0.03
    assert sure < unsure / 4


def test_other_columns_say_what_the_line_leaves():
    vectors = RNG.normal(size=(200, 3))
    results = TRUTH + 0.02 * vectors[:, 0]
    x = np.column_stack([FORETOLD, vectors])

    def missed(model, columns):
        mean, _ = model.fit(columns[:60], results[:60]).predict(columns[60:])
        return np.abs(mean - results[60:]).mean()

    both = missed(Foretold(), x)
    assert both < 0.25 * missed(Foretold(), x[:, :1])
    assert both < 0.25 * missed(GaussianProcess(), vectors)


def test_a_belief_of_nothing_is_refused():
    with pytest.raises(BadInput, match="belief is 0; give a finite number above 0"):
        Foretold(belief=0)
