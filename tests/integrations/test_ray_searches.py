"""Searches side by side: what workers give is what one process gives."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest
from subsel_automl.integrations.ray.parallel import run_many

from subsel_automl.core.errors import BadInput
from subsel_automl.nas import search
from subsel_automl.worlds import clump_pool

SEEDS = [3, 1, 2]
SLEEP = 120.0  # seconds; a search that is not cancelled


def found_by(seed: int) -> tuple[str, list[dict[str, Any]]]:
    found = search(
        "gdas", "nasbench201", clump_pool(), subset="random", budget=0.3, seed=seed,
        epochs=2, channels=2, cells=1, batch=8,
    )  # fmt: skip
    return found.architecture.key, found.curve


def refuses(seed: int) -> int:
    raise BadInput(f"seed {seed} is refused")


def refuses_or_sleeps(seed: int) -> int:
    if seed == 1:
        refuses(seed)
    until = time.monotonic() + SLEEP
    while time.monotonic() < until:
        time.sleep(0.05)
    return seed


def test_one_worker_goes_through_the_seeds_and_tells() -> None:
    told: list[tuple[int, int]] = []
    assert run_many(lambda seed: seed * 2, SEEDS, progress=lambda *at: told.append(at)) == [6, 2, 4]
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.fixture
def sent(ray_here: None) -> None:
    """This file's functions travel whole: workers do not know it."""
    from ray import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])


@pytest.mark.slow
def test_workers_find_what_one_process_finds(sent: None) -> None:
    assert run_many(found_by, SEEDS, workers=2) == [found_by(seed) for seed in SEEDS]


@pytest.mark.slow
def test_an_error_of_ours_arrives_as_it_is(sent: None) -> None:
    with pytest.raises(BadInput, match="seed 1 is refused"):
        run_many(refuses, [1], workers=2)


@pytest.mark.slow
def test_an_error_cancels_the_others_and_ray_lives_on(sent: None) -> None:
    began = time.monotonic()
    with pytest.raises(BadInput, match="seed 1 is refused"):
        run_many(refuses_or_sleeps, [2, 1], workers=2)
    assert run_many(found_by, [1], workers=2) == [found_by(1)]
    assert time.monotonic() - began < SLEEP


def test_no_worker_is_refused() -> None:
    with pytest.raises(BadInput, match="workers"):
        run_many(found_by, SEEDS, workers=0)
