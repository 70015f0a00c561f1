"""One trial: trains a network on subsets of a pool, and answers a provider's questions (Probe).

Speed: channels_last everywhere, bf16 autocast where the machine multiplies bf16 natively (measured:
1.2 to 1.6 times fp32 for these networks on AVX-512 bf16, accuracy within the spread of seeds).
A step always takes a whole batch: epochs are joined end to end, so a subset of 210 examples gives
no odd last batch, and batch norm never sees a batch of one.

Soft targets: (1 - share) T^2 KL(p_T || q_T) + share CE(y), with p_T the predicted distribution
raised to 1/T (Hinton et al. 2015); `Subset.weights` multiply an example's loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from ..core.errors import BadInput
from ..core.feed import SoftTargets
from ..core.pool import Pool
from ..core.probe import Recorded
from .augment import augmented
from .inputs import Inputs
from .losses import example_losses
from .precision import takes_bf16
from .probe import PoolProbe
from .recipes import Recipe
from .seen import Seen

EVAL_BATCH = 500


@dataclass(frozen=True)
class Batch:
    """What one step reads: rows of the pool, and what they should answer."""

    indices: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32] | None = None
    targets: npt.NDArray[np.float32] | None = None


class Trainer:
    """A network in training on a pool.

    Args:
        model: images [n, c, h, w] -> logits [n, classes].
        pool: with images and labels, or features alone (the model then reads [n, d]).
        recipe: optimizer, schedule, batch.
        steps: length of the schedule.
        seed: of the order of examples and the augmentations (weights are the model's own).
        precision: "auto", "bf16" or "fp32".
    """

    def __init__(
        self,
        model: nn.Module,
        pool: Pool,
        recipe: Recipe,
        *,
        steps: int,
        seed: int,
        device: str = "cpu",
        precision: str = "auto",
        soft: SoftTargets | None = None,
    ) -> None:
        if pool.labels is None:
            what = f"is of {pool.task}, and a trainer" if pool.task else "has no labels; a trainer"
            raise BadInput(
                f"pool {pool.name!r} {what} trains classifiers; for other tasks write the loop "
                "(SubsetSearch, with_subset, SubsetObjective)"
            )
        self.device = torch.device(device)
        self.model = model.to(self.device, memory_format=torch.channels_last)
        self.pool, self.recipe, self.soft = pool, recipe, soft or SoftTargets()
        self.optimizer, self.schedule = recipe.make(self.model, steps)
        self.rng = np.random.default_rng([seed, 0x5EED])
        self.labels = torch.from_numpy(np.array(pool.labels))
        self.inputs = Inputs(pool)
        self.bf16 = takes_bf16(precision, self.device, self.model, self._one_pass)
        self.curve: dict[str, list[float]] = {"train_loss": []}
        self.steps_done = 0
        self._last: tuple[list[npt.NDArray[np.int64]], list[Tensor]] = ([], [])
        self._stale = False
        self.seen: Seen | None = None  # what the network said, where somebody listens

    def _one_pass(self) -> Tensor:
        rows = np.arange(min(2, len(self.pool)))
        return self.model(self.inputs(self.pool, rows).to(self.device))  # type: ignore[no-any-return]

    def step(self, batch: Batch) -> float:
        """One optimiser step; the mean loss of the batch (NaN when training diverged)."""
        self.model.train()
        x = self.inputs(self.pool, batch.indices).to(self.device)
        x = augmented(x, self.recipe.augment, self.rng)
        y = self.labels[batch.indices].to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            logits = self.model(x)
        losses = example_losses(logits.float(), y, batch.targets, self.soft)
        loss = _weighted(losses, batch.weights)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.recipe.clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.schedule.step()
        self.steps_done += 1
        if self._stale:
            self._last, self._stale = ([], []), False
        if self.seen is not None:
            self.seen.add(batch.indices, logits, self.steps_done * len(batch.indices))
        self._last[0].append(batch.indices)
        self._last[1].append(_outcomes(losses.detach(), logits.detach().float(), y))
        return float(loss.detach())

    def epoch(self, batches: Iterator[Batch] | list[Batch]) -> float:
        """The steps of one epoch; the mean loss is recorded in the curve."""
        self.begin_pass()
        losses = [self.step(batch) for batch in batches]
        mean = float(np.mean(losses)) if losses else float("nan")
        self.curve["train_loss"].append(mean)
        return mean

    def begin_pass(self) -> None:
        """What was recorded so far is forgotten as soon as the next step is made."""
        self._stale = True

    @torch.no_grad()
    def predict(
        self,
        pool: Pool,
        indices: npt.NDArray[np.int64] | None = None,
    ) -> Tensor:
        """Log-probabilities [b, classes] on the CPU, float32."""
        self.model.eval()
        rows = np.arange(len(pool)) if indices is None else indices
        inputs, out = self.inputs, []  # scaled by the training pool, whatever pool is asked
        for start in range(0, len(rows), EVAL_BATCH):
            x = inputs(pool, rows[start : start + EVAL_BATCH]).to(self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                logits = self.model(x)
            out.append(torch.log_softmax(logits.float(), 1).cpu())
        return torch.cat(out)

    def evaluate(self, pool: Pool, limit: int | None = None) -> tuple[float, float]:
        """(accuracy in 0..1, mean cross-entropy) on the first `limit` examples of a pool."""
        rows = np.arange(len(pool) if limit is None else min(limit, len(pool)))
        logp = self.predict(pool, rows)
        labels = torch.from_numpy(np.array(pool.labels))[rows]
        accuracy = (logp.argmax(1) == labels).float().mean()
        return float(accuracy), float(F.nll_loss(logp, labels))

    # Probe
    def logits(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return self.predict(self.pool, indices).numpy()

    def losses(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return F.nll_loss(
            self.predict(self.pool, indices), self.labels[indices], reduction="none"
        ).numpy()

    def last_layer_gradients(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """(p - y) outer [features, 1]: what the last linear layer would receive, exact."""
        return self.about(self.pool).last_layer_gradients(indices)

    def last_layer_factors(
        self, indices: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        return self.about(self.pool).last_layer_factors(indices)

    def about(self, pool: Pool) -> PoolProbe:
        """This network, asked about another pool's examples."""
        return PoolProbe(self.model, pool, self.inputs, self.bf16, self.recorded)

    def recorded(self) -> Recorded:
        curve = {name: tuple(values) for name, values in self.curve.items()}
        if not self._last[0]:
            return Recorded(curve)
        seen = torch.cat(self._last[1]).cpu().numpy().astype(np.float32)
        losses, entropies, errors, correct = seen.T
        rows = np.concatenate(self._last[0])
        return Recorded(curve, rows, losses, entropies, errors, correct > 0)


def _outcomes(
    losses: Float[Tensor, " b"], logits: Float[Tensor, "b c"], labels: Int[Tensor, " b"]
) -> Float[Tensor, "b 4"]:
    """Loss, entropy, ||p - y|| and correctness of a batch, for `recorded`."""
    log_p = torch.log_softmax(logits, 1)
    p = log_p.exp()
    entropy = -(p * log_p.clamp_min(-1e4)).sum(1)
    own = p.gather(1, labels[:, None])[:, 0]
    error = (p.square().sum(1) - 2 * own + 1).clamp_min(0).sqrt()  # |p - y|^2, y one-hot
    return torch.stack([losses, entropy, error, (logits.argmax(1) == labels).float()], 1)


def _weighted(losses: Tensor, weights: npt.NDArray[np.float32] | None) -> Tensor:
    if weights is None:
        return losses.mean()
    w = torch.from_numpy(np.asarray(weights, np.float32)).to(losses.device)
    return (losses * w).sum() / w.sum().clamp_min(1e-12)
