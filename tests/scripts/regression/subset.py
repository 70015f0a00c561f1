"""Regression: scikit-learn's diabetes data, an MLP, mean squared error; Optuna minimizes it."""

import os

import optuna
import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from subsel_automl.integrations.optuna import SubsetObjective
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl import provider

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS = (4, 3) if SMOKE else (25, 40)

X, y = load_diabetes(return_X_y=True)
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.25, random_state=0)
scale_x, scale_y = StandardScaler().fit(X_train), StandardScaler().fit(y_train[:, None])


def tensors(X, y):
    targets = scale_y.transform(y[:, None]).ravel()
    return TensorDataset(torch.tensor(scale_x.transform(X)).float(), torch.tensor(targets).float())


train_set, valid_set = tensors(X_train, y_train), tensors(X_valid, y_valid)


class MLP(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Dropout(dropout))
        self.head = nn.Linear(width, 1)

    def forward(self, x):
        return self.head(self.hidden(x)).squeeze(1)


def objective(trial, subset):
    model = MLP(trial.suggest_int("width", 8, 64), trial.suggest_float("dropout", 0.0, 0.4))
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=1e-3)
    criterion = nn.MSELoss()
    loader = subset.loader(train_set, model=model, batch_size=32)
    for _ in range(EPOCHS):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        inputs, targets = valid_set.tensors
        return criterion(model(inputs), targets).item()


if __name__ == "__main__":
    objective = SubsetObjective(objective, provider("subselnet-online").fit(train_set), 0.2)
    study = optuna.create_study(direction="minimize")
    study.optimize(objective, n_trials=TRIALS)
    print(f"best: {study.best_value:.4f} with {study.best_params}")
