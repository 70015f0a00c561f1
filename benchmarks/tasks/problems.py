"""Data sets that scikit-learn ships, one or two a task, each parted anew by a seed.

    digits          classification, 10 classes
    breast-cancer   two classes by one logit: float labels [n]
    digits-labels   four labels an example, that digits really have: even, above 4, a multiple of 3,
                    with a loop (0, 6, 8, 9); scikit-learn ships no multi-label set
    diabetes        regression, one value
    digits-halves   regression, 32 values: the lower half of a digit from its upper half

Errors are percent of what is not known: wrong classes, wrong labels (mean over labels), and of
regression 100 (1 - R^2), where the training part's mean has 100.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from torch import Tensor, nn

from subsel_automl.core.pool import Pool

Array = npt.NDArray[Any]
CLASSES, BINARY, LABELS, VALUES = "classification", "binary", "multi-label", "regression"
PARTS = (0.6, 0.8)  # of the examples: training ends, validation ends


@dataclass(frozen=True, eq=False)
class Problem:
    """One data set.

    Args:
        x: [n, d].
        y: [n] whole numbers, [n] of 0.0 and 1.0, [n, c] of zeros and ones, [n, k] real numbers.
        one_unit: columns of x share it, and so one scale: a pixel that is nearly always blank is
            not blown up.
    """

    name: str
    task: str
    x: Array
    y: Array
    one_unit: bool = False

    @property
    def outputs(self) -> int:
        if self.task == CLASSES:
            return int(self.y.max()) + 1
        return 1 if self.y.ndim == 1 else int(self.y.shape[1])

    def loss(self, answer: Tensor, y: Tensor, weights: Tensor | None) -> Tensor:
        """The task's own, the mean over the examples."""
        if self.task == CLASSES:
            each = F.cross_entropy(answer, y, reduction="none")
        elif self.task == VALUES:
            each = (answer - y).square()
        else:
            each = F.binary_cross_entropy_with_logits(answer, y, reduction="none")
        each = each.reshape(len(answer), -1).mean(1)
        return each.mean() if weights is None else (weights * each).mean()


@dataclass(frozen=True, eq=False)
class Parted:
    """A problem of one seed, scaled by its training part: (x, y) of each part."""

    problem: Problem
    pool: Pool
    train: tuple[Tensor, Tensor]
    valid: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]

    def network(self, width: int, seed: int) -> nn.Module:
        torch.manual_seed(seed)
        features, outputs = self.train[0].shape[1], self.problem.outputs
        net = nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Linear(width, outputs))
        one = self.train[1].ndim == 1 and self.problem.task != CLASSES
        return nn.Sequential(net, nn.Flatten(0)) if one else net

    def error(self, model: nn.Module, part: tuple[Tensor, Tensor]) -> float:
        """Percent; see above."""
        with torch.no_grad():
            return self._percent(model(part[0]), part[1])

    def ignorant(self) -> float:
        """The test error of the most frequent class or labels, or of the mean, in training."""
        y, count = self.train[1], len(self.test[1])
        if self.problem.task == CLASSES:
            said = F.one_hot(y.mode().values, self.problem.outputs).float().expand(count, -1)
        else:
            said = y.mean(0, keepdim=True) - (0 if self.problem.task == VALUES else 0.5)
            said = said.expand(self.test[1].shape)
        return self._percent(said, self.test[1])

    def _percent(self, answer: Tensor, y: Tensor) -> float:
        if self.problem.task == CLASSES:
            wrong = (answer.argmax(1) != y).float().mean()
        elif self.problem.task == VALUES:
            wrong = (answer - y).square().mean() / (self.train[1].mean(0) - y).square().mean()
        else:
            wrong = ((answer > 0) != (y > 0.5)).float().mean()
        return 100 * float(wrong)


def parted(problem: Problem, seed: int) -> Parted:
    """Into training, validation and test part."""
    n = len(problem.x)
    order = np.random.default_rng([n, seed]).permutation(n)
    rows = np.split(order, [round(share * n) for share in PARTS])
    x, y = problem.x.astype(np.float64), problem.y
    known = x[rows[0]]
    x = (x - known.mean(0)) / (known.std() if problem.one_unit else known.std(0))
    if problem.task == VALUES:
        y = (y - y[rows[0]].mean(0)) / y[rows[0]].std()
    kind = np.int64 if problem.task == CLASSES else np.float32
    x, y = x.astype(np.float32), y.astype(kind)
    parts = [(torch.from_numpy(x[part]), torch.from_numpy(y[part])) for part in rows]
    pool = Pool(f"{problem.name}-{seed}", x[rows[0]], y[rows[0]])
    return Parted(problem, pool, *parts)


def digits() -> Problem:
    x, y = load_digits(return_X_y=True)
    return Problem("digits", CLASSES, x, y, True)


def breast_cancer() -> Problem:
    x, y = load_breast_cancer(return_X_y=True)
    return Problem("breast-cancer", BINARY, x, y.astype(np.float32))


def digits_labels() -> Problem:
    x, y = load_digits(return_X_y=True)
    rows = np.stack([y % 2 == 0, y > 4, y % 3 == 0, np.isin(y, (0, 6, 8, 9))], 1)
    return Problem("digits-labels", LABELS, x, rows.astype(np.float32), True)


def diabetes() -> Problem:
    x, y = load_diabetes(return_X_y=True)
    return Problem("diabetes", VALUES, x, y)


def digits_halves() -> Problem:
    x, _ = load_digits(return_X_y=True)
    return Problem("digits-halves", VALUES, x[:, :32], x[:, 32:], True)


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "digits": digits,
    "breast-cancer": breast_cancer,
    "digits-labels": digits_labels,
    "diabetes": diabetes,
    "digits-halves": digits_halves,
}
