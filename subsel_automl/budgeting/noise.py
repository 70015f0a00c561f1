"""How many labels of a pool are wrong, without counting what a classifier merely gets wrong.

    counted    Confident learning: example x with given label i is confidently of class j when
               r_j(x) >= t_j, t_j the mean of r_j over the examples labelled j; those with j != i
               are counted as wrong, row by row scaled to the size of class i
    share      P(given i | x) = (1 - e) p_i(x) + e / (K - 1) (1 - p_i(x)),
               p(x) = softmax(sum_m a_m log r_m(x) + c);  a, c, e by maximum likelihood; the share
               is the mean of P(wrong | x, given i) = 1 - (1 - e) p_i(x) / P(given i | x)

r_m are the out-of-fold class probabilities of three classifiers of another kind each: logistic
regression, the same on kernel features (Nystroem), nearest neighbours.

The correction. A weak classifier, or classes that overlap, make the count large on right labels
(8 % of Fashion-MNIST, more than half of CIFAR-10's pixels). Such doubt shows in the probabilities
themselves: calibrated by a and c, p says how often the given label differs where it is unsure, and
that is expected, not wrong. Labels that were changed at random leave something that no p explains:
a floor e under every class that stays where p is sure. Only the floor is reported, and of several
classifiers the calibration takes what explains the labels best.

Sources: Northcutt, Jiang and Chuang 2021 (Confident learning), Eq. 1 and 2 and the calibration of
Eq. 3; Patrini et al. 2017, the forward correction; Berndt et al. 1974, the standard error.
Deviations:
    [1] The share is that of the forward model, not the count.
    [2] One e for all classes, to any other class alike. Labels of one class that always go to the
        same other one look like two classes that overlap, and are not seen.
    [3] The uncertainty is one standard error and, for what the model misses, MISFIT beside it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import MissingNeed
from ..core.pool import Pool
from .copies import first_of_kind, row_keys

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
FOLDS, EXAMPLES, CLASSES, CELLS = 5, 12_000, 200, 400_000  # cells: examples x classes
MOST_CELLS = 20_000_000
COMPONENTS, LANDMARKS, GAMMA, NEIGHBOURS = 64, 256, 2.0, 15
FURTHEST = 5.0  # standard deviations of a feature
LEAST = 1e-4  # of a probability, before its logarithm
MISFIT = 0.01
STARTS = (1.0, -3.0), (6.0, -0.5)  # sum of a, logit of e: as the classifiers say; surer, and noise
TIED, CLEARLY = 0.01, 5.0  # weight of a penalty on c; logarithms of likelihood


@dataclass(frozen=True)
class LabelNoise:
    """An estimate of the share of wrong labels.

    Attributes:
        share: estimated, in [0, 1].
        uncertainty: of the share, one standard error.
        counted: what confident learning counts, the classifier's own errors among it.
        accuracy: of the cross-fitted classifiers' mean, against the given labels.
        examples, classes: looked at.
    """

    share: float
    uncertainty: float
    counted: float
    accuracy: float
    examples: int
    classes: int

    def told(self) -> str:
        """In words: "19.1 +- 1.4 %"."""
        return f"{100 * self.share:.1f} +- {100 * self.uncertainty:.1f} %"

    def source(self) -> str:
        """What it was computed from."""
        return (
            f"cross-fitted predictions of {self.examples:,} examples in {FOLDS} folds, "
            f"{100 * self.accuracy:.0f} % of them as labelled"
        )


def label_noise(pool: Pool, *, seed: int = 0, examples: int = EXAMPLES) -> LabelNoise:
    """Estimate the share of wrong labels of a classification pool.

    Args:
        seed: of the drawn examples (classes in their proportions), the folds and the classifiers.
        examples: to look at, about so many at most.

    Raises:
        MissingNeed: the pool's task is another, or it has too few or too many classes.
    """
    rows, y, classes = _drawn(pool, np.random.default_rng([seed, 0xA015E]), examples)
    x = pool.features[rows]
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        said = _cross_fitted(x, y, classes, seed)
        wrong, error = _explained(_logs(said), y)
    mean = said.mean(0)
    return LabelNoise(
        share=float(wrong.mean()),
        uncertainty=min(1.0, float(np.hypot(error, MISFIT))),  # [3]
        counted=_counted(mean, y),
        accuracy=float((mean.argmax(1) == y).mean()),
        examples=len(rows),
        classes=classes,
    )


def wrong_labels(pool: Pool, *, seed: int = 0) -> Array:
    """P(wrong | x, given label) of every example of the pool, cross-fitted, [n].

    Classifiers learn from EXAMPLES of the other folds at most, and answer about a whole fold. Of a
    class with fewer than FOLDS examples nothing is said: 0.

    Raises:
        MissingNeed: as `label_noise`; more than MOST_CELLS examples times classes.
    """
    rng = np.random.default_rng([seed, 0xA015E])
    rows, y, classes = _drawn(pool, rng, None)
    if len(rows) * classes > MOST_CELLS:
        raise MissingNeed(
            f"pool {pool.name!r} has {len(rows):,} examples of {classes} classes, too many to "
            f"judge each label: their product may be {MOST_CELLS:,}"
        )
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        logs = _logs(_cross_fitted(pool.features[rows], y, classes, seed))
        wrong, _ = _explained(logs, y)
    found = np.zeros(len(pool))
    found[rows] = wrong
    return found


def _logs(said: Array) -> Array:
    found: Array = np.log((said + LEAST) / (1 + said.shape[2] * LEAST))
    return found


def _drawn(pool: Pool, rng: np.random.Generator, examples: int | None) -> tuple[Rows, Rows, int]:
    """Rows, their labels from 0 without gaps, and how many classes: those of FOLDS or more.

    Args:
        examples: at most about so many; None takes all.
    """
    if pool.labels is None:
        raise MissingNeed(
            f"an estimate of wrong labels needs classes; pool {pool.name!r} has none: its task is "
            f"{pool.task or 'not known, for it has no labels'}"
        )
    sizes = np.bincount(pool.labels)
    kept = np.flatnonzero(sizes >= FOLDS)
    if not 2 <= len(kept) <= CLASSES:
        raise MissingNeed(
            f"an estimate of wrong labels needs 2 to {CLASSES} classes of at least {FOLDS} "
            f"examples; pool {pool.name!r} has {len(kept)}"
        )
    wanted = len(pool) if examples is None else min(examples, CELLS // len(kept))
    part = min(1.0, wanted / sizes[kept].sum())
    rows = []
    for c in kept:
        mine = np.flatnonzero(pool.labels == c)
        rows.append(rng.choice(mine, max(FOLDS, round(part * len(mine))), replace=False))
    order = rng.permutation(np.concatenate(rows))
    return order, np.searchsorted(kept, pool.labels[order]), len(kept)


def _cross_fitted(x: npt.NDArray[np.float32], y: Rows, classes: int, seed: int) -> Array:
    """Out-of-fold probabilities of every classifier, [m, n, classes]; copies share a fold."""
    from sklearn.exceptions import ConvergenceWarning

    place = np.zeros(len(y), np.int64)
    for c in range(classes):
        place[y == c] = np.arange((y == c).sum())
    fold = (place % FOLDS)[first_of_kind(row_keys(x))]
    x = _compressed(x, seed)
    said = np.zeros((len(CLASSIFIERS), len(y), classes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough: they are calibrated
        for k in np.unique(fold):
            train, out = np.flatnonzero(fold != k)[:EXAMPLES], np.flatnonzero(fold == k)
            for m, make in enumerate(CLASSIFIERS):
                model = make(len(train), seed).fit(x[train], y[train])
                said[m, out[:, None], model.classes_] = model.predict_proba(x[out])
    return said


def _compressed(x: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.float32]:
    """Standardised, at most COMPONENTS principal components, of total variance one."""
    spread = x.std(0)
    there = spread > 1e-6 * spread.max()
    x = np.clip((x - x.mean(0))[:, there] / spread[there], -FURTHEST, FURTHEST)
    if x.shape[1] > COMPONENTS:
        from sklearn.decomposition import PCA

        wanted = min(COMPONENTS, len(x))
        x = PCA(wanted, svd_solver="randomized", iterated_power=2, random_state=seed).fit_transform(
            x
        )
    return np.asarray(x / np.sqrt(max(x.var(0).sum(), 1e-12)), np.float32)


def _linear(n: int, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=60, tol=1e-3)


def _kernel(n: int, seed: int) -> Any:
    from sklearn.kernel_approximation import Nystroem
    from sklearn.pipeline import make_pipeline

    features = Nystroem(gamma=GAMMA, n_components=min(LANDMARKS, n), random_state=seed)
    return make_pipeline(features, _linear(n, seed))


def _near(n: int, seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(min(NEIGHBOURS, n), algorithm="brute")


CLASSIFIERS: tuple[Callable[[int, int], Any], ...] = (_linear, _kernel, _near)


def _counted(said: Array, y: Rows) -> float:
    """The confident joint's share off its diagonal; `said` [n, classes]."""
    classes = said.shape[1]
    thresholds = np.array([said[y == c, c].mean() for c in range(classes)])  # t_j, Eq. 2
    sure = said >= thresholds
    found, some = np.where(sure, said, -1).argmax(1), sure.any(1)
    joint = np.zeros((classes, classes))
    np.add.at(joint, (y[some], found[some]), 1)  # Eq. 1
    sizes = np.bincount(y, minlength=classes)
    joint *= (sizes / np.maximum(joint.sum(1), 1))[:, None]  # Eq. 3
    return float(1 - np.trace(joint) / joint.sum())


def _explained(every: Array, labels: Rows) -> tuple[Array, float]:
    """(P(wrong) of each example [n], the standard error of their mean) by the forward model, which
    is fitted to the first EXAMPLES; they are in a random order.

    Args:
        every: logarithms of the out-of-fold probabilities, [m, n, classes].
    """
    from scipy.optimize import minimize

    logs, y = every[:, :EXAMPLES], labels[:EXAMPLES]
    many, _, classes = logs.shape
    given = np.eye(classes)[y]

    def loss(t: Array) -> tuple[float, Array]:
        e, p, likely, truly = _forward(t, logs, given)
        slopes = _slopes(logs, truly - p, 1 - truly[given > 0] - e)
        c, up = t[many:-1], slopes.sum(0)
        up[many:-1] -= TIED * c  # c is free but for a constant
        up[-1] -= e  # as if one label more were seen, and right
        worth = np.log(likely).sum() + np.log1p(-e) - TIED / 2 * (c**2).sum()
        return -float(worth), -up

    bounds = [(0, 30)] * many + [(-10, 10)] * classes + [(-9, 4)]
    starts = [[*[a / many] * many, *[0] * classes, logit] for a, logit in STARTS]
    few, more = (minimize(loss, t, jac=True, method="L-BFGS-B", bounds=bounds) for t in starts)
    found = more if more.fun < few.fun - CLEARLY else few
    e, p, _, truly = _forward(found.x, logs, given)
    wrong = 1 - truly[given > 0]
    scores = _slopes(logs, truly - p, (wrong - e) / (e * (1 - e)))
    scores = np.delete(scores, many, 1)  # of c_0: the others say it
    error = np.sqrt(max(0.0, np.linalg.pinv(scores.T @ scores)[-1, -1]))  # Berndt et al.
    if len(labels) > len(y):
        given = np.eye(classes)[labels]
        wrong = 1 - _forward(found.x, every, given)[3][given > 0]
    return wrong, float(error)


def _forward(t: Array, logs: Array, given: Array) -> tuple[float, Array, Array, Array]:
    """e; p(x) [n, classes]; P(given | x) [n]; P(class | x, given) [n, classes], of t = a, c, e."""
    many, _, classes = logs.shape
    z = np.tensordot(t[:many], logs, 1) + t[many:-1]
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    e = float(1 / (1 + np.exp(-t[-1])))
    both = p * np.where(given > 0, 1 - e, e / (classes - 1))  # [2]
    likely = both.sum(1)
    return e, p, likely, both / likely[:, None]


def _slopes(logs: Array, by_class: Array, by_e: Array) -> Array:
    """Of every example's log-likelihood by a, c and e, [n, m + classes + 1]."""
    return np.concatenate([np.einsum("mnk,nk->nm", logs, by_class), by_class, by_e[:, None]], 1)
