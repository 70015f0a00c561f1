"""Ray Train's TorchTrainer inside Tune, in the idiom of Ray's guide: a driver starts workers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

import ray
import torch
from ray import train, tune
from ray.train.torch import TorchTrainer, prepare_data_loader, prepare_model
from subsel_automl.integrations.ray import current_subset, subset_loader, with_subset
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl import provider
from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150)
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers have no such module


def train_loop(config: dict[str, Any]) -> None:
    numbered = torch.cat([torch.from_numpy(POOL.features), torch.arange(150.0)[:, None]], 1)
    data = TensorDataset(numbered, torch.from_numpy(POOL.labels))
    model = prepare_model(nn.Linear(16, 4))
    optimizer = torch.optim.SGD(model.parameters(), config["lr"])
    loader = prepare_data_loader(subset_loader(data, model=model, batch_size=8))
    seen: list[list[int]] = []
    for _ in range(2):
        seen.append([])
        for x, y in loader:
            seen[-1] += x[:, 16].int().tolist()
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[:, :16]), y).backward()
            optimizer.step()
    bill, rank = current_subset().bill(), train.get_context().get_world_rank()
    told = {"seen": seen, "train_seconds": bill["train_seconds"]}
    Path(config["folder"], f"{config['lr']}-{rank}.json").write_text(json.dumps(told))
    train.report({"loss": 0.0})


def driver(config: dict[str, Any], loop: Any) -> None:
    scaling = train.ScalingConfig(num_workers=2, resources_per_worker={"CPU": 0.25})
    run = train.RunConfig(storage_path=config["folder"], name=f"train-{config['lr']}")
    TorchTrainer(loop, train_loop_config=config, scaling_config=scaling, run_config=run).fit()
    tune.report({"accuracy": 0.5})


@pytest.mark.slow
@pytest.mark.long
def test_ranks_of_every_trial_read_disjoint_parts_of_its_subset(
    tmp_path: Path, ray_here: None
) -> None:
    loop = with_subset(train_loop, provider("random").fit(POOL), 41, redraw_every=1)
    trainable = tune.with_resources(tune.with_parameters(driver, loop=loop), {"cpu": 0.25})
    results = tune.Tuner(
        trainable,
        param_space={"lr": tune.grid_search([0.1, 0.2]), "folder": str(tmp_path)},
        run_config=tune.RunConfig(storage_path=str(tmp_path), verbose=0),
    ).fit()
    assert not results.errors
    feed = SubsetFeed(provider("random").fit(POOL), 41, redraw_every=1)
    expected = [sorted(feed.at(epoch, None).indices.tolist()) for epoch in range(2)]
    for rate in (0.1, 0.2):
        ranks = [json.loads((tmp_path / f"{rate}-{rank}.json").read_text()) for rank in (0, 1)]
        both = [sorted(a + b) for a, b in zip(*(one["seen"] for one in ranks), strict=True)]
        assert both == expected
        assert all(one["train_seconds"] > 0 for one in ranks)


def test_outside_of_a_trial_the_remedy_is_named_for_tune_and_train() -> None:
    with pytest.raises(BadInput, match=r"TorchTrainer\(with_subset"):
        subset_loader()
