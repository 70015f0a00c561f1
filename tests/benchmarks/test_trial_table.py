"""The table of trials: networks trained together are as those that torch trains one by one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.trial_table import build
from benchmarks.trial_table.configurations import EACH
from benchmarks.trial_table.run import POINTS, SIZES
from benchmarks.trial_table.together import Network, Together

CONFIGS: list[dict[str, Any]] = [
    {"optimizer": {"name": "adam", "lr": 0.01, "weight_decay": 0.001}},
    {"optimizer": {"name": "rmsprop", "lr": 0.003, "momentum": 0.7, "weight_decay": 0.001}},
    {"optimizer": {"name": "sgd", "lr": 1e30, "momentum": 0.9, "weight_decay": 0.0}},  # diverges
    {"optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 0.01}},
]
PLANS: list[dict[str, Any]] = [
    {"name": "cosine"},
    {"name": "step", "step_size": 40, "gamma": 0.1},
    {"name": "constant"},
    {"name": "cosine"},
]
STEPS = 5
NETWORKS = [
    (Network("cnn", (4, 8), 3), (2, 7, 7)),
    (Network("cnn", (4, 8), 3, True), (2, 7, 7)),
    (Network("mlp", (8, 6)), (5,)),
    (Network("mlp", (8, 6), 0, True), (5,)),
]
OPTIMIZERS = {"adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop, "sgd": torch.optim.SGD}


def module(nets: Together, shape: tuple[int, ...], classes: int) -> nn.Sequential:
    """The same network in torch's own words, with the first configuration's weights."""
    network, layers, inner = nets.network, [], shape[0]
    for width in network.widths:
        layers.append(
            nn.Conv2d(inner, width, network.kernel, 2, network.kernel // 2, bias=not network.norm)
            if network.kernel
            else nn.Linear(inner, width, bias=not network.norm)
        )
        if network.norm:
            layers.append(nn.BatchNorm2d(width) if network.kernel else nn.BatchNorm1d(width))
        layers.append(nn.ReLU())
        inner = width
    model = nn.Sequential(*layers, nn.Flatten())
    model.append(nn.Linear(model(torch.zeros(2, *shape)).shape[1], classes))
    model.apply(lambda m: m.reset_running_stats() if hasattr(m, "reset_running_stats") else None)
    parts = nets.weights[0].detach().split([math.prod(shape) for shape in nets.shapes])
    for parameter, part, shape in zip(model.parameters(), parts, nets.shapes, strict=True):
        given = part.reshape(shape)
        parameter.data = given.T.clone() if len(shape) == 2 else given.clone()
    return model


@pytest.mark.parametrize("row", [0, 1, 3])
@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_together_is_as_one_by_one(network: Network, shape: tuple[int, ...], row: int) -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn((STEPS, 16, *shape), generator=generator)
    y = torch.randint(0, 3, (STEPS, 16), generator=generator)
    configs = [{**one, "scheduler": plan} for one, plan in zip(CONFIGS, PLANS, strict=True)]
    nets = Together(network, shape, 3, configs, STEPS, seed=0)
    model = module(nets, shape, 3)
    options = dict(configs[row]["optimizer"])
    optimizer = OPTIMIZERS[options.pop("name")](model.parameters(), **options)
    plan = configs[row]["scheduler"]
    for step in range(STEPS):
        rate = options["lr"]
        if plan["name"] == "cosine":
            rate *= 0.5 * (1 + math.cos(math.pi * step / STEPS))
        elif plan["name"] == "step":
            rate *= plan["gamma"] ** (step // 2)
        optimizer.param_groups[0]["lr"] = rate
        nets.train(x[step], y[step])
        optimizer.zero_grad()
        F.cross_entropy(model(x[step]), y[step]).backward()
        optimizer.step()
    model.eval()
    torch.testing.assert_close(nets.logits(x[0])[row], model(x[0]), rtol=2e-3, atol=2e-3)


def row(kind: str, steps: int, value: float) -> dict[str, Any]:
    """As `train` gives it, of the first network of a problem."""
    reached = sum(point <= steps for point in POINTS)
    return {
        "cell": {
            "problem": "letter", "network": "mlp-64", "kind": kind, "steps": steps, "seed": 0,
        },
        "points": np.full((reached, 3, len(SIZES), EACH), value).tolist(),
        "test_accuracy": [value] * EACH,
        "training_cpu_seconds": 1.0,
        "selection_cpu_seconds": 0.0,
        "validation_cpu_seconds": 0.5,
    }  # fmt: skip


def test_a_table_keeps_what_it_holds_and_takes_new_rows_in(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "TABLES", tmp_path)
    build.assembled("letter", [row("all", 32, 0.25)]).save(tmp_path / "letter.npz")
    held = build._held("letter")
    whole = build.assembled("letter", [row("class-10", 1024, 0.5)], held)
    assert whole.scores(32)[:EACH].tolist() == [0.25] * EACH
    assert whole.scores(1024, "class-10", at=256)[0] == 0.5
    assert np.isnan(whole.scores(64)).all()
    cells = [row(kind, steps, 0.0)["cell"] for kind, steps in (("all", 32), ("all", 64))]
    assert build.missing(cells) == cells[1:]


def test_a_table_of_other_trials_is_begun_anew(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "TABLES", tmp_path)
    other = build.assembled("letter", [row("all", 32, 0.25)])
    replace(other, lengths=(1, 2, 3, 4, 5, 6)).save(tmp_path / "letter.npz")
    assert build._held("letter") is None
