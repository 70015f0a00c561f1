"""Herding: the chosen examples' mean follows the mean of their class.

    argmin_i |mu_c - (x_i + sum_{j in S} x_j) / (|S| + 1)|

Source: Welling 2009; greedy form for exemplars, Rebuffi et al. 2017 (iCaRL), Algorithm 4.
Deviations:
    [1] No example twice (Welling's herding may repeat).
    [2] On the features as they are; iCaRL scales each to length one first (`normalise`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Subset
from ..maths.covering import herding
from ..maths.dissimilarity import Rows
from .options import flag
from .per_class import indices_of_each_class


class Herding(SubsetProvider):
    """Greedy mean matching in every class.

    Args:
        normalise: scale each feature row to length one first.

    Raises:
        BadInput: unusable options.
    """

    name = "herding"
    source = "Welling 2009; Rebuffi et al. 2017 (iCaRL), Algorithm 4"
    needs = Needs.LABELS
    equivariant = True
    drawn = False

    def __init__(self, normalise: bool = False) -> None:
        super().__init__()
        self.normalise = flag(self.name, "normalise", normalise)  # [2]

    def options(self) -> Mapping[str, Any]:
        return {"normalise": self.normalise}

    def _select(self, request: Request) -> Subset:
        x = request.pool.features
        if self.normalise:
            length = np.linalg.norm(x, axis=1, keepdims=True)
            x = x / np.where(length > 0, length, 1)

        def choose(rows: Rows, count: int, label: int) -> Rows:
            return herding(x[rows], count)  # [1]

        return Subset(indices_of_each_class(request, choose))
