"""What tables report: RAR, speed-up, memory, rank agreement, overlap (SubSelNet 5.1, E.4, E.5).

    RAR(S, D) = mean over architectures of 1 - Acc(m' | S) / Acc(m' | D)
    speed-up  = T_f / T,  T: selection, refreshes and training
    Jaccard   = |A and B| / |A or B|;  by chance b / (2n - b) for two random b-subsets

Deviations:
    [1] A budget between two measured ones is found on the line between them, RAR against the
        logarithm of speed-up or memory; the paper does not say how it interpolated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


def rar(accuracy: npt.ArrayLike, full: npt.ArrayLike) -> Values:
    """Relative accuracy reduction of each run against full training of the same run, [r].

    Raises:
        ValueError: a full accuracy of 0.
    """
    whole = np.asarray(full, np.float64)
    if (whole <= 0).any():
        raise ValueError("accuracy on all data is 0; a relative reduction of it is not defined")
    found: Values = 1 - np.asarray(accuracy, np.float64) / whole
    return found


def at_rar(reductions: Sequence[float], values: Sequence[float], target: float) -> float | None:
    """The value (speed-up, GB-min) at which RAR first comes down to `target`; budgets ascending.

    None when no budget attains it. At the least budget already attained, its own value: the true
    one may be better.  [1]
    """
    for place, reduction in enumerate(reductions):
        if reduction <= target:
            if place == 0:
                return float(values[0])
            above, before, after = reductions[place - 1], values[place - 1], values[place]
            share = (above - target) / (above - reduction)
            return float(np.exp(np.log(before) + share * (np.log(after) - np.log(before))))
    return None


def jaccard(one: Iterable[int], two: Iterable[int]) -> float:
    """Of two sets of rows; 1 for two empty ones."""
    a, b = set(one), set(two)
    return len(a & b) / len(a | b) if a | b else 1.0


def chance_jaccard(b: int, n: int) -> float:
    """Expected overlap of two independent b-subsets of n rows, to first order: b / (2n - b)."""
    return b / (2 * n - b)


def kendall_tau(one: npt.ArrayLike, two: npt.ArrayLike) -> float:
    """tau-b between two score lists; NaN when one is constant."""
    from scipy.stats import kendalltau

    return float(kendalltau(np.asarray(one), np.asarray(two)).statistic)


def pearson(one: npt.ArrayLike, two: npt.ArrayLike) -> float:
    """Pearson's rho; NaN where either is constant."""
    from scipy.stats import pearsonr

    if np.ptp(np.asarray(one)) == 0 or np.ptp(np.asarray(two)) == 0:
        return float("nan")
    return float(pearsonr(one, two).statistic)


def spearman(one: npt.ArrayLike, two: npt.ArrayLike) -> float:
    """Spearman's rank correlation."""
    from scipy.stats import spearmanr

    return float(spearmanr(one, two).statistic)


def regret(truth: npt.ArrayLike, proxy: npt.ArrayLike, k: int = 1) -> float:
    """Best true score minus the best true score among the k that the proxy ranks highest."""
    scores = np.asarray(truth, np.float64)
    chosen = np.argsort(-np.asarray(proxy, np.float64), kind="stable")[:k]
    return float(scores.max() - scores[chosen].max())


def jackknife_error(left_out: Sequence[float]) -> float:
    """Standard error of a statistic from its values with one run left out each (Tukey 1958)."""
    m = len(left_out)
    if m < 2:
        return 0.0
    each = np.asarray(left_out, np.float64)
    return float(np.sqrt((m - 1) / m * ((each - each.mean()) ** 2).sum()))


def mean_and_error(values: npt.ArrayLike) -> tuple[float, float]:
    """Mean and its standard error (0 for a single value)."""
    each = np.asarray(values, np.float64)
    error = float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else 0.0
    return float(each.mean()), error
