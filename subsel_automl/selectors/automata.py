"""AUTOMATA: Grad-Match by mini-batches inside every trial of a search, after a warm start.

    first kappa T of T epochs: the whole pool;  then every 5 epochs: Grad-Match, lambda = 0

Source: Killamsetty et al. 2022 (AUTOMATA: fraction 0.3, 5 and 10 %, every 5 epochs, lambda 0, kappa
0.5), with `grad_match.py`; rival of SubSelNet Tables 5 and 13. Deviations:
    [1] The warm start costs what the other epochs cost: a pass over the whole pool is cut into
        slices of b examples, one an epoch (their kappa T b / n whole epochs are the same steps).
    [2] T is `trial_epochs` where it is given, else what the host tells of the trial, else 10.
    [3] Those of `grad_match.py`; mini-batches of 20 as there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from ..core.probe import Probe
from ..core.provider import Request
from ..core.subset import Provenance, Subset
from .adaptive import Floats
from .grad_match import GradMatch
from .options import number, told
from .options import trial_epochs as length_of
from .scored import whole

NEVER = -1


class Automata(GradMatch):
    """A warm start on slices of the whole pool, then Grad-Match.

    Args:
        reselect_every: epochs between choices.
        kappa: share of the trial's epochs that the warm start takes, in [0, 1].
        trial_epochs: T, epochs of a trial.
        regulariser, tolerance, batch: see GradMatch.

    Raises:
        BadInput: unusable options.
    """

    name = "automata"
    source = "Killamsetty et al. 2022 (AUTOMATA), with Grad-Match 2021a, Algorithm 1"
    refresh_every: ClassVar[int] = 1  # type: ignore[misc]  # slices of the warm start change

    def __init__(
        self,
        reselect_every: int = 5,
        kappa: float = 0.5,
        trial_epochs: int | None = None,
        regulariser: float = 0.0,
        tolerance: float = 1e-4,
        batch: int = 20,
    ) -> None:
        super().__init__(1, regulariser, tolerance, batch)
        self.reselect_every = whole(self.name, "reselect_every", reselect_every, least=1)
        self.kappa = number(self.name, "kappa", kappa, below=np.nextafter(1, 2))
        self.trial_epochs = told(self.name, "trial_epochs", trial_epochs)

    def options(self) -> Mapping[str, Any]:
        own = ("reselect_every", "kappa", "trial_epochs")
        return {
            **{name: getattr(self, name) for name in own},
            **{name: value for name, value in super().options().items() if name != "refresh_every"},
        }

    def start(self, request: Request) -> int:
        """Epochs of the warm start."""
        return round(self.kappa * length_of(self.trial_epochs, request))

    def _select(self, request: Request) -> Subset:
        return self._slice(request, 0)

    def _refresh(self, request: Request, probe: Probe) -> Subset:
        assert request.previous is not None
        if request.epoch < self.start(request):
            return self._slice(request, request.epoch)
        before = int(request.previous.memory["chosen"])
        if before != NEVER and request.epoch - before < self.reselect_every:
            return request.previous
        return super()._refresh(request, probe)

    def _choose(self, request: Request, probe: Probe, error: Floats, inner: Floats) -> Subset:
        chosen = super()._choose(request, probe, error, inner)
        return replace(chosen, memory={"chosen": np.array(request.epoch)})

    def _slice(self, request: Request, epoch: int) -> Subset:
        """b examples of a pass over the pool in random order: slice by slice, pass by pass."""
        n, b = len(request.pool), request.count
        slices = max(1, n // b)
        order = request.rng(0xA7, epoch // slices).permutation(n)
        first = (epoch % slices) * b
        return Subset(
            order[first : first + b],
            memory={"chosen": np.array(NEVER)},
            provenance=Provenance(notes={"warm": epoch}),
        )
