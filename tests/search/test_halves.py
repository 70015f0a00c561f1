"""Two halves of a subset."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.errors import BadInput
from subsel_automl.core.subset import Subset
from subsel_automl.search.halves import halves

RANK = np.random.default_rng(0).permutation(100)


def split(rows, share=0.5, batch=4, **parts):
    return halves(Subset(np.array(rows), **parts), RANK, share, batch, True)


@given(size=st.integers(8, 100), share=st.floats(0.3, 0.7))
def test_halves_are_disjoint_and_make_up_the_subset(size, share):
    rows = np.random.default_rng(size).permutation(100)[:size]
    found = split(rows, share)
    both = np.concatenate([found.weights.rows, found.architecture.rows])
    assert sorted(both) == sorted(rows)
    assert len(found.weights.rows) == round(share * size)


def test_an_example_stays_on_its_side_whatever_the_order():
    one, other = split(range(40)), split(range(39, -1, -1))
    assert set(one.weights.rows) == set(other.weights.rows)


def test_a_pass_hands_out_every_example_once():
    half = split(range(32)).weights
    drawn = [b.rows for b in itertools.islice(half.batches(np.random.default_rng(0)), half.passes)]
    assert sorted(np.concatenate(drawn)) == sorted(half.rows)


def test_weights_and_targets_stay_with_their_examples():
    weights = np.arange(1, 21, dtype=np.float32)
    targets = np.eye(20, dtype=np.float32)
    half = split(range(20), weights=weights, targets=targets).architecture
    batch = next(half.batches(np.random.default_rng(0)))
    assert np.allclose(batch.weights, (batch.rows + 1) / weights.mean())
    assert (batch.targets.argmax(1) == batch.rows).all()


def test_a_share_of_one_gives_both_everything():
    found = split(range(10), share=1)
    assert len(found.weights.rows) == len(found.architecture.rows) == 10


def test_three_examples_are_too_few():
    with pytest.raises(BadInput, match="at least 2"):
        split(range(3))
