"""Tune a small CNN with Ray Tune's function API."""

from __future__ import annotations

import time
from pathlib import Path

import ray
import torch
import torch.nn.functional as F
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from small_cnn import SmallCNN, accuracy, arguments, arrays, show, tensors
from subsel_automl.integrations.ray.wrap import subset_loader, with_subset

from subsel_automl import dataset, provider


def train_fn(config, data):
    began = time.process_time()
    train_set, valid_set = tensors(data["train"]), tensors(data["validation"])
    torch.manual_seed(0)
    model = SmallCNN(config["width"])
    optimizer = torch.optim.SGD(model.parameters(), config["lr"], momentum=config["momentum"])
    loader = subset_loader(train_set, model=model, batch_size=64)
    for _ in range(config["epochs"]):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        spent = time.process_time() - began
        tune.report({"accuracy": accuracy(model, valid_set), "cpu_seconds": spent})


def main(argv=None):
    options = arguments(argv)
    data = dataset(options.data)
    ray.init(num_cpus=2, include_dashboard=False, ignore_reinit_error=True)
    trainable = tune.with_parameters(train_fn, data=arrays(data))
    chooser = provider("random-per-class").fit(data.train)
    tuner = tune.Tuner(
        with_subset(trainable, chooser, budget=0.1, redraw_every=1),
        param_space={
            "lr": tune.loguniform(1e-3, 0.3),
            "momentum": tune.uniform(0.5, 0.95),
            "width": tune.choice([8, 16]),
            "epochs": options.epochs,
        },
        tune_config=tune.TuneConfig(
            metric="accuracy",
            mode="max",
            num_samples=options.trials,
            scheduler=ASHAScheduler(max_t=options.epochs, grace_period=1),
            search_alg=tune.search.basic_variant.BasicVariantGenerator(random_state=0),
        ),
        run_config=tune.RunConfig(storage_path=str(Path(options.out).resolve()), verbose=0),
    )
    results = tuner.fit()
    best = results.get_best_result()
    cost = sum(result.metrics["cpu_seconds"] for result in results)
    show(cost, len(results), best.config, best.metrics["accuracy"])


if __name__ == "__main__":
    main()
