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

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..core.provider import Needs, Request
from ..maths import draws
from .base import LogProbabilities, Losses, PredictingProvider
from .temperatures import Choice
from .transductive import SubSelNet

Rows = npt.NDArray[np.int64]
Keys = npt.NDArray[np.floating]


class ZooMean(SubSelNet):
    """The same draw from the mean of the zoo's predictions, whatever the architecture.  [2]"""

    name = "zoo-mean"
    source = "control of this project: mean of the zoo's predictions, SubSelNet Eqs. 8, 9"
    needs: ClassVar[Needs] = Needs.LABELS | Needs.ZOO

    def _predict(self, requests: Sequence[Request]) -> list[LogProbabilities]:
        mean = self.fitted.mean_log_probabilities()
        return [mean] * len(requests)


class RankedByPrediction(PredictingProvider):
    """The b best keys, whatever the temperature.

    Args:
        per_class: the best of every class, in even numbers.
    """

    def __init__(self, per_class: bool = False) -> None:
        super().__init__(per_class=per_class)

    def options(self) -> Mapping[str, Any]:
        return {"per_class": self.per_class}

    @abstractmethod
    def _keys(self, request: Request, log_p: LogProbabilities, losses: Losses) -> Keys:
        """What is sorted downwards, [n]."""

    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> Rows:
        keys = self._keys(request, log_p, losses)
        if not choice.per_class:
            return draws.top_b(keys, request.count)
        assert request.pool.labels is not None
        return draws.top_b_per_class(keys, request.pool.labels, request.count)


class PredictedLoss(RankedByPrediction):
    """Bottom-b-loss."""

    name = "predicted-loss"
    source = "Jain et al. 2023 (SubSelNet), 5.2, Table 2, Bottom-b-loss"
    drawn: ClassVar[bool] = False

    def _keys(self, request: Request, log_p: LogProbabilities, losses: Losses) -> Keys:
        return -losses


class PredictedLossGumbel(RankedByPrediction):
    """Bottom-b-loss + gumbel.  [1]"""

    name = "predicted-loss-gumbel"
    source = "Jain et al. 2023 (SubSelNet), 5.2, Table 2, Bottom-b-loss + gumbel"

    def _keys(self, request: Request, log_p: LogProbabilities, losses: Losses) -> Keys:
        return -(losses + draws.gumbels(0, len(losses), (request.seed, request.draw)))


class PredictedUncertainty(RankedByPrediction):
    """Largest entropy of the predicted distribution."""

    name = "predicted-uncertainty"
    source = "Jain et al. 2023 (SubSelNet), Table 3, Uncertainty (pi)"
    drawn: ClassVar[bool] = False

    def _keys(self, request: Request, log_p: LogProbabilities, losses: Losses) -> Keys:
        return -(np.exp(log_p) * log_p).sum(1)
