"""Truths of selection via proxy."""

from __future__ import annotations

import numpy as np
import pytest
from mislabelled import WRONG, mislabelled, same

from subsel_automl.core.pool import Pool
from subsel_automl.maths import scores
from subsel_automl.selectors.via_proxy import SCORES, ViaProxy
from subsel_automl.training.master import train_master
from subsel_automl.worlds import clump_pool


def three_clumps() -> Pool:
    """Three clumps in a row that touch."""
    rng = np.random.default_rng(1)
    labels = np.arange(240) % 3
    return Pool("row", (labels + rng.normal(0, 0.4, 240))[:, None], labels)


PROXY = train_master(three_clumps(), epochs=3)


@pytest.mark.parametrize(
    ("score", "formula"),
    [
        ("entropy", scores.entropy),
        ("margin", scores.margin),
        ("least-confidence", scores.least_confidence),
    ],
)
def test_each_uncertainty_is_the_proxys(score, formula):
    subset = ViaProxy(score=score).fit(three_clumps()).subset_for(None, 60)
    expected = np.argsort(-formula(PROXY.log_probabilities), kind="stable")[:60]
    assert np.array_equal(subset.indices, expected)


def test_the_four_scores_choose_differently():
    fits = [ViaProxy(score=score).fit(three_clumps()) for score in SCORES]
    assert len({tuple(fit.subset_for(None, 60).indices.tolist()) for fit in fits}) == 4


def test_forgetting_keeps_what_the_proxy_never_learned():
    subset = ViaProxy(score="forgetting", epochs=6).fit(mislabelled()).subset_for(None, 16)
    assert set(subset.indices.tolist()) == set(WRONG.tolist())


def test_the_proxy_of_images_is_lenet():
    pool = clump_pool(60)
    default, named = (ViaProxy(network=name).fit(pool) for name in (None, "lenet"))
    assert same(default.subset_for(None, 20), named.subset_for(None, 20))
