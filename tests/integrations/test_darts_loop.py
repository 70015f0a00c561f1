"""The search loop with a subset by name."""

from __future__ import annotations

import pytest

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput
from subsel_automl.nas import search
from subsel_automl.worlds import clump_pool

SMALL = {"epochs": 1, "channels": 2, "cells": 1, "batch": 8}
POOL = clump_pool()


def test_a_name_gives_what_its_provider_gives():
    named = search("gdas", "nasbench201", POOL, subset="el2n-once", budget=0.3, **SMALL)
    fitted = provider("el2n-once").fit(POOL)
    given = search("gdas", "nasbench201", POOL, subset=fitted, budget=0.3, **SMALL)
    assert named.curve == given.curve


def test_an_option_that_the_search_lacks_is_refused():
    with pytest.raises(BadInput, match="refused options"):
        search("gdas", "nasbench201", POOL, generations=3, **SMALL)


def test_a_provider_of_another_pool_is_refused():
    other = provider("random").fit(clump_pool(seed=1))
    with pytest.raises(BadInput, match="fitted on pool"):
        search("gdas", "nasbench201", POOL, subset=other, **SMALL)
