"""What the README shows runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from subsel_automl import dataset, provider
from subsel_automl.core.errors import MissingData

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def block(part: str) -> str:
    """The one example that holds `part`."""
    found = [text for text in BLOCKS if part in text]
    assert len(found) == 1
    return found[0]


def run(*texts: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for text in texts:
        exec(compile(text, "README.md", "exec"), names)
    return names


@pytest.fixture(scope="module")
def first() -> str:
    try:
        dataset("fashion-mnist")
    except MissingData as error:
        pytest.skip(f"Fashion-MNIST is not here: {error}")
    return block("subset.provenance.seconds")


def test_your_own_data_example_selects_evenly() -> None:
    subset = run(block('name="mine"'))["subset"]
    assert len(subset) == 500


def test_the_first_example_selects_two_percent(first: str) -> None:
    subset = run(first)["subset"]
    assert len(subset) == 840
    assert subset.targets.shape == (840, 10)


def my_trial(config: dict[str, Any]) -> tuple[Any, ...]:
    """What the reader has: a model, its optimizer, the training set, a measure."""
    import torch

    pool = dataset("digits").train
    x, y = torch.from_numpy(pool.features).float(), torch.from_numpy(pool.labels.copy())
    torch.manual_seed(0)
    model = torch.nn.Linear(x.shape[1], 10)
    optimizer = torch.optim.SGD(model.parameters(), config["lr"])
    right = lambda net: float((net(x).argmax(1) == y).float().mean())  # noqa: E731
    return model, optimizer, torch.utils.data.TensorDataset(x, y), right


def test_the_rungs_example_ends_with_a_trial_of_the_last_rung(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("optuna")
    import optuna
    from subsel_automl.integrations.optuna import SubsetObjective

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    passes = []

    def objective(trial: Any, subset: Any) -> float:
        passes.append(subset.epochs)
        return float(trial.suggest_float("x", 0, 1))

    chooser = provider("random-per-class").fit(dataset("digits").train)
    shown = block("RungSampler(plan)")
    names = {"SubsetObjective": SubsetObjective, "objective": objective, "chooser": chooser}
    exec(compile(shown, "README.md", "exec"), names)
    study: Any = names["by_rungs"]
    study.optimize(names["climbing"], n_trials=100)
    assert len(passes) == names["plan"].jobs  # type: ignore[attr-defined]
    assert study.best_value == max(one.value for one in study.trials)
    assert max(passes) == 40  # 20 passes over all data, halves of it


def test_the_stopper_example_stops_trials_that_are_behind() -> None:
    optuna = pytest.importorskip("optuna")

    def objective(trial: Any) -> float:
        level = trial.suggest_float("x", 0, 1)
        for epoch in range(1, 17):
            trial.report(level - 1 / epoch, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned()
        return level

    study: Any = run("import optuna", block("CurvePruner()"))["by_curves"]
    study.sampler = optuna.samplers.RandomSampler(seed=0)  # TPE's later trials are not behind
    study.optimize(objective, n_trials=30)
    states = [one.state.name for one in study.trials]
    assert states.count("PRUNED") > 10
    assert study.best_trial.params["x"] == max(one.params["x"] for one in study.trials)


def test_the_loader_example_reads_three_epochs_of_a_tenth() -> None:
    names = run(block("loader = SubsetLoader("))
    assert sum(names["batches"]) == 300


def test_the_optuna_example_runs_as_an_objective() -> None:
    optuna = pytest.importorskip("optuna", reason="extra [optuna] is not installed")
    names = run(block("study_objective = SubsetObjective"))
    names["my_trial"] = my_trial
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(names["study_objective"], n_trials=4)
    assert study.best_value > 0.2
    assert study.trials[0].user_attrs["subset_size"] == 126


@pytest.mark.slow
def test_the_ray_function_example_trains_on_a_tenth(ray_here: None, tmp_path: Path) -> None:
    tune = pytest.importorskip("ray.tune", reason="extra [ray] is not installed")
    names = run(block("with_subset(train_fn"))
    names["train_fn"].__globals__["my_trial"] = my_trial
    import sys

    import ray

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers do not see tests/
    results = tune.Tuner(
        names["trainable"],
        param_space={"lr": 0.1, "epochs": 2},
        run_config=tune.RunConfig(storage_path=str(tmp_path), verbose=0),
    ).fit()
    assert not results.errors
    assert results[0].metrics["subset_size"] == 126


def test_the_ray_example_names_what_exists(first: str) -> None:
    pytest.importorskip("ray", reason="extra [ray] is not installed")
    text = block("tune.run(").split("tune.run(")[0]
    task = run(first, text)["task"]
    assert task.feed().at(0, task.architectures[0]).indices.shape == (4200,)


def test_the_search_example_finds_a_cell() -> None:
    found = run(block('search("gdas"'))["found"]
    assert len(found.genotype["cell"]) == 6
    assert found.curve[0]["examples"] == 126
