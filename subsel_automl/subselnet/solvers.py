"""Solvers of SubSelNet Eq. 9 for one architecture, and the draw that follows (Algorithm 2).

    gibbs      pi = -loss / lambda, drawn by Eq. 8: closed form, O(n)
    exact      conditional Bernoulli with weights exp(-loss / lambda): attains the optimum
    reinforce  the paper's way: gradient steps on pi with the log-derivative trick

Deviations:
    [1] The default is the closed form; the paper optimises by sampling what it gives at once.
    [2] `reinforce` subtracts the mean of the other draws of a step (leave-one-out baseline);
        without it the estimate is as unbiased but needs far more steps. The step shrinks with the
        square root of n: a coordinate is drawn rarely, and what it learns then is mostly noise.
    [3] By default every class is drawn in even numbers (`per_class`, as tuned) or has one example
        at least (`class_floor`): Eq. 8 alone may leave a class out, which no network learns then.
        per_class=False and class_floor=False draw by Eq. 8 and nothing else.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..core.errors import UnknownName
from ..maths import draws
from .objective import Losses, gibbs_logits

SOLVERS = ("gibbs", "exact", "reinforce")
STEPS, DRAWS, RATE = 200, 4, 0.1


def solve(
    losses: Losses, b: int, temperature: float, solver: str, seed: int
) -> npt.NDArray[np.float64]:
    """pi [n] for Eq. 8 (for `exact`, the logits of the conditional Bernoulli).

    Raises:
        UnknownName: no such solver.
    """
    if solver not in SOLVERS:
        raise UnknownName("solver", solver, SOLVERS)
    if solver == "reinforce":
        return reinforce(losses, b, temperature, seed)
    return gibbs_logits(losses, temperature)


def reinforce(
    losses: Losses, b: int, temperature: float, seed: int, steps: int = STEPS
) -> npt.NDArray[np.float64]:
    """Adam on Monte-Carlo gradients of Eq. 9, from pi = 0.

    grad = E[(sum loss + lambda log Pr(S)) grad log Pr(S)]; the entropy's own derivative has mean 0.
    """
    sign, heat = math.copysign(1.0, temperature), abs(temperature)
    scale = 1.0 / (heat * b)
    rate = RATE * min(1.0, math.sqrt(100 / len(losses)))  # [2]
    pi = np.zeros(len(losses))
    first, second = np.zeros_like(pi), np.zeros_like(pi)
    for step in range(1, steps + 1):
        chosen = [draws.draw(pi, b, [seed, 0xADA, step, k]) for k in range(DRAWS)]
        cost = np.array(
            [sign * losses[s].sum() + heat * draws.log_probability(pi, s) for s in chosen]
        )
        advantage = (cost - cost.mean()) * DRAWS / (DRAWS - 1)  # [2]
        gradient = np.zeros_like(pi)
        for weight, s in zip(advantage, chosen, strict=True):
            gradient += weight * draws.log_probability_gradient(pi, s)
        gradient *= scale / DRAWS
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        step_size = rate / (1 - 0.9**step)
        pi -= step_size * first / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return pi


def chosen_rows(
    logits: Losses,
    labels: npt.NDArray[np.int64],
    b: int,
    key: tuple[int, ...],
    *,
    solver: str,
    per_class: bool,
    floor: bool = True,
    noise: Losses | None = None,
) -> npt.NDArray[np.int64]:
    """b rows: by Eq. 8, or by the conditional Bernoulli; even over classes, or with a `floor` of
    one a class.  [3] `noise` is `draws.gumbels(0, n, key)` when the caller has it already."""
    if solver == "exact":
        rows = _exact_rows(logits, labels, b, key, per_class)
        return draws.with_class_floor(logits, labels, rows) if floor else rows
    keys = logits + (draws.gumbels(0, len(logits), key) if noise is None else noise)
    if per_class:
        return draws.top_b_per_class(keys, labels, b)
    rows = draws.top_b(keys, b)
    return draws.with_class_floor(keys, labels, rows) if floor else rows


def _exact_rows(
    logits: Losses, labels: npt.NDArray[np.int64], b: int, key: tuple[int, ...], per_class: bool
) -> npt.NDArray[np.int64]:
    if not per_class:
        return draws.draw_conditional_bernoulli(logits, b, key)
    parts = []
    for c, count in enumerate(draws.per_class_counts(labels, b)):
        if count:
            rows = np.flatnonzero(labels == c)
            part = draws.draw_conditional_bernoulli(logits[rows], int(count), [*key, c])
            parts.append(rows[part])
    joined = np.concatenate(parts)
    return joined[draws.top_b(draws.uniforms(0, b, [*key, 5]), b)]
