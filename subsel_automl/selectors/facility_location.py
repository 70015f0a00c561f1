"""Facility location: the examples that stand nearest to all others.

    FL(S) = sum_j max_{i in S} s_ij,  s = max d - d,  d = |x_i - x_j|^2 or 1 - cos

chosen greedily, in every class (`facility-location`) or over the whole pool
(`facility-location-whole`). Source: Mirchandani & Francis 1990; settings SubSelNet D.2, Facility
Location (the apricot library, Euclidean, naive greedy). Deviations:
    [1] apricot's "euclidean" is the squared distance, and so is ours; ours of cosine is
        cos, not cos^2.
    [2] Every class by itself by default: D.2 does not say, and needs an n x n matrix for the whole.
    [3] Lazy greedy, which chooses as naive greedy does; "stochastic" is Mirzasoleiman et al. 2015.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Subset
from ..maths.dissimilarity import Dissimilarity, Rows
from ..maths.submodular import GREEDY, facility_location
from .options import flag, number, one_of
from .per_class import indices_of_each_class


class FacilityLocation(SubsetProvider):
    """Greedy facility location on the features.

    Args:
        per_class: even numbers of every class, each chosen among its own examples  [2]; False: one
            choice over the whole pool, without labels; None: by class where the pool has classes.
        metric: "euclidean" or "cosine".
        greedy: "lazy" (no chance in it) or "stochastic".
        epsilon: of stochastic greedy: (n / b) log(1 / epsilon) candidates a choice.

    Raises:
        UnknownName, BadInput: unusable options.
    """

    name = "facility-location"
    source = "Mirchandani & Francis 1990; settings SubSelNet D.2, Facility Location"
    needs = Needs.NOTHING
    equivariant = True
    drawn = False

    def __init__(
        self,
        per_class: bool | None = None,
        metric: str = "euclidean",
        greedy: str = "lazy",
        epsilon: float = 0.01,
    ) -> None:
        super().__init__()
        self.per_class = per_class if per_class is None else flag(self.name, "per_class", per_class)
        self.metric = one_of(self.name, "metric", metric, ("euclidean", "cosine"))  # [1]
        self.greedy = one_of(self.name, "greedy", greedy, GREEDY)  # [3]
        self.epsilon = number(self.name, "epsilon", epsilon, open_=True, below=1.0)
        self.needs = Needs.LABELS if per_class else Needs.NOTHING  # type: ignore[misc]
        self.drawn = greedy == "stochastic"  # type: ignore[misc]
        self.equivariant = not self.drawn  # type: ignore[misc]

    def options(self) -> Mapping[str, Any]:
        return {
            "per_class": self.per_class,
            "metric": self.metric,
            "greedy": self.greedy,
            "epsilon": self.epsilon,
        }

    def _select(self, request: Request) -> Subset:
        def choose(rows: Rows | slice, count: int, label: int) -> Rows:
            space = Dissimilarity.of(request.pool.features[rows], self.metric)
            rng = request.rng(0xFAC, label) if self.drawn else None
            return facility_location(space, count, rng=rng, epsilon=self.epsilon).rows

        by_class = self.per_class
        if request.pool.labels is not None if by_class is None else by_class:
            return Subset(indices_of_each_class(request, choose))
        return Subset(choose(slice(None), request.count, 0))


class FacilityLocationWhole(FacilityLocation):
    """The same over the whole pool; needs no labels."""

    name = "facility-location-whole"
    needs = Needs.NOTHING

    def __init__(
        self,
        per_class: bool = False,
        metric: str = "euclidean",
        greedy: str = "lazy",
        epsilon: float = 0.01,
    ) -> None:
        super().__init__(per_class, metric, greedy, epsilon)
