"""Claim: g_beta is as near to unseen trained networks as the mean of the zoo.

python -m benchmarks.claims run approximator
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from benchmarks import settings
from benchmarks.approximator.cells import SAMPLE, clean
from benchmarks.data import splits_kept
from benchmarks.statistics import mean_and_error
from subsel_automl.subselnet.fitting import kl_to
from subsel_automl.subselnet.transductive import SubSelNet
from subsel_automl.zoo.store import network_name

SIZES = (1, 2, 4, 8, 16, 32)
DRAWS = 20  # random choices of k reference networks


def measure() -> dict[str, Any]:
    """KL of g_beta, of the mean of k networks, and between seeds; mean and standard error."""
    with np.load(SAMPLE, allow_pickle=False) as file:
        stored = {name: file[name] for name in file.files}
    rows = stored["rows"]
    training, unseen = clean(stored["training"]), clean(stored["unseen"])
    by_name = dict(zip(stored["names"].tolist(), unseen, strict=True))
    provider = SubSelNet.from_bundle(
        "fashion-mnist/nasbench101", splits_kept("fashion-mnist").train
    )
    architectures = settings.unseen()
    predicted = provider.fitted.log_probabilities(provider.pool, architectures)
    mean = torch.from_numpy(provider.fitted.mean_log_probabilities()[rows])
    attention, control, floor = [], [], []
    for a, log_p in zip(architectures, predicted, strict=True):
        truth = by_name[network_name(a, 0)]
        attention.append(kl_to(truth, torch.from_numpy(np.ascontiguousarray(log_p[rows]))))
        control.append(kl_to(truth, mean))
        other = by_name.get(network_name(a, 1))
        if other is not None:
            floor.append(kl_to(truth, other))
    truths = [by_name[network_name(a, 0)] for a in architectures]
    return {
        "architectures": len(architectures),
        "attention": _spread(attention),
        "zoo_mean": _spread(control),
        "mean_of_k": {str(k): _of_k(training, truths, k) for k in SIZES},
        "floor_two_seeds": _spread(floor),
        "each": {"attention": attention, "zoo_mean": control},
        "holds": bool(np.mean(attention) <= np.mean(control)),
    }


def _of_k(training: torch.Tensor, truths: list[torch.Tensor], k: int) -> float:
    rng = np.random.default_rng(k)
    values = []
    for _ in range(DRAWS if k < len(training) else 1):
        chosen = training[rng.permutation(len(training))[:k]]
        mean = chosen.exp().mean(0).clamp_min(1e-7).log()
        values += [kl_to(truth, mean) for truth in truths]
    return round(float(np.mean(values)), 4)


def _spread(values: list[float]) -> dict[str, float]:
    mean, sem = mean_and_error(values)
    return {"mean": round(mean, 4), "sem": round(sem, 4)}
