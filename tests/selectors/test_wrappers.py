"""Truths of the wrappers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.errors import BadInput, MissingNeed
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import Needs, Request, SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.maths import draws
from subsel_automl.selectors.random import Random
from subsel_automl.selectors.wrappers import ClassBalanced
from subsel_automl.worlds import clump_pool, linear_probe


class LargestFirst(SubsetProvider):
    """Rows by their first feature, weighted by it; counts how often it was asked."""

    name = "largest-first"
    source = "known answer"
    drawn = False

    def __init__(self, sign: int = 1) -> None:
        super().__init__()
        self.sign, self.asked = sign, 0

    def options(self):
        return {"sign": self.sign}

    def _select(self, request: Request) -> Subset:
        self.asked += 1
        keys = self.sign * request.pool.features[:, 0]
        rows = draws.top_b(keys, request.count)
        return Subset(rows, weights=np.abs(keys[rows]))


class HighestLoss(LargestFirst):
    name = "highest-loss"
    refresh_every = 1

    def _refresh(self, request, probe):
        memory = {"times": request.previous.memory.get("times", np.array(0)) + 1}
        losses = probe.losses(np.arange(len(request.pool)))
        return Subset(draws.top_b(losses, request.count), memory=memory)


class NeedsZoo(LargestFirst):
    name = "needs-zoo"
    needs = Needs.ZOO


POOL = clump_pool(90, classes=3)


@given(sizes=st.lists(st.integers(1, 30), min_size=1, max_size=5), data=st.data())
def test_every_class_gets_the_even_share_that_its_size_allows(sizes, data):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    pool = Pool("uneven", np.random.default_rng(0).random((len(labels), 2)), labels)
    b = data.draw(st.integers(1, len(labels)))
    subset = ClassBalanced(Random()).fit(pool).subset_for(None, b)
    counts = np.bincount(labels[subset.indices], minlength=len(sizes))
    assert np.array_equal(counts, draws.per_class_counts(labels, b))


def test_each_class_is_chosen_by_the_inner_provider_with_its_weights():
    subset = ClassBalanced(LargestFirst()).fit(POOL).subset_for(None, 12)
    for label in range(3):
        rows = np.flatnonzero(POOL.labels == label)
        best = rows[np.argsort(-POOL.features[rows, 0], kind="stable")][:4]
        assert set(subset.indices[POOL.labels[subset.indices] == label]) == set(best)
    assert np.allclose(subset.weights, POOL.features[subset.indices, 0])


def test_the_order_of_choice_takes_the_classes_in_turn():
    subset = ClassBalanced(Random()).fit(POOL).subset_for(None, 9)
    assert POOL.labels[subset.indices].tolist() == [0, 1, 2] * 3


def test_classes_draw_independently():
    subset = ClassBalanced(Random()).fit(POOL).subset_for(None, 30, seed=3)
    places = [subset.indices[POOL.labels[subset.indices] == c] // 3 for c in range(3)]
    assert not np.array_equal(places[0], places[1])


def test_a_balanced_provider_refreshes_class_by_class_and_keeps_its_memory():
    provider = ClassBalanced(HighestLoss()).fit(POOL)
    probe = linear_probe(POOL)
    subset = provider.subset_for(None, 9)
    for epoch in (1, 2):
        subset = provider.refresh(subset, None, epoch, probe)
    losses = probe.losses(np.arange(90))
    for label in range(3):
        rows = np.flatnonzero(POOL.labels == label)
        best = rows[np.argsort(-losses[rows], kind="stable")][:3]
        assert set(subset.indices[POOL.labels[subset.indices] == label]) == set(best)
    assert {name: int(value) for name, value in subset.memory.items()} == {
        "0.times": 2,
        "1.times": 2,
        "2.times": 2,
    }


def test_a_provider_that_is_fitted_already_can_be_wrapped():
    subset = ClassBalanced(LargestFirst().fit(POOL)).subset_for(None, 12)
    assert np.array_equal(
        subset.indices, ClassBalanced(LargestFirst()).fit(POOL).subset_for(None, 12).indices
    )


def test_the_callers_own_provider_is_left_as_it_was():
    inner = LargestFirst().fit(POOL)
    whole = inner.subset_for(None, 12)
    ClassBalanced(inner).subset_for(None, 12)
    assert inner.pool is POOL
    assert inner.subset_for(None, 12) is whole


def test_a_pool_without_labels_is_refused_in_both_names():
    bare = Pool("bare", POOL.features)
    with pytest.raises(MissingNeed, match=r"class-balanced\(random\).*'bare'"):
        ClassBalanced(Random()).fit(bare)


def test_a_provider_whose_zoo_cannot_be_split_is_refused():
    with pytest.raises(MissingNeed, match="needs-zoo"):
        ClassBalanced(NeedsZoo())


def test_only_a_provider_can_be_wrapped():
    with pytest.raises(BadInput, match="wraps a provider; got str"):
        ClassBalanced("random")


def test_the_wrapper_is_charged_and_the_inner_provider_is_not():
    inner = Random()
    inner.ledger = inside = AmortizationLedger()
    outer = ClassBalanced(inner).fit(POOL)
    outer.ledger = AmortizationLedger()
    outer.subset_for(None, 9)
    assert outer.ledger.totals()["SELECT"]["count"] == 1
    assert inside.totals()["SELECT"]["count"] == 0
