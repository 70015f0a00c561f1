"""Providers that a feed is tried with."""

from __future__ import annotations

import numpy as np

from subsel_automl.core.provider import SubsetProvider
from subsel_automl.core.subset import Provenance, Subset
from subsel_automl.maths import draws
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool, some_cells

POOL = clump_pool(30, classes=3)


ONE, TWO = some_cells(2)


class Adaptive(Random):
    """Counts its refreshes in its memory."""

    name = "adaptive"
    refresh_every = 2

    def _refresh(self, request, probe):
        times = request.previous.memory.get("times", np.array(0)) + 1
        rows = draws.top_b(probe.losses(np.arange(30)), request.count)
        return Subset(rows, memory={"times": times})


class Knowing(SubsetProvider):
    """Predicts a distribution, and recorded how to use it."""

    name = "knowing"
    source = "test"

    def _select(self, request):
        notes = {"target_temperature": 4.0, "label_share": 0.3}
        return Subset(
            np.arange(request.count),
            targets=np.full((request.count, 3), 1 / 3),
            provenance=Provenance(notes=notes),
        )


def rows(subset: Subset) -> tuple[int, ...]:
    return tuple(subset.indices.tolist())


class Warm(Adaptive):
    """Trains on everything for two epochs, then refreshes every second one."""

    name = "warm"
    warm_epochs = 2
