"""What trials of rungs are judged on."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.budgeting.passes import RUNG
from subsel_automl.budgeting.scoring import ENOUGH, judged_on
from subsel_automl.core.pool import Pool

MANY = Pool("many", np.zeros((3000, 2)), np.arange(3000) % 3)
FEW = Pool("few", np.zeros((500, 2)), np.arange(500) % 3)


def test_below_the_last_rung_a_thousand_examples_are_enough_and_always_the_same():
    first, second = judged_on(MANY, False), judged_on(MANY, False)
    assert len(first) == ENOUGH
    assert first.fingerprint == second.fingerprint
    assert np.bincount(first.labels).min() > 0.25 * ENOUGH


def test_the_last_rung_is_judged_on_all_of_them():
    assert judged_on(MANY, True) is MANY


def test_fewer_than_enough_are_all_taken():
    assert judged_on(FEW, False) is FEW


@pytest.mark.parametrize(("last", "examples"), [(False, ENOUGH), (True, 3000)])
def test_a_trial_of_ray_is_judged_on_what_its_rung_says(last, examples):
    pytest.importorskip("ray")
    from subsel_automl.integrations.ray.task import TrialTask

    from subsel_automl.catalog import provider, search_space
    from subsel_automl.core.pool import Pool

    pool = Pool("pool", np.zeros((400, 2)), np.arange(400) % 3, validation=MANY)
    task = TrialTask(provider("random").fit(pool), search_space("nasbench101"), [], 0.5, 8)
    rung = {"configuration": 0, "rung": 0, "length": 0.5, "last": last}
    assert len(task.of({RUNG: rung}).validation) == examples
    assert len(task.validation) == 3000
