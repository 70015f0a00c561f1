"""Simple rules on g_beta's predictions (SubSelNet Tables 2 and 3), and the zoo's mean as control.

    predicted-loss           the b least losses
    predicted-loss-gumbel    Gumbel noise is added to the losses, then the b least
    predicted-uncertainty    the b largest entropies
    zoo-mean                 Gibbs draw on the mean of the zoo: ignores the architecture

Deviations:
    [1] Bottom-b-loss + gumbel sorts loss + noise upwards, as the paper says; this is not Eq. 8.
    [2] `zoo-mean` is no method of the paper. It shows what g_beta adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..core.provider import Needs, Request
from ..maths import draws
from .choices import Choice
from .predicting import LogProbabilities, Losses, PredictingProvider
from .transductive import SubSelNet

Rows = npt.NDArray[np.int64]


class ZooMean(SubSelNet):
    """The same draw from the mean of the zoo's predictions, whatever the architecture.  [2]"""

    name = "zoo-mean"
    source = "control of this project: mean of the zoo's predictions, SubSelNet Eqs. 8, 9"
    needs: ClassVar[Needs] = Needs.LABELS | Needs.ZOO

    def _predict(self, requests: Sequence[Request]) -> list[LogProbabilities]:
        mean = self.fitted.mean_log_probabilities()
        return [mean] * len(requests)


class PredictedLoss(PredictingProvider):
    """Bottom-b-loss."""

    name = "predicted-loss"
    source = "Jain et al. 2023 (SubSelNet), 5.2, Table 2, Bottom-b-loss"
    drawn: ClassVar[bool] = False

    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> Rows:
        return draws.top_b(-losses, request.count)


class PredictedLossGumbel(PredictingProvider):
    """Bottom-b-loss + gumbel.  [1]"""

    name = "predicted-loss-gumbel"
    source = "Jain et al. 2023 (SubSelNet), 5.2, Table 2, Bottom-b-loss + gumbel"

    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> Rows:
        noise = draws.gumbels(0, len(losses), (request.seed, request.draw))
        return draws.top_b(-(losses + noise), request.count)


class PredictedUncertainty(PredictingProvider):
    """Largest entropy of the predicted distribution."""

    name = "predicted-uncertainty"
    source = "Jain et al. 2023 (SubSelNet), Table 3, Uncertainty (pi)"
    drawn: ClassVar[bool] = False

    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> Rows:
        return draws.top_b(-(np.exp(log_p) * log_p).sum(1), request.count)
