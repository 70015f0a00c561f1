"""Inductive-SubSelNet: draws by pi_psi (`policy.py`), without solving anything (Eq. 10).

Deviations: those of `policy.py`.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput
from ..core.provider import Request
from .base import LogProbabilities, Losses, PredictingProvider
from .objective import gibbs_logits
from .policy import LAMBDA, mean_embeddings
from .temperatures import Choice


class InductiveSubSelNet(PredictingProvider):
    """Draws by pi_psi, without solving anything for the architecture."""

    name = "subselnet-inductive"
    source = "Jain et al. 2023 (SubSelNet), Eq. 10, Algorithm 3, settings D.3"
    solvers: ClassVar[tuple[str, ...]] = ("gibbs", "exact")  # how it draws; nothing is solved

    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> npt.NDArray[np.int64]:
        return self._drawn(request, self._logits(request, log_p, choice), choice)

    def _logits(
        self, request: Request, log_p: LogProbabilities, choice: Choice
    ) -> npt.NDArray[np.float64]:
        """pi_psi was trained at lambda = 0.1; another lambda rescales its logits."""
        if self.policy is None:
            raise BadInput(f"{self.name!r} needs pi_psi; fit it, or load a bundle that has one")
        assert request.architecture is not None
        if self._unknown(request):  # no vector for pi_psi: what `zoo-mean` does
            assert request.pool.labels is not None
            losses = -log_p[np.arange(len(log_p)), request.pool.labels]
            return gibbs_logits(losses, choice.temperature)
        policy, architecture, pool = self.policy, request.architecture, request.pool

        def scored() -> npt.NDArray[np.float64]:
            vector = mean_embeddings(self.fitted, [architecture])[0]
            return policy.scores(vector, log_p, pool)

        scores = self.fitted.scored_once(policy, architecture.key, scored)
        return scores * (LAMBDA / choice.temperature)
