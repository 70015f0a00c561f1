"""Truths of k-center."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import Needs
from subsel_automl.worlds import clump_pool


def chosen(pool, b, **options):
    return provider("k-center", **options).fit(pool).subset_for(None, b).indices.tolist()


def test_on_a_line_it_takes_the_middle_and_then_the_ends_and_the_gaps():
    line = Pool("line", np.arange(17.0)[:, None])
    rows = chosen(line, 5)
    assert rows[0] == 8
    assert set(rows[:3]) == {8, 0, 16}
    assert set(rows) == {8, 0, 16, 4, 12}


def test_far_outliers_come_first():
    x = np.random.default_rng(0).normal(size=(80, 3))
    x[[11, 40]] += [[60, 0, 0], [0, 60, 0]]
    assert set(chosen(Pool("outliers", x), 3)[1:]) == {11, 40}


@pytest.mark.parametrize("options", [{"per_class": True}, {"metric": "cosine"}], ids=str)
def test_an_option_changes_the_choice_and_is_reported(options):
    pool = clump_pool(150, classes=3)
    assert set(chosen(pool, 15, **options)) != set(chosen(pool, 15))
    assert options.items() <= provider("k-center", **options).options().items()


def test_labels_are_needed_for_classes_only():
    assert provider("k-center").needs == Needs.NOTHING
    assert provider("k-center", per_class=True).needs == Needs.LABELS


def test_every_class_gets_its_share():
    pool = clump_pool(150, classes=3)
    rows = chosen(pool, 15, per_class=True)
    assert np.bincount(pool.labels[rows]).tolist() == [5, 5, 5]


def test_unusable_options_are_refused():
    with pytest.raises(UnknownName, match="cosine"):
        provider("k-center", metric="cosin")
    with pytest.raises(BadInput, match="per_class"):
        provider("k-center", per_class="yes")
