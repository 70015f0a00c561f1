"""Ray Tune's function API with an endless loop: `stop=` ends a trial."""

import os

import torch
import torch.nn.functional as F
from ray import tune
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS = (2, 2) if SMOKE else (16, 12)

images, labels = load_digits(return_X_y=True)
x, y = torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)
train, valid_x, valid_y = TensorDataset(x[:1400], y[:1400]), x[1400:], y[1400:]


def train_fn(config):
    width = config["width"]
    model = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=config["momentum"])
    loader = DataLoader(train, batch_size=64, shuffle=True)
    while True:
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(inputs), targets).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            acc = (model(valid_x).argmax(1) == valid_y).float().mean().item()
        tune.report({"mean_accuracy": acc})


def main():
    stop = {"training_iteration": EPOCHS}
    tuner = tune.Tuner(
        train_fn,
        param_space={
            "lr": tune.loguniform(1e-3, 0.3),
            "momentum": tune.uniform(0.1, 0.9),
            "width": tune.choice([32, 64, 128]),
        },
        tune_config=tune.TuneConfig(metric="mean_accuracy", mode="max", num_samples=TRIALS),
        run_config=tune.RunConfig(stop=stop, verbose=0),
    )
    best = tuner.fit().get_best_result()
    print(f"best: {best.metrics['mean_accuracy']:.4f} with {best.config}")


if __name__ == "__main__":
    main()
