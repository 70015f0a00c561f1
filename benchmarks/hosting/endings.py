"""Claim: what a network can not do ends with the search done, and is said in one sentence.

    python -m benchmarks.claims run ends-well [--quick]
    python -m benchmarks.hosting.endings NETWORK HOST       one search, its end as JSON

    branching    control flow by values: it can not be traced
    only-trains  raises in eval mode; its subset is fixed, so that lessons ask it
    closed       the same, once it has trained: it can be traced before
    nll-loss     log-probabilities and `F.nll_loss`, with soft targets: each trial fails

Each is searched in three hosts by the same loop, a process each, with every warning shown as often
as it is given. The first three end with all trials complete, lessons stored and one warning; the
last with all trials failed by one sentence that names the remedy, and none beside it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from benchmarks.run import ROOT
from subsel_automl.catalog import dataset, provider
from subsel_automl.core.errors import BadInput
from subsel_automl.core.provider import SubsetProvider

TRIALS, EPOCHS, SHARE, BATCH, MOST_SECONDS = 4, 3, 0.2, 16, 600
REMEDY = "targets='labels'"
SAID = re.compile(r"(?:User|Traced)Warning: (.*)")


class Network(nn.Module):
    """Two layers."""

    targets = "labels"

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(64, 32), nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.last(torch.relu(self.first(x)))
        return answer

    def loss(self, answer: Tensor, y: Tensor) -> Tensor:
        return F.cross_entropy(answer, y)


class Branching(Network):
    def forward(self, x: Tensor) -> Tensor:
        answer = super().forward(x)
        return answer * 2 if answer.mean() > 0 else answer


class OnlyTrains(Network):
    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            raise RuntimeError("this network runs in training only")
        return super().forward(x)


class Closed(Network):
    trained = False

    def forward(self, x: Tensor) -> Tensor:
        self.trained = self.trained or self.training
        if self.trained and not self.training:
            raise RuntimeError("this network is closed")
        return super().forward(x)


class LogProbabilities(Network):
    targets = "soft"

    def forward(self, x: Tensor) -> Tensor:
        return torch.log_softmax(super().forward(x), 1)

    def loss(self, answer: Tensor, y: Tensor) -> Tensor:
        return F.nll_loss(answer, y)


NETWORKS: dict[str, type[Network]] = {
    "branching": Branching,
    "only-trains": OnlyTrains,
    "closed": Closed,
    "nll-loss": LogProbabilities,
}


def tensors() -> TensorDataset:
    """400 digits."""
    pool = dataset("digits").train
    assert pool.labels is not None
    return TensorDataset(torch.from_numpy(pool.features[:400]), torch.from_numpy(pool.labels[:400]))


def train(kind: type[Network], lr: float, loader: Callable[[nn.Module], Any]) -> float:
    """The user's own loop; it never leaves train mode."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = kind()
    optimizer, made = torch.optim.Adam(model.parameters(), lr), loader(model)
    for _ in range(EPOCHS):
        for x, y in made:
            optimizer.zero_grad()
            model.loss(model(x), y).backward()
            optimizer.step()
    with torch.no_grad():
        x, y = tensors().tensors
        return float((model(x).argmax(1) == y).float().mean())


def rates() -> list[float]:
    return [0.003 * 1.5**place for place in range(TRIALS)]


def in_loop(kind: type[Network], chooser: SubsetProvider) -> dict[str, Any]:
    from subsel_automl.hosting.search import SubsetSearch

    search = SubsetSearch(chooser, SHARE, targets=kind.targets)
    errors = []
    for lr in rates():
        try:
            search.tell(
                train(kind, lr, lambda m: search.loader(tensors(), model=m, batch_size=BATCH))
            )
        except BadInput as error:
            errors.append(str(error))
            search.end(failed=True)
    return _ended(search.summary(), errors)


def in_optuna(kind: type[Network], chooser: SubsetProvider) -> dict[str, Any]:
    import optuna
    from subsel_automl.integrations.optuna import SubsetObjective

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    errors = []

    def objective(trial: Any, subset: Any) -> float:
        lr = trial.suggest_float("lr", 0.003, 0.03)
        try:
            return train(kind, lr, lambda m: subset.loader(tensors(), model=m, batch_size=BATCH))
        except BadInput as error:
            errors.append(str(error))
            raise

    study = optuna.create_study(direction="maximize")
    wrapped = SubsetObjective(objective, chooser, SHARE, targets=kind.targets)
    study.optimize(wrapped, n_trials=TRIALS, catch=(BadInput,))
    return _ended(wrapped.summary(study), errors)


def in_ray(kind: type[Network], chooser: SubsetProvider) -> dict[str, Any]:
    import ray
    from ray import tune
    from subsel_automl.integrations.ray import LedgerCallback, subset_loader, with_subset

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    ray.init(num_cpus=1, include_dashboard=False, object_store_memory=200 * 2**20)

    def trial(config: dict[str, Any]) -> None:
        accuracy = train(
            kind, config["lr"], lambda m: subset_loader(tensors(), model=m, batch_size=BATCH)
        )
        tune.report({"accuracy": accuracy})

    callback = LedgerCallback(show=False)
    with tempfile.TemporaryDirectory() as folder:
        results = tune.Tuner(
            with_subset(trial, chooser, SHARE, targets=kind.targets),
            param_space={"lr": tune.grid_search(rates())},
            run_config=tune.RunConfig(storage_path=folder, verbose=0, callbacks=[callback]),
        ).fit()
    ray.shutdown()
    errors = [str(error).strip().splitlines()[-1] for error in results.errors]
    return _ended(callback.summary, errors)


HOSTS = {"loop": in_loop, "optuna": in_optuna, "ray-function": in_ray}


def _ended(summary: Any, errors: list[str]) -> dict[str, Any]:
    return {
        "trials": summary.trials,
        "failed": len(errors),
        "lessons": summary.lessons,
        "errors": sorted(set(errors)),
    }


def measure(quick: bool = False) -> dict[str, Any]:
    """Every network in every host, and what did not end well."""
    rows = [
        {"network": network, "host": host, **_ran(network, host)}
        for network in NETWORKS
        for host in HOSTS
        if not quick or host != "ray-function"
    ]
    wrong = {f"{row['network']}, {row['host']}": why for row in rows if (why := _wrong(row))}
    return {"searches": rows, "wrong": wrong, "holds": not wrong}


def _ran(network: str, host: str) -> dict[str, Any]:
    shown = {"PYTHONWARNINGS": "always::UserWarning", "RAY_DEDUP_LOGS": "0", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.hosting.endings", network, host],
            cwd=ROOT, env={**os.environ, **shown}, capture_output=True, text=True,
            timeout=MOST_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"ended": False, "said": [], "why": f"no end within {MOST_SECONDS} s"}
    said = SAID.findall(done.stdout + done.stderr)
    found = re.findall(r"^END (.*)$", done.stdout, re.M)
    if done.returncode or not found:
        return {"ended": False, "said": said, "why": done.stderr.strip()[-600:]}
    return {"ended": True, "said": said, **json.loads(found[-1])}


def _wrong(row: dict[str, Any]) -> str:
    """What a search lacks."""
    if not row["ended"]:
        return str(row["why"])
    if row["trials"] != TRIALS:
        return f"{row['trials']} of {TRIALS} trials"
    if NETWORKS[row["network"]].targets == "soft":
        if row["failed"] != TRIALS or row["said"]:
            return f"{row['failed']} trials failed, and {len(row['said'])} warnings"
        named = len(row["errors"]) == 1 and REMEDY in row["errors"][0]
        return "" if named else f"errors {row['errors']}"
    if row["failed"] or not row["lessons"]:
        return f"{row['failed']} trials failed, {row['lessons']} lessons"
    return "" if len(row["said"]) == 1 else f"{len(row['said'])} warnings: {row['said']}"


if __name__ == "__main__":
    searched = HOSTS[sys.argv[2]](
        NETWORKS[sys.argv[1]], provider("subselnet-online").fit(tensors())
    )
    print(f"\nEND {json.dumps(searched)}")
