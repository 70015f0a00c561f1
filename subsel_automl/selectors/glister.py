"""GLISTER: the examples whose gradient step lowers the validation loss most.

    max_S -L_V(theta - eta sum_{i in S} g_i),   gain of i ~ eta <g_i, grad L_V(theta_S)>

over the last layer's weights. grad L_V is computed anew at theta_S `terms` times while S grows;
between, gains are fixed, and stochastic greedy takes the best of (n / b) log(1 / epsilon) random
examples. <g_i, G> = e_i^T G h_i never writes a gradient down.

Source: Killamsetty et al. 2021b (GLISTER-ONLINE), Algorithm 2, Eq. 6; settings SubSelNet D.2
(stochastic greedy, learning rate 0.01, 15 terms, every 10 epochs). Deviations:
    [1] D.2's "15 terms" is CORDS's r: how often the Taylor expansion is made anew.
    [2] The step of S is that of one mini-batch of `batch` examples (D.2: 20) with S's mean
        gradient: eta times the sum over an S of thousands overshoots.
    [3] Before there is a network: at random, evenly over the classes.
    [4] The greedy choice is over the pool at once, not in each mini-batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.errors import MissingNeed
from ..core.pool import Pool
from ..core.probe import Probe
from ..core.provider import Needs, Request
from ..core.subset import Provenance, Subset
from ..core.zoo import Zoo
from ..maths.stochastic import sample_size
from ..maths.taylor import Gradients, Held, taylor_greedy
from .adaptive import Adaptive, Floats, kept
from .options import number, one_of
from .scored import whole


class Glister(Adaptive):
    """Gradients along the validation gradient.

    Args:
        refresh_every: epochs between choices.
        greedy: "stochastic", or "exact": the best of all examples each time.
        terms: how often the validation gradient is computed while the subset grows.
        learning_rate, batch: eta, and the mini-batch that the step stands for.
        epsilon: of stochastic greedy.

    Raises:
        UnknownName, BadInput: unusable options.
    """

    name = "glister"
    source = "Killamsetty et al. 2021b, Algorithm 2; settings SubSelNet D.2, Glister"
    needs = Needs.LABELS | Needs.VALIDATION | Needs.PROBE
    refresh_every = 10

    def __init__(
        self,
        refresh_every: int = 10,
        greedy: str = "stochastic",
        terms: int = 15,
        learning_rate: float = 0.01,
        batch: int = 20,
        epsilon: float = 0.01,
    ) -> None:
        super().__init__(refresh_every)
        self.greedy = one_of(self.name, "greedy", greedy, ("stochastic", "exact"))
        self.terms = whole(self.name, "terms", terms, least=1)
        self.learning_rate = number(self.name, "learning_rate", learning_rate, open_=True)
        self.batch = whole(self.name, "batch", batch, least=1)
        self.epsilon = number(self.name, "epsilon", epsilon, open_=True, below=1.0)

    def options(self) -> Mapping[str, Any]:
        names = ("greedy", "terms", "learning_rate", "batch", "epsilon")
        return {**super().options(), **{name: getattr(self, name) for name in names}}

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        assert pool.validation is not None
        if pool.validation.labels is None:
            raise MissingNeed(
                f"provider {self.name!r} needs labels of the validation split; "
                f"{pool.validation.name!r} has none. Give Pool(labels=...)"
            )

    def _choose(self, request: Request, probe: Probe, error: Floats, inner: Floats) -> Subset:
        held = request.pool.validation
        assert held is not None
        assert held.labels is not None
        e, h = probe.about(held).last_layer_factors(np.arange(len(held)))
        if not (np.isfinite(e).all() and np.isfinite(h).all()):
            return kept(request)
        if self.greedy == "stochastic":
            sample = sample_size(len(error), request.count, self.epsilon)
        else:
            sample = 0
        rows = taylor_greedy(
            Gradients(error, inner),
            Held(e, h, held.labels),
            request.count,
            terms=self.terms,  # [1]
            step=self.learning_rate * self.batch,  # [2]
            sample=sample,
            rng=request.rng(0x611, request.epoch),
        )
        return Subset(rows, provenance=Provenance(notes={"refreshed": request.epoch}))
