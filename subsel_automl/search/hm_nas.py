"""HM-NAS: weights for operations and for edges, then masks that prune the supernet to a network.

    supernet   alpha and beta as in DARTS, after `warm_epochs` of weights alone, and then with
               probability sigma(t) a step                                       (Algorithm 1, 3-8)
    masks      M^r by Adam, everything else fixed, on the whole subset                (lines 9-13)
    tuning     the weights that stay, on the whole subset                            (lines 14-17)

`notes` tell the share of weights removed, what stays of every edge, and the accuracy on the pool's
validation examples, where there are some, after each of the three.

Source: Yan 2022 (thesis), chapter 2: 100, 20 and 200 epochs, batch 128, SGD 0.1 by cosine to 0,
80 / 20, masks by Adam 1e-4 (M_w) and 1e-5 (M_alpha, M_beta), a tenth of it in the second half.

Deviations (none of [1] to [3] is given in the paper):
    [1] sigma(t) = (1 + cos(pi t / T)) / 2 over the T steps of the supernet.
    [2] Batch norms use each batch's statistics (supernet.py).
    [3] The tuning's rate falls by cosine from 0.025; no cutout.
    [4] The cell that is reported is of the space: one operation an edge, the strongest that stays;
        `notes["kept"]` has all of them, and the tuned network runs them all.
    [5] While masks are trained the probe shows the supernet with the operations that stay, its
        weights unmasked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from ..core.errors import BadInput
from .base import SupernetSearch
from .cells import Cells
from .darts import architecture_adam, architecture_step
from .halves import Batch, Halves
from .masks import THRESHOLD, Masks, counted
from .options import above_zero, at_least, cosine, mean
from .run import Run


@dataclass(frozen=True, kw_only=True)
class HmNas(SupernetSearch):
    """Hierarchical masking.

    Args:
        warm_epochs: of weights alone.
        mask_epochs, tune_epochs: of the second and third phase; 0 leaves it out.
        order: 1 or 2, of the architecture's gradient.
        with_beta: edges have weights of their own; False is single level (Table 2.5).
        alpha_rate, alpha_decay: of the architecture's Adam.
        mask_rate, weight_mask_rate: of the masks' Adam.
        threshold: tau.
        tune_rate: [3].
    """

    name: ClassVar[str] = "hm-nas"
    source: ClassVar[str] = "Yan 2022, chapter 2, Algorithm 1"

    epochs: int = 100
    batch: int = 128
    rate: float = 0.1
    least_rate: float = 0.0
    weight_share: float = 0.8
    warm_epochs: int = 10
    mask_epochs: int = 20
    tune_epochs: int = 200
    order: int = 1
    with_beta: bool = True
    alpha_rate: float = 3e-4
    alpha_decay: float = 1e-3
    mask_rate: float = 1e-5
    weight_mask_rate: float = 1e-4
    threshold: float = THRESHOLD
    tune_rate: float = 0.025

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("warm_epochs", "mask_epochs", "tune_epochs"):
            at_least(name, getattr(self, name), 0)
        for name in ("alpha_rate", "mask_rate", "weight_mask_rate", "tune_rate"):
            above_zero(name, getattr(self, name))
        if self.order not in (1, 2):
            raise BadInput(f"order is {self.order!r}; the architecture's gradient has order 1 or 2")

    @property
    def total_epochs(self) -> int:
        return self.epochs + self.mask_epochs + self.tune_epochs

    def _sizes(self) -> dict[str, Any]:
        return {**super()._sizes(), "with_beta": self.with_beta}

    def _prepare(self, run: Run) -> None:
        super()._prepare(run)
        run.optimizers["architecture"] = architecture_adam(run, self.alpha_rate, self.alpha_decay)
        masks = run.modules["masks"] = Masks(run.supernet, self.threshold)
        run.optimizers["masks"] = torch.optim.Adam(
            [
                {"params": [*masks.operations, *masks.edges], "lr": self.mask_rate},
                {"params": list(masks.weights.values()), "lr": self.weight_mask_rate},
            ]
        )

    def _begin(self, run: Run) -> None:
        if run.epoch >= self.epochs:
            if run.epoch == self.epochs:
                self._tell(run, "supernet_accuracy")
            run.supernet.kept = _masks(run).kept()
        if run.epoch == self.epochs + self.mask_epochs:
            self._prune(run)

    def _train(self, run: Run, parts: Halves) -> float:
        rng = run.rng(run.epoch, 0x4A5)
        batches, losses = parts.weights.batches(rng), []
        held = parts.architecture.batches(rng)
        steps = self._steps(parts)
        for step in range(steps):
            batch = next(batches)
            if run.epoch < self.epochs:
                if self._moves(run.epoch + step / steps, rng):
                    architecture_step(run, batch, next(held), self.order)
                losses.append(self._weight_step(run, batch, run.supernet.mixture()))
            elif run.epoch < self.epochs + self.mask_epochs:
                losses.append(self._mask_step(run, batch))
            else:
                losses.append(self._tune_step(run, batch))
        return mean(losses)

    def _moves(self, epochs: float, rng: np.random.Generator) -> bool:
        chance = (1 + math.cos(math.pi * epochs / self.epochs)) / 2  # sigma(t)  [1]
        return rng.random() < chance and epochs >= self.warm_epochs

    def _mask_step(self, run: Run, batch: Batch) -> float:
        masks, optimizer = _masks(run), run.optimizers["masks"]
        late = run.epoch - self.epochs >= self.mask_epochs / 2
        for group, rate in zip(
            optimizer.param_groups, (self.mask_rate, self.weight_mask_rate), strict=True
        ):
            group["lr"] = rate / 10 if late else rate
        weights = masks.masked(run.supernet)
        loss = run.loss(batch, masks.mix(run.supernet), weights, recorded=True)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        run.costs["architecture_steps"] += 1
        return float(loss.detach())

    def _prune(self, run: Run) -> None:
        """Masked weights become zero, and the optimizer forgets the supernet."""
        masks = _masks(run)
        weights = run.supernet.weight_parameters()
        with torch.no_grad():
            for name, mask in masks.binary().items():
                weights[name].mul_(mask)
        self._tell(run, "masked_accuracy")
        run.optimizers["weights"].state.clear()

    def _tune_step(self, run: Run, batch: Batch) -> float:
        binary = _masks(run).binary() if self.mask_epochs else {}
        weights = run.supernet.weight_parameters()
        hooks = [weights[k].register_hook(lambda g, m=m: g * m) for k, m in binary.items()]
        try:
            return self._weight_step(run, batch, run.supernet.mixture())
        finally:
            for hook in hooks:
                hook.remove()

    def _share(self, run: Run) -> float:
        return self.weight_share if run.epoch < self.epochs else 1.0

    def _rate(self, run: Run) -> float:
        if run.epoch < self.epochs:
            return super()._rate(run)
        done = run.epoch - self.epochs - self.mask_epochs
        return cosine(self.tune_rate, 0.0, max(0, done) / max(1, self.tune_epochs))

    def _finish(self, run: Run) -> Cells:
        last = "tuned" if self.tune_epochs else "masked" if self.mask_epochs else "supernet"
        if self.mask_epochs or self.tune_epochs:
            run.supernet.kept = _masks(run).kept()
        if last == "masked":
            self._prune(run)
        else:
            self._tell(run, f"{last}_accuracy")
        total, left = counted(run.supernet, _masks(run))
        run.notes |= {"parameters": total, "parameters_kept": left}
        run.notes["removed_share"] = 1 - left / total
        run.notes["kept"] = self._kept(run)
        return run.supernet.spelled()

    def _kept(self, run: Run) -> Mapping[str, Any]:
        plan, stay = run.plan, _masks(run).kept()
        return {
            kind: [[plan.operations[o] for o in np.flatnonzero(edge) if o] for edge in stay[k]]
            for k, kind in enumerate(plan.kinds)
        }

    def _tell(self, run: Run, name: str) -> None:
        """The network's accuracy on the pool's validation images, if it has some."""
        held = run.pool.validation
        if held is not None and held.images is not None:
            rows = np.arange(len(held))
            run.notes[name] = run.accuracy(rows, run.supernet.mixture(), held)


def _masks(run: Run) -> Masks:
    made = run.modules["masks"]
    assert isinstance(made, Masks)
    return made
