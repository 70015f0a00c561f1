"""Two processes that train together read disjoint parts of the same subset."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = Path(__file__).parent / "ranks.py"
SIZES = ["40", "41", "33", "5", "grad-match", "el2n"]
pytestmark = pytest.mark.slow


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def two_ranks(name: str) -> list[list[dict[str, Any]]]:
    """What each rank told, epoch by epoch."""
    return [[told for told in rank if told["name"] == name] for rank in all_ranks()]


@cache
def all_ranks() -> list[list[dict[str, Any]]]:
    port = free_port()
    running = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), str(rank), port, *SIZES],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for rank in (0, 1)
    ]  # fmt: skip
    told = []
    for one in running:
        out, errors = one.communicate(timeout=120)
        assert one.returncode == 0, errors[-2000:]
        told.append([json.loads(line) for line in out.splitlines() if line.startswith("{")])
    return told


def rows(told: dict[str, Any]) -> list[int]:
    return [row for batch in told["batches"] for row in batch]


@pytest.mark.parametrize("name", SIZES)
def test_parts_are_disjoint_and_make_up_the_subset(name):
    for one, two in zip(*two_ranks(name), strict=True):
        assert one["subset"] == two["subset"]
        both = rows(one) + rows(two)
        assert len(both) == len(set(both))
        assert sorted(both) == sorted(one["subset"])


@pytest.mark.parametrize("name", SIZES)
def test_ranks_make_the_same_number_of_steps(name):
    for one, two in zip(*two_ranks(name), strict=True):
        assert one["length"] == two["length"] == len(one["batches"]) == len(two["batches"])
        assert abs(len(rows(one)) - len(rows(two))) <= 1


def test_the_subsets_are_those_of_one_process():
    from ranks import plan

    feed, _ = plan("40")
    expected = [feed.at(epoch, None).indices.tolist() for epoch in range(3)]
    assert [told["subset"] for told in two_ranks("40")[0]] == expected


def test_what_the_first_rank_chose_is_what_all_train_on():
    one, _ = two_ranks("grad-match")
    assert len({tuple(told["subset"]) for told in one}) == 3  # it refreshed


def test_a_subset_that_is_smaller_than_the_ranks_is_refused(monkeypatch):
    from ranks import NUMBERED, SubsetLoader, plan

    from subsel_automl.core.errors import BadInput
    from subsel_automl.hosting import sampler

    loader = SubsetLoader(plan("1")[0], None, NUMBERED)
    monkeypatch.setattr(sampler, "ranks", lambda: (2, 0))
    with pytest.raises(BadInput, match="for 2 ranks"):
        list(loader)


def test_no_batch_is_of_one_example():
    sizes = [len(batch) for told in two_ranks("33") for epoch in told for batch in epoch["batches"]]
    assert np.min(sizes) > 1
