"""Coverage-centric selection: the hardest examples are left out, the rest covered evenly.

    difficulty(x) = -AUM(x),  AUM the mean over epochs of z_y - max_{c != y} z_c
    leave out the beta n hardest; cut the range of difficulty into k strata of equal width; going
    from the smallest stratum to the largest, take min(size, floor(left / strata left)) of each at
    random

Source: Zheng et al. 2023 (Coverage-centric coreset selection), Algorithm 1; AUM: Pleiss et al.
2020, Eq. 1. Defaults: beta = 0.3, the authors' setting for CIFAR-10 at 90 % pruned,
and k = 50. Deviations:
    [1] No more is left out than the budget allows: b + the hardest cut never exceed n.
    [2] AUM over ten epochs of resnet-8 (images) or mlp, asked after every epoch; the paper trains
        the target's own network to the end.
    [3] With `per_class` the algorithm runs in every class, for its even share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput
from ..core.pool import Pool
from ..core.provider import Request
from ..core.subset import Subset
from ..maths import draws, scores
from .scored import ScoredByMaster, Scores, whole

Rows = npt.NDArray[np.int64]


class CCS(ScoredByMaster):
    """Stratified over difficulty, without the hardest.

    Args:
        hard_cutoff: beta, the share of the pool that is left out as too hard, in [0, 1).
        strata: k; the others as in ScoredByMaster.
    """

    name = "ccs"
    source = "Zheng et al. 2023, Algorithm 1, difficulty by AUM (Pleiss et al. 2020)"
    drawn = True

    def __init__(
        self,
        hard_cutoff: float = 0.3,
        strata: int = 50,
        network: str | None = None,
        epochs: int = 10,  # [2]
        master_seed: int = 0,
        per_class: bool = False,
    ) -> None:
        super().__init__(network, epochs, master_seed, per_class)
        if not 0 <= hard_cutoff < 1:
            raise BadInput(
                f"hard_cutoff of provider 'ccs' is {hard_cutoff}; give a share in [0, 1)"
            )
        self.hard_cutoff = float(hard_cutoff)
        self.strata = whole(self.name, "strata", strata, least=1)

    def options(self) -> Mapping[str, Any]:
        return {"hard_cutoff": self.hard_cutoff, "strata": self.strata, **super().options()}

    def _score(self, pool: Pool) -> Scores:
        margins = self.master(pool, watch=True).margins
        assert margins is not None
        return -scores.area_under_margin(margins)

    def _select(self, request: Request) -> Subset:
        order = draws.uniforms(0, len(request.pool), (request.seed, request.draw))
        rows = np.concatenate([self._covered(*part, order) for part in self._parts(request)])
        return Subset(rows[np.argsort(order[rows], kind="stable")])

    def _parts(self, request: Request) -> list[tuple[Rows, int]]:
        """Rows to cover and how many of them to take: the pool, or every class.  [3]"""
        if not self.per_class:
            return [(np.arange(len(request.pool)), request.count)]
        labels = request.pool.labels
        assert labels is not None
        counts = draws.per_class_counts(labels, request.count)
        return [(np.flatnonzero(labels == c), int(counts[c])) for c in np.flatnonzero(counts)]

    def _covered(self, rows: Rows, b: int, order: Scores) -> Rows:
        """b of these rows; `order` [n] is uniform noise that ranks each stratum. -> [b]"""
        cut = min(round(self.hard_cutoff * len(rows)), len(rows) - b)  # [1]
        rows = np.sort(rows[draws.top_b(-self.scores[rows], len(rows) - cut)])
        hard = self.scores[rows]
        edges = np.linspace(hard.min(), hard.max(), self.strata + 1)[1:-1]
        stratum = np.searchsorted(edges, hard, side="right")
        parts = [rows[stratum == k] for k in np.unique(stratum)]
        chosen = []
        for done, part in enumerate(sorted(parts, key=len)):
            take = min(len(part), b // (len(parts) - done))
            chosen.append(part[np.argsort(order[part], kind="stable")[:take]])
            b -= take
        return np.concatenate(chosen)
