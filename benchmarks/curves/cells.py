"""The cells: a study, what is fitted, a seed; and the work of one.

surrogate   a fifth of the recipes is held out; three epochs are seen, or none
noise       KL of the repeated recipes that are held out, by noise model
rank        so many finished curves, all others after 5, 10 and 20 epochs
compress    a rank; how far rebuilt curves are from held-out replicates
residual    Fig. 5.6: what a rank of 6 leaves: spread by epoch, autocorrelation, excess kurtosis
other       curves of the trial tables and of a zoo; half of the configurations are known
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from subsel_automl.catalog import curve_predictor
from subsel_automl.core.curves import Curves, group_folds
from subsel_automl.maths.curve_scores import curve_scores
from subsel_automl.maths.divergence import kl_of_gaussians
from subsel_automl.maths.metrics import kendall_tau
from subsel_automl.predictors.compression import Svd
from subsel_automl.predictors.curve_base import CurvePrediction, CurvePredictor
from subsel_automl.predictors.surrogate import Surrogate

from .nlp import curves
from .others import NAMES
from .others import SEEN as SEEN_OF
from .others import curves as other_curves

SPLITS, FOLDS, SEEN = 20, 5, 3
LEAST_SD = 1e-4  # nats, of two trainings that are equal at an epoch
FEATURES = ("structure", "structure and epochs", "epochs")
REGRESSORS, COMPRESSIONS = ("forest", "lgb", "xgb", "mlp"), ("svd", "vae")
NOISES = ("std", "gkde", "window")
RANKERS = ("last", "ridge", "lcsvr", "wpm", "svd")
KNOWN, AFTER = (20, 50, 100), (5, 10, 20)
RANKS = tuple(range(1, 9))
LAGS, SHOWN_EPOCHS = (1, 2, 5), (1, 10, 20, 30, 50)
HALVES, WITH_X = 10, "svd, with the configuration"
RELEASED = (("svd", "mlp"), ("vae", "lgb"), ("vae", "xgb"), ("vae", "mlp"))  # what was not trained


def cells() -> list[dict[str, Any]]:
    return [*surrogates(), *rankers(), *noises(), *compressions(), *residuals(), *others()]


def surrogates() -> list[dict[str, Any]]:
    def cell(features: str, compress: str, regressor: str, trained: bool) -> list[dict[str, Any]]:
        named = {"features": features, "compress": compress, "regressor": regressor}
        more = {} if trained else {"released": True}
        return [{"study": "surrogate", **named, **more, "seed": s} for s in range(SPLITS)]

    found = [cell(features, "svd", "forest", True) for features in FEATURES]
    both = FEATURES[1]
    found += [cell(both, c, r, True) for r in REGRESSORS for c in COMPRESSIONS]
    found += [cell(both, c, r, False) for c, r in RELEASED]
    listed = [one for part in found for one in part]
    return [one for place, one in enumerate(listed) if one not in listed[:place]]


def rankers() -> list[dict[str, Any]]:
    """Grouped by recipe, and of 100 curves also not grouped, where replicates leak."""
    grouped = [
        {"study": "rank", "predictor": name, "known": known, "seed": seed}
        for known in KNOWN
        for name in RANKERS
        for seed in range(SPLITS)
    ]
    leaking = [
        {**cell, "leaking": True}
        for cell in grouped
        if cell["known"] == KNOWN[-1] and cell["predictor"] in ("last", "lcsvr")
    ]
    return [*grouped, *leaking]


def noises() -> list[dict[str, Any]]:
    return [
        {"study": "noise", "noise": noise, "seed": s} for noise in NOISES for s in range(SPLITS)
    ]


def compressions() -> list[dict[str, Any]]:
    return [{"study": "compress", "rank": rank, "seed": s} for rank in RANKS for s in range(SPLITS)]


def residuals() -> list[dict[str, Any]]:
    return [{"study": "residual", "seed": seed} for seed in range(SPLITS)]


def others() -> list[dict[str, Any]]:
    return [
        {"study": "other", "data": data, "predictor": name, "seed": seed}
        for data in NAMES
        for name in (*RANKERS, WITH_X)
        for seed in range(HALVES)
        if not (data == "zoo" and name == WITH_X)
    ]


def work(cell: Mapping[str, Any]) -> dict[str, Any]:
    works = {"surrogate": surrogate, "rank": rank, "noise": noise, "compress": compress,
             "residual": residual, "other": other}  # fmt: skip
    return works[cell["study"]](cell)


def parted(seed: int) -> tuple[Curves, Curves]:
    """To fit, and a fifth of the recipes to test."""
    held = group_folds(curves().groups, FOLDS, seed)[0]
    return curves().take(~held), curves().take(held)


def surrogate(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The four measures of Table 5.2, over the epochs to come."""
    train, test = parted(cell["seed"])
    seen = 0 if cell["features"] == "structure" else SEEN
    model = Surrogate(
        compress=cell["compress"],
        regressor=cell["regressor"],
        trained=not cell.get("released", False),
        seed=cell["seed"],
    )
    if cell["features"] == "epochs":
        found = model.fit(train.values).predict(test.values[:, :seen])
    else:
        found = model.fit(train.values, train.x).predict(test.values[:, :seen], test.x)
    return dict(curve_scores(test.values, found.mean, seen)._asdict())


def noise(cell: Mapping[str, Any]) -> dict[str, Any]:
    """KL of the trainings of a held-out recipe from the surrogate's, and of the noise alone (the
    means taken as equal); the true spread is the sample's, of two or three trainings."""
    train, test = parted(cell["seed"])
    model = Surrogate(noise=cell["noise"], seed=cell["seed"]).fit(train.values, train.x)
    rows = {}
    for group in repeated(test):
        same = test.take([one == group for one in test.groups])
        prefix, x = same.values[:1, :SEEN], None if same.x is None else same.x[:1]
        mean, sd = model.predict(prefix, x).mean[0], model.noise_sd(prefix, x)[0]
        true_mean = same.values.mean(0)
        true_sd = np.maximum(same.values.std(0, ddof=1), LEAST_SD)
        whole = kl_of_gaussians(true_mean, true_sd, mean, sd)
        alone = kl_of_gaussians(mean, true_sd, mean, sd)
        rows[group] = whole[SEEN:].mean(), whole[-1], alone[SEEN:].mean()
    each = np.array(list(rows.values()))
    names = ("kl", "final_kl", "kl_of_noise")
    means = {name: float(each[:, place].mean()) for place, name in enumerate(names)}
    medians = {f"median_{n}": float(np.median(each[:, p])) for p, n in enumerate(names)}
    return {**means, **medians, "recipes": len(rows)}


def repeated(test: Curves) -> list[str]:
    """Recipes that were trained more than once."""
    return sorted({group for group in test.groups if test.groups.count(group) > 1})


def rank(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Kendall's tau with the last value, error, and how often the truth is within one sd."""
    order = np.random.default_rng([cell["seed"], 5]).permutation(len(curves()))
    known = order[: cell["known"]]
    groups = set() if cell.get("leaking") else {curves().groups[row] for row in known}
    rest = np.array([r for r in order[cell["known"] :] if curves().groups[r] not in groups])
    found: dict[str, Any] = {}
    for seen in AFTER:
        if cell["predictor"] == "wpm":
            told = CurvePrediction(*(part[rest] for part in _wpm(seen)))
        else:
            model = made(cell["predictor"], cell["seed"]).fit(curves().values[known])
            told = model.predict(curves().values[rest, :seen])
        truth = curves().values[rest, -1]
        off = told.final - truth
        found[str(seen)] = {
            "tau": kendall_tau(told.final, truth),
            "rmse": float(np.sqrt(np.square(off).mean())),
            "within_sd": float((np.abs(off) <= told.sd[:, -1]).mean()),
        }
    return found


def made(name: str, seed: int) -> CurvePredictor:
    return curve_predictor(name, seed=seed)


@functools.cache
def _wpm(seen: int) -> CurvePrediction:
    """It learns from no other curve: one prediction for all seeds."""
    return (
        curve_predictor("wpm")
        .fit(np.zeros((0, curves().epochs)))
        .predict(curves().values[:, :seen])
    )


def residual(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Of held-out curves."""
    train, test = parted(cell["seed"])
    svd = Svd(train.values, Surrogate().rank)
    off = test.values - svd.curves(svd.code(test.values))
    power = np.square(off).sum()
    lags = {f"lag {lag}": float((off[:, lag:] * off[:, :-lag]).sum() / power) for lag in LAGS}
    spread = {f"sd at {epoch}": float(off[:, epoch - 1].std()) for epoch in SHOWN_EPOCHS}
    scaled = off / np.maximum(off.std(0), 1e-12)
    return {**spread, **lags, "kurtosis": float((scaled**4).mean() - 3)}


def other(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The four measures of Table 5.2 after few epochs, and after some."""
    every, name = other_curves(cell["data"]), cell["predictor"]
    held = group_folds(every.groups, 2, cell["seed"])[0]
    train, test = every.take(~held), every.take(held)
    found: dict[str, Any] = {}
    for seen in SEEN_OF[cell["data"]]:
        model = made("svd" if name == WITH_X else name, cell["seed"])
        if name == WITH_X:
            told = model.fit(train).predict(test.seen(seen)).mean
        else:
            told = model.fit(train.values).predict(test.values[:, :seen]).mean
        found[str(seen)] = dict(curve_scores(test.values, told, seen)._asdict())
    return found


def compress(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Fig. 5.3: of held-out replicates one is compressed, the mean of the others is the truth."""
    train, test = parted(cell["seed"])
    svd, squares, own = Svd(train.values, cell["rank"]), [], []
    for group in repeated(test):
        rows = test.values[[one == group for one in test.groups]]
        rebuilt = svd.curves(svd.code(rows[:1]))[0]
        squares.append(np.square(rebuilt - rows[1:].mean(0)).mean())
        own.append(np.square(rebuilt - rows[0]).mean())
    return {"mse_to_replicates": float(np.mean(squares)), "mse": float(np.mean(own))}
