"""One space, every searcher: whatever hands it out, a trial gets a valid nested config."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subsel_automl.integrations.hpo_space.optimizer import OptimizerSpace, step_in_epochs

SPACE = OptimizerSpace()
PARAMETERS = {  # D.4, as this package reads it
    "sgd": {"lr", "momentum", "weight_decay"},
    "adam": {"lr", "weight_decay"},
    "rmsprop": {"lr", "momentum", "weight_decay"},
    "step": {"step_size", "gamma"},
    "cosine": set(),
}
RANGES = {
    "lr": (0.001, 0.1),
    "momentum": (0.7, 0.999),
    "weight_decay": (0.0001, 0.01),
    "gamma": (0.05, 0.5),
    "step_size": (10, 40),
}


def is_valid(config):
    """The nested config of D.4, said without the code under test."""
    within = [
        RANGES[key][0] <= value <= RANGES[key][1]
        for part in config.values()
        for key, value in part.items()
        if key != "name"
    ]
    own = all(set(part) - {"name"} == PARAMETERS[part["name"]] for part in config.values())
    steps = config["scheduler"].get("step_size", 10) in (10, 20, 30, 40)
    return set(config) == {"optimizer", "scheduler"} and all(within) and own and steps


def drawn(count=40):
    rng = np.random.default_rng(0)
    return [SPACE.sample(rng) for _ in range(count)]


def from_hyperopt(count=40):
    pytest.importorskip("hyperopt")
    from hyperopt.pyll.stochastic import sample

    rng = np.random.default_rng(0)
    return [sample(SPACE.hyperopt(), rng) for _ in range(count)]


def from_hyperopt_in_ray(count=40):
    pytest.importorskip("ray")
    from ray.tune.search.hyperopt import HyperOptSearch

    searcher = HyperOptSearch(space=SPACE.hyperopt(), metric="m", mode="max", random_state_seed=0)
    return [searcher.suggest(str(number)) for number in range(count)]


def from_optuna(count=40):
    optuna = pytest.importorskip("optuna")

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [SPACE.optuna(study.ask()) for _ in range(count)]


def from_optuna_in_ray(count=40):
    optuna = pytest.importorskip("optuna")
    pytest.importorskip("ray")
    from ray.tune.search.optuna import OptunaSearch

    sampler = optuna.samplers.RandomSampler(seed=0)
    searcher = OptunaSearch(space=SPACE, metric="m", mode="max", sampler=sampler)
    return [searcher.suggest(str(number)) for number in range(count)]


def ray_variants(space, count):
    pytest.importorskip("ray")
    from ray.tune.search.variant_generator import generate_variants

    state = np.random.RandomState(0)
    return [
        variant
        for _ in range(count)
        for _, variant in generate_variants({"config": space, "budget": 1}, random_state=state)
    ]


def from_ray(count=40):
    return [variant["config"] for variant in ray_variants(SPACE.ray(), count)]


def from_ray_grid(count=1):
    return [variant["config"] for variant in ray_variants(SPACE.ray(grid=2), count)]


FORMS = [
    drawn,
    pytest.param(from_hyperopt, marks=pytest.mark.slow),  # slow to import, not to run
    from_optuna,
    pytest.param(from_hyperopt_in_ray, marks=pytest.mark.slow),
    pytest.param(from_optuna_in_ray, marks=pytest.mark.slow),
    pytest.param(from_ray, marks=pytest.mark.slow),
    pytest.param(from_ray_grid, marks=pytest.mark.slow),
]


@pytest.fixture(scope="module", params=FORMS, ids=lambda form: form.__name__)
def configs(request):
    return request.param()


def test_every_form_resolves_to_valid_nested_configs(configs):
    assert [config for config in map(SPACE.resolve, configs) if not is_valid(config)] == []


def test_every_form_reaches_every_branch(configs):
    resolved = [SPACE.resolve(config) for config in configs]
    names = {part["name"] for config in resolved for part in config.values()}
    assert names == set(PARAMETERS)


def test_every_form_varies_its_numbers(configs):
    rates = {SPACE.resolve(config)["optimizer"]["lr"] for config in configs}
    assert len(rates) > 1


def test_a_resolved_config_is_plain_json_and_resolves_to_itself(configs):
    resolved = SPACE.resolve(configs[0])
    assert SPACE.resolve(json.loads(json.dumps(resolved))) == resolved


@pytest.mark.slow
@pytest.mark.parametrize(
    "form", [from_hyperopt_in_ray, from_optuna_in_ray, from_optuna, from_ray_grid]
)
def test_forms_other_than_flat_ray_arrive_resolved(form):
    config = form(3)[0]
    assert is_valid(config)
    assert config == SPACE.resolve(config)


@given(st.integers(0, 2**32 - 1))
def test_a_draw_is_valid_for_every_seed(seed):
    assert is_valid(SPACE.sample(np.random.default_rng(seed)))


@given(st.integers(0, 2**32 - 1))
def test_flat_nested_and_all_branches_resolve_alike(seed):
    config = SPACE.sample(np.random.default_rng(seed))
    flat, apart = {"epochs": 3}, {}
    for name, part in config.items():
        branch = part["name"]
        own = {key: value for key, value in part.items() if key != "name"}
        flat |= {f"{name}/name": branch} | {f"{name}/{branch}/{key}": own[key] for key in own}
        apart[name] = {"name": branch, branch: own, "adam": own if branch == "adam" else {"lr": 9}}
    apart["scheduler"].pop("adam")
    assert SPACE.resolve(flat) == SPACE.resolve(apart) == SPACE.resolve(config) == config


def test_the_grid_is_every_combination_once():
    grid = SPACE.grid(2)
    assert len(grid) == len({json.dumps(config) for config in grid}) == (8 + 4 + 8) * (4 * 2 + 1)
    assert all(map(is_valid, grid))


@pytest.mark.slow
def test_hyperopt_labels_are_unique_and_name_their_branch():
    pytest.importorskip("hyperopt")
    from hyperopt.pyll import as_apply, dfs

    labels = [
        node.pos_args[0].obj
        for node in dfs(as_apply(SPACE.hyperopt()))
        if node.name == "hyperopt_param"
    ]
    assert len(labels) == len(set(labels)) == 2 + 3 + 2 + 3 + 2
    assert "optimizer/sgd/momentum" in labels


@pytest.mark.slow
def test_hyperopt_searches_the_tree_with_tpe():
    pytest.importorskip("hyperopt")
    from hyperopt import Trials, fmin, space_eval, tpe

    def loss(config):
        assert is_valid(config)
        return config["optimizer"]["lr"]

    trials = Trials()
    best = fmin(
        loss,
        SPACE.hyperopt(),
        algo=tpe.suggest,
        max_evals=25,
        trials=trials,
        rstate=np.random.default_rng(0),
        show_progressbar=False,
    )
    assert is_valid(space_eval(SPACE.hyperopt(), best))


def test_optuna_asks_only_for_the_chosen_branch():
    optuna = pytest.importorskip("optuna")

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    trial = study.ask({})
    config = SPACE.optuna(trial)
    chosen = {f"{name}/{part['name']}" for name, part in config.items()}
    asked = {label for label in trial.params if not label.endswith("/name")}
    assert asked
    assert {label.rsplit("/", 1)[0] for label in asked} <= chosen


@pytest.mark.parametrize("pickler", ["pickle", "cloudpickle"])
def test_the_define_by_run_space_survives_pickling(pickler):
    cloudpickle = pytest.importorskip("cloudpickle")
    optuna = pytest.importorskip("optuna")

    dumps = {"pickle": pickle.dumps, "cloudpickle": cloudpickle.dumps}[pickler]
    again = pickle.loads(dumps(SPACE))
    assert again == SPACE
    assert is_valid(again(optuna.create_study().ask()))


@pytest.mark.slow
def test_a_searcher_with_the_space_survives_its_checkpoint(tmp_path):
    pytest.importorskip("ray")
    from ray.tune.search.optuna import OptunaSearch

    searcher = OptunaSearch(space=SPACE, metric="m", mode="max")
    searcher.suggest("first")
    searcher.save(str(tmp_path / "state"))
    again = OptunaSearch(space=SPACE, metric="m", mode="max")
    again.restore(str(tmp_path / "state"))
    assert is_valid(again.suggest("second"))


@pytest.mark.parametrize(
    ("step_size", "epochs", "scaled"), [(30, 100, 30), (30, 10, 3), (10, 5, 1), (40, 200, 80)]
)
def test_step_size_scales_from_the_published_hundred_epochs(step_size, epochs, scaled):
    assert step_in_epochs(step_size, epochs) == scaled


def test_the_folder_refuses_its_short_name():
    import subsel_automl.integrations

    code = "import sys; sys.path.insert(0, sys.argv[1]); import integrations"
    top = Path(subsel_automl.integrations.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code, str(top)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    if (top / "pyproject.toml").exists():
        assert "import that name instead of 'integrations'" in done.stderr
    else:
        assert "No module named 'integrations'" in done.stderr


def test_importing_the_space_imports_no_searcher():
    code = (
        "import sys, subsel_automl.integrations.hpo_space.optimizer\n"
        "print(sorted({'ray', 'optuna', 'hyperopt', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
