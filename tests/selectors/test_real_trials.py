"""Every adaptive provider of the catalog through a real trial: warm-up, refreshes, weights."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from subsel_automl import catalog
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.provider import Needs
from subsel_automl.data.images import digits
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trial import run_trial
from subsel_automl.worlds import some_cells

ADAPTIVE = [n for n in catalog.provider_names() if Needs.PROBE in catalog.provider_class(n).needs]
SPLITS = digits()
CELL = some_cells(1, seed=3)[0]


@pytest.mark.parametrize("name", ADAPTIVE)
def test_a_trial_warms_up_refreshes_and_learns(name):
    taken = inspect.signature(catalog.provider_class(name).__init__).parameters
    options = {k: 1 for k in ("refresh_every", "warm_epochs") if k in taken}
    provider = catalog.provider(name, **options).fit(SPLITS.train)
    feed = SubsetFeed(provider, 0.1, seed=0)
    result = run_trial(
        NASBench101(),
        CELL,
        feed,
        Recipe(batch=64),
        steps=24 if provider.warm_epochs else 8,
        test=SPLITS.test,
        sizes={"channels": 8, "stacks": 1, "cells": 1},
        seed=0,
    )
    assert feed.refresh_seconds > 0
    assert result.select_seconds >= feed.refresh_seconds
    assert np.isfinite(result.loss)
