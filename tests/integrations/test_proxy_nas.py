"""A fixed proxy: one subset, chosen once, for whatever the search spells."""

from __future__ import annotations

import numpy as np
import pytest
from subsel_automl.integrations.proxy_nas import fixed, search

from subsel_automl import nas
from subsel_automl.catalog import provider, search_space
from subsel_automl.core.errors import BadInput
from subsel_automl.core.provider import Mode
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool()
SMALL = {"epochs": 4, "channels": 2, "cells": 1, "batch": 8, "budget": 0.4}
CELLS = [search_space("nasbench201").sample(np.random.default_rng(seed)) for seed in range(3)]


class Counted(Random):
    """Random, and how often it was asked."""

    asked = 0

    def _select(self, request):
        type(self).asked += 1
        return super()._select(request)


def test_the_inner_provider_is_asked_once_for_many_architectures(monkeypatch):
    monkeypatch.setattr(Counted, "asked", 0)
    one = fixed(Counted().fit(POOL))
    subsets = [one.subset_for(cell, 20) for cell in CELLS]
    assert Counted.asked == 1
    assert all((s.indices == subsets[0].indices).all() for s in subsets)


def test_the_proxy_is_the_inner_providers_subset():
    inner = provider("el2n-once").fit(POOL)
    given = fixed(inner).subset_for(CELLS[0], 20)
    assert (given.indices == inner.subset_for(CELLS[0], 20).indices).all()


def test_another_seed_is_another_proxy():
    one = fixed(provider("random").fit(POOL))
    first, second = (one.subset_for(None, 20, seed=seed).indices for seed in (0, 1))
    assert (first != second).any()


def test_what_fitting_cost_stays_on_the_bill():
    inner = provider("el2n-once").fit(POOL)
    assert fixed(inner).fit_cpu_seconds == inner.fit_cpu_seconds > 0


@pytest.mark.parametrize("name", ["asp", "glister", "subselnet", "subselnet-online"])
def test_a_provider_that_follows_the_search_is_refused(name):
    with pytest.raises(BadInput, match=f"'{name}' follows the search"):
        fixed(provider(name))


def test_a_fixed_proxy_is_not_redrawn():
    with pytest.raises(BadInput, match="chosen once"):
        fixed(provider("random").fit(POOL)).subset_for(None, 20, mode=Mode(redraw=True))


def test_fitting_anew_forgets_the_old_pool():
    one = fixed(provider("el2n-once").fit(POOL))
    before = one.subset_for(None, 20).indices
    assert (one.fit(clump_pool(seed=1)).subset_for(None, 20).indices != before).any()


def test_a_search_finds_what_it_finds_on_the_plain_provider():
    on_proxy = search("gdas", "nasbench201", POOL, subset="el2n-once", **SMALL)
    plain = nas.search("gdas", "nasbench201", POOL, subset="el2n-once", **SMALL)
    assert on_proxy.curve == plain.curve


def test_proxy_entropy_is_the_proxy_when_none_is_named():
    named = search("gdas", "nasbench201", POOL, subset="proxy-entropy", **SMALL)
    assert search("gdas", "nasbench201", POOL, **SMALL).curve == named.curve
