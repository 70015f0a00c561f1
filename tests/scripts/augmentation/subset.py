"""A plain loop over learning rates; images are shifted and made noisy as workers read them."""

import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import Dataset

from subsel_automl import SubsetSearch, provider

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
RATES, EPOCHS = ([0.1, 0.02], 2) if SMOKE else ([0.3, 0.1, 0.05, 0.02, 0.01, 0.005], 15)

digits = load_digits()
x = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
y = torch.tensor(digits.target)


class Augmented(Dataset):
    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = F.pad(self.images[index], (1, 1, 1, 1))
        top, left = torch.randint(0, 3, (2,)).tolist()
        image = image[:, top : top + 8, left : left + 8]
        return image + 0.1 * torch.randn_like(image), self.labels[index]


def make_model():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip


def evaluate(model):
    model.eval()
    with torch.no_grad():
        return (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


def main():
    train_set = Augmented(x[:1400], y[:1400])
    search = SubsetSearch(provider("subselnet-online").fit(train_set), 0.2, redraw_every=1)
    scores = {}
    for lr in RATES:
        model = make_model()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        loader = search.loader(train_set, model=model, batch_size=64, num_workers=2)
        for _ in range(EPOCHS):
            model.train()
            for images, labels in loader:
                optimizer.zero_grad()
                F.cross_entropy(model(images), labels).backward()
                optimizer.step()
        scores[lr] = evaluate(model)
        print(f"lr {lr}: {scores[lr]:.4f}")
    best = max(scores, key=scores.get)
    print(f"best: {scores[best]:.4f} with lr={best}")
    print(search.summary())


if __name__ == "__main__":
    main()
