"""One training of a network of the family: Adam, its rate annealed to 0 by a cosine, batches of 64.

Steps, not passes, are the length; a batch may hold the end of one pass and the beginning of the
next.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.trial_table.kinds import Batch
from subsel_automl.training.seeded import seeded

from .family import Member

BATCH = 64
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Examples:
    """Pictures [n, 3, 16, 16] and labels [n]."""

    x: Tensor
    y: Tensor


def examples(part: tuple[npt.NDArray[np.float32], Rows]) -> Examples:
    return Examples(torch.from_numpy(part[0]), torch.from_numpy(part[1]))


def trained(
    member: Member, data: Examples, batches: Iterator[Batch], steps: int, seed: int
) -> nn.Module:
    """A new network after so many steps, in its evaluation mode."""
    with seeded(seed):
        model = member.build()
    optimizer = torch.optim.Adam(model.parameters(), member.rate, fused=True)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = member.rate * (1 + math.cos(math.pi * step / steps)) / 2
        rows, soft = next(batches)
        aimed = data.y[rows] if soft is None else torch.from_numpy(soft)
        optimizer.zero_grad()
        F.cross_entropy(model(data.x[rows]), aimed).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return model.eval()


def passes(rows: Rows, seed: int) -> Iterator[Batch]:
    """Over these rows with their labels, in an order that is drawn, without end."""
    rng, left = np.random.default_rng([seed, 5]), np.zeros(0, np.int64)
    while True:
        while len(left) < BATCH:
            left = np.concatenate([left, rng.permutation(rows)])
        yield left[:BATCH], None
        left = left[BATCH:]


@torch.no_grad()
def answered(model: nn.Module, x: Tensor) -> npt.NDArray[np.float32]:
    """Log-probabilities, [n, c]."""
    found = torch.cat([torch.log_softmax(model(part), 1) for part in torch.split(x, 500)])
    return found.numpy()
