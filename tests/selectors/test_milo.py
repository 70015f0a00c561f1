"""Truths of MILO."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput
from subsel_automl.core.pool import Pool
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150, classes=3)
UNIT = POOL.features / np.linalg.norm(POOL.features, axis=1, keepdims=True)


def chosen(draw=0, seed=0, b=30, **options):
    return provider("milo", **options).fit(POOL).subset_for(None, b, seed=seed, draw=draw)


def closeness(rows):
    """Mean cosine to the whole class."""
    same = POOL.labels[:, None] == POOL.labels
    return (np.where(same, UNIT @ UNIT.T, 0).sum(1) / same.sum(1))[rows].mean()


def test_easy_subsets_come_first_and_lie_nearer_to_all_than_hard_ones():
    easy = [chosen(draw) for draw in range(10)]
    hard = [chosen(draw) for draw in range(10, 20)]
    assert {s.provenance.notes["phase"] for s in easy} == {"easy"}
    assert {s.provenance.notes["phase"] for s in hard} == {"hard"}
    assert min(closeness(s.indices) for s in easy) > max(closeness(s.indices) for s in hard)


def test_hard_draws_favour_examples_far_from_the_ones_before():
    x = np.random.default_rng(0).normal(size=(60, 8))
    x[:30] = x[0] + 0.01 * x[:30]  # as good as one example
    milo = provider("milo", easy_draws=0).fit(Pool("half the same", x, np.zeros(60, int)))
    taken = sum(
        np.bincount(milo.subset_for(None, 12, draw=draw).indices, minlength=60)
        for draw in range(300)
    )
    assert taken[30:].sum() > 1.2 * taken[:30].sum()


@pytest.mark.parametrize("draw", [0, 20])
def test_every_class_gets_its_share(draw):
    assert np.bincount(POOL.labels[chosen(draw).indices]).tolist() == [10, 10, 10]


@pytest.mark.parametrize(
    ("options", "draw"),
    [({"easy_draws": 0}, 0), ({"trade": 0.0}, 0), ({"epsilon": 0.9}, 0), ({"easy_draws": 30}, 20)],
    ids=str,
)
def test_an_option_changes_the_choice_and_is_reported(options, draw):
    assert set(chosen(draw, **options).indices) != set(chosen(draw).indices)
    assert options.items() <= provider("milo", **options).options().items()


@pytest.mark.parametrize(
    "options", [{"easy_draws": -1}, {"trade": -0.1}, {"epsilon": 0.0}], ids=str
)
def test_unusable_options_are_refused(options):
    with pytest.raises(BadInput, match="milo"):
        provider("milo", **options)
