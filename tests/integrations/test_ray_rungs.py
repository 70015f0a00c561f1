"""Trials of Ray Tune climb rungs: who goes up, what the searcher is told, how a search goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

import torch
import torch.nn.functional as F
from ray import cloudpickle, tune
from ray.tune.search import ConcurrencyLimiter, Searcher
from subsel_automl.integrations.ray import LedgerCallback, subset_loader, with_subset
from subsel_automl.integrations.ray.rungs import RungSearch, final_config
from subsel_automl.integrations.ray.trial import current_subset
from torch import nn

from subsel_automl import provider
from subsel_automl.budgeting.final import FINAL
from subsel_automl.budgeting.passes import RUNG
from subsel_automl.budgeting.rungs import Rung, RungPlan
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.worlds import clump_pool

POOL = clump_pool(160)
PLAN = RungPlan((Rung(4, 1 / 4), Rung(2, 1 / 2), Rung(1, 1.0)))
EPOCHS = 8
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers do not see the tests


class Counting(Searcher):
    """Proposes 0, 1, 2, ...; remembers what it was told."""

    def __init__(self) -> None:
        super().__init__("accuracy", "max")
        self.count, self.told = 0, []

    def suggest(self, trial_id: str) -> dict[str, Any]:
        self.count += 1
        return {"x": self.count - 1}

    def on_trial_complete(self, trial_id: str, result: Any = None, error: bool = False) -> None:
        self.told.append(result["accuracy"] if result else None)


def ended(search: RungSearch, name: str, config: dict[str, Any], **facts: Any) -> None:
    length = config[RUNG]["length"]
    result = {"accuracy": config["x"] - 10 * length, "subset_facts": {"read_epochs": True, **facts}}
    search.on_trial_complete(name, result)


def drive(search: RungSearch) -> list[dict[str, Any]]:
    configs = []
    while (config := search.suggest(f"trial-{len(configs)}")) != Searcher.FINISHED:
        ended(search, f"trial-{len(configs)}", config)
        configs.append(config)
    return configs


def test_the_best_climb_and_the_searcher_is_told_of_the_first_rung_alone():
    inner = Counting()
    search = RungSearch(PLAN, inner)
    configs = drive(search)
    assert [one["x"] for one in configs] == [0, 1, 2, 3, 3, 2, 3]
    assert [one[RUNG]["length"] for one in configs] == [1 / 4] * 4 + [1 / 2] * 2 + [1]
    assert inner.told == [-2.5, -1.5, -0.5, 0.5]
    assert search.winner == "trial-6"


def test_a_rung_is_waited_for():
    search = RungSearch(PLAN, Counting())
    configs = [search.suggest(str(place)) for place in range(4)]
    for place in range(3):
        ended(search, str(place), configs[place])
    assert search.suggest("late") is None
    ended(search, "3", configs[3])
    assert search.suggest("late")["x"] == 3


def test_a_trial_that_fails_is_not_promoted():
    search = RungSearch(PLAN, Counting())
    configs = [search.suggest(str(place)) for place in range(4)]
    for place in range(3):
        ended(search, str(place), configs[place])
    search.on_trial_complete("3", error=True)
    assert search.suggest("next")["x"] == 2


def test_the_state_is_plain_and_a_restored_search_goes_on():
    first, second = RungSearch(PLAN, Counting()), RungSearch(PLAN, Counting())
    configs = [first.suggest(str(place)) for place in range(4)]
    for place in range(3):
        ended(first, str(place), configs[place])
    second.set_state(json.loads(json.dumps(first.get_state())))
    assert second.suggest("late") is None  # the fourth still runs: Ray goes on with it
    ended(second, "3", configs[3])
    assert second.suggest("late")["x"] == 3


def test_a_loop_that_keeps_its_length_is_shortened_by_data_from_then_on():
    search = RungSearch(PLAN, Counting())
    config = search.suggest("0")
    assert not config[RUNG]["by_data"]
    with pytest.warns(UserWarning, match=r"subset\.epochs"):
        ended(search, "0", config, read_epochs=False)
    assert search.suggest("1")[RUNG]["by_data"]


@pytest.mark.parametrize("restored", [False, True])
def test_the_winner_is_trained_on_all_data_once_and_last(restored):
    search = RungSearch(PLAN, Counting(), final="taught")
    configs = []
    while (config := search.suggest(f"trial-{len(configs)}")) != Searcher.FINISHED:
        if FINAL not in config:
            ended(search, f"trial-{len(configs)}", config)
        configs.append(config)
        if restored:
            search, before = RungSearch(PLAN, Counting(), final="taught"), search
            search.set_state(json.loads(json.dumps(before.get_state())))
            search.searcher = before.searcher
    assert [FINAL in one for one in configs] == [False] * PLAN.jobs + [True]
    assert RUNG not in configs[-1]
    assert configs[-1]["x"] == 3
    assert configs[-1][FINAL] == {"targets": "taught", "own": [[0.25, 0.5]]}  # others are no shares
    assert search.winner == "trial-6"


def test_another_final_training_is_refused():
    with pytest.raises(UnknownName, match="taught"):
        RungSearch(PLAN, Counting(), final="soft")


def test_what_limits_concurrency_goes_outside():
    with pytest.raises(BadInput, match="around RungSearch"):
        RungSearch(PLAN, ConcurrencyLimiter(Counting(), 2))


def train_fn(config: dict[str, Any]) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 4))
    loader = subset_loader(model=model, batch_size=8)
    for _ in range(current_subset().epochs):
        for x, y in loader:
            model.zero_grad()
            F.cross_entropy(model(x), y).backward()
            with torch.no_grad():
                for weight in model.parameters():
                    weight -= config["lr"] * weight.grad  # type: ignore[operator]
        tune.report({"accuracy": config["lr"], "passes": current_subset().epochs})


class Passes(tune.Trainable):
    """In the class API; it takes any configuration anew."""

    def setup(self, config: dict[str, Any]) -> None:
        self.rate = config["lr"]
        self.loader, self.left = subset_loader(batch_size=8), current_subset().epochs

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self.setup(new_config)
        return True

    def step(self) -> dict[str, Any]:
        self.left -= 1
        list(self.loader)
        passes = current_subset().epochs
        return {"accuracy": self.rate, "passes": passes, "done": self.left <= 0}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        pass


@pytest.mark.slow
@pytest.mark.parametrize("trainable", [train_fn, Passes], ids=["function", "class"])
def test_a_real_search_by_rungs(trainable: Any, tmp_path: Path, ray_here: None) -> None:
    callback = LedgerCallback(show=False)
    wrapped = with_subset(
        trainable, provider("random").fit(POOL), 0.5, redraw_every=1, epochs=EPOCHS
    )
    search = RungSearch(PLAN, final="labels")
    results = tune.Tuner(
        wrapped,
        param_space={"lr": tune.uniform(0.0, 0.5)},
        tune_config=tune.TuneConfig(
            metric="accuracy", mode="max", search_alg=search, num_samples=-1, reuse_actors=True
        ),
        run_config=tune.RunConfig(storage_path=str(tmp_path), verbose=0, callbacks=[callback]),
    ).fit()
    assert not results.errors
    climbed = [one for one in results if RUNG in one.config]
    rungs = sorted((one.config[RUNG]["rung"], one.metrics["passes"]) for one in climbed)
    assert rungs == [(0, 4)] * 4 + [(1, 8)] * 2 + [(2, 16)]
    best = max((one for one in climbed if not one.config[RUNG]["rung"]), key=_accuracy)
    last = next(one for one in climbed if one.config[RUNG]["rung"] == 2)
    (final,) = (one for one in results if FINAL in one.config)
    assert last.config["lr"] == final.config["lr"] == best.config["lr"]
    assert (final.metrics["passes"], final.metrics["subset_size"]) == (EPOCHS, len(POOL))
    assert final_config(results)[FINAL]["targets"] == "labels"
    assert final_config(results, final="taught")[FINAL]["targets"] == "taught"
    assert final_config(results)["lr"] == best.config["lr"]
    assert last.metrics["trial_id"] == search.winner
    assert callback.summary is not None
    found = callback.summary.as_dict()
    assert found["trials"] == PLAN.jobs + 1


def _accuracy(result: Any) -> float:
    return float(result.metrics["accuracy"])
