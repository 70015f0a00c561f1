"""Uniform subsets: over the whole pool, and the same number from every class.

Source: the random baseline of SubSelNet 5.2; RS and CC-RS of Moser et al. 2024. Deviations: none.
"""

from __future__ import annotations

from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Subset
from ..maths import draws


class Random(SubsetProvider):
    """b examples, each subset equally likely."""

    name = "random"
    source = "Jain et al. 2023 (SubSelNet) 5.2, Random; Moser et al. 2024, RS"
    cost = "none"

    def _select(self, request: Request) -> Subset:
        noise = draws.gumbels(0, len(request.pool), (request.seed, request.draw))
        return Subset(draws.top_b(noise, request.count))


class RandomPerClass(SubsetProvider):
    """b examples, even over the classes, each such subset equally likely."""

    name = "random-per-class"
    source = "Moser et al. 2024, CC-RS"
    needs = Needs.LABELS
    cost = "none"

    def _select(self, request: Request) -> Subset:
        noise = draws.gumbels(0, len(request.pool), (request.seed, request.draw))
        assert request.pool.labels is not None
        return Subset(draws.top_b_per_class(noise, request.pool.labels, request.count))
