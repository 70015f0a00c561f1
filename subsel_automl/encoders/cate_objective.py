"""Masked operations of pairs of cells that compute alike: what CATE learns (section 4.3).

    20 % of the nodes of a pair are chosen; of these 80 % become MASK, 20 % a random operation;
    loss = cross entropy of the chosen nodes' operations, from both cells at once

AdamW 1e-3, decay 0.01 (none on biases and norms), 100 steps of warm-up, then linearly to 0, label
smoothing 0.1; 5 % of the cells are held out and paired among themselves to measure accuracy.

Source: Yan 2022 (thesis), 4.3 and 4.4; what it does not say, as in the released code.

Deviations:
    [1] Partners are drawn anew each epoch, so K = 1 for two epochs shows as many pairs as K = 2 for
        one; the default is one epoch of K = 1 in batches of 512: minutes on one core.
    [2] delta is 1e4 by default. At the thesis' 2e6 a cell's range holds a quarter of the space, and
        a partner tells little: the report of both stands beside their weights.
    [3] Each node is chosen with probability 0.2, of any label; a random operation is an inner one.
        The released code draws from all tokens, PAD and MASK too, and counts no `input`.
    [4] Accuracy is of chosen inner nodes of held-out pairs alone: input and output tell themselves.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from ..core.errors import BadInput, UnknownName
from .base import ArchitectureEncoder
from .cate import PRESETS, Cate
from .cate_pairs import computation, draw_pairs
from .objective import Objective

LEARNING_RATE, WEIGHT_DECAY, WARM_UP, SMOOTHING = 1e-3, 0.01, 100, 0.1
CHOSEN, MASKED = 0.2, 0.8
HELD_PAIRS = 20_000  # that accuracy is measured on
_HELD_OUT = 0x4E1D  # in the seed of held-out pairs


class CateObjective(Objective):
    """Masked operations.

    Options: delta, partners (K), preset ("lite", "thesis"), and the encoder's sizes.
    """

    epochs: ClassVar[int] = 1  # [1]
    holdout: ClassVar[float] = 0.05
    defaults: ClassVar[dict[str, Any]] = {"delta": 1e4, "partners": 1, "preset": "lite"}  # [2]
    encoder_options = ("width", "heads", "layers", "cross_layers", "hidden", "dropout")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        preset = self.options["preset"]
        if preset not in PRESETS:
            raise UnknownName("preset of cate", preset, PRESETS)
        if not self.options["delta"] > 0 or self.options["partners"] < 1:
            raise BadInput(
                f"delta={self.options['delta']}, partners={self.options['partners']}: give a delta "
                "above 0, and at least one partner"
            )
        self.options = {**PRESETS[preset], **self.options}
        self.p = computation(self.space, self.cells)

    def batches(
        self, rows: Int[Tensor, " n"], epochs: int, batch: int, generator: torch.Generator
    ) -> list[Tensor]:
        """Pairs [b, 2], drawn anew each epoch."""
        found: list[Tensor] = []
        for epoch in range(epochs):
            pairs = self._pairs(rows, [self.seed, epoch])
            if len(pairs) == 0:
                raise BadInput(
                    f"no two of the {len(rows)} cells differ by less than delta "
                    f"{self.options['delta']} parameters; give a larger delta"
                )
            pairs = pairs[torch.randperm(len(pairs), generator=generator)]
            whole = max(1, len(pairs) // batch)
            found += pairs[: whole * batch].split(batch)
        return found

    def loss(
        self, model: ArchitectureEncoder, batch: Tensor, generator: torch.Generator
    ) -> Float[Tensor, ""]:
        logits, labels, chosen = self._masked(model, batch, generator)
        if not chosen.any():
            return logits.sum() * 0
        return functional.cross_entropy(logits[chosen], labels[chosen], label_smoothing=SMOOTHING)

    def optimiser(
        self, model: ArchitectureEncoder, steps: int
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
        matrices = [p for p in model.parameters() if p.ndim > 1]
        others = [p for p in model.parameters() if p.ndim < 2]  # biases and norms
        groups = [{"params": matrices}, {"params": others, "weight_decay": 0.0}]
        adam = torch.optim.AdamW(groups, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        warm = min(WARM_UP, max(1, steps // 10))

        def share(step: int) -> float:
            return (step + 1) / warm if step < warm else (steps - step) / max(1, steps - warm)

        return adam, torch.optim.lr_scheduler.LambdaLR(adam, share)

    def measures(
        self,
        model: ArchitectureEncoder,
        seen: Int[Tensor, " a"],
        unseen: Int[Tensor, " b"],
        generator: torch.Generator,
    ) -> dict[str, Any]:
        """Accuracy on held-out pairs, or on pairs of the training cells where none are held out."""
        pairs = self._pairs(unseen if len(unseen) else seen, [self.seed, _HELD_OUT])
        pairs = pairs[torch.randperm(len(pairs), generator=generator)[:HELD_PAIRS]]
        return {"held_out_pairs": len(pairs), **self.accuracy(model, pairs, generator)}

    @torch.no_grad()
    def accuracy(
        self, model: ArchitectureEncoder, pairs: Int[Tensor, "p 2"], generator: torch.Generator
    ) -> dict[str, Any]:
        """Share of chosen nodes whose operation is told, over all and over inner ones.  [4]"""
        was_training = model.training
        model.eval()
        right = total = inner_right = inner_total = 0
        for part in pairs.split(1024):
            logits, labels, chosen = self._masked(model, part, generator)
            inner = chosen & (labels > 0) & (labels < len(model.operations) - 1)
            told = logits.argmax(3) == labels
            right += int(told[chosen].sum())
            total += int(chosen.sum())
            inner_right += int(told[inner].sum())
            inner_total += int(inner.sum())
        model.train(was_training)
        return {
            "masked_accuracy": right / max(1, total),
            "masked_inner_accuracy": inner_right / max(1, inner_total),
            "masked_inner_nodes": inner_total,
        }

    def _pairs(self, rows: Int[Tensor, " n"], key: list[int]) -> Int[Tensor, "p 2"]:
        drawn = draw_pairs(
            self.p,
            rows.numpy(),
            self.options["delta"],
            self.options["partners"],
            np.random.default_rng(key),
        )
        return torch.from_numpy(drawn)

    def _masked(
        self, model: ArchitectureEncoder, pairs: Int[Tensor, "b 2"], generator: torch.Generator
    ) -> tuple[Float[Tensor, "b 2 v ops"], Int[Tensor, "b 2 v"], Bool[Tensor, "b 2 v"]]:
        """Predictions for corrupted pairs, what stood there, and which nodes were chosen."""
        assert isinstance(model, Cate)
        device = model.segment.weight.device
        nodes, adjacency = self.graphs.nodes[pairs], self.graphs.adjacency[pairs]
        real = torch.arange(model.max_nodes) < nodes[..., None]
        labels = self.graphs.ops[pairs].long().masked_fill(~real, model.pad)
        tokens, chosen = corrupted(labels, real, model, generator)
        given = (part.to(device) for part in (tokens, adjacency, real))
        return model.predictions(*given), labels.to(device), chosen.to(device)


def corrupted(
    labels: Int[Tensor, "*b v"], real: Bool[Tensor, "*b v"], model: Cate, generator: torch.Generator
) -> tuple[Int[Tensor, "*b v"], Bool[Tensor, "*b v"]]:
    """Tokens with some nodes masked or replaced, and which those are; pads never are.  [3]"""
    chosen = (torch.rand(labels.shape, generator=generator) < CHOSEN) & real
    masked = torch.rand(labels.shape, generator=generator) < MASKED
    inner = torch.randint(1, len(model.operations) - 1, labels.shape, generator=generator)
    replaced = torch.where(masked, torch.tensor(model.mask), inner)
    return torch.where(chosen, replaced, labels), chosen
