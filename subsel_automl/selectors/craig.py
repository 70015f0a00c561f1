"""CRAIG: medoids of every class's gradients, each weighted by how many examples it stands for.

    S = argmin sum_j min_{i in S} |g_i - g_j|,   w_i = #{j : i is the medoid nearest to j}

The gradients' distance is bounded by that of the last layer's errors p - y (their Eq. 16), so those
are compared. Source: Mirzasoleiman et al. 2020 (CRAIG), Algorithm 1, Section 3.4. Deviations:
    [1] The first choice, before there is a network, compares the features (their convex case).
    [2] Every 10 epochs, as SubSelNet D.2 sets the other adaptive baselines; they say every epoch.
    [3] A fixed number of examples, their "budget" form, never an error bound.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..core.probe import Probe
from ..core.provider import Needs, Request
from ..core.subset import Subset
from ..maths.dissimilarity import Dissimilarity, Rows
from ..maths.submodular import facility_location
from .adaptive import Adaptive, Floats
from .per_class import Weights, each_class


class Craig(Adaptive):
    """Weighted medoids, of features first, of errors p - y later.

    Args:
        refresh_every: epochs between choices.
    """

    name = "craig"
    source = "Mirzasoleiman et al. 2020, Algorithm 1 and Section 3.4"
    weighs = True
    equivariant = True
    drawn = False
    needs = Needs.LABELS | Needs.PROBE
    refresh_every = 10  # [2]

    def _select(self, request: Request) -> Subset:
        return _medoids(request, request.pool.features)  # [1]

    def _choose(self, request: Request, probe: Probe, error: Floats, inner: Floats) -> Subset:
        return _medoids(request, error)


def _medoids(request: Request, vectors: npt.NDArray[np.float32]) -> Subset:
    def choose(rows: Rows, count: int, label: int) -> tuple[Rows, Weights]:
        cover = facility_location(Dissimilarity.of(vectors[rows], "distance"), count)  # [3]
        return cover.rows, cover.sizes()

    indices, weights = each_class(request, choose)
    return Subset(indices, weights=weights)
