"""A reader's own network in Ray's trainable: adaptive providers, pausing, any variant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

from ray import tune
from subsel_automl.integrations.ray.search import SubsetTrainable, TrialTask
from torch import nn

from subsel_automl import dataset, provider
from subsel_automl.spaces.traced import TracedSpace

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("ray_here")]
SPLITS = dataset("digits")
ADAM = {"name": "adam", "lr": 0.01, "weight_decay": 1e-4}
CONFIG = {"optimizer": ADAM, "scheduler": {"name": "cosine"}}


def build(classes: int, hidden: int = 32) -> nn.Module:
    """No method `features`: it is listened to at its last linear layer."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, classes))


SPACE = TracedSpace.for_pool(build, SPLITS.train, [{"hidden": 32}, {"hidden": 48}])


def trial(name: str, place: int = 0, **options: Any) -> SubsetTrainable:
    fitted = provider(name, **options).fit(SPLITS.train)
    task = TrialTask(fitted, SPACE, SPACE.architectures, 0.2, 6)
    made = tune.with_parameters(SubsetTrainable, task=task)
    running: SubsetTrainable = made(config={**CONFIG, "architecture": place})
    return running


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("random-per-class", {}),
        ("automata", {"trial_epochs": 6}),
        ("asp", {"trial_epochs": 6}),
        ("asp", {"trial_epochs": 6, "ratio": "dynamic", "warm_epochs": 0}),
        ("asp-loss", {"pick": "top"}),
    ],
)
def test_it_learns_with_every_kind_of_provider(name: str, options: dict[str, Any]) -> None:
    running = trial(name, **options)
    results = [running.train() for _ in range(6)]
    assert results[-1]["accuracy"] > 0.6
    assert results[-1]["done"]


def test_the_place_in_the_list_decides_which_network_is_trained() -> None:
    one, two = trial("random-per-class"), trial("random-per-class", 1)
    assert [t.trainer.model[1].out_features for t in (one, two)] == [32, 48]
    assert one.train()["architecture_key"] != two.train()["architecture_key"]


def test_asp_is_never_asked_for_a_forward_pass_and_its_memory_survives_a_pause(
    tmp_path: Path,
) -> None:
    """Free metrics: what the epoch before recorded is all it looks at."""
    running = trial("asp-loss")
    for _ in range(3):
        running.train()
    assert running.feed.subset is not None
    assert running.feed.subset.provenance.notes["asked"] == 0
    running.save_checkpoint(str(tmp_path))
    other = trial("asp-loss")
    other.load_checkpoint(str(tmp_path))
    assert other.feed.subset is not None
    for part in ("values", "seen"):
        assert np.array_equal(other.feed.subset.memory[part], running.feed.subset.memory[part])
