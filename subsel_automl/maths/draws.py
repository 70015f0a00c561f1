"""Drawing ordered subsets from logits pi (SubSelNet Eq. 8), and the draw that attains Eq. 9.

Plackett-Luce (Eq. 8): example t + 1 with probability proportional to exp(pi) among the rest. Adding
Gumbel noise to pi and sorting downwards draws exactly that (Yellott 1977; Kool et al. 2019).

Noise is keyed by (seed, draw, block of 65,536 rows) with Philox, so that a pool cut into any number
of shards gives the same subset as the whole pool.

Conditional Bernoulli: over all ordered b-subsets, E[sum loss] - lambda H is least for
P(S) ~ exp(-sum loss / lambda), any order equally likely; its value is
-lambda log(b! e_b(exp(-loss / lambda))), with e_b the elementary symmetric polynomial.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

BLOCK = 65_536
_TINY = 2.0**-55  # keeps uniforms inside (0, 1): 1 - 2**-53 + 2**-54 would round to 1


def uniforms(start: int, stop: int, key: Sequence[int]) -> Logits:
    """Uniform (0, 1) numbers of rows start..stop-1; a row's number does not depend on the range.

    Args:
        key: whole numbers that name the stream, for example (seed, draw).
    """
    parts = []
    for block in range(start // BLOCK, max(start, stop - 1) // BLOCK + 1):
        seeded = np.random.SeedSequence([*key, block]).generate_state(2, np.uint64)
        stream = np.random.Generator(np.random.Philox(key=seeded)).random(
            min(BLOCK, stop - block * BLOCK)
        )
        parts.append(stream[max(start - block * BLOCK, 0) :])
    return np.concatenate(parts) + _TINY


def gumbels(start: int, stop: int, key: Sequence[int]) -> Logits:
    """Standard Gumbel noise of rows start..stop-1; see `uniforms`."""
    return -np.log(-np.log(uniforms(start, stop, key)))


def top_b(keys: npt.NDArray[np.floating], b: int) -> Indices:
    """Rows of the b largest keys, largest first; ties go to the lower row.

    Raises:
        ValueError: NaN among the keys (it would sort as the largest), or b out of range.
    """
    if np.isnan(keys).any():
        raise ValueError("scores hold NaN")
    if not 0 < b <= len(keys):
        raise ValueError(f"cannot take {b} of {len(keys)} rows")
    if b < len(keys) // 2:
        cut = np.partition(keys, len(keys) - b)[len(keys) - b]
        above = np.flatnonzero(keys > cut)
        level = np.flatnonzero(keys == cut)[: b - len(above)]
        rows = np.sort(np.concatenate([above, level]))
    else:
        rows = np.arange(len(keys))
    return rows[np.argsort(-keys[rows], kind="stable")][:b].astype(np.int64)


def draw(logits: npt.NDArray[np.floating], b: int, key: Sequence[int]) -> Indices:
    """b distinct rows by Eq. 8, in the order drawn. [n] -> [b]"""
    return top_b(logits + gumbels(0, len(logits), key), b)


def per_class_counts(labels: Indices, b: int) -> Indices:
    """How many of b to take from each class: as even as the classes' sizes allow. -> [classes]

    Small classes give all they have; what is left over goes to the lower labels first.
    """
    have = np.bincount(labels)
    counts = np.zeros_like(have)
    left = b
    while left > 0:
        open_ = np.flatnonzero(counts < have)
        share = max(1, left // len(open_))
        for c in open_:
            take = min(share, int(have[c] - counts[c]), left)
            counts[c] += take
            left -= take
    return counts


def top_b_per_class(keys: npt.NDArray[np.floating], labels: Indices, b: int) -> Indices:
    """The best rows of every class, in even numbers, ordered by key. -> [b]

    Raises:
        ValueError: see `top_b`.
    """
    if not 0 < b <= len(keys):
        raise ValueError(f"cannot take {b} of {len(keys)} rows")
    counts = per_class_counts(labels, b)
    parts = []
    for c in np.flatnonzero(counts):
        rows = np.flatnonzero(labels == c)
        parts.append(rows[top_b(keys[rows], int(counts[c]))])
    rows = np.sort(np.concatenate(parts))
    return rows[top_b(keys[rows], b)]


def with_class_floor(keys: npt.NDArray[np.floating], labels: Indices, chosen: Indices) -> Indices:
    """Every class present once b >= classes: a missing class's best row replaces the last row of a
    class that has another one. Order is kept otherwise."""
    classes = np.unique(labels)
    if len(chosen) < len(classes):
        return chosen
    chosen = chosen.copy()
    counts = np.bincount(labels[chosen], minlength=int(classes[-1]) + 1)
    for c in classes[counts[classes] == 0]:
        rows = np.flatnonzero(labels == c)
        spare = np.flatnonzero(counts[labels[chosen]] > 1)[-1]
        counts[labels[chosen[spare]]] -= 1
        counts[c] += 1
        chosen[spare] = rows[np.argmax(keys[rows])]
    return chosen


def log_probability(logits: npt.NDArray[np.floating], ordered: Indices) -> float:
    """log Pr_pi(S) of an ordered subset, Eq. 8."""
    pi = np.asarray(logits, np.float64)
    return float(pi[ordered].sum() - _log_remaining(pi, ordered).sum())


def log_probability_gradient(logits: npt.NDArray[np.floating], ordered: Indices) -> Logits:
    """d log Pr_pi(S) / d pi, [n], in O(n + b).

    1 for a chosen row, minus exp(pi) times the sum of 1 / Z_t over the steps at which the row
    could still be drawn.
    """
    pi = np.asarray(logits, np.float64)
    inverse = np.exp(pi.max() - _log_remaining(pi, ordered))  # 1 / Z_t, scaled by exp(max)
    running = np.cumsum(inverse)
    steps = np.full(len(pi), running[-1])
    steps[ordered] = running
    gradient: Logits = -np.exp(pi - pi.max()) * steps
    gradient[ordered] += 1
    return gradient


def _log_remaining(pi: Logits, ordered: Indices) -> Logits:
    """log Z_t: log of the total weight of the rows not drawn before step t. -> [b]"""
    top = pi.max()
    rest = np.ones(len(pi), bool)
    rest[ordered] = False
    outside = np.exp(pi[rest] - top).sum()
    tail = np.cumsum(np.exp(pi[ordered] - top)[::-1])[::-1]  # sum over s_t, ..., s_b
    remaining: Logits = top + np.log(tail + outside)
    return remaining


def inclusion_odds(logits: npt.NDArray[np.floating], b: int) -> tuple[Logits, float]:
    """Inclusion probabilities sigma(logit + t) that sum to b, and the tilt t = log theta."""
    pi = np.asarray(logits, np.float64)
    low, high = -pi.max() - 50.0, -pi.min() + 50.0
    for _ in range(64):  # the bracket shrinks below the last bit
        tilt = (low + high) / 2
        if _sigmoid(pi + tilt).sum() < b:
            low = tilt
        else:
            high = tilt
    tilt = (low + high) / 2
    return _sigmoid(pi + tilt), tilt


def draw_conditional_bernoulli(
    logits: npt.NDArray[np.floating], b: int, key: Sequence[int]
) -> Indices:
    """b rows with P(S) ~ exp(sum of logits over S), in uniformly random order: exact.

    Independent coins with the tilted odds are thrown until exactly b come up (about
    sqrt(2 pi V) throws, V the variance of the count).
    """
    n = len(logits)
    if b == n:
        return draw(np.zeros(n), n, [*key, 1])
    inclusion, _ = inclusion_odds(logits, b)
    for attempt in range(1_000_000):
        rows = np.flatnonzero(uniforms(0, n, [*key, 2, attempt]) < inclusion)
        if len(rows) == b:
            return rows[top_b(uniforms(0, b, [*key, 3]), b)]
    raise RuntimeError("no draw of the right size in a million throws")


def log_symmetric_polynomial(logits: npt.NDArray[np.floating], b: int) -> float:
    """log e_b(exp(logits)), to about 1e-9.

    e_b(w) = theta^-b prod(1 + theta w_i) P(K = b), K a sum of coins with odds theta w_i;
    P(K = b) is the Fourier integral of K's characteristic function, cut where it has vanished.
    """
    pi = np.asarray(logits, np.float64)
    n = len(pi)
    if b == n:
        return float(pi.sum())
    p, tilt = inclusion_odds(pi, b)
    spread = math.sqrt(float((p * (1 - p)).sum()))
    period = min(n + 1, 2 * math.ceil(40 * spread) + 64)  # n + 1 points are exact by themselves
    reach = min((period - 1) // 2, math.ceil(14 / max(spread, 1e-9) * period / (2 * math.pi)))
    total = sum(_wave(p, b, step, period) for step in range(-reach, reach + 1))
    if reach == (period - 1) // 2 and period % 2 == 0:
        total += _wave(p, b, period // 2, period)
    log_normal = float(np.logaddexp(0, pi + tilt).sum()) - b * tilt
    return log_normal + math.log(total / period)


def _wave(p: Logits, b: int, step: int, period: int) -> float:
    """Real part of exp(-i a b) E[exp(i a K)] at angle a = 2 pi step / period."""
    turn = np.exp(2j * math.pi * step / period)
    logs = np.log(1 + p * (turn - 1)).sum()  # K's characteristic function is a product
    return float(np.exp(logs - 2j * math.pi * step / period * b).real)


def _sigmoid(x: Logits) -> Logits:
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))
