"""Lightning inside an Optuna study: val_acc comes from trainer.callback_metrics."""

import os

import lightning as L
import optuna
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from subsel_automl.integrations.lightning import SubsetDataModule
from subsel_automl.integrations.optuna import SubsetObjective
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from subsel_automl import provider

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS = (3, 2) if SMOKE else (15, 10)

images, labels = load_digits(return_X_y=True)
x, y = torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)
train_set, valid_set = TensorDataset(x[:1400], y[:1400]), TensorDataset(x[1400:], y[1400:])


class LitNet(L.LightningModule):
    def __init__(self, width, dropout, lr):
        super().__init__()
        self.lr = lr
        self.model = nn.Sequential(
            nn.Linear(64, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, 10)
        )

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch, batch_idx):
        data, target = batch
        return F.cross_entropy(self(data), target)

    def validation_step(self, batch, batch_idx):
        data, target = batch
        self.log("val_acc", (self(data).argmax(1) == target).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.lr)


class DigitsData(L.LightningDataModule):
    def train_dataloader(self):
        return DataLoader(train_set, batch_size=64, shuffle=True)

    def val_dataloader(self):
        return DataLoader(valid_set, batch_size=256)


def objective(trial, subset):
    width = trial.suggest_int("width", 16, 128, log=True)
    dropout = trial.suggest_float("dropout", 0.0, 0.5)
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    trainer = L.Trainer(
        max_epochs=EPOCHS,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    model, data = LitNet(width, dropout, lr), DigitsData()
    trainer.fit(model, datamodule=SubsetDataModule(data, subset))
    return trainer.callback_metrics["val_acc"].item()


if __name__ == "__main__":
    objective = SubsetObjective(objective, provider("subselnet-online").fit(train_set), 0.2)
    study = optuna.create_study(direction="maximize")
    study.optimize(objective, n_trials=TRIALS)
    print(f"best: {study.best_value:.4f} with {study.best_params}")
