"""Tune a small CNN with Ray Tune's class API and reused actors."""

from __future__ import annotations

import time
from pathlib import Path

import ray
import torch
import torch.nn.functional as F
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from safetensors.torch import load_file, save_file
from small_cnn import SmallCNN, accuracy, arguments, arrays, show, tensors
from subsel_automl.integrations.ray.wrap import subset_loader, with_subset

from subsel_automl import dataset, provider


class Trial(tune.Trainable):
    def setup(self, config, data):
        self.train_set, self.valid_set = tensors(data["train"]), tensors(data["validation"])
        self.reset_config(config)

    def reset_config(self, config):
        self.began, self.config = time.process_time(), config
        torch.manual_seed(0)
        self.model = SmallCNN(config["width"])
        self.optimizer = torch.optim.SGD(
            self.model.parameters(), config["lr"], momentum=config["momentum"]
        )
        self.loader = subset_loader(self.train_set, model=self.model, batch_size=64)
        return True

    def step(self):
        for x, y in self.loader:
            self.optimizer.zero_grad()
            F.cross_entropy(self.model(x), y).backward()
            self.optimizer.step()
        return {
            "accuracy": accuracy(self.model, self.valid_set),
            "cpu_seconds": time.process_time() - self.began,
            "done": self.iteration + 1 >= self.config["epochs"],
        }

    def save_checkpoint(self, checkpoint_dir):
        tensors = dict(self.model.state_dict())
        for place, state in self.optimizer.state_dict()["state"].items():
            tensors[f"momentum/{place}"] = state["momentum_buffer"]
        save_file(tensors, Path(checkpoint_dir) / "state.safetensors")

    def load_checkpoint(self, checkpoint_dir):
        tensors = load_file(Path(checkpoint_dir) / "state.safetensors")
        optimizer = self.optimizer.state_dict()
        optimizer["state"] = {
            int(name.split("/")[1]): {"momentum_buffer": tensors.pop(name)}
            for name in list(tensors)
            if name.startswith("momentum/")
        }
        self.model.load_state_dict(tensors)
        self.optimizer.load_state_dict(optimizer)


def main(argv=None):
    options = arguments(argv)
    data = dataset(options.data)
    ray.init(num_cpus=2, include_dashboard=False, ignore_reinit_error=True)
    trainable = tune.with_parameters(Trial, data=arrays(data))
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
            reuse_actors=True,
        ),
        run_config=tune.RunConfig(storage_path=str(Path(options.out).resolve()), verbose=0),
    )
    results = tuner.fit()
    best = results.get_best_result()
    cost = sum(result.metrics["cpu_seconds"] for result in results)
    show(cost, len(results), best.config, best.metrics["accuracy"])


if __name__ == "__main__":
    main()
