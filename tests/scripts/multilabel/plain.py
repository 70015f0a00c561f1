"""Several labels an example: BCEWithLogitsLoss over n x c zeros and ones; Optuna."""

import os

import optuna
import torch
from sklearn.datasets import make_multilabel_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS, ROWS = (4, 2, 300) if SMOKE else (20, 15, 2000)

X, Y = make_multilabel_classification(ROWS + 500, n_features=20, n_classes=6, random_state=0)
x, y = torch.tensor(X, dtype=torch.float32) / 10, torch.tensor(Y, dtype=torch.float32)
train_set, valid_set = TensorDataset(x[:ROWS], y[:ROWS]), TensorDataset(x[ROWS:], y[ROWS:])


def micro_f1(logits, labels):
    said = (logits > 0).float()
    return (2 * (said * labels).sum() / (said.sum() + labels.sum()).clamp(min=1)).item()


def objective(trial):
    width = trial.suggest_int("width", 16, 128, log=True)
    model = nn.Sequential(nn.Linear(20, width), nn.ReLU(), nn.Linear(width, 6))
    lr = trial.suggest_float("lr", 1e-3, 1e-1, log=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(train_set, batch_size=32, shuffle=True)
    for _ in range(EPOCHS):
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        inputs, labels = valid_set.tensors
        return micro_f1(model(inputs), labels)


if __name__ == "__main__":
    study = optuna.create_study(direction="maximize")
    study.optimize(objective, n_trials=TRIALS)
    print(f"best: {study.best_value:.4f} with {study.best_params}")
