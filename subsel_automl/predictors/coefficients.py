"""Regression of the codes of curves on what is known of a run: trees, boosted trees, a network.

    forest   scikit-learn's, all codes at once      mlp   two hidden layers, torch
    lgb      LightGBM, a model a code               xgb   XGBoost, a model a code

Source: Yan 2022 (thesis), 5 (LGB, XGB, MLP); the forest is this project's, so that nothing more
need be installed.

Deviations:
    [1] In the released code the MLP's hidden layers are never trained; here they are, and
        `trained=False` gives the released rows.
    [2] Trees of LightGBM may have leaves of 5 runs, not 20: there are hundreds of curves, not tens
        of thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import MissingNeed, UnknownName
from .base import Scale

Values = npt.NDArray[np.float64]
Regression = Callable[[Values], Values]
HIDDEN, EPOCHS, RATE = 64, 300, 3e-3
EXTRA = "pip install 'subsel_automl[curves]'"


def forest(x: Values, y: Values, seed: int, trained: bool = True) -> Regression:
    """200 trees over all codes."""
    from sklearn.ensemble import RandomForestRegressor

    model = RandomForestRegressor(200, random_state=seed % 2**32, max_features=0.5)
    model.fit(x, y)
    return lambda rows: np.asarray(model.predict(rows)).reshape(len(rows), -1)


def lgb(x: Values, y: Values, seed: int, trained: bool = True) -> Regression:
    """A LightGBM model a code. [2]"""
    try:
        from lightgbm import Dataset, train
    except ImportError as error:
        raise MissingNeed(f"regressor 'lgb' needs LightGBM: {EXTRA}") from error
    told = {
        "objective": "regression",
        "seed": seed % 2**31,
        "num_threads": 1,
        "deterministic": True,
        "min_data_in_leaf": 5,
        "learning_rate": 0.05,
        "verbose": -1,
    }
    models = [train(told, Dataset(x, column), 200) for column in y.T]
    return lambda rows: np.stack([np.asarray(model.predict(rows)) for model in models], 1)


def xgb(x: Values, y: Values, seed: int, trained: bool = True) -> Regression:
    """An XGBoost model a code."""
    try:
        from xgboost import XGBRegressor
    except ImportError as error:
        raise MissingNeed(f"regressor 'xgb' needs XGBoost: {EXTRA}") from error
    models = [
        XGBRegressor(
            n_estimators=200, learning_rate=0.05, max_depth=4, n_jobs=1, random_state=seed % 2**31
        ).fit(x, column)
        for column in y.T
    ]
    return lambda rows: np.stack([model.predict(rows).astype(np.float64) for model in models], 1)


def mlp(x: Values, y: Values, seed: int, trained: bool = True) -> Regression:
    """Two hidden layers of 64, Adam on all runs at once. [1]"""
    import torch
    from torch import nn

    inputs, target = Scale.of(x), Scale.of(y)
    a = torch.as_tensor(inputs.apply(x), dtype=torch.float32)
    b = torch.as_tensor(target.apply(y), dtype=torch.float32)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Linear(a.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(),
            nn.Linear(HIDDEN, b.shape[1]),
        )  # fmt: skip
    network[0].requires_grad_(trained)
    network[2].requires_grad_(trained)
    weights = [part for part in network.parameters() if part.requires_grad]
    optimiser = torch.optim.AdamW(weights, RATE, weight_decay=1e-2)
    for _ in range(EPOCHS):
        optimiser.zero_grad()
        (network(a) - b).square().mean().backward()
        optimiser.step()

    def predict(rows: Values) -> Values:
        with torch.no_grad():
            found = network(torch.as_tensor(inputs.apply(rows), dtype=torch.float32))
        back: Values = target.mean + target.spread * found.double().numpy()
        return back

    return predict


REGRESSORS: dict[str, Any] = {"forest": forest, "lgb": lgb, "xgb": xgb, "mlp": mlp}


def regression(kind: str, x: Values, y: Values, seed: int, trained: bool = True) -> Regression:
    """Codes [m, k] from rows [m, d], fitted on rows x [n, d] and codes y [n, k].

    Raises:
        UnknownName: no such regressor. MissingNeed: its package is not installed.
    """
    if kind not in REGRESSORS:
        raise UnknownName("regressor", kind, REGRESSORS)
    found: Regression = REGRESSORS[kind](x, y, seed, trained)
    return found
