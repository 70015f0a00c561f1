"""REINFORCE: a policy that walks through the space of vectors and is paid in accuracy.

    mean_t = W LSTM(x_t),   u_t ~ N(mean_t, I),   x_{t+1} = the unvisited candidate nearest to u_t
    G_t = sum_k gamma^k r_{t+k},   b <- rho b + (1 - rho) G_t,
    loss = -sum_t log N(u_t | mean_t, I) (G_t - b)

Source: Yan 2022 (thesis), 3, RL (arch2vec-RL): LSTM of 128, Adam 1e-2, 16 a batch, baseline 0.95,
discount 0.8; Williams 1992.

Deviations:
    [1] The discounted return counts; the released code computes it and pays the reward alone, which
        is `discount=0`.
    [2] Rewards are told apart from their mean and spread so far, so that an accuracy in 0..1 moves
        the policy as one in percent does.
    [3] Candidates are a drawn pool, not the whole table; vectors are scaled to spread 1.
    [4] A training that was stopped (`stopped.py`) is paid as the worst that finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..core.errors import BadInput, UnknownName
from ..encoders.embeddings import POOLS
from ..training.seeded import seeded
from .by_trials import ByTrials
from .candidates import Candidates
from .options import above_zero, at_least
from .queries import Walk
from .reach import Reach
from .stopped import filled


class Policy(nn.Module):
    """Where to go next, from where one is.

    Args:
        width: of a vector.
        hidden: of the LSTM.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(width, hidden)
        self.mean = nn.Linear(hidden, width)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Mean [1, d] of the next vector, and the LSTM's state."""
        h, c = self.cell(x, state)
        return self.mean(h), (h, c)


@dataclass
class Purse:
    """Returns of a batch, their running baseline and the rewards' spread. [2]"""

    discount: float
    decay: float
    baseline: float = 0.0
    rewards: list[float] = field(default_factory=list)

    def gains(self, rewards: Sequence[float]) -> list[float]:
        """G_t - b of each step, in order; b moves on."""
        self.rewards += rewards
        paid = filled(self.rewards)  # [4]
        spread = float(paid.std()) or 1.0
        centred = (paid[-len(rewards) :] - paid.mean()) / spread
        found, back = [], 0.0
        for reward in centred[::-1]:
            back = float(reward) + self.discount * back  # [1]
            found.append(back)
        gains = []
        for value in found[::-1]:
            gains.append(value - self.baseline)
            self.baseline = self.decay * self.baseline + (1 - self.decay) * value
        return gains


class Agent:
    """A policy that moves, and learns from what its moves were paid.

    Args:
        width: of a vector.
        about: hidden units, rate, discount and baseline.
        rng: of weights and moves.
    """

    def __init__(self, width: int, about: Reinforce, rng: np.random.Generator) -> None:
        with seeded(int(rng.integers(2**31))):
            self.policy = Policy(width, about.hidden)
        self.adam = torch.optim.Adam(self.policy.parameters(), about.policy_rate)
        self.noise = torch.Generator().manual_seed(int(rng.integers(2**31)))
        self.purse = Purse(about.discount, about.baseline)
        self._state: tuple[Tensor, Tensor] | None = None
        self._logs: list[Tensor] = []

    def move(self, x: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """u_t [d], from where one is [d]."""
        here = torch.from_numpy(np.asarray(x, np.float32)[None])
        mean, self._state = self.policy(here, self._state)
        drawn = mean.detach() + torch.randn(mean.shape, generator=self.noise)
        self._logs.append(-0.5 * (drawn - mean).square().sum())
        moved: npt.NDArray[np.float32] = drawn[0].numpy()
        return moved

    def learn(self, rewards: Sequence[float]) -> None:
        """An update from the moves since the last one; the next begins without a memory."""
        gains = torch.tensor(self.purse.gains(rewards))
        self.adam.zero_grad()
        (-(torch.stack(self._logs) * gains).sum()).backward()
        self.adam.step()
        self._state, self._logs = None, []


@dataclass(frozen=True, kw_only=True)
class Reinforce(ByTrials):
    """REINFORCE over the embedding.

    Args:
        encoder, pooling: see `Bayes`.
        hidden: of the LSTM.
        policy_rate: of Adam.
        steps: queries between two updates.
        discount: gamma.
        baseline: rho.
        candidates: architectures that are drawn once, to walk through.
    """

    name: ClassVar[str] = "rl"
    source: ClassVar[str] = "Yan 2022 (thesis), 3, RL; Williams 1992"

    encoder: str = "auto"
    pooling: str = "mean"
    hidden: int = 128
    policy_rate: float = 1e-2
    steps: int = 16
    discount: float = 0.8
    baseline: float = 0.95
    candidates: int = 10_000

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("hidden", "steps", "candidates"):
            at_least(name, getattr(self, name), 1)
        above_zero("policy_rate", self.policy_rate)
        for name in ("discount", "baseline"):
            if not 0 <= getattr(self, name) < 1:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number from 0 below 1")
        if self.pooling not in POOLS:
            raise UnknownName("pooling", self.pooling, POOLS)

    def walk(self, reach: Reach, rng: np.random.Generator, at_once: int) -> Walk:
        candidates = Candidates(reach, self.encoder, self.pooling, self.candidates, rng)
        x = candidates.of(candidates.pool)
        x = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1.0)  # [3]
        agent = Agent(x.shape[1], self, rng)
        free, here = np.ones(len(x), bool), int(rng.integers(len(x)))
        while free.any():
            rewards: list[float] = []
            for _ in range(min(self.steps, int(free.sum()))):
                apart = np.square(x - agent.move(x[here])).sum(1)
                here = int(np.where(free, apart, np.inf).argmin())
                free[here] = False
                rewards += yield [candidates.pool[here]]
            agent.learn(rewards)
