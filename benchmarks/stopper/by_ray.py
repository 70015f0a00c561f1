"""The same searches in Ray Tune: the user's training function, one trial at a time."""

from __future__ import annotations

import tempfile
from typing import Any

from ray import tune
from ray.tune.schedulers import ASHAScheduler, MedianStoppingRule, TrialScheduler
from subsel_automl.integrations.ray import CurveStopper, start_ray, subset_loader, with_subset

from .searches import BATCH, BUDGET, EPOCHS, TRIALS, drawn, fitted, items, network, trained


def scheduler(name: str) -> TrialScheduler:
    asha = ASHAScheduler(max_t=EPOCHS, grace_period=1, reduction_factor=3)
    if name == "asha":
        return asha
    if name == "median":
        return MedianStoppingRule(time_attr="training_iteration", grace_period=1)
    return CurveStopper(epochs=EPOCHS, over=asha if name == "curves over asha" else None)


def train_fn(config: dict[str, Any]) -> None:
    settings = drawn(config["seed"])[config["place"]]
    model = network(settings, config["seed"])
    loader = subset_loader(items(), model=model, batch_size=BATCH)
    for accuracy in trained(settings, config["seed"], loader):
        tune.report({"accuracy": accuracy})


def by_ray(stopper: str, seed: int) -> dict[int, list[float]]:
    """Accuracies of each configuration, as far as it was trained."""
    start_ray(1)
    with tempfile.TemporaryDirectory() as folder:
        results = tune.Tuner(
            with_subset(train_fn, fitted(), BUDGET, redraw_every=1, seed=seed),
            param_space={"place": tune.grid_search(list(range(TRIALS))), "seed": seed},
            tune_config=tune.TuneConfig(
                metric="accuracy",
                mode="max",
                scheduler=scheduler(stopper),
                max_concurrent_trials=1,
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        ).fit()
        return {
            one.config["place"]: one.metrics_dataframe["accuracy"].tolist()  # type: ignore[index,union-attr]
            for one in results
        }
