"""Population-based training with Ray's class API and actors that are used again."""

import os

import ray
import torch
from ray import tune
from ray.tune.schedulers import PopulationBasedTraining
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS, INTERVAL = (2, 3, 1) if SMOKE else (6, 20, 4)

images, labels = load_digits(return_X_y=True)
x, y = torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)
data = TensorDataset(x[:1400], y[:1400])


class TrainNet(tune.Trainable):
    def setup(self, config):
        self.model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
        self.optimizer = optim.SGD(self.model.parameters(), config["lr"], config["momentum"])
        self.train_loader = DataLoader(data, batch_size=64, shuffle=True)

    def step(self):
        self.model.train()
        for inputs, targets in self.train_loader:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.model(inputs), targets).backward()
            self.optimizer.step()
        self.model.eval()
        with torch.no_grad():
            hits = self.model(x[1400:]).argmax(1) == y[1400:]
        return {"mean_accuracy": hits.float().mean().item()}

    def save_checkpoint(self, checkpoint_dir):
        torch.save(self.model.state_dict(), os.path.join(checkpoint_dir, "model.pth"))

    def load_checkpoint(self, checkpoint_dir):
        self.model.load_state_dict(torch.load(os.path.join(checkpoint_dir, "model.pth")))

    def reset_config(self, new_config):
        for group in self.optimizer.param_groups:
            group["lr"], group["momentum"] = new_config["lr"], new_config["momentum"]
        return True


if __name__ == "__main__":
    ray.init(num_cpus=2)
    scheduler = PopulationBasedTraining(
        time_attr="training_iteration",
        perturbation_interval=INTERVAL,
        hyperparam_mutations={
            "lr": lambda: tune.loguniform(1e-4, 1e-1).sample(),
            "momentum": [0.8, 0.9, 0.99],
        },
    )
    stop = {"training_iteration": EPOCHS}
    tuner = tune.Tuner(
        TrainNet,
        run_config=tune.RunConfig(stop=stop, verbose=0),
        tune_config=tune.TuneConfig(
            metric="mean_accuracy",
            mode="max",
            scheduler=scheduler,
            num_samples=TRIALS,
            reuse_actors=True,
        ),
        param_space={"lr": tune.uniform(0.001, 0.1), "momentum": tune.uniform(0.8, 0.9)},
    )
    best = tuner.fit().get_best_result()
    print(f"best: {best.metrics['mean_accuracy']:.4f} with {best.config}")
