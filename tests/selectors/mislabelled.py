"""A pool of clumps in which some examples carry the wrong label, and how to look at the answers."""

from __future__ import annotations

import numpy as np

from subsel_automl.core.pool import Pool
from subsel_automl.worlds import LinearProbe, clump_pool

CORNERS = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
WRONG = np.arange(0, 200, 13)  # 16 of 200 rows, of every class


def mislabelled() -> Pool:
    """200 points at the corners of a square, without images; WRONG rows have the next label."""
    truth = np.arange(200) % 4
    points = CORNERS[truth] + np.random.default_rng(0).normal(0, 0.1, (200, 2))
    labels = truth.copy()
    labels[WRONG] = (labels[WRONG] + 1) % 4
    return Pool("mislabelled", points, labels)


def restless() -> Pool:
    """Noisy clumps in 16 dimensions with the same wrong labels: no two masters agree on them."""
    clumps = clump_pool(200)
    assert clumps.labels is not None
    labels = clumps.labels.copy()
    labels[WRONG] = (labels[WRONG] + 1) % 4
    return Pool("restless", clumps.features, labels)


def knowing_probe(pool: Pool) -> LinearProbe:
    """A trial that has learned the corners and not the wrong labels."""
    return LinearProbe(pool, 5.0 * CORNERS.T)


def same(one, two) -> bool:
    """Whether two subsets hold the same rows in the same order."""
    return np.array_equal(one.indices, two.indices)


def differ(kind, pool: Pool, b: int = 20, **options) -> bool:
    """Whether these options change what a provider chooses, and are reported."""
    plain, other = kind().fit(pool), kind(**options).fit(pool)
    assert {**other.options(), **options} == other.options()
    return not same(plain.subset_for(None, b), other.subset_for(None, b))
