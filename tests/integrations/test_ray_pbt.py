"""Population-based training in the idiom of Ray's guides: clones, resets and restores of users' own
trials leave every epoch's subset and order those of an undisturbed run."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

import ray
import torch
import torch.nn.functional as F
from ray import tune
from ray.tune.schedulers import PopulationBasedTraining
from subsel_automl.integrations.ray import subset_loader, with_subset
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl import provider
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.worlds import clump_pool

ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers have no such module
POOL = clump_pool(150)
EPOCHS = 6


def numbered() -> TensorDataset:
    x = torch.cat([torch.from_numpy(POOL.features), torch.arange(150.0)[:, None]], 1)
    return TensorDataset(x, torch.from_numpy(POOL.labels))


def train_epoch(loader: Any, net: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    epoch, seen = loader.epoch, []
    for x, y in loader:
        seen += x[:, 16].int().tolist()
        optimizer.zero_grad()
        F.cross_entropy(net(x[:, :16]), y).backward()
        optimizer.step()
    return {"epoch": epoch, "seen": ",".join(map(str, seen))}


class Kept(tune.Trainable):
    """Keeps its loader through a reset."""

    def setup(self, config: dict[str, Any]) -> None:
        self.net = nn.Linear(16, 4)
        self.optimizer = torch.optim.SGD(self.net.parameters(), config["lr"])
        self.loader = subset_loader(numbered(), model=self.net, batch_size=8)

    def step(self) -> dict[str, Any]:
        told = train_epoch(self.loader, self.net, self.optimizer)
        return {**told, "accuracy": 0.5 + float(self.optimizer.param_groups[0]["lr"]) / 10}

    def save_checkpoint(self, folder: str) -> dict[str, Any]:
        return {"net": self.net.state_dict()}

    def load_checkpoint(self, checkpoint: Any) -> None:
        self.net.load_state_dict(checkpoint["net"])

    def reset_config(self, config: dict[str, Any]) -> bool:
        for group in self.optimizer.param_groups:
            group["lr"] = config["lr"]
        return True


class Anew(Kept):
    """Makes a new network and loader, and saves into files."""

    def save_checkpoint(self, folder: str) -> None:  # type: ignore[override]
        torch.save(self.net.state_dict(), Path(folder) / "net.pt")

    def load_checkpoint(self, checkpoint: Any) -> None:
        self.net.load_state_dict(torch.load(Path(checkpoint) / "net.pt"))

    def reset_config(self, config: dict[str, Any]) -> bool:
        self.setup(config)
        return True


def function(config: dict[str, Any]) -> None:
    net = nn.Linear(16, 4)
    optimizer = torch.optim.SGD(net.parameters(), config["lr"])
    loader = subset_loader(numbered(), model=net, batch_size=8)
    checkpoint = tune.get_checkpoint()
    if checkpoint:
        with checkpoint.as_directory() as folder:
            state = torch.load(os.path.join(folder, "state.pt"))
        net.load_state_dict(state["net"])
        loader.load_state_dict(state["loader"])
    while loader.epoch < EPOCHS:
        told = train_epoch(loader, net, optimizer)
        with tempfile.TemporaryDirectory() as folder:
            state = {"net": net.state_dict(), "loader": loader.state_dict()}
            torch.save(state, os.path.join(folder, "state.pt"))
            tune.report(
                {**told, "accuracy": 0.5 + config["lr"] / 10},
                checkpoint=tune.Checkpoint.from_directory(folder),
            )


def undisturbed() -> dict[int, str]:
    feed = SubsetFeed(provider("random").fit(POOL), 24, redraw_every=2)
    loader = SubsetLoader(feed, None, numbered(), batch_size=8)
    found = {}
    for epoch in range(EPOCHS + 2):
        rows = [int(row) for x, _ in loader for row in x[:, 16]]
        found[epoch] = ",".join(map(str, rows))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "trainable",
    [
        pytest.param(one, marks=pytest.mark.long) if one is Anew else one
        for one in (Kept, Anew, function)
    ],
    ids=["Kept", "Anew", "function"],
)
def test_clones_and_resets_train_on_the_epochs_of_an_undisturbed_run(
    trainable: Any, tmp_path: Path, ray_here: None
) -> None:
    scheduler = PopulationBasedTraining(
        time_attr="training_iteration", perturbation_interval=2, quantile_fraction=0.5,
        hyperparam_mutations={"lr": [0.01, 0.1, 0.2]},
    )  # fmt: skip
    results = tune.Tuner(
        with_subset(trainable, provider("random").fit(POOL), 24, redraw_every=2),
        param_space={"lr": tune.grid_search([0.01, 0.1, 0.2])},
        tune_config=tune.TuneConfig(
            metric="accuracy", mode="max", scheduler=scheduler, reuse_actors=True
        ),
        run_config=tune.RunConfig(
            name="pbt", storage_path=str(tmp_path), verbose=0, stop={"training_iteration": EPOCHS}
        ),
    ).fit()
    assert not results.errors
    expected = undisturbed()
    assert len(results) == 3
    for result in results:
        table = result.metrics_dataframe
        assert [expected[e] for e in table["epoch"]] == list(table["seen"])
        assert (table["train_seconds"] > 0).all()
    perturbed = scheduler._num_perturbations
    assert perturbed > 0
