"""What the baselines share that look at the trial's last-layer gradients every few epochs.

Before there is a network they draw at random, evenly over the classes. A network that diverged
(gradients that are not finite) tells nothing: the subset is kept, and the notes say so.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..core.probe import Probe
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Provenance, Subset
from ..maths import draws
from .scored import whole

Floats = npt.NDArray[np.float32]


class Adaptive(SubsetProvider):
    """Chosen anew every `refresh_every` epochs from the gradients of the last layer.

    Raises:
        BadInput: unusable options.
    """

    needs: ClassVar[Needs] = Needs.TARGETS | Needs.PROBE

    def __init__(self, refresh_every: int = 10) -> None:
        super().__init__()
        self.refresh_every = whole(self.name, "refresh_every", refresh_every, least=1)

    def options(self) -> Mapping[str, Any]:
        return {"refresh_every": self.refresh_every}

    def _select(self, request: Request) -> Subset:
        noise = draws.gumbels(0, len(request.pool), (request.seed, request.draw))
        return Subset(draws.top_b_per_class(noise, request.pool.groups, request.count))

    def _refresh(self, request: Request, probe: Probe) -> Subset:
        error, inner = probe.last_layer_factors(np.arange(len(request.pool)))
        if not (np.isfinite(error).all() and np.isfinite(inner).all()):
            return kept(request)
        return self._choose(request, probe, error, inner)

    @abstractmethod
    def _choose(self, request: Request, probe: Probe, error: Floats, inner: Floats) -> Subset:
        """From g_i = e_i h_i^T: errors p - y [n, c], the last layer's input and a one [n, k]."""


def kept(request: Request) -> Subset:
    """The subset before, noting why."""
    assert request.previous is not None
    notes = {"kept": "gradients not finite"}
    return replace(request.previous, provenance=Provenance(notes=notes))
