"""Truths of Ray Tune's function API with subsets."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

import torch
import torch.nn.functional as F
from ray import cloudpickle, tune
from ray.tune.schedulers import ASHAScheduler
from subsel_automl.integrations.ray import trial, wrap
from subsel_automl.integrations.ray.ledger import LedgerCallback
from subsel_automl.integrations.ray.wrap import current_subset, subset_loader, with_subset
from torch import nn

from subsel_automl import AmortizationLedger, provider
from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.pool import Pool
from subsel_automl.hosting.session import SubsetSession
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)
ROWS = [(torch.full((16,), float(row)), int(label)) for row, label in enumerate(POOL.labels)]
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers do not see the tests


def train_fn(config: dict[str, Any]) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, config.get("width", 4)), nn.Linear(4, 4))
    optimizer = torch.optim.SGD(model.parameters(), config["lr"])
    loader = subset_loader(model=model, batch_size=16)
    for _ in range(config.get("epochs", 2)):
        seen = []
        for x, y in loader:
            seen += y.tolist()
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        tune.report({"accuracy": 0.5, "seen": len(seen), "lr": config["lr"]})


class Trial(tune.Trainable):
    """As a user writes it; the checkpoint is a folder."""

    def setup(self, config: dict[str, Any]) -> None:
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        torch.manual_seed(0)
        self.model, self.rate = nn.Linear(16, 4), new_config["lr"]
        self.loader = subset_loader(ROWS, model=self.model, batch_size=16)
        return True

    def step(self) -> dict[str, Any]:
        rows = sorted(int(x[0]) for batch in self.loader for x in batch[0])
        done = self.iteration >= 2
        return {"accuracy": 0.5, "seen": len(rows), "rows": str(rows), "done": done}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        torch.save(self.model.state_dict(), Path(checkpoint_dir) / "model.pt")

    def load_checkpoint(self, checkpoint: Any) -> None:
        self.model.load_state_dict(torch.load(Path(checkpoint) / "model.pt", weights_only=True))


class DictTrial(Trial):
    def save_checkpoint(self, checkpoint_dir: str) -> Any:
        return {"weight": self.model.weight.detach().numpy()}

    def load_checkpoint(self, checkpoint: Any) -> None:
        assert checkpoint.keys() == {"weight"}


def fit(trainable: Any, folder: Path, **options: Any) -> tune.ResultGrid:
    lrs = options.pop("lrs", [0.1, 0.01, 0.001])
    tuner = tune.Tuner(
        trainable,
        param_space={"lr": tune.grid_search(lrs), **options.pop("space", {})},
        tune_config=tune.TuneConfig(
            metric="accuracy", mode="max", scheduler=options.pop("scheduler", None),
            reuse_actors=options.pop("reuse_actors", True),
        ),
        run_config=tune.RunConfig(name="s", storage_path=str(folder), verbose=0, **options),
    )  # fmt: skip
    return tuner.fit()


def test_outside_of_a_trial_the_helper_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="with_subset"):
        current_subset()


def test_a_generator_function_is_refused() -> None:
    def yielding(config: dict[str, Any]) -> Any:
        yield {"accuracy": 1.0}

    with pytest.raises(BadInput, match=r"tune\.report"):
        with_subset(yielding, provider("random").fit(POOL), 0.2)


def test_an_unusable_budget_is_refused_in_the_driver() -> None:
    with pytest.raises(BadInput):
        with_subset(train_fn, provider("random").fit(POOL), 0)


def test_resources_of_the_users_function_are_kept() -> None:
    granted = tune.with_resources(train_fn, {"cpu": 2})
    made = with_subset(granted, provider("random").fit(POOL), 0.2)
    assert made._resources.required_resources == {"CPU": 2}  # type: ignore[attr-defined]
    del granted._resources


@pytest.mark.parametrize("kind", [train_fn, Trial], ids=["function", "class"])
def test_a_large_pool_does_not_travel_with_the_trainable(kind: Any, ray_here: None) -> None:
    """Ray refuses a trainable above 95 MiB; a pool goes through its object store."""
    pool = Pool("large", np.zeros((5_000, 500), np.float32))
    wrapped = with_subset(kind, provider("random").fit(pool), 0.1)
    assert wrap.alive[wrapped].pool is pool
    assert len(cloudpickle.dumps(wrapped)) < 500_000


@pytest.mark.parametrize("runs", [False, True])
def test_ray_is_started_for_a_provider_that_learns(
    runs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[bool] = []
    monkeypatch.setattr(wrap.ray, "is_initialized", lambda: runs)
    monkeypatch.setattr(wrap.ray, "init", lambda: started.append(True))
    monkeypatch.setattr(wrap, "shared", lambda provider: provider)
    monkeypatch.setattr(wrap.tune, "with_parameters", lambda made, **about: made)
    with_subset(train_fn, provider("random").fit(POOL), 0.2)
    assert started == []
    with_subset(train_fn, provider("subselnet-online").fit(POOL), 0.2)
    assert started == ([] if runs else [True])


@pytest.mark.parametrize("kind", [Trial, DictTrial])
def test_a_class_trial_goes_on_with_the_draws_it_was_saved_at(kind: Any, tmp_path: Path) -> None:
    made = with_subset(kind, provider("random").fit(POOL), 40, redraw_every=1)
    undisturbed, restored = made(config={"lr": 0.1}), made(config={"lr": 0.1})
    first = undisturbed.train()
    saved = undisturbed.save(str(tmp_path))
    undisturbed = made(config={"lr": 0.1})
    undisturbed.train()
    second = undisturbed.train()
    restored.restore(saved)
    assert restored.train()["rows"] == second["rows"] != first["rows"]


def reset(trainable: tune.Trainable, config: dict[str, Any]) -> bool:
    """As Ray reuses an actor: an older one (2.49) closes its logger and is given the next."""
    if "logger_creator" not in inspect.signature(trainable.reset).parameters:
        return trainable.reset(config)
    from ray.tune.logger.noop import NoopLogger

    return trainable.reset(config, logger_creator=lambda config: NoopLogger(config, ""))


def test_a_reused_class_actor_begins_its_subset_anew() -> None:
    made = with_subset(Trial, provider("random").fit(POOL), 40, redraw_every=1)
    reused, fresh = made(config={"lr": 0.1}), made(config={"lr": 0.2})
    first = fresh.train()
    reused.train()
    assert reset(reused, {"lr": 0.2})
    again = reused.train()
    assert again["rows"] == first["rows"]
    assert again["select_seconds"] > 0
    assert again["subset_size"] == again["seen"] == 40


def test_an_accuracy_in_percent_is_no_matter_to_a_provider_that_does_not_learn() -> None:
    class Percent(Trial):
        def step(self) -> dict[str, Any]:
            return {**super().step(), "accuracy": 91.0}

    made = with_subset(Percent, provider("random").fit(POOL), 40)(config={"lr": 0.1})
    assert made.train()["accuracy"] == 91.0


@pytest.mark.parametrize("value", [None, "good", float("nan")])
def test_a_metric_that_is_no_accuracy_is_rays_matter(value: Any) -> None:
    class Odd(Trial):
        def step(self) -> dict[str, Any]:
            return {**super().step(), "accuracy": value}

    result = with_subset(Odd, provider("random").fit(POOL), 40)(config={"lr": 0.1}).train()
    assert result["train_seconds"] > 0
    assert result["accuracy"] is value


@pytest.mark.parametrize("value", [None, "good", [0.5]])
def test_a_metric_that_is_no_number_is_not_told_to_a_provider_that_learns(value: Any) -> None:
    session = SubsetSession(SubsetFeed(provider("subselnet-online").fit(POOL), 40))
    trial.tell(session, {"accuracy": value}, "accuracy", "max")
    assert session.accuracy is None
    trial.tell(session, {"accuracy": np.float32(0.5)}, "accuracy", "max")
    assert session.accuracy == 0.5


def test_a_result_that_is_no_dict_is_refused_as_ray_refuses_it() -> None:
    class Silent(Trial):
        def step(self) -> Any:
            super().step()

    made = with_subset(Silent, provider("random").fit(POOL), 40)(config={"lr": 0.1})
    with pytest.raises(Exception, match="dict"):
        made.train()


def test_a_class_that_is_no_trainable_is_refused() -> None:
    with pytest.raises(BadInput, match=r"tune\.Trainable"):
        with_subset(dict, provider("random").fit(POOL), 0.2)


@pytest.mark.slow
def test_class_trials_report_and_teach(tmp_path: Path, ray_here: None) -> None:
    learner = provider("subselnet-online").fit(POOL)
    trainable = with_subset(Trial, learner, 40)
    results = fit(trainable, tmp_path)
    assert not results.errors
    assert {r.metrics["provider"] for r in results} == {"subselnet-online"}
    taught = wrap.alive[trainable]
    assert len(taught.teachers.lessons()) == 3  # type: ignore[attr-defined]


@pytest.mark.slow
def test_trials_report_their_subset_and_the_ledger_agrees(tmp_path: Path, ray_here: None) -> None:
    trainable = with_subset(train_fn, provider("random-per-class").fit(POOL), 40)
    callback = LedgerCallback(tmp_path / "ledger.sqlite", "s")
    results = fit(trainable, tmp_path / "ray", callbacks=[callback])
    assert not results.errors
    assert {r.metrics["seen"] for r in results} == {40}
    assert {r.metrics["provider"] for r in results} == {"random-per-class"}
    assert {r.metrics["subset_size"] for r in results} == {40}
    tables = [r.metrics_dataframe for r in results]
    assert [len(table) for table in tables] == [2, 2, 2]
    assert all(table["select_seconds"].iloc[0] > 0 for table in tables)
    assert all((table["train_cpu_seconds"] > 0).all() for table in tables)
    ledger = AmortizationLedger(tmp_path / "ledger.sqlite")
    assert ledger.totals()["TRAIN"]["count"] == 6
    assert ledger.totals()["REFRESH"]["count"] == 0  # no event of a stage that never ran
    assert (ledger.test_architectures, ledger.trials) == (1, 3)
    spent = sum(float(table["train_seconds"].sum()) for table in tables)
    assert ledger.totals()["TRAIN"]["wall"] == pytest.approx(spent)


@pytest.mark.slow
def test_trials_that_asha_stops_in_reused_actors_leave_nothing_to_the_next(
    tmp_path: Path, ray_here: None
) -> None:
    trainable = with_subset(train_fn, provider("random").fit(POOL), 40, redraw_every=1)
    results = fit(
        trainable, tmp_path, scheduler=ASHAScheduler(max_t=4, grace_period=1, reduction_factor=2),
        space={"epochs": 4}, lrs=[0.1] * 5,
    )  # fmt: skip
    assert not results.errors
    assert {r.metrics["seen"] for r in results} == {40}
    assert all((r.metrics_dataframe["train_seconds"] > 0).all() for r in results)


@pytest.mark.slow
def test_trials_teach_a_provider_that_learns(tmp_path: Path, ray_here: None) -> None:
    learner = provider("subselnet-online").fit(POOL)
    trainable = with_subset(train_fn, learner, 40, targets="soft")
    results = fit(trainable, tmp_path)
    assert not results.errors
    taught = wrap.alive[trainable]
    assert len(taught.teachers.lessons()) == 3  # type: ignore[attr-defined]
    assert np.isfinite(taught.teachers.lessons()[0].log_probabilities).all()  # type: ignore[attr-defined]
