"""Truths of what the score-and-keep-the-highest baselines share."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from mislabelled import restless, same

from subsel_automl import catalog
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.selectors.ccs import CCS
from subsel_automl.selectors.el2n import El2n, El2nOnce
from subsel_automl.selectors.forgetting import Forgetting
from subsel_automl.selectors.grand import Grand, GrandOnce
from subsel_automl.selectors.pruning import Pruning
from subsel_automl.selectors.via_proxy import ViaProxy
from subsel_automl.selectors.wrappers import ClassBalanced
from subsel_automl.worlds import clump_pool

POOL = restless()
BY_MASTER = [Pruning, ViaProxy, El2nOnce, GrandOnce, Forgetting, CCS]
BY_TRIAL = [El2n, Grand]


@pytest.mark.parametrize("kind", BY_MASTER)
@pytest.mark.parametrize(
    "options", [{"epochs": 1}, {"master_seed": 1}, {"per_class": True}], ids=str
)
def test_what_every_master_is_told_changes_the_choice(kind, options):
    plain, other = kind().fit(POOL), kind(**options).fit(POOL)
    assert {**other.options(), **options} == other.options()
    assert not same(plain.subset_for(None, 21), other.subset_for(None, 21))


@pytest.mark.parametrize("kind", BY_MASTER)
def test_another_network_changes_the_choice(kind):
    pool = clump_pool(60)
    plain, other = kind().fit(pool), kind(network="mlp").fit(pool)
    assert other.options()["network"] == "mlp"
    assert not same(plain.subset_for(None, 15), other.subset_for(None, 15))


@pytest.mark.parametrize("kind", BY_MASTER)
def test_what_was_learned_is_part_of_a_cached_answers_key(kind):
    one, again = kind().fit(POOL), kind().fit(POOL)
    other = kind(master_seed=1).fit(POOL)
    assert kind().learned() == ""
    assert one.learned() == again.learned() != other.learned()


@pytest.mark.parametrize("kind", BY_MASTER)
def test_what_was_learned_travels_to_another_process(kind):
    here = kind().fit(POOL)
    there = pickle.loads(pickle.dumps(here))
    assert same(here.subset_for(None, 20, seed=3), there.subset_for(None, 20, seed=3))


@pytest.mark.parametrize("kind", [*BY_MASTER, *BY_TRIAL])
def test_class_balanced_scores_the_whole_pool_and_takes_even_shares(kind):
    wrapped = ClassBalanced(kind()).fit(POOL)
    assert wrapped.options()["per_class"] is True
    subset = wrapped.subset_for(None, 22)
    assert np.bincount(POOL.labels[subset.indices]).tolist() == [6, 6, 5, 5]


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("pruning", {"epochs": 0}, "epochs of provider 'pruning' is 0"),
        ("pruning", {"epochs": 2.5}, "epochs of provider 'pruning' is 2.5"),
        ("pruning", {"master_seed": -1}, "master_seed of provider 'pruning' is -1"),
        ("el2n-once", {"repeats": 0}, "repeats of provider 'el2n-once' is 0"),
        ("grand-once", {"repeats": True}, "repeats of provider 'grand-once' is True"),
        ("el2n", {"refresh_every": 0}, "refresh_every of provider 'el2n' is 0"),
        ("grand", {"warm_epochs": -1}, "warm_epochs of provider 'grand' is -1"),
        (
            "ccs",
            {"hard_cutoff": 1},
            r"hard_cutoff of provider 'ccs' is 1; give a share in \[0, 1\)",
        ),
        ("ccs", {"hard_cutoff": float("nan")}, "hard_cutoff of provider 'ccs' is nan"),
        ("ccs", {"strata": 0}, "strata of provider 'ccs' is 0"),
    ],
)
def test_unusable_options_are_refused_by_name(name, options, said):
    with pytest.raises(BadInput, match=said):
        catalog.provider(name, **options)


@pytest.mark.parametrize("kind", BY_MASTER)
def test_an_unknown_network_offers_the_nearest(kind):
    with pytest.raises(UnknownName, match="Did you mean 'lenet'"):
        kind(network="lenett")


def test_an_unknown_score_offers_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'entropy'"):
        ViaProxy(score="entropi")
