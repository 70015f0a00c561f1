"""An LSTM on sequences of many lengths, padded a batch at a time; Optuna."""

import os

import numpy as np
import optuna
import torch
import torch.nn.functional as F
from subsel_automl.integrations.optuna import SubsetObjective
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import Dataset

from subsel_automl import provider

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS, ROWS = (3, 2, 240) if SMOKE else (12, 10, 1500)


class Sequences(Dataset):
    """5 to 20 tokens; those of class c are more often from 10c .. 10c + 9."""

    def __init__(self, rows, seed):
        rng = np.random.default_rng(seed)
        self.labels, self.rows = rng.integers(0, 3, rows), []
        for label in self.labels:
            topic, common = rng.integers(0, 10, 20) + 10 * label, rng.integers(0, 40, 20)
            tokens = np.where(rng.random(20) < 0.35, topic, common)
            self.rows.append(torch.from_numpy(tokens[: rng.integers(5, 21)]))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index], int(self.labels[index])


def collate(items):
    rows, labels = zip(*items, strict=True)
    lengths = torch.tensor([len(row) for row in rows])
    return pad_sequence(rows, batch_first=True), lengths, torch.tensor(labels)


class Classifier(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embedding = nn.Embedding(40, 16)
        self.lstm = nn.LSTM(16, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 3)

    def forward(self, text, lengths):
        text = self.embedding(text)
        text = pack_padded_sequence(text, lengths, batch_first=True, enforce_sorted=False)
        _, (hidden, _) = self.lstm(text)
        return self.fc(hidden[-1])


train_set, valid_set = Sequences(ROWS, seed=0), Sequences(500, seed=1)


def objective(trial, subset):
    model = Classifier(trial.suggest_int("hidden", 8, 64, log=True))
    lr = trial.suggest_float("lr", 1e-3, 1e-1, log=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    loader = subset.loader(train_set, model=model, batch_size=32, collate_fn=collate, label=2)
    for _ in range(EPOCHS):
        for text, lengths, labels in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(text, lengths), labels).backward()
            optimizer.step()
    text, lengths, labels = collate(list(valid_set))
    with torch.no_grad():
        return (model(text, lengths).argmax(1) == labels).float().mean().item()


objective = SubsetObjective(objective, provider("subselnet-online").fit(train_set), 0.2)
study = optuna.create_study(direction="maximize")
study.optimize(objective, n_trials=TRIALS)
print(f"best: {study.best_value:.4f} with {study.best_params}")
