"""Ray Tune's class API; HyperBand pauses, resumes and stops the trials."""

import os

import torch
import torch.nn.functional as F
from ray import tune
from ray.tune.schedulers import HyperBandScheduler
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS = (2, 3) if SMOKE else (20, 9)

images, labels = load_digits(return_X_y=True)
x, y = torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)
train_set = TensorDataset(x[:1400], y[:1400])


class TrainDigits(tune.Trainable):
    def setup(self, config):
        self.model = nn.Sequential(
            nn.Linear(64, config["width"]),
            nn.ReLU(),
            nn.Dropout(config["dropout"]),
            nn.Linear(config["width"], 10),
        )
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=config["lr"])
        self.loader = DataLoader(train_set, batch_size=64, shuffle=True)

    def step(self):
        self.model.train()
        for inputs, targets in self.loader:
            self.optimizer.zero_grad()
            F.cross_entropy(self.model(inputs), targets).backward()
            self.optimizer.step()
        self.model.eval()
        with torch.no_grad():
            hits = self.model(x[1400:]).argmax(1) == y[1400:]
        return {"accuracy": hits.float().mean().item()}

    def save_checkpoint(self, checkpoint_dir):
        path = os.path.join(checkpoint_dir, "model.pth")
        torch.save({"model": self.model.state_dict(), "optim": self.optimizer.state_dict()}, path)
        return checkpoint_dir

    def load_checkpoint(self, checkpoint_dir):
        state = torch.load(os.path.join(checkpoint_dir, "model.pth"))
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optim"])


if __name__ == "__main__":
    hyperband = HyperBandScheduler(time_attr="training_iteration", max_t=EPOCHS)
    stop = {"training_iteration": EPOCHS}
    tuner = tune.Tuner(
        TrainDigits,
        param_space={
            "width": tune.choice([32, 64, 128]),
            "dropout": tune.uniform(0.0, 0.5),
            "lr": tune.loguniform(1e-4, 1e-1),
        },
        tune_config=tune.TuneConfig(
            metric="accuracy", mode="max", num_samples=TRIALS, scheduler=hyperband
        ),
        run_config=tune.RunConfig(stop=stop, verbose=0),
    )
    best = tuner.fit().get_best_result()
    print(f"best: {best.metrics['accuracy']:.4f} with {best.config}")
