"""Tune a small CNN with Optuna."""

from __future__ import annotations

import time
from pathlib import Path

import optuna
import torch
import torch.nn.functional as F
from small_cnn import SmallCNN, accuracy, arguments, arrays, show, tensors
from subsel_automl.integrations.optuna import SubsetObjective

from subsel_automl import dataset, provider


def main(argv=None):
    options = arguments(argv)
    data = dataset(options.data)
    train_set, valid_set = map(tensors, arrays(data).values())

    def objective(trial, subset):
        torch.manual_seed(0)
        model = SmallCNN(trial.suggest_categorical("width", [8, 16]))
        optimizer = torch.optim.SGD(
            model.parameters(),
            trial.suggest_float("lr", 1e-3, 0.3, log=True),
            momentum=trial.suggest_float("momentum", 0.5, 0.95),
        )
        loader = subset.loader(train_set, model=model, batch_size=64)
        for epoch in range(options.epochs):
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(model(x), y).backward()
                optimizer.step()
            value = accuracy(model, valid_set)
            trial.report(value, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return value

    objective = SubsetObjective(objective, provider("random").fit(data.train), 0.1, redraw_every=1)
    Path(options.out).mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=f"sqlite:///{Path(options.out).resolve() / 'study.db'}",
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=0),
        pruner=optuna.pruners.SuccessiveHalvingPruner(),
    )
    began = time.process_time()
    study.optimize(objective, n_trials=options.trials)
    cost = time.process_time() - began
    show(cost, len(study.trials), study.best_params, study.best_value)


if __name__ == "__main__":
    main()
