"""Ray Tune's function API under ASHA, whose `max_t` is the trials' own length."""

import os

import torch
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS = (2, 2) if SMOKE else (16, 12)

digits = load_digits()
x = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
y = torch.tensor(digits.target)
train_set, test_set = TensorDataset(x[:1400], y[:1400]), TensorDataset(x[1400:], y[1400:])


class Net(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv = nn.Conv2d(1, channels, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(channels * 16, hidden)
        self.fc2 = nn.Linear(hidden, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv(x)))
        x = torch.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc2(x)


def test_accuracy(net):
    net.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in DataLoader(test_set, batch_size=256):
            correct += (net(images).argmax(1) == labels).sum().item()
    return correct / len(test_set)


def train_digits(config):
    net = Net(config["channels"], config["hidden"])
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=config["lr"], momentum=0.9)
    loader = DataLoader(train_set, batch_size=config["batch_size"], shuffle=True)
    for _ in range(EPOCHS):
        net.train()
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(net(images), labels)
            loss.backward()
            optimizer.step()
        tune.report({"loss": loss.item(), "accuracy": test_accuracy(net)})


if __name__ == "__main__":
    scheduler = ASHAScheduler(max_t=EPOCHS, grace_period=1, reduction_factor=2)
    tuner = tune.Tuner(
        train_digits,
        tune_config=tune.TuneConfig(
            metric="accuracy", mode="max", scheduler=scheduler, num_samples=TRIALS
        ),
        run_config=tune.RunConfig(verbose=0),
        param_space={
            "channels": tune.choice([4, 8]),
            "hidden": tune.choice([32, 64]),
            "lr": tune.loguniform(1e-3, 1e-1),
            "batch_size": tune.choice([32, 64]),
        },
    )
    best = tuner.fit().get_best_result("accuracy", "max")
    print(f"best: {best.metrics['accuracy']:.4f} with {best.config}")
