"""A recipe of any length."""

from __future__ import annotations

import pytest

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.selectors.random import Random
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trial import run_trial
from subsel_automl.worlds import clump_pool, some_cells


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_a_trial_may_be_of_a_few_steps(steps: int) -> None:
    pool, (cell,) = clump_pool(), some_cells(1)
    sizes = {"channels": 2, "stacks": 1, "cells": 1}
    assert pool.validation is not None
    result = run_trial(
        NASBench101(), cell, SubsetFeed(Random().fit(pool), 0.5), Recipe(),
        steps=steps, test=pool.validation, sizes=sizes, seed=0,
    )  # fmt: skip
    assert result.steps == steps
