"""A learning search end to end in every task: with labels and soft, to better than chance."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl.core.pool import Pool
from subsel_automl.hosting.search import SubsetSearch
from subsel_automl.maths.answers import chance, wrong
from subsel_automl.subselnet.online.provider import OnlineSubSelNet

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 6)).astype(np.float32)
LINEAR = (X @ RNG.normal(size=(6, 3))).astype(np.float32)
TASKS = {  # labels, outputs, loss
    "regression": (LINEAR[:, 0] * 7 + 100, 1, lambda out, y: F.mse_loss(out[:, 0], y)),
    "regression of three": (LINEAR, 3, F.mse_loss),
    "multi-label": ((LINEAR > 0).astype(np.float32), 3, F.binary_cross_entropy_with_logits),
    "one logit": (
        (LINEAR[:, 0] > 0).astype(np.float32),
        1,
        lambda out, y: F.binary_cross_entropy_with_logits(out[:, 0], y),
    ),
    "classes": (LINEAR.argmax(1), 3, F.cross_entropy),
}


def net(outputs: int, mean: float) -> nn.Module:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, outputs))
    model[2].bias.data.fill_(mean)
    return model


def searched(name: str, targets: str, redraw_every: int = 1) -> tuple[OnlineSubSelNet, list]:
    """Two trials; the provider, and the y of every batch."""
    labels, outputs, loss = TASKS[name]
    online = OnlineSubSelNet().fit(Pool(name, X, labels))
    data, handed = TensorDataset(torch.from_numpy(X), torch.from_numpy(labels)), []
    search = SubsetSearch(online, 60, targets=targets, redraw_every=redraw_every)
    mean = float(labels.mean()) if name == "regression" else 0.0
    for _ in range(2):
        model = net(outputs, mean)
        optimizer = torch.optim.Adam(model.parameters(), 0.03)
        loader = search.loader(data, model=model, batch_size=20)
        for _ in range(6):
            for x, y in loader:
                handed.append(y)
                optimizer.zero_grad()
                loss(model(x), y).backward()
                optimizer.step()
        # nothing is told: the provider measures for itself
    search.end()
    return online, handed


@pytest.mark.parametrize("targets", ["labels", "soft"])
@pytest.mark.parametrize("name", TASKS)
def test_trials_of_every_task_teach_what_is_better_than_chance(name, targets):
    online, handed = searched(name, targets)
    lessons, pool = online.teachers.lessons(), online.pool
    assert len(lessons) == 2
    taught = online.taught()
    rows = np.unique(np.concatenate([one.indices for one in lessons]))
    assert wrong(taught.answers[rows], pool, rows) < 0.7 * chance(pool)
    dtype = torch.from_numpy(TASKS[name][0]).dtype
    assert handed[-1].dtype == (torch.float32 if targets == "soft" else dtype)


@pytest.mark.parametrize("name", TASKS)
def test_a_fixed_subset_is_asked_in_every_task(name):
    online, _ = searched(name, "labels", 0)
    assert all(len(one.indices) == len(X) for one in online.teachers.lessons())
    assert online.taught().known == 1


@pytest.mark.parametrize("name", ["regression", "multi-label"])
def test_taught_soft_targets_lie_between_the_label_and_the_teachers(name):
    online, _ = searched(name, "soft")
    subset = online.subset_for(None, 60)
    assert subset.targets.shape == (60, online.pool.outputs)
    assert np.isfinite(subset.targets).all()
    apart = np.abs(subset.targets - online.pool.targets[subset.indices])
    assert 0 < apart.mean() < online.pool.targets.std() * 2


def test_regression_lessons_are_kept_exactly():
    online, _ = searched("regression", "labels")
    (one, _) = online.teachers.lessons()
    assert one.values
    assert one.log_probabilities.dtype == np.float32
