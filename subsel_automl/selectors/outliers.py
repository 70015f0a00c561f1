"""Proxy data without outliers: the examples nearest to a centre of a cluster, or of their class.

    KM-OR (Eq. 3)   the b smallest min_k ||x_i - mu_k||,  mu the centroids of K-means
    CC-OR (Eq. 6)   in every class the smallest ||x_i - mean of the class||

x are the raw pixels, each standardised over the pool. KM-OR keeps the nearest of the whole pool and
looks at no label.

Source: Moser et al. 2024 (Less is More), Eqs. 3 and 6. Deviations:
    [1] K is not in the paper (its supplement varies it): 10 clusters, and no more than examples.
        K-means starts by k-means++ from `kmeans_seed`, once.
    [2] CC-OR takes even numbers of every class; Eq. 6 the same share. Equal where classes are.
    [3] A pool without images has no pixels: its features are standardised instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.pool import Pool
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Subset
from ..core.zoo import Zoo
from ..maths import draws
from .per_class import Rows, indices_of_each_class
from .scored import whole

BLOCK = 4096  # rows that are standardised at once


def standardised(pool: Pool) -> npt.NDArray[np.float32]:
    """Raw pixels, or features where there are no images [3], of mean 0 and variance 1. [n, d]"""
    if pool.images is None:
        x = pool.features.copy()
    else:
        starts = range(0, len(pool), BLOCK)
        rows = (np.arange(start, min(len(pool), start + BLOCK)) for start in starts)
        parts = [pool.images.batch(part).reshape(len(part), -1) for part in rows]
        x = np.concatenate(parts).astype(np.float32)
    mean, spread = x.mean(0, dtype=np.float64), x.std(0, dtype=np.float64)
    x -= mean.astype(np.float32)
    x /= np.where(spread > 0, spread, 1).astype(np.float32)
    return x


class OutliersKMeans(SubsetProvider):
    """KM-OR: nearest to a centroid of K-means.

    Args:
        clusters: K. [1]
        kmeans_seed: of the clustering; the subset's seed changes nothing.

    Raises:
        BadInput: unusable options.
    """

    name = "outliers-kmeans"
    source = "Moser et al. 2024, Eq. 3 (KM-OR)"
    drawn = False

    def __init__(self, clusters: int = 10, kmeans_seed: int = 0) -> None:
        super().__init__()
        self.clusters = whole(self.name, "clusters", clusters, least=1)
        self.kmeans_seed = whole(self.name, "kmeans_seed", kmeans_seed, least=0)
        self._distance: npt.NDArray[np.float64] = np.zeros(0)

    def options(self) -> Mapping[str, Any]:
        return {"clusters": self.clusters, "kmeans_seed": self.kmeans_seed}

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        from sklearn.cluster import KMeans

        x, k = standardised(pool), min(self.clusters, len(pool))
        centres = KMeans(k, n_init=1, random_state=self.kmeans_seed).fit(x)  # [1]
        self._distance = centres.transform(x).min(1).astype(np.float64)

    def _select(self, request: Request) -> Subset:
        return Subset(draws.top_b(-self._distance, request.count))


class OutliersPerClass(SubsetProvider):
    """CC-OR: nearest to the mean of the class."""

    name = "outliers-per-class"
    source = "Moser et al. 2024, Eq. 6 (CC-OR)"
    needs = Needs.LABELS
    equivariant = True
    drawn = False

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        assert pool.labels is not None
        x = standardised(pool)
        self._distance = np.zeros(len(pool))
        for label in np.unique(pool.labels):
            rows = np.flatnonzero(pool.labels == label)
            own = x[rows].astype(np.float64)
            self._distance[rows] = np.linalg.norm(own - own.mean(0), axis=1)

    def _select(self, request: Request) -> Subset:
        def choose(rows: Rows, count: int, label: int) -> Rows:
            return draws.top_b(-self._distance[rows], count)

        return Subset(indices_of_each_class(request, choose))  # [2]
