"""What the example scripts share: a user's own network, data and evaluation. Nothing of subsets."""

from __future__ import annotations

import argparse

import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset

from subsel_automl import Pool
from subsel_automl.data.images import Splits

Arrays = tuple[np.ndarray, np.ndarray]


class SmallCNN(nn.Module):
    """Two convolutions and a linear layer, for grey images of any size."""

    def __init__(self, width: int, classes: int = 10) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(width, 2 * width, 3, padding=1, bias=False), nn.BatchNorm2d(2 * width),
            nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Linear(32 * width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x))


def arguments(argv: list[str] | None, trials: int = 8, epochs: int = 4) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="fashion-mnist", choices=["fashion-mnist", "digits"])
    parser.add_argument("--trials", type=int, default=trials)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--out", default="example-results", help="folder for results")
    return parser.parse_args(argv)


def arrays(data: Splits) -> dict[str, Arrays]:
    """Training and validation images (uint8) and labels."""
    return {"train": _arrays(data.train), "validation": _arrays(data.validation)}


def tensors(arrays: Arrays) -> TensorDataset:
    images = torch.from_numpy(arrays[0].astype(np.float32)).permute(0, 3, 1, 2)
    return TensorDataset((images / 255 - 0.5) / 0.25, torch.from_numpy(arrays[1].copy()))


@torch.no_grad()
def accuracy(model: nn.Module, data: TensorDataset) -> float:
    x, y = data.tensors
    model.eval()
    hits = sum(
        int((model(x[i : i + 500]).argmax(1) == y[i : i + 500]).sum())
        for i in range(0, len(y), 500)
    )
    model.train()
    return hits / len(y)


def show(cpu_seconds: float, trials: int, config: dict[str, object], best: float) -> None:
    print(f"cost: {cpu_seconds:.1f} CPU seconds, {trials} trials")
    winner = ", ".join(f"{name}={value}" for name, value in sorted(config.items()))
    print(f"winner: {winner}; validation accuracy {best:.4f}")


def _arrays(pool: Pool) -> Arrays:
    assert pool.images is not None and pool.labels is not None  # noqa: PT018
    return pool.images.batch(np.arange(len(pool))), pool.labels
