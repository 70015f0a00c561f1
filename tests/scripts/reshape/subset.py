"""The MNIST tutorial's loop: images are made flat before the network sees them."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from subsel_automl import SubsetSearch, provider

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
RATES, EPOCHS = ([0.1, 0.01], 2) if SMOKE else ([0.3, 0.1, 0.03, 0.01, 0.003], 12)

digits = load_digits()
images = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
labels = torch.tensor(digits.target)
train_set = TensorDataset(images[:1400], labels[:1400])
test_loader = DataLoader(TensorDataset(images[1400:], labels[1400:]), batch_size=256)


class NeuralNet(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        return self.fc2(self.relu(self.fc1(x)))


def test(model):
    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in test_loader:
            x = x.view(x.size(0), -1)
            correct += (model(x).argmax(1) == y).sum().item()
    return correct / len(test_loader.dataset)


search = SubsetSearch(provider("subselnet-online").fit(train_set), 0.2, redraw_every=1)
best_accuracy, best_lr = 0.0, None
for lr in RATES:
    model = NeuralNet(64, 64, 10)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    train_loader = search.loader(train_set, model=model, batch_size=64)
    for _ in range(EPOCHS):
        model.train()
        for x, y in train_loader:
            x = x.view(x.size(0), -1)
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    accuracy = test(model)
    if accuracy > best_accuracy:
        best_accuracy, best_lr = accuracy, lr
print(f"best: {best_accuracy:.4f} with lr={best_lr}")
print(search.summary())
