"""Fits g_beta to a zoo by Eq. 7, all architectures on each batch of examples at once.

Settings of D.3: AdamW, rate 1e-3, weight decay 0.005, cosine annealing, clipping at 5. The rows of
a batch are shared by all architectures, so W_x x is computed once a batch: tens of thousands of
(architecture, example) pairs a second on one thread.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.pool import Pool
from ..core.zoo import Zoo
from ..encoders.base import ArchitectureEncoder
from ..training.seeded import seeded
from .approximator import Approximator, Shape, in_chunks

RATE, DECAY, CLIP = 1e-3, 0.005, 5.0  # D.3
FLOOR = -16.0  # least log-probability that a zoo keeps; fp16 would go on to -65,504


@dataclass(frozen=True)
class FitReport:
    """Mean KL(m_theta* || g_beta) in nats an epoch, on training and held-out architectures."""

    training: tuple[float, ...]
    validation: tuple[float, ...]
    zoo_mean_validation: float | None
    best_epoch: int


def read_predictions(zoo: Zoo, architectures: Sequence[Architecture]) -> Float[Tensor, "m n c"]:
    """Log-probabilities, fp16, normalised after clipping."""
    rows = [torch.from_numpy(np.array(zoo.predictions(a.key))) for a in architectures]
    stacked = torch.stack(rows)
    for i in range(len(stacked)):
        clean = stacked[i].float().clamp_min(FLOOR)
        stacked[i] = torch.log_softmax(clean, 1).half()
    return stacked


def zoo_mean(predictions: Float[Tensor, "m n c"]) -> Float[Tensor, "n c"]:
    """log of the mean probability: the control that ignores the architecture."""
    total = torch.zeros(predictions.shape[1:])
    for row in predictions:
        total += row.float().exp()
    return (total / len(predictions)).clamp_min(1e-7).log()


def kl_to(truth: Float[Tensor, "n c"], predicted: Float[Tensor, "n c"]) -> float:
    """Mean over examples of KL(truth || predicted), both log-probabilities."""
    truth, predicted = truth.float(), predicted.float()
    return float((truth.exp() * (truth - predicted)).sum(1).mean())


def fit_approximator(
    encoder: ArchitectureEncoder,
    pool: Pool,
    zoo: Zoo,
    training: Sequence[Architecture],
    validation: Sequence[Architecture],
    *,
    seed: int = 0,
    epochs: int = 10,
    batch: int = 256,
    anchor: bool = True,
    pool_nodes: str = "mean",
    reader: str = "attention",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Approximator, FitReport]:
    """TRAINAPPROX of Algorithm 1.

    Args:
        training: architectures of the zoo to learn from (at least 2 with `anchor`).
        validation: architectures of the zoo that only choose the epoch; may be empty.
        pool_nodes, reader: see deviations [3] and [5] of `approximator.py`.

    Raises:
        BadInput: too few architectures.
    """
    if len(training) < 2:
        raise BadInput(f"g_beta learns from at least 2 networks; the zoo gave {len(training)}")
    batch = min(batch, len(pool))
    truth = read_predictions(zoo, training)
    held = read_predictions(zoo, validation) if validation else None
    mean = zoo_mean(truth)
    features = torch.from_numpy(pool.features)
    h, mask = encoder.embed(training)
    rng = np.random.default_rng([seed, 0xBE7A])
    curves: tuple[list[float], list[float]] = ([], [])
    with seeded(seed):
        model = Approximator(
            Shape(
                h.shape[2],
                features.shape[1],
                truth.shape[2],
                anchor,
                pool_nodes,
                reader,
                h.shape[1],
            )
        )
        learner = _Learner(model, max(1, epochs * (len(pool) // batch)))
        best = (float("inf"), -1, copy.deepcopy(model.state_dict()))
        for epoch in range(epochs):
            order = torch.from_numpy(rng.permutation(len(pool)))
            batches = [rows for rows in order.split(batch) if len(rows) == batch]
            losses = [
                learner.step(h, mask, features[rows], truth[:, rows].float(), mean[rows])
                for rows in batches
            ]
            curves[0].append(float(np.mean(losses)))
            score = curves[0][-1]
            if held is not None:
                score = validation_kl(model, encoder, validation, features, mean, held)
                curves[1].append(score)
            if score < best[0]:
                best = (score, epoch, copy.deepcopy(model.state_dict()))
            if progress is not None:
                progress(epoch + 1, epochs)
    model.load_state_dict(best[2])  # [4] of approximator.py
    control = None if held is None else float(np.mean([kl_to(p, mean) for p in held]))
    return model.eval(), FitReport(tuple(curves[0]), tuple(curves[1]), control, best[1])


class _Learner:
    """Model, optimizer and schedule of Eq. 7."""

    def __init__(self, model: Approximator, steps: int) -> None:
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, steps)

    def step(
        self,
        h: Float[Tensor, "m v d"],
        mask: Bool[Tensor, "m v"],
        x: Float[Tensor, "b f"],
        target: Float[Tensor, "m b c"],
        mean: Float[Tensor, "b c"],
    ) -> float:
        """One step on a batch of examples for all architectures; the mean KL."""
        self.model.train()
        left_out = _left_out(mean, target) if self.model.shape.anchor else None
        logits = self.model(h, mask, x, left_out)
        loss = F.kl_div(
            F.log_softmax(logits, 2).flatten(0, 1),
            target.flatten(0, 1),
            reduction="batchmean",
            log_target=True,
        )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        self.schedule.step()
        return float(loss.detach())


def validation_kl(
    model: Approximator,
    encoder: ArchitectureEncoder,
    architectures: Sequence[Architecture],
    features: Float[Tensor, "n f"],
    mean: Float[Tensor, "n c"],
    truth: Float[Tensor, "m n c"],
) -> float:
    """Mean KL over architectures and the whole pool."""
    model.eval()
    anchor = mean if model.shape.anchor else None
    with torch.no_grad():
        examples = in_chunks(model.example_part(features, anchor).T)
        parts = model.architecture_part(*encoder.embed(architectures))
        columns = None if anchor is None else anchor.T
        each = [
            kl_to(truth[i], model.log_probabilities(examples, columns, parts[i : i + 1])[0])
            for i in range(len(architectures))
        ]
    return float(np.mean(each))


def _left_out(mean: Float[Tensor, "b c"], target: Float[Tensor, "m b c"]) -> Float[Tensor, "m b c"]:
    """log of the mean of the *other* networks, one a network.  [1] of approximator.py"""
    m = len(target)
    rest = (mean.exp()[None] * m - target.exp()) / (m - 1)
    return rest.clamp_min(1e-7).log()
