"""reuse_actors=True in a real search: every trial trains on its own architecture's subset."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

import ray
from ray import tune
from subsel_automl.integrations.ray.search import SubsetTrainable, TrialTask

from subsel_automl import dataset, search_space
from subsel_automl.core.provider import Request, SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.worlds import some_cells

SIZES = {"channels": 8, "stacks": 2, "cells": 1}


class OwnRows(SubsetProvider):
    """Rows that the architecture decides."""

    name = "own-rows"
    source = "this test"

    def _select(self, request: Request) -> Subset:
        assert request.architecture is not None
        rng = np.random.default_rng(int(request.architecture.key[:8], 16))
        return Subset(rng.permutation(len(request.pool))[: request.count])


class Shown(SubsetTrainable):
    """Reports what it trained on, and in which process."""

    def step(self) -> dict[str, Any]:
        import os

        assert self.feed.subset is not None
        rows = self.feed.subset.indices
        told = hashlib.sha256(rows.tobytes()).hexdigest()
        return {**super().step(), "rows": told, "process": os.getpid()}


@pytest.mark.slow
def test_reused_actors_choose_what_fresh_ones_do(tmp_path: Path, ray_here: None) -> None:
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers do not see tests/
    cells = some_cells(6)
    chooser = OwnRows().fit(dataset("digits").train)
    task = TrialTask(chooser, search_space("nasbench101"), cells, 128, 1, sizes=SIZES, batch=32)
    optimizer = {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4}
    results = tune.Tuner(
        tune.with_parameters(Shown, task=task),
        param_space={
            "architecture": tune.grid_search(list(range(6))),
            "optimizer": optimizer,
            "scheduler": {"name": "cosine"},
        },
        tune_config=tune.TuneConfig(reuse_actors=True, max_concurrent_trials=2),
        run_config=tune.RunConfig(storage_path=str(tmp_path), verbose=0),
    ).fit()
    assert not results.errors
    assert len({result.metrics["process"] for result in results}) < 6
    fresh = OwnRows().fit(chooser.pool)
    for result in results:
        rows = fresh.subset_for(cells[result.config["architecture"]], 128).indices
        assert result.metrics["rows"] == hashlib.sha256(rows.tobytes()).hexdigest()
