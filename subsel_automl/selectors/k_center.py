"""k-center: no example is far from a chosen one; farthest first.

    S <- S + argmax_i min_{j in S} d(x_i, x_j)

Source: Gonzalez 1985; Sener & Savarese 2018 (Core-Set), Algorithm 1. Deviations:
    [1] It starts at the example nearest the mean, not at random: nothing is left to chance.
    [2] Over the whole pool by default, without labels, as both papers; `per_class` is DeepCore's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Subset
from ..maths.covering import k_center
from ..maths.dissimilarity import Dissimilarity, Rows
from .options import flag, one_of
from .per_class import indices_of_each_class


class KCenter(SubsetProvider):
    """Farthest-first on the features.

    Args:
        per_class: even numbers of every class, each chosen among its own examples.
        metric: "euclidean" or "cosine".

    Raises:
        UnknownName, BadInput: unusable options.
    """

    name = "k-center"
    source = "Gonzalez 1985; Sener & Savarese 2018, Algorithm 1"
    equivariant = True
    drawn = False

    def __init__(self, per_class: bool = False, metric: str = "euclidean") -> None:
        super().__init__()
        self.per_class = flag(self.name, "per_class", per_class)  # [2]
        self.metric = one_of(self.name, "metric", metric, ("euclidean", "cosine"))
        self.needs = Needs.LABELS if per_class else Needs.NOTHING  # type: ignore[misc]

    def options(self) -> Mapping[str, Any]:
        return {"per_class": self.per_class, "metric": self.metric}

    def _select(self, request: Request) -> Subset:
        def choose(rows: Rows | slice, count: int, label: int) -> Rows:
            return k_center(Dissimilarity.of(request.pool.features[rows], self.metric), count)[0]

        if self.per_class:
            return Subset(indices_of_each_class(request, choose))
        return Subset(choose(slice(None), request.count, 0))
