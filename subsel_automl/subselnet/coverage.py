"""DIVERSITY of SubSelNet Eq. 1 as coverage, on top of the predicted loss (the paper takes entropy).

    clusters           Eq. 8's draw, even over k-means clusters of the features in every class
    facility-location  Eq. 8's draw of `first` b candidates; of these the b that maximise
                       sum_j max_{i in S} sim(p_i, p_j) over the predicted distributions, per class

Deviations: none; Eq. 1 leaves the term open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput
from ..core.pool import Pool
from ..core.provider import Request
from ..maths import draws
from ..maths.dissimilarity import Dissimilarity
from ..maths.submodular import facility_location
from .choices import Choice
from .objective import gibbs_logits
from .predicting import LogProbabilities, Losses
from .transductive import SubSelNet

Rows = npt.NDArray[np.int64]


class ClusteredSubSelNet(SubSelNet):
    """Even over clusters of the features inside every class.

    Args:
        clusters: in every class.
    """

    name = "subselnet-clusters"
    source = "Jain et al. 2023 (SubSelNet), Eq. 1 with coverage of feature clusters"

    def __init__(self, clusters: int = 10, temperature: float | None = None) -> None:
        super().__init__(temperature=temperature, per_class=True)
        if clusters < 1:
            raise BadInput(f"clusters is {clusters}; give a whole number from 1")
        self.clusters = clusters
        self._strata: tuple[str, Rows] | None = None

    def options(self) -> Mapping[str, Any]:
        return {"clusters": self.clusters, "temperature": self.temperature}

    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> Rows:
        logits = gibbs_logits(losses, choice.temperature)
        keys = logits + draws.gumbels(0, len(logits), (request.seed, request.draw))
        return draws.top_b_per_class(keys, self._stratum(request.pool), request.count)

    def _stratum(self, pool: Pool) -> Rows:
        """The number of each example's class and cluster, [n]; found once a pool."""
        from sklearn.cluster import MiniBatchKMeans

        if self._strata is None or self._strata[0] != pool.fingerprint:
            assert pool.labels is not None
            found = np.zeros(len(pool), np.int64)
            for c in np.unique(pool.labels):
                rows = np.flatnonzero(pool.labels == c)
                k = min(self.clusters, len(rows))
                parts = MiniBatchKMeans(k, random_state=0, n_init=1).fit_predict(
                    pool.features[rows]
                )
                found[rows] = c * self.clusters + parts
            self._strata = pool.fingerprint, found
        return self._strata[1]


class CoveringSubSelNet(SubSelNet):
    """Easy candidates by Eq. 8, thinned so that their predicted distributions are covered.

    Args:
        first: candidates for each example that is kept.
    """

    name = "subselnet-covering"
    source = "Jain et al. 2023 (SubSelNet), Eq. 1 with facility location of predictions"

    def __init__(self, first: float = 3.0, temperature: float | None = None) -> None:
        super().__init__(temperature=temperature, per_class=True)
        if not first >= 1:
            raise BadInput(f"first is {first}; give a number of at least 1")
        self.first = first

    def options(self) -> Mapping[str, Any]:
        return {"first": self.first, "temperature": self.temperature}

    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> Rows:
        labels = request.pool.labels
        assert labels is not None
        wide = min(len(losses), round(self.first * request.count))
        logits = gibbs_logits(losses, choice.temperature)
        keys = logits + draws.gumbels(0, len(logits), (request.seed, request.draw))
        among = np.sort(draws.top_b_per_class(keys, labels, wide))
        counts = draws.per_class_counts(labels[among], request.count)
        p = np.exp(log_p)
        parts = []
        for c in np.flatnonzero(counts):
            rows = among[labels[among] == c]
            cover = facility_location(Dissimilarity.of(p[rows]), int(counts[c]))
            parts.append(rows[cover.rows])
        rows = np.concatenate(parts)
        return rows[draws.top_b(keys[rows], len(rows))]
