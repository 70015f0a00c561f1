"""Trials that Ray stops teach, too: a function in `while True`, a class that PBT clones; more of
them are in `tests/scripts`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

import torch
import torch.nn.functional as F
from ray import cloudpickle, tune
from ray.tune.schedulers import ASHAScheduler, PopulationBasedTraining
from subsel_automl.integrations.ray import wrap
from subsel_automl.integrations.ray.ledger import LedgerCallback
from subsel_automl.integrations.ray.wrap import subset_loader, with_subset
from torch import nn

from subsel_automl import provider
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers do not see the tests


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 4))


def epoch(model: nn.Module, loader: Any, lr: float) -> None:
    for x, y in loader:
        model.zero_grad()
        F.cross_entropy(model(x), y).backward()
        with torch.no_grad():
            for weight in model.parameters():
                weight -= lr * weight.grad  # type: ignore[operator]


def endless(config: dict[str, Any]) -> None:
    model = net()
    loader = subset_loader(model=model, batch_size=16)
    while True:
        epoch(model, loader, config["lr"])
        tune.report({"accuracy": 0.5 + config["lr"]})


class Endless(tune.Trainable):
    def setup(self, config: dict[str, Any]) -> None:
        self.model, self.rate = net(), config["lr"]
        self.loader = subset_loader(model=self.model, batch_size=16)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self.setup(new_config)
        return True

    def step(self) -> dict[str, Any]:
        epoch(self.model, self.loader, self.rate)
        return {"accuracy": 0.5 + self.rate}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        torch.save(self.model.state_dict(), Path(checkpoint_dir) / "model.pt")

    def load_checkpoint(self, checkpoint: Any) -> None:
        self.model.load_state_dict(torch.load(Path(checkpoint) / "model.pt", weights_only=True))


def asha() -> Any:
    return ASHAScheduler(max_t=3, grace_period=1, reduction_factor=2)


def pbt() -> Any:
    return PopulationBasedTraining(
        perturbation_interval=1, hyperparam_mutations={"lr": [0.1, 0.2]}, synch=True
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trainable", "scheduler"),
    [(endless, asha), (Endless, pbt)],
    ids=["function-asha", "class-pbt"],
)
def test_every_trial_that_ray_stops_leaves_a_lesson(
    trainable: Any, scheduler: Any, tmp_path: Path, ray_here: None
) -> None:
    wrapped = with_subset(trainable, provider("subselnet-online").fit(POOL), 40, redraw_every=1)
    callback = LedgerCallback(show=False)
    tuner = tune.Tuner(
        wrapped,
        param_space={"lr": tune.grid_search([0.1, 0.2, 0.3])},
        tune_config=tune.TuneConfig(
            metric="accuracy", mode="max", scheduler=scheduler(), reuse_actors=True
        ),
        run_config=tune.RunConfig(
            storage_path=str(tmp_path), stop={"training_iteration": 3}, verbose=0,
            callbacks=[callback],
        ),
    )  # fmt: skip
    results = tuner.fit()
    assert not results.errors
    lessons = wrap.alive[wrapped].teachers.lessons()
    assert len(lessons) == 3
    assert all(one.accuracy >= 0.6 for one in lessons)
    assert callback.summary is not None
    assert callback.summary.lessons == 3
