"""GDAS: one operation an edge a step, drawn by Gumbel-softmax, with a gradient straight through.

    h = onehot argmax_o (log a_o + g_o),  a = softmax(alpha), g Gumbel
    h~ = softmax((log a + g) / tau);  the pass uses h, its gradient is that of h~

Only the drawn operations are computed. tau falls linearly from 10 to 0.1 over the epochs.

Source: Dong and Yang 2019 (GDAS), Eqs. 3 to 6; settings 4.2: Adam 3e-4 (0.5, 0.999), weight decay
1e-3.

Deviations:
    [1] An operation that is not computed sends no gradient to its entry of h; alpha hears of it
        through h~ alone.
    [2] The reduction cell of DARTS is searched too (GDAS offers a fixed one as an alternative).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from .base import SupernetSearch
from .bilevel import gradients
from .darts import architecture_adam
from .halves import Batch, Halves
from .mixed import Mix
from .options import above_zero, mean
from .run import Run


@dataclass(frozen=True, kw_only=True)
class Gdas(SupernetSearch):
    """Gumbel-softmax search.

    Args:
        alpha_rate, alpha_decay: of the architecture's Adam.
        heat, least_heat: tau at the first and the last epoch.
    """

    name: ClassVar[str] = "gdas"
    source: ClassVar[str] = "Dong and Yang 2019, Eqs. 3 to 6; settings 4.2"
    mixture: ClassVar[bool] = False

    alpha_rate: float = 3e-4
    alpha_decay: float = 1e-3
    heat: float = 10.0
    least_heat: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("alpha_rate", "heat", "least_heat"):
            above_zero(name, getattr(self, name))

    def _prepare(self, run: Run) -> None:
        super()._prepare(run)
        run.optimizers["architecture"] = architecture_adam(run, self.alpha_rate, self.alpha_decay)

    def _train(self, run: Run, parts: Halves) -> float:
        rng = run.rng(run.epoch, 0x6DA5)
        share = run.epoch / max(1, self.epochs - 1)
        tau = self.heat + (self.least_heat - self.heat) * share
        weights, held = parts.weights.batches(rng), parts.architecture.batches(rng)
        losses = []
        for _ in range(self._steps(parts)):
            losses.append(self._weight_step(run, next(weights), drawn_mix(run, tau, rng)))
            self._architecture_step(run, next(held), drawn_mix(run, tau, rng))
        return mean(losses)

    def _architecture_step(self, run: Run, batch: Batch, mix: Mix) -> None:
        alphas = run.supernet.architecture_parameters()
        found = gradients(run.loss(batch, mix), alphas)
        for alpha, gradient in zip(alphas, found, strict=True):
            alpha.grad = gradient
        run.optimizers["architecture"].step()
        run.costs["architecture_steps"] += 1


def drawn_mix(run: Run, tau: float, rng: np.random.Generator) -> Mix:
    """One operation an edge, straight through."""
    weights: list[Tensor] = []
    for alpha in run.supernet.alpha:
        gumbel = torch.from_numpy(rng.gumbel(size=alpha.shape).astype(np.float32)).to(alpha)
        disturbed = torch.log_softmax(alpha, 1) + gumbel
        soft = torch.softmax(disturbed / tau, 1)  # h~
        hard = torch.nn.functional.one_hot(disturbed.argmax(1), alpha.shape[1])
        weights.append(hard - soft.detach() + soft)  # [1]
    active = np.stack([w.detach().cpu().numpy() > 0.5 for w in weights])
    return Mix(weights, active)
