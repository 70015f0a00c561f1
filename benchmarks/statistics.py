"""How sure a number is: errors, bootstrap intervals over what was drawn, paired differences.

    mean +- s / sqrt(n)
    interval = x + w (q - x),  q the 2.5 and 97.5 % quantiles of x over resampled units,
               w = t_{n-1} / z * sqrt(n / (n - 1));  of a ratio: x (q / x)^w, above 0

Sources: percentile bootstrap, Efron & Tibshirani 1993, 13.3; of clusters, Davison & Hinkley 1997,
3.8; the probability of t, Abramowitz & Stegun 26.7.3 and 26.7.4.

A unit is what was drawn at random and would be drawn again: a configuration, an architecture, a
search. Rows that share one (its seeds) stay together.

Deviations:
    [1] Few units make a percentile interval too short; w makes that of a mean of normal values the
        interval of Student's t. Two units say next to nothing then (w = 9), and one nothing.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from subsel_automl.core.errors import BadInput
from subsel_automl.maths.metrics import mean_and_error

__all__ = [
    "Estimate",
    "bootstrap",
    "kendall",
    "kendall_difference",
    "kendall_interval",
    "kruskal",
    "mean_and_error",
    "mean_interval",
    "paired",
    "student",
    "verdict",
]

Values = npt.NDArray[np.float64]
Verdict = Literal["better", "worse", "tie"]
LEVEL, Z = 0.95, 1.959964
RESAMPLES, FEWER = 20_000, 2_000  # of means and taus; of what is computed one by one


@dataclass(frozen=True)
class Estimate:
    """A number and its interval of 95 %; infinite where one unit alone was drawn."""

    value: float
    low: float
    high: float
    units: int

    def verdict(self, bar: float = 0.0) -> Verdict:
        """Against a bar, where more is better."""
        return verdict(self.low, self.high, bar)

    def plain(self, digits: int = 2) -> dict[str, Any]:
        """For a row: rounded; None for a bound that is not known."""
        bounds = [round(x, digits) if math.isfinite(x) else None for x in (self.low, self.high)]
        return {"value": round(self.value, digits), "interval": bounds, "units": self.units}


def verdict(low: float, high: float, bar: float = 0.0) -> Verdict:
    """What an interval says of a bar: all of it above, all of it below, or neither."""
    return "better" if low > bar else "worse" if high < bar else "tie"


def bootstrap(
    statistic: Callable[[npt.NDArray[np.int64]], float],
    units: int,
    *,
    seed: int = 0,
    resamples: int = FEWER,
    ratio: bool = False,
) -> Estimate:
    """Interval of a statistic of the places [units] of units drawn with replacement.

    A resample without a finite value counts as none: the interval is of those that have one.
    """
    value = float(statistic(np.arange(units)))
    drawn = np.random.default_rng(seed).integers(0, units, (resamples, units))
    found = np.array([statistic(places) for places in drawn], np.float64)
    return _estimate(value, found, units, ratio)


def mean_interval(
    values: npt.ArrayLike,
    units: Sequence[Hashable] | None = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    ratio: bool = False,
) -> Estimate:
    """Interval of the mean of values [n]; `units` [n] names the unit that each belongs to.

    Raises:
        BadInput: no value, or another number of units than of values.
    """
    each = np.asarray(values, np.float64)
    names = range(len(each)) if units is None else units
    if len(each) == 0 or len(names) != len(each):
        raise BadInput(f"{len(each)} values of {len(names)} units; give a unit for each value")
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    place = np.array([places[name] for name in names])
    sums, counts = np.bincount(place, each), np.bincount(place)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (resamples, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    return _estimate(float(each.mean()), means, len(sums), ratio)


def paired(
    ours: Mapping[Any, float],
    theirs: Mapping[Any, float],
    unit: Callable[[Any], Hashable] | None = None,
    **options: int,
) -> Estimate:
    """Interval of the mean of ours less theirs, key by key; `unit` names the unit of a key.

    Raises:
        BadInput: a key that one side alone has.
    """
    alone = sorted(map(str, set(ours) ^ set(theirs)))
    if alone:
        raise BadInput(f"{len(alone)} keys have no partner, the first {alone[0]}; pair what ran")
    keys = list(ours)
    units = None if unit is None else [unit(key) for key in keys]
    return mean_interval([ours[key] - theirs[key] for key in keys], units, **options)


def kendall(scores: npt.ArrayLike, truth: npt.ArrayLike, counts: npt.ArrayLike) -> Values:
    """tau-b with the truth [n] by resample, mean over the rankings in scores [s n]; [r].

    Counts [r n] say how often an item was drawn; two copies of one item are tied in both lists,
    and tau-b leaves such pairs out. NaN where a list is constant.
    """
    rows, drawn = np.atleast_2d(np.asarray(scores, np.float64)), np.asarray(counts, np.float64)
    right = _signs(np.asarray(truth, np.float64))
    taus = []
    for row in rows:
        left = _signs(row)
        agree, one, two = (_pairs(each, drawn) for each in (left * right, left**2, right**2))
        with np.errstate(invalid="ignore", divide="ignore"):
            taus.append(agree / np.sqrt(one * two))
    found: Values = np.mean(taus, axis=0)
    return found


def kendall_interval(scores: npt.ArrayLike, truth: npt.ArrayLike, **options: int) -> Estimate:
    """Interval of the mean tau of rankings [s n] (their seeds) over the n items that were drawn."""
    return _of_items(lambda counts: kendall(scores, truth, counts), len(np.asarray(truth)), options)


def kendall_difference(
    ours: npt.ArrayLike, theirs: npt.ArrayLike, truth: npt.ArrayLike, **options: int
) -> Estimate:
    """Interval of the mean tau of ours [s n] less theirs [s' n], over the same drawn items."""
    return _of_items(
        lambda counts: kendall(ours, truth, counts) - kendall(theirs, truth, counts),
        len(np.asarray(truth)),
        options,
    )


def kruskal(groups: Sequence[npt.ArrayLike], *, seed: int = 0, resamples: int = FEWER) -> float:
    """P-value of Kruskal and Wallis' H by permutation: that groups [n_j] do not differ.

    H grows with sum_j R_j^2 / n_j alone, R_j the sum of a group's mean ranks in all values.
    """
    sizes = [len(np.asarray(group)) for group in groups]
    _, place, count = np.unique(
        np.concatenate([np.asarray(group, np.float64) for group in groups]),
        return_inverse=True,
        return_counts=True,
    )
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    ends = np.cumsum([0, *sizes[:-1]])
    rng = np.random.default_rng(seed)
    drawn = np.stack([ranks, *(rng.permutation(ranks) for _ in range(resamples))])
    spread = (np.add.reduceat(drawn, ends, axis=1) ** 2 / np.array(sizes)).sum(1)
    return float((spread >= spread[0] - 1e-9).mean())


@functools.lru_cache(maxsize=256)
def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, by bisection of A&S 26.7.3 (odd) and 26.7.4 (even)."""
    low, high = 0.0, 100.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < LEVEL else (low, middle)
    return low


def _within(t: float, freedom: int) -> float:
    """P(|T| < t)."""
    angle = math.atan(t / math.sqrt(freedom))
    odd, cosine = freedom % 2, math.cos(angle)
    term = cosine if odd else 1.0
    total = 0.0
    for k in range(freedom // 2):
        total += term
        term *= cosine**2 * (2 * k + 1 + odd) / (2 * k + 2 + odd)
    part = math.sin(angle) * total
    return 2 / math.pi * (angle + part) if odd else part


def _estimate(value: float, drawn: Values, units: int, ratio: bool = False) -> Estimate:
    known = drawn[np.isfinite(drawn)]
    if units < 2 or len(known) == 0 or not math.isfinite(value):
        return Estimate(value, -math.inf, math.inf, units)
    low, high = (float(x) for x in np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    w = student(min(units - 1, 200)) / Z * math.sqrt(units / (units - 1))  # [1]
    if ratio:
        return Estimate(value, value * (low / value) ** w, value * (high / value) ** w, units)
    return Estimate(value, value + w * (low - value), value + w * (high - value), units)


def _of_items(taus: Callable[[Values], Values], items: int, options: Mapping[str, int]) -> Estimate:
    rng = np.random.default_rng(options.get("seed", 0))
    drawn = rng.multinomial(items, np.full(items, 1 / items), options.get("resamples", RESAMPLES))
    return _estimate(float(taus(np.ones((1, items)))[0]), taus(drawn.astype(np.float64)), items)


def _signs(values: Values) -> Values:
    found: Values = np.sign(values[:, None] - values[None, :])
    return found


def _pairs(signs: Values, drawn: Values) -> Values:
    """Sum over drawn pairs: c' S c by resample."""
    found: Values = ((drawn @ signs) * drawn).sum(1)
    return found
