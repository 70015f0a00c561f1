"""skorch: a PyTorch network in scikit-learn's GridSearchCV."""

import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from skorch import NeuralNetClassifier
from torch import nn

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
WIDTHS, EPOCHS, ROWS = ([16, 32], 2, 600) if SMOKE else ([16, 32, 64, 128], 12, 1797)

X, y = load_digits(return_X_y=True)
X, y = (X[:ROWS] / 16).astype(np.float32), y[:ROWS].astype(np.int64)


class MyModule(nn.Module):
    def __init__(self, num_units=10, dropout=0.2):
        super().__init__()
        self.dense0 = nn.Linear(64, num_units)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(num_units, 10)

    def forward(self, X):
        X = self.dropout(torch.relu(self.dense0(X)))
        return self.output(X)


net = NeuralNetClassifier(
    MyModule,
    criterion=nn.CrossEntropyLoss,
    max_epochs=EPOCHS,
    lr=0.1,
    batch_size=64,
    iterator_train__shuffle=True,
    train_split=False,
    verbose=0,
)
params = {"lr": [0.03, 0.3], "module__num_units": WIDTHS}
search = GridSearchCV(net, params, refit=False, cv=3, scoring="accuracy")
search.fit(X, y)
print(f"best: {search.best_score_:.4f} with {search.best_params_}")
