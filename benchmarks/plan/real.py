"""The plan run for real: Optuna studies that train, ours and its rivals, and the truth of each.

    python -m benchmarks.plan.real run  [--minutes 60]

One cell is a problem, a seed and a way to spend; a search has 40 configurations of the wider space
of `benchmarks/trial_table`, drawn by Optuna's RandomSampler(seed), so that all but TPE see the same
ones. Ours runs as users run it: `SubsetObjective`, `RungSampler(plan_rungs(5, 40))`, `guarded` at
10 % a pass; "all data" is the same with the whole pool as its largest pass. Rivals train on all
data, report every 32 steps and end when they end. "full" trains all 40 fully, with two seeds that
no search uses: their mean test accuracy is the truth that regret is of.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import optuna
import torch
from subsel_automl.integrations.optuna import RungSampler, SubsetObjective

from benchmarks.run import RESULTS, run_cells
from benchmarks.trial_table.kinds import stream
from benchmarks.trial_table.problems import Problem, problem
from benchmarks.trial_table.run import BATCH, LONGEST, architecture_of, networks
from benchmarks.trial_table.together import Together
from subsel_automl.budgeting.rule import plan_rungs
from subsel_automl.catalog import provider

PATH = RESULTS / "plan_real.jsonl"
PROBLEMS, SEEDS, DRAWN, TOTAL, EPOCHS = ("letter", "fashion-mnist"), 5, 40, 5.0, 8
EVERY, TRUTHS = 32, (501, 502)
OURS = {"rungs, guarded at 10 %": ("guarded", 0.1), "rungs, all data": ("random", 1.0)}
PRUNERS: dict[str, Callable[[], optuna.pruners.BasePruner]] = {
    "asha (Optuna)": optuna.pruners.SuccessiveHalvingPruner,
    "hyperband (Optuna)": lambda: optuna.pruners.HyperbandPruner(1, LONGEST // EVERY),
    "median pruning (Optuna)": optuna.pruners.MedianPruner,
    "tpe + asha (Optuna)": optuna.pruners.SuccessiveHalvingPruner,
}
Config = dict[str, Any]


def cells() -> list[dict[str, Any]]:
    return [
        {"problem": name, "seed": seed, "arm": arm}
        for seed in range(SEEDS)
        for name in PROBLEMS
        for arm in ("full", *OURS, *PRUNERS)
    ]


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), train, (), workers, seconds_limit=60 * minutes)


def train(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The way of a search: (full trainings so far, winner so far, full trainings it lacks)."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    data, seed, arm = problem(cell["problem"]), cell["seed"], cell["arm"]
    if arm == "full":
        return {"test_accuracy": truths(data, drawn(data, seed)), "cost": float(DRAWN)}
    began = time.process_time()
    study, way = (_rungs if arm in OURS else _pruned)(data, seed, arm)
    spent = time.process_time() - began
    best = study.best_trial
    return {
        "cost": round(way[-1][0], 3),
        "way": way,
        "winner": truths(data, [suggested(optuna.trial.FixedTrial(best.params), data)])[0],
        "lacks": 0.0 if arm not in OURS or _last_is_full() else 1.0,
        "cpu_seconds": round(spent, 1),
    }


def _last_is_full() -> bool:
    return plan_rungs(TOTAL, DRAWN).rungs[-1].length == 1


def drawn(data: Problem, seed: int) -> list[Config]:
    """What RandomSampler proposes."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed))
    return [suggested(study.ask(), data) for _ in range(DRAWN)]


def suggested(trial: Any, data: Problem) -> Config:
    """A configuration of the wider space, as a user writes it for Optuna."""
    name = trial.suggest_categorical("optimizer", ["sgd", "adam", "rmsprop"])
    optimizer = {
        "name": name,
        "lr": trial.suggest_float("lr", 1e-4, 1.0, log=True),
        "weight_decay": trial.suggest_float("weight_decay", 1e-6, 0.1, log=True),
    }
    if name != "adam":
        optimizer["momentum"] = trial.suggest_float("momentum", 0.0, 0.999)
    scheduler = {"name": trial.suggest_categorical("scheduler", ["step", "cosine", "constant"])}
    if scheduler["name"] == "step":
        scheduler["step_size"] = trial.suggest_categorical("step_size", [10, 20, 30, 40])
        scheduler["gamma"] = trial.suggest_float("gamma", 0.05, 0.5)
    network = trial.suggest_categorical("network", [one.name for one in networks(data.name)])
    return {"network": network, "optimizer": optimizer, "scheduler": scheduler}


def _network(data: Problem, config: Config, steps: int, seed: int) -> Together:
    net = next(one for one in networks(data.name) if one.name == config["network"])
    return Together(net, data.train[0].shape[1:], data.classes, [config], steps, seed)


def _accuracy(nets: Together, part: tuple[Any, Any]) -> float:
    said = nets.logits(torch.from_numpy(part[0]))[0].argmax(1).numpy()
    return float((said == part[1]).mean())


def truths(data: Problem, configs: Sequence[Config]) -> list[float]:
    """Test accuracies after full training, means of TRUTHS; those of a network train together."""
    found = np.zeros((len(configs), len(TRUTHS)))
    x, y = (torch.from_numpy(part) for part in data.train)
    kinds = sorted({one["optimizer"]["name"] for one in configs})
    for net in networks(data.name):
        mine = [n for n, one in enumerate(configs) if one["network"] == net.name]
        mine.sort(key=lambda n: kinds.index(configs[n]["optimizer"]["name"]))
        for column, seed in enumerate(TRUTHS if mine else ()):
            shape, chosen = data.train[0].shape[1:], [configs[n] for n in mine]
            nets = Together(net, shape, data.classes, chosen, LONGEST, seed)
            batches = stream("all", data.pool, 1.0, seed, BATCH, None, architecture_of(data, net))
            for _ in range(LONGEST):
                rows, _ = next(batches)
                nets.train(x[rows], y[rows])
            said = nets.logits(torch.from_numpy(data.test[0])).argmax(2).numpy()
            found[mine, column] = (said == data.test[1]).mean(1)
    return [round(float(one), 4) for one in found.mean(1)]


def _architecture(data: Problem, config: Config) -> Any:
    net = next(one for one in networks(data.name) if one.name == config["network"])
    return architecture_of(data, net)


def _rungs(data: Problem, seed: int, arm: str) -> tuple[optuna.Study, list[list[float]]]:
    """Ours, in the user's idiom."""
    x, y = (torch.from_numpy(part) for part in data.train)
    name, share = OURS[arm]
    chooser = provider(name).fit(data.pool)
    plan = plan_rungs(TOTAL, DRAWN)
    spent, way = 0, []

    def objective(trial: optuna.Trial, subset: Any) -> float:
        nonlocal spent
        loader = subset.loader(torch.utils.data.TensorDataset(x, y), batch_size=BATCH)
        config = suggested(trial, data)
        nets = _network(data, config, subset.epochs * len(loader), seed)
        for _ in range(subset.epochs):
            for batch, labels in loader:
                nets.train(batch, labels)
                spent += len(labels)
        accuracy = _accuracy(nets, data.validation)
        way.append([spent / (LONGEST * BATCH), trial.number, accuracy])
        return accuracy

    study = optuna.create_study(
        direction="maximize", sampler=RungSampler(plan, optuna.samplers.RandomSampler(seed))
    )
    study.optimize(
        SubsetObjective(objective, chooser, share, epochs=EPOCHS, seed=seed), n_trials=plan.jobs
    )
    return study, way


def _pruned(data: Problem, seed: int, arm: str) -> tuple[optuna.Study, list[list[float]]]:
    """A rival: trials on all data that a pruner stops; its way is of those that led."""
    x, y = (torch.from_numpy(part) for part in data.train)
    spent, way, best = 0, [], -1.0

    def objective(trial: optuna.Trial) -> float:
        nonlocal spent, best
        config = suggested(trial, data)
        nets = _network(data, config, LONGEST, seed)
        batches = stream("all", data.pool, 1.0, seed, BATCH, None, _architecture(data, config))
        accuracy = 0.0
        for step in range(1, LONGEST + 1):
            rows, _ = next(batches)
            nets.train(x[rows], y[rows])
            spent += BATCH
            if step % EVERY:
                continue
            accuracy = _accuracy(nets, data.validation)
            if accuracy > best:
                best = accuracy
                way.append([spent / (LONGEST * BATCH), trial.number, 1 - step / LONGEST])
            trial.report(accuracy, step // EVERY)
            if step < LONGEST and trial.should_prune():
                raise optuna.TrialPruned
        return accuracy

    sampler = optuna.samplers.TPESampler if arm.startswith("tpe") else optuna.samplers.RandomSampler
    study = optuna.create_study(
        direction="maximize", pruner=PRUNERS[arm](), sampler=sampler(seed=seed)
    )
    study.optimize(objective, n_trials=DRAWN)
    way.append([spent / (LONGEST * BATCH), study.best_trial.number, 0.0])
    return study, way


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.plan.real", description=__doc__)
    parser.add_argument("what", choices=("run",))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--workers", type=int, default=0)
    asked = parser.parse_args()
    measure(asked.minutes, asked.workers)


if __name__ == "__main__":
    main()
