"""Truths of facility location, in every class and over the whole pool."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import Needs
from subsel_automl.maths import draws
from subsel_automl.selectors.wrappers import ClassBalanced
from subsel_automl.worlds import clump_pool

NAMES = ("facility-location", "facility-location-whole")
POOL = clump_pool(150, classes=3)


def chosen(pool=POOL, name="facility-location", b=15, seed=0, **options):
    return set(provider(name, **options).fit(pool).subset_for(None, b, seed=seed).indices.tolist())


def three_clumps(labels=None):
    clump = np.arange(60) % 3
    x = np.random.default_rng(0).normal(size=(60, 4)) + 40 * np.eye(3, 4)[clump]
    return Pool("three", x, clump if labels is None else labels)


@pytest.mark.parametrize("greedy", ["lazy", "stochastic"])
@given(seed=st.integers(0, 1000))
def test_one_example_of_each_of_three_clumps_whatever_the_seed(greedy, seed):
    rows = chosen(three_clumps(), "facility-location-whole", 3, seed, greedy=greedy)
    assert {row % 3 for row in rows} == {0, 1, 2}


def test_the_clumps_of_one_class_are_found_in_it():
    pool = three_clumps(labels=np.arange(60) // 30)  # every clump is in both classes
    rows = chosen(pool, b=6)
    assert {(row // 30, row % 3) for row in rows} == {(c, k) for c in (0, 1) for k in (0, 1, 2)}


@given(b=st.integers(1, 60))
def test_classes_get_even_shares_even_when_one_is_tiny(b):
    labels = np.repeat([0, 1, 2], [2, 8, 50])
    rows = chosen(three_clumps(labels), b=b)
    counts = np.bincount(labels[list(rows)], minlength=3)
    assert np.array_equal(counts, draws.per_class_counts(labels, b))


@pytest.mark.parametrize(
    "options",
    [{"per_class": False}, {"metric": "cosine"}, {"greedy": "stochastic"}],
    ids=str,
)
def test_an_option_changes_the_choice_and_is_reported(options):
    assert chosen(**options) != chosen()
    assert (
        provider("facility-location", **options).options() | options
        == provider("facility-location", **options).options()
    )


def test_epsilon_changes_the_stochastic_choice():
    assert chosen(greedy="stochastic", epsilon=0.9) != chosen(greedy="stochastic")


def test_only_a_choice_by_class_that_was_asked_for_needs_labels():
    assert provider("facility-location-whole").needs == Needs.NOTHING
    assert provider("facility-location", per_class=False).needs == Needs.NOTHING
    assert provider("facility-location").needs == Needs.NOTHING
    assert provider("facility-location", per_class=True).needs == Needs.LABELS


def test_by_default_the_choice_is_by_class_where_there_are_classes():
    assert chosen() == chosen(per_class=True)
    plain = Pool("plain", POOL.features)
    whole = provider("facility-location", per_class=False).fit(plain).subset_for(None, 15)
    found = provider("facility-location").fit(plain).subset_for(None, 15)
    assert found.indices.tolist() == whole.indices.tolist()


def test_chance_is_declared_only_where_it_is():
    assert not provider("facility-location").drawn
    stochastic = provider("facility-location", greedy="stochastic")
    assert stochastic.drawn
    assert not stochastic.equivariant


def test_a_balanced_whole_choice_is_the_choice_of_every_class():
    balanced = ClassBalanced(provider("facility-location-whole")).fit(POOL).subset_for(None, 15)
    assert set(balanced.indices.tolist()) == chosen()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"metric": "euclidian"}, UnknownName, "euclidean"),
        ({"greedy": "naive"}, UnknownName, "lazy"),
        ({"per_class": 1}, BadInput, "give True or False"),
        ({"epsilon": 0}, BadInput, "above 0 and below 1"),
        ({"epsilon": 1.5}, BadInput, "above 0 and below 1"),
    ],
    ids=str,
)
def test_unusable_options_are_refused(name, options, error, message):
    with pytest.raises(error, match=message):
        provider(name, **options)
