"""pi_psi: a network that scores examples for any architecture (SubSelNet Eq. 10, Algorithm 3).

Three layers (64, 16, 1) on (H_m; o_mi; x_i; y_i), leaky ReLU, sigmoid; trained with Adam on the
expectation of Eq. 2 plus lambda' |sum pi_psi - b| (D.3).

Deviations:
    [1] Eq. 8 draws with odds exp(logit before the sigmoid): the sigmoid itself allows odds of at
        most e to 1, and its draws overlap the intended ones by little more than chance.
    [2] H_m enters as the mean of its node embeddings; x as the features that g_beta reads.
    [3] The regulariser is an absolute value over b; as printed (a signed sum) it has no minimum.
        The bias of the last layer alone can satisfy it, and a bias changes no draw of Eq. 8: it
        only keeps the sigmoids readable as shares of the budget.
    [4] Each step reads a random part of the pool and the budget in proportion; D.3 reads the whole
        pool once a step.
    [5] The default estimator is exact for draws with replacement (p = softmax pi, so Eq. 2 has the
        expectation b sum p (loss + lambda log p)), which is what Eq. 8 tends to while b is small
        against n. `estimator="reinforce"` is the paper's log-derivative trick, with a leave-one-out
        baseline: its noise taught pi_psi features that have nothing to do with the loss.
    [6] The predicted loss -o[y] is one more input; from o and one-hot y a layer of 64 units would
        have to learn their product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import leaky_relu as leaky

from ..core.architecture import Architecture
from ..core.errors import BadInput, UnknownName
from ..core.pool import Pool
from ..maths import draws
from ..training.seeded import seeded
from .approximator import CHUNK
from .fitting import FLOOR
from .model import SubSelNetModel

LAMBDA, LAMBDA_PRIME = 0.1, 0.1  # D.3
PART, DRAWS, STEPS, RATE = 4096, 4, 1000, 3e-3
LogProbabilities = npt.NDArray[np.float32]
ESTIMATORS = ("expected", "reinforce")


class Policy(nn.Module):
    """pi_psi. `forward` gives the logit before the sigmoid."""

    def __init__(self, width: int, features: int, classes: int) -> None:
        super().__init__()
        self.shape = (width, features, classes)
        self.w_h = nn.Linear(width, 64)
        self.w_o = nn.Linear(classes, 64, bias=False)
        self.w_x = nn.Linear(features, 64, bias=False)
        self.w_y = nn.Embedding(classes, 64)
        self.w_loss = nn.Linear(1, 64, bias=False)  # [6]
        self.second = nn.Linear(64, 16)
        self.last = nn.Linear(16, 1)
        self._examples: Tensor | None = None

    def forward(
        self,
        architecture: Float[Tensor, " d"],
        log_p: Float[Tensor, "b c"],
        x: Float[Tensor, "b f"],
        labels: Int[Tensor, " b"],
    ) -> Float[Tensor, " b"]:
        own = -log_p.clamp_min(FLOOR).gather(1, labels[:, None])
        hidden = self.w_x(x) + self.w_y(labels) + self.w_loss(own / 4)
        hidden = hidden + self.w_o(log_p.clamp_min(FLOOR) / 4) + self.w_h(architecture)
        return self.last(leaky(self.second(leaky(hidden))))[..., 0]

    def scores(
        self, architecture: Float[Tensor, " d"], log_p: LogProbabilities, pool: Pool
    ) -> npt.NDArray[np.float64]:
        """Logits over the pool, [n]; the part of x and y is kept, examples in columns."""
        with torch.no_grad():
            if self._examples is None or self._examples.shape[1] != len(pool):
                labels = torch.from_numpy(np.array(pool.labels))
                rows = self.w_x(torch.from_numpy(pool.features)) + self.w_y(labels)
                self._examples = rows.T.contiguous()
            answers = torch.from_numpy(log_p).T  # classes first, as g_beta writes them
            own = -answers.gather(0, torch.from_numpy(pool.labels)[None]).clamp_min(FLOOR)
            fixed = self.w_h(architecture)[:, None]
            weight = torch.cat([self.w_o.weight, self.w_loss.weight], 1)
            out = np.empty(len(pool))
            for start in range(0, len(pool), CHUNK):
                columns = slice(start, start + CHUNK)
                both = torch.cat([answers[:, columns].clamp_min(FLOOR), own[:, columns]]) / 4
                hidden = torch.addmm(self._examples[:, columns] + fixed, weight, both)
                hidden = torch.addmm(self.second.bias[:, None], self.second.weight, leaky(hidden))
                scores = torch.addmm(self.last.bias[:, None], self.last.weight, leaky(hidden))
                out[columns] = scores[0].numpy()
        return out


def train_policy(
    model: SubSelNetModel,
    pool: Pool,
    architectures: Sequence[Architecture],
    *,
    budget: float = 0.02,
    seed: int = 0,
    steps: int = STEPS,
    temperature: float = LAMBDA,
    estimator: str = "expected",
) -> Policy:
    """TRAINPI of Algorithm 3, on the training architectures and g_beta's predictions.

    Args:
        budget: |S| / |D| of the regulariser and of the draws.
        estimator: "expected" or "reinforce".  [5]

    Raises:
        BadInput: lambda of 0 or less.
        UnknownName: no such estimator.
    """
    if temperature <= 0:
        raise BadInput(f"lambda of pi_psi is {temperature}; give a number above 0")
    if estimator not in ESTIMATORS:
        raise UnknownName("estimator", estimator, ESTIMATORS)
    with seeded(seed):
        rng = np.random.default_rng([seed, 0x9517])
        vectors = mean_embeddings(model, architectures)
        policy = Policy(vectors.shape[1], pool.features.shape[1], pool.classes)
        optimizer = torch.optim.Adam(policy.parameters(), RATE)
        labels = torch.from_numpy(np.array(pool.labels))
        features = torch.from_numpy(pool.features)
        part = min(PART, len(pool))
        b = max(1, round(budget * part))
        for step in range(steps):
            m = int(rng.integers(len(architectures)))
            rows = rng.choice(len(pool), part, replace=False)
            log_p = torch.from_numpy(model.log_probabilities(pool, [architectures[m]])[0][rows])
            logits = policy(vectors[m], log_p, features[rows], labels[rows])
            losses = -log_p[torch.arange(part), labels[rows]]
            if estimator == "expected":
                value = _expected(logits, losses, temperature)
            else:
                value = _surrogate(logits, losses, b, temperature, (seed, step))
            size = (torch.sigmoid(logits).sum() - b).abs() / b  # [3]
            loss = value + LAMBDA_PRIME * size
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return policy.eval()


def _expected(
    logits: Float[Tensor, " n"], losses: Float[Tensor, " n"], temperature: float
) -> Float[Tensor, ""]:
    """Eq. 2 over lambda b, in expectation over draws with replacement.  [5]"""
    log_share = torch.log_softmax(logits, 0)
    return (log_share.exp() * (losses / temperature + log_share)).sum()


def _surrogate(
    logits: Float[Tensor, " n"],
    losses: Float[Tensor, " n"],
    b: int,
    temperature: float,
    key: tuple[int, int],
) -> Float[Tensor, ""]:
    """Its gradient is the Monte-Carlo gradient of Eq. 2 by pi, over lambda sqrt(b)."""
    pi = logits.detach().numpy().astype(np.float64)
    cost_of = losses.numpy().astype(np.float64)
    chosen = [draws.draw(pi, b, [*key, k]) for k in range(DRAWS)]
    cost = np.array([cost_of[s].sum() + temperature * draws.log_probability(pi, s) for s in chosen])
    advantage = (cost - cost.mean()) * DRAWS / (DRAWS - 1)
    total = np.zeros_like(pi)
    for weight, s in zip(advantage, chosen, strict=True):
        total += weight * draws.log_probability_gradient(pi, s)
    total /= DRAWS * temperature * math.sqrt(b)
    return (logits * torch.from_numpy(total).float()).sum()


def mean_embeddings(
    model: SubSelNetModel, architectures: Sequence[Architecture]
) -> Float[Tensor, "m d"]:
    """H_m as one vector an architecture.  [2]"""
    h, mask = model.encoder.embed(architectures)
    return (h * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
