"""What a subset does to the classes of its pool, and the weights that undo it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl import provider
from subsel_automl.core.classes import class_notes, numbered, prior_weights
from subsel_automl.core.errors import PoolError
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.core.subset import Provenance, Subset

RARE = np.repeat([0, 1], [990, 10])
X = np.random.default_rng(0).random((1000, 3)).astype(np.float32)
POOL = Pool("rare", X, RARE)


class First(SubsetProvider):
    """The first rows, with notes that claim what is not so."""

    name = "first"
    source = "test"
    refresh_every = 1

    def _select(self, request):
        notes = {"own": 1, "classes_missing": [7]}
        return Subset(np.arange(request.count), provenance=Provenance(notes=notes))

    def _refresh(self, request, probe):
        rows = np.arange(1000 - request.count, 1000)
        return Subset(rows, provenance=request.previous.provenance)


def test_a_changed_prior_is_said():
    notes = provider("random-per-class").fit(POOL).subset_for(None, 100).provenance.notes
    assert notes == {"prior_changed": pytest.approx(0.09)}


def test_a_class_that_vanished_is_said_beside_the_providers_own_notes():
    assert First().fit(POOL).subset_for(None, 100).provenance.notes == {
        "own": 1,
        "classes_missing": [1],
    }


def test_a_refresh_says_anew_what_became_of_the_classes():
    first = First().fit(POOL)
    after = first.refresh(first.subset_for(None, 20), None, 1, object())
    assert after.provenance.notes == {"own": 1, "prior_changed": pytest.approx(0.49)}


def test_label_values_without_an_example_are_said():
    pool = Pool("gaps", X[:30], np.arange(30) % 3 * 2)
    assert provider("full").fit(pool).subset_for(None, 1.0).provenance.notes == {
        "empty_classes": [1, 3]
    }


@pytest.mark.parametrize("name", ["random", "full", "random-per-class"])
def test_nothing_is_said_where_nothing_happened(name):
    pool = Pool("even", X, np.arange(1000) % 4)
    assert provider(name).fit(pool).subset_for(None, 1.0).provenance.notes == {}


def test_a_pool_without_labels_has_no_class_notes():
    assert provider("random").fit(Pool("p", X)).subset_for(None, 9).provenance.notes == {}


@pytest.mark.parametrize("labels", [RARE, np.arange(1000) % 10, np.arange(1000) % 2])
@pytest.mark.parametrize("b", [5, 100, 900])
def test_chance_alone_is_called_a_change_in_at_most_one_of_a_thousand(labels, b):
    draws = [np.random.default_rng(seed).permutation(1000)[:b] for seed in range(1000)]
    said = ["prior_changed" in class_notes(labels, 0, rows) for rows in draws]
    assert sum(said) <= 3  # 1 expected at most; 4 would have a chance below 2 %


def test_what_was_left_out_is_evidence_too():
    """All 100 of a class among 900 of 1,000: too many for chance, seen in the 100 left out."""
    labels = np.repeat([0, 1], [900, 100])
    assert "prior_changed" in class_notes(labels, 2, np.arange(100, 1000))


@given(
    labels=st.lists(st.integers(0, 5), min_size=1, max_size=40).map(np.array),
    data=st.data(),
)
def test_notes_are_plain_json_and_name_just_the_missing_classes(labels, data):
    rows = data.draw(st.lists(st.sampled_from(range(len(labels))), unique=True, min_size=1))
    notes = class_notes(labels, 7, np.array(rows))
    assert json.loads(json.dumps(notes)) == notes
    missing = sorted(set(labels.tolist()) - set(labels[rows].tolist()))
    assert notes.get("classes_missing", []) == missing
    assert notes["empty_classes"] == sorted(set(range(7)) - set(labels.tolist()))


@given(
    labels=st.lists(st.integers(0, 3), min_size=2, max_size=40).map(np.array),
    seed=st.integers(0, 99),
    weighed=st.booleans(),
)
def test_weights_give_every_chosen_class_its_share_back(labels, seed, weighed):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(labels))[: rng.integers(1, len(labels) + 1)]
    own = rng.uniform(0.1, 9, len(rows)).astype(np.float32) if weighed else None
    weights = prior_weights(labels, rows, own)
    shares = np.bincount(labels[rows], weights, minlength=4)
    have = np.bincount(labels, minlength=4) * (shares > 0)
    assert weights.mean() == pytest.approx(1, rel=1e-5)
    assert np.allclose(shares / shares.sum(), have / have.sum(), atol=1e-5)


def test_inside_a_class_the_providers_own_weights_keep_their_proportions():
    weights = prior_weights(RARE, np.array([0, 1, 995]), np.array([1, 3, 5], np.float32))
    assert weights[1] / weights[0] == pytest.approx(3)
    assert weights[2] / weights.sum() == pytest.approx(0.01)


# numbering
@pytest.mark.parametrize(
    ("values", "labels", "names"),
    [
        ([0, 100, 200, 100], [0, 1, 2, 1], ("0", "100", "200")),
        ([1, 2, 3, 1], [0, 1, 2, 0], ("1", "2", "3")),
        (["b", "a", "b"], [1, 0, 1], ("a", "b")),
        ([0, 1, 1], [0, 1, 1], ()),
        ([-1, 1], [-1, 1], ()),
    ],
    ids=["gaps", "from-one", "names", "whole", "negative"],
)
def test_labels_are_numbered_from_0_and_keep_their_values_as_names(values, labels, names):
    found, known = numbered(np.array(values))
    assert found.tolist() == labels
    assert known == names


def test_labels_that_have_a_name_each_are_not_renumbered():
    found, names = numbered(np.array([0, 2, 2]), ["a", "b", "c"])
    assert (found.tolist(), names) == ([0, 2, 2], ("a", "b", "c"))


def test_names_go_to_renumbered_labels_in_order():
    found, names = numbered(np.array([1, 2, 1]), ["one", "two"])
    assert (found.tolist(), names) == ([0, 1, 0], ("one", "two"))


def test_names_that_fit_neither_way_are_refused():
    with pytest.raises(PoolError, match=r"2 class names for labels 0, 5, 9 \(3 values\)"):
        numbered(np.array([0, 5, 9]), ["a", "b"])


def test_a_label_whose_name_is_not_listed_is_refused():
    with pytest.raises(PoolError, match="no class is called 'c'; the class names are 'a', 'b'"):
        numbered(np.array(["a", "c"]), ["a", "b"])
