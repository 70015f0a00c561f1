"""One example in twenty is of the rare class; every trial draws its own validation split."""

import os

import optuna
import torch
import torch.nn.functional as F
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from subsel_automl.integrations.optuna import SubsetObjective
from torch import nn
from torch.utils.data import Subset, TensorDataset

from subsel_automl import provider

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS, ROWS = (4, 2, 800) if SMOKE else (15, 10, 4000)

X, y = make_classification(
    ROWS, n_features=20, n_informative=6, weights=[20 / 21], class_sep=1.5, random_state=0
)
dataset = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y))


def objective(trial, subset):
    width = trial.suggest_int("width", 8, 64, log=True)
    rare = trial.suggest_float("rare_weight", 1.0, 20.0, log=True)
    model = nn.Sequential(nn.Linear(20, width), nn.ReLU(), nn.Linear(width, 2))
    lr = trial.suggest_float("lr", 1e-3, 1e-1, log=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    rows, held = train_test_split(range(ROWS), test_size=0.25, stratify=y)
    loader = subset.loader(Subset(dataset, rows), model=model, batch_size=64)
    for _ in range(EPOCHS):
        model.train()
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(inputs), labels, weight=torch.tensor([1.0, rare]))
            loss.backward()
            optimizer.step()
    model.eval()
    inputs, labels = dataset[held]
    with torch.no_grad():
        return balanced_accuracy_score(labels, model(inputs).argmax(1))


if __name__ == "__main__":
    objective = SubsetObjective(objective, provider("subselnet-online").fit(dataset), 0.2)
    study = optuna.create_study(direction="maximize")
    study.optimize(objective, n_trials=TRIALS)
    print(f"best: {study.best_value:.4f} with {study.best_params}")
