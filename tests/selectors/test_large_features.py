"""Features that are large, and allowed: squares that float32 just holds end in a choice."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl import provider
from subsel_automl.core.features import LARGEST
from subsel_automl.core.pool import Pool

N, D = 120, 6
X = np.random.default_rng(0).normal(size=(N, D)).astype(np.float32)
MOST = (LARGEST / N / float((X**2).sum(1).max())) ** 0.5 * 0.999  # the scale that a Pool just takes
NAMES = (
    "craig",
    "facility-location",
    "facility-location-whole",
    "herding",
    "k-center",
    "milo",
    "moderate",
    "outliers-kmeans",
    "outliers-per-class",
)


@pytest.mark.timeout(60)
@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("scale", [1e15, MOST], ids=["1e15", "most"])
@pytest.mark.parametrize("name", NAMES)
def test_large_features_end_in_a_whole_choice(name, scale):
    pool = Pool("large", X * np.float32(scale), np.arange(N) % 3)
    assert len(set(provider(name).fit(pool).subset_for(None, 9).indices.tolist())) == 9


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["facility-location", "herding", "k-center", "moderate"])
def test_scaling_by_a_power_of_two_does_not_change_the_choice(name):
    small, large = (Pool("p", X * np.float32(2.0**k), np.arange(N) % 3) for k in (0, 50))
    one, two = (provider(name).fit(pool).subset_for(None, 9).indices for pool in (small, large))
    assert one.tolist() == two.tolist()
