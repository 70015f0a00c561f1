"""What a network answers, in each task: its losses, its errors, the mean of several, soft targets.

                    answers [n, k]               loss of an example        error e (gradient factor)
    classification  log p                        -log p_y                  p - onehot(y)
    multi-label     log p of "yes", a label      mean of -log p or         p - y
                                                 -log (1 - p)
    regression      predicted values             |v - y|^2 / variance of y v - y

The gradient of the loss by a last linear layer is e outer [h, 1], but for a constant. `wrong` is
the share that is not explained, in 0..1: the error rate, over labels their mean error rate, and in
regression 1 - R^2 = mean |v - y|^2 / variance, cut at 1. Soft targets are p, or v.

Source: none; textbook (SubSelNet 2.1 allows continuous labels). Deviations: none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.pool import Pool
from ..core.task import CLASSIFICATION, REGRESSION

Floats = npt.NDArray[np.floating]
Rows = npt.NDArray[np.int64]
LEAST = 1e-7  # probability


def losses(answers: Floats, pool: Pool, rows: Rows | None = None) -> npt.NDArray[np.float64]:
    """Loss of each example, [m]; `rows` of the pool that the answers are about, by default all."""
    values, truth = answers.astype(np.float64), _truth(pool, rows)
    if pool.task == CLASSIFICATION:
        chosen: npt.NDArray[np.float64] = -values[np.arange(len(values)), truth.astype(np.int64)]
        return chosen
    if pool.task == REGRESSION:
        apart: npt.NDArray[np.float64] = np.square(values - truth).mean(1) / variance(pool)
        return apart
    no = np.log(np.maximum(-np.expm1(np.minimum(values, -1e-7)), LEAST))
    both: npt.NDArray[np.float64] = -(truth * values + (1 - truth) * no).mean(1)
    return both


def errors(answers: Floats, pool: Pool, rows: Rows | None = None) -> npt.NDArray[np.float32]:
    """e of the table above, [m, k]."""
    truth = _truth(pool, rows)
    if pool.task == REGRESSION:
        return (answers - truth).astype(np.float32)
    error = np.exp(answers.astype(np.float32))
    if pool.task == CLASSIFICATION:
        error[np.arange(len(error)), truth.astype(np.int64)] -= 1
        return error
    return (error - truth).astype(np.float32)


def wrong(answers: Floats, pool: Pool, rows: Rows | None = None) -> float:
    """Share in 0..1 that is not explained."""
    truth = _truth(pool, rows)
    if pool.task == CLASSIFICATION:
        return float((answers.argmax(1) != truth).mean())
    if pool.task == REGRESSION:
        return float(min(1.0, losses(answers, pool, rows).mean()))
    return float(((answers > np.log(0.5)) != (truth > 0.5)).mean())


def chance(pool: Pool) -> float:
    """`wrong` of somebody who knows nothing but, in regression, the mean."""
    if pool.task == CLASSIFICATION:
        return 1 - 1 / max(pool.classes, 1)
    return 1.0 if pool.task == REGRESSION else 0.5


def mean_answers(
    answers: Sequence[Floats], weights: Sequence[Floats] | Floats, task: str = CLASSIFICATION
) -> npt.NDArray[np.float32]:
    """The weighted mean of several networks' answers, [m, k]: of probabilities, or of values.

    Args:
        weights: one a network, or [m] a network: of each of its answers. They are scaled to sum to
            one; a row that nobody weighs has NaN.
    """
    total = np.zeros(answers[0].shape, np.float32)
    share = np.zeros((len(answers[0]), 1), np.float32)
    for answer, weight in zip(answers, weights, strict=True):
        column = np.broadcast_to(np.asarray(weight, np.float32), len(answer))[:, None]
        values = answer.astype(np.float32) if task == REGRESSION else np.exp(answer, dtype="f4")
        total += np.where(column > 0, column * values, 0)
        share += column
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / share
    if task == REGRESSION:
        return mean
    logs: npt.NDArray[np.float32] = np.log(np.maximum(mean, LEAST))
    return logs


def soft_targets(answers: Floats, task: str) -> npt.NDArray[np.float32]:
    """p or v, [m, k]."""
    if task == REGRESSION:
        return answers.astype(np.float32)
    return np.exp(answers.astype(np.float32))


def hard_targets(pool: Pool, rows: Rows) -> npt.NDArray[np.float32]:
    """The truth in the shape of soft targets: one-hot labels, or the targets, [m, k]."""
    if pool.labels is None:
        return np.array(_truth(pool, rows), np.float32)
    found = np.zeros((len(rows), pool.classes), np.float32)
    found[np.arange(len(rows)), pool.labels[rows]] = 1
    return found


def variance(pool: Pool) -> float:
    """Of regression targets, the mean over their columns."""
    assert pool.targets is not None
    return max(float(pool.targets.var(0, dtype=np.float64).mean()), 1e-12)


def _truth(pool: Pool, rows: Rows | None) -> npt.NDArray[np.floating] | Rows:
    truth = pool.labels if pool.labels is not None else pool.targets
    assert truth is not None
    return truth if rows is None else truth[rows]
