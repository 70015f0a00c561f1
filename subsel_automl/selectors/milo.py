"""MILO: an easy-to-hard curriculum of subsets from the features alone, in every class.

    easy   graph cut, sum_{i, j in S} s_ij (i over the class) - trade sum_{i, j in S} s_ij, by
           stochastic greedy: other examples for every seed and redraw
    hard   drawn with p_i ~ 1 + g_i + g_i^2 / 2 (Taylor softmax), without replacement; g_i the gain
           of disparity-min, the distance to the nearest example chosen before

with s = (1 + cos) / 2. Source: Killamsetty et al. 2023 (MILO), Sections 3.1 and 3.2, trade 0.4.
Deviations:
    [1] They take easy subsets for a sixth of the epochs; a provider does not know how many there
        will be: the first `easy_draws` redraws are easy, later ones hard. A subset that is never
        redrawn is easy.
    [2] On the pool's features; they take a pre-trained encoder's.
    [3] The gain of disparity-min is the distance 1 - s at which farthest-first takes the example,
        from the most central one on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.pool import Pool
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Provenance, Subset
from ..core.zoo import Zoo
from ..maths import draws
from ..maths.covering import k_center
from ..maths.dissimilarity import Dissimilarity, Rows
from ..maths.graph_cut import graph_cut, unit_rows
from ..maths.stochastic import sample_size
from .options import number
from .per_class import indices_of_each_class
from .scored import whole


class Milo(SubsetProvider):
    """Graph-cut subsets first, subsets drawn by disparity later.

    Args:
        easy_draws: redraws that are easy.
        trade: lambda of the graph cut, from 0 (nearest to all) to 0.5.
        epsilon: of stochastic greedy.

    Raises:
        BadInput: unusable options.
    """

    name = "milo"
    source = "Killamsetty et al. 2023, Sections 3.1 and 3.2"
    needs = Needs.LABELS

    def __init__(self, easy_draws: int = 10, trade: float = 0.4, epsilon: float = 0.01) -> None:
        super().__init__()
        self.easy_draws = whole(self.name, "easy_draws", easy_draws, least=0)  # [1]
        self.trade = number(self.name, "trade", trade)
        self.epsilon = number(self.name, "epsilon", epsilon, open_=True, below=1.0)
        self._gains: npt.NDArray[np.float32] | None = None

    def options(self) -> Mapping[str, Any]:
        return {"easy_draws": self.easy_draws, "trade": self.trade, "epsilon": self.epsilon}

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        self._gains = None

    def _select(self, request: Request) -> Subset:
        easy = request.draw < self.easy_draws
        rows = self._easy(request) if easy else self._hard(request)
        return Subset(rows, provenance=Provenance(notes={"phase": "easy" if easy else "hard"}))

    def _easy(self, request: Request) -> Rows:
        def choose(rows: Rows, count: int, label: int) -> Rows:
            x = unit_rows(request.pool.features[rows])
            sample = sample_size(len(rows), count, self.epsilon)
            return graph_cut(x, count, self.trade, sample, request.rng(0x317, label))

        return indices_of_each_class(request, choose)

    def _hard(self, request: Request) -> Rows:
        labels = request.pool.labels
        assert labels is not None
        if self._gains is None:
            self._gains = np.zeros(len(labels), np.float32)
            for label in np.unique(labels):
                rows = np.flatnonzero(labels == label)
                space = Dissimilarity.of(request.pool.features[rows], "cosine")
                order, far = k_center(space, len(rows))  # [3]
                self._gains[rows[order]] = far / 2  # 1 - s = (1 - cos) / 2
        g = self._gains.astype(np.float64)
        keys = np.log1p(g + g**2 / 2)
        keys += draws.gumbels(0, len(labels), (request.seed, request.draw, 0x317))
        return draws.top_b_per_class(keys, labels, request.count)
