"""The claims that run real searches: every search with every subset, and kill -9."""

from __future__ import annotations

import pytest

from benchmarks.nas import matrix as nas_matrix
from subsel_automl.catalog import SEARCHES


def test_every_search_has_its_small_size():
    assert set(nas_matrix.OWN) | {"darts", "darts2", "gdas"} == set(SEARCHES)


def test_subsets_that_need_a_zoo_do_not_apply():
    names = nas_matrix.applicable()
    assert {"random", "full", "asp", "subselnet-online", "proxy-entropy"} <= set(names)
    assert not {"subselnet", "zoo-mean"} & set(names)


def test_searches_that_end_are_counted_and_others_named(monkeypatch):
    monkeypatch.setattr(nas_matrix, "applicable", lambda: ["full", "random"])
    monkeypatch.setattr(nas_matrix, "OWN", {"random": {"epochs": 3, "trial_epochs": 2}})
    found = nas_matrix.measure_matrix(quick=True)
    assert found["ended"] == 2
    assert [text.split(":")[0] for text in found["failed"]] == [
        "random nasbench201 full",
        "random nasbench201 random",
    ]
    assert not found["holds"]


@pytest.mark.slow
@pytest.mark.long
def test_a_search_that_is_killed_finds_the_undisturbed_cell():
    found = nas_matrix.measure_resume(quick=True)
    assert found["holds"]
    assert 0 < found["searches"]["gdas"]["killed_after_epochs"] < 40
