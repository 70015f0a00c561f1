"""Hybrid-SubSelNet (5.2, Fig. 4): pi_psi takes B > b examples, the transductive solver b of them.

Deviations:
    [1] B = 4 b by default, at most n; the paper tries several B and prints no default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput
from ..core.provider import Request
from ..maths import draws
from .base import LogProbabilities, Losses
from .inductive import InductiveSubSelNet
from .solvers import SOLVERS, chosen_rows, solve
from .temperatures import Choice


class HybridSubSelNet(InductiveSubSelNet):
    """First inductive, then transductive.

    Args:
        first: B / b, at least 1.
    """

    name = "subselnet-hybrid"
    source = "Jain et al. 2023 (SubSelNet), 5.2 and Fig. 4"
    solvers: ClassVar[tuple[str, ...]] = SOLVERS

    def __init__(self, first: float = 4.0, **options: Any) -> None:
        super().__init__(**options)
        if not first >= 1:
            raise BadInput(f"first (B / b) is {first}; give a number of at least 1")
        self.first = first

    def options(self) -> Mapping[str, Any]:
        return {**super().options(), "first": self.first}

    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> npt.NDArray[np.int64]:
        labels = request.pool.labels
        assert labels is not None
        wide = min(len(losses), round(self.first * request.count))  # [1]
        logits = self._logits(request, log_p, choice)
        keys = logits + draws.gumbels(0, len(logits), (request.seed, request.draw, 7))
        pick = draws.top_b_per_class if choice.per_class else None
        among = pick(keys, labels, wide) if pick else draws.top_b(keys, wide)
        if self.class_floor:
            among = draws.with_class_floor(keys, labels, among)
        among = np.sort(among)
        inner = solve(losses[among], request.count, choice.temperature, self.solver, request.seed)
        rows = chosen_rows(
            inner,
            labels[among],
            request.count,
            (request.seed, request.draw),
            solver=self.solver,
            per_class=choice.per_class,
            floor=self.class_floor,
        )
        return among[rows]
