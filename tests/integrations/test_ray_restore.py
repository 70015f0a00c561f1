"""A search whose driver was killed while Ray wrote: what is cut is set aside, the rest goes on."""

from __future__ import annotations

import json
import pickle
import warnings
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="extra [ray] is not installed")

from subsel_automl.integrations.ray.restore import ASIDE, mend_for_restore
from subsel_automl.integrations.ray.search import SearchOutcome, search

from subsel_automl.selectors.random import Random
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.worlds import clump_pool, some_cells


def searched(folder: Path, samples: int, resume: bool = False) -> SearchOutcome:
    return search(
        Random().fit(clump_pool()), NASBench101(), some_cells(1)[0], budget=0.4, epochs=2,
        samples=samples, seed=0, folder=folder, resume=resume, searcher="random",
        sizes={"channels": 2, "stacks": 1, "cells": 1},
    )  # fmt: skip


def trained(found: SearchOutcome) -> dict[str, tuple[int, float]]:
    return {row["trial"]: (row["epochs"], row["accuracy"]) for row in found.trials}


def in_the_state(folder: Path) -> set[str]:
    """The trials that the last state of a search tells of."""
    last = max(folder.glob("experiment_state-*.json"))
    told = [json.loads(trial) for trial, _ in json.loads(last.read_text())["trial_data"]]
    return {trial["trial_id"] for trial in told}


@pytest.mark.slow
def test_a_search_goes_on_from_the_last_whole_state(tmp_path: Path, ray_here: None) -> None:
    first, folder = searched(tmp_path, 2), tmp_path / "subsel"
    for path in [*folder.glob("experiment_state-*"), *folder.glob("searcher-state-*")]:
        path.write_bytes(path.read_bytes()[:-50])  # cut by a kill
    (folder / "experiment_state-2999-01-01_00-00-00.json").write_text("{")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert mend_for_restore(folder)
    kept = in_the_state(folder)  # written every second: a trial that began later is not in it
    again = searched(tmp_path, 2, resume=True)
    assert kept
    assert kept <= set(trained(again)) & set(trained(first))
    assert sorted(trained(again).values()) == sorted(trained(first).values())


@pytest.mark.slow
def test_a_state_is_kept_whole_and_alone(tmp_path: Path, ray_here: None) -> None:
    searched(tmp_path, 2)
    (kept,) = (tmp_path / "subsel").glob("whole-state-*")
    kinds = sorted(path.name.split("-")[0] for path in kept.iterdir())
    assert kinds == ["experiment_state", "search_gen_state", "searcher"]
    assert mend_for_restore(tmp_path / "subsel")


def test_whole_files_stay_and_cut_ones_go(tmp_path: Path) -> None:
    data = pickle.dumps(list(range(1000)))
    (tmp_path / "searcher-state-1.pkl").write_bytes(data)
    (tmp_path / "searcher-state-2.pkl").write_bytes(data[:-20])
    (tmp_path / "searcher-state-3.pkl").write_bytes(b"")
    (tmp_path / "params.json").write_text('{"lr": 0.1}')
    with pytest.warns(UserWarning, match=r"searcher-state-2\.pkl, searcher-state-3\.pkl"):
        assert not mend_for_restore(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("searcher*")) == [
        "searcher-state-1.pkl", "searcher-state-2.pkl" + ASIDE, "searcher-state-3.pkl" + ASIDE,
    ]  # fmt: skip
    assert (tmp_path / "params.json").exists()
