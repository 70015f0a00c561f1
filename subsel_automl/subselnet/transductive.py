"""Transductive-SubSelNet: predict the trained network's answers, solve Eq. 9 for them, draw.

Deviations: those of `approximator.py` and `solvers.py`; the temperature lambda is chosen on the
validation architectures for each budget and mode (`choices.py`), where D.3 fixes 0.1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..core.provider import Request
from .base import LogProbabilities, Losses, PredictingProvider
from .solvers import solve
from .temperatures import Choice


class SubSelNet(PredictingProvider):
    """Transductive-SubSelNet (Algorithm 2): Eq. 9 solved for the architecture, then drawn."""

    name = "subselnet"
    source = "Jain et al. 2023 (SubSelNet), Eqs. 2, 8, 9, Algorithm 2"

    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> npt.NDArray[np.int64]:
        logits = solve(losses, request.count, choice.temperature, self.solver, request.seed)
        return self._drawn(request, logits, choice)
