"""Two classes and one logit: BCEWithLogitsLoss with float labels; Optuna."""

import os

import optuna
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS = (4, 2) if SMOKE else (20, 20)

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=69)
scaler = StandardScaler()
X_train, X_test = scaler.fit_transform(X_train), scaler.transform(X_test)


class TrainData(Dataset):
    def __init__(self, X_data, y_data):
        self.X_data, self.y_data = torch.FloatTensor(X_data), torch.FloatTensor(y_data)

    def __getitem__(self, index):
        return self.X_data[index], self.y_data[index]

    def __len__(self):
        return len(self.X_data)


class BinaryClassification(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer_1 = nn.Linear(30, width)
        self.batchnorm1 = nn.BatchNorm1d(width)
        self.layer_out = nn.Linear(width, 1)

    def forward(self, inputs):
        return self.layer_out(self.batchnorm1(torch.relu(self.layer_1(inputs))))


train_data = TrainData(X_train, y_train)


def objective(trial):
    model = BinaryClassification(trial.suggest_int("width", 4, 64, log=True))
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.BCEWithLogitsLoss()
    train_loader = DataLoader(train_data, batch_size=64, shuffle=True)
    for _ in range(EPOCHS):
        model.train()
        for X_batch, y_batch in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(X_batch), y_batch.unsqueeze(1))
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(torch.FloatTensor(X_test)).squeeze(1)
    return ((logits > 0) == torch.tensor(y_test).bool()).float().mean().item()


if __name__ == "__main__":
    study = optuna.create_study(direction="maximize")
    study.optimize(objective, n_trials=TRIALS)
    print(f"best: {study.best_value:.4f} with {study.best_params}")
