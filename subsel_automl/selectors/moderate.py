"""Moderate: the examples at the median distance from their class's centre, neither easy nor odd.

    d_i = |x_i - mean of its class|;  the b_c smallest |d_i - median of the class's d|

Source: Xia et al. 2023 (Moderate Coreset), Section 3. Deviations:
    [1] On the pool's features; they take a trained network's.
    [2] Even numbers of every class; they take the same share of each.
"""

from __future__ import annotations

import numpy as np

from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Subset
from ..maths import draws
from ..maths.dissimilarity import Rows
from .per_class import indices_of_each_class


class Moderate(SubsetProvider):
    """Nearest the class's median distance."""

    name = "moderate"
    source = "Xia et al. 2023, Section 3"
    needs = Needs.LABELS
    equivariant = True
    drawn = False

    def _select(self, request: Request) -> Subset:
        def choose(rows: Rows, count: int, label: int) -> Rows:
            x = request.pool.features[rows].astype(np.float64)  # [1]
            d = np.linalg.norm(x - x.mean(0), axis=1)
            return draws.top_b(-np.abs(d - np.median(d)), count)

        return Subset(indices_of_each_class(request, choose))  # [2]
