"""`subsel nas` with searches by queries: tables, several trainings at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_running import Subsel

from subsel_automl.core.errors import MissingData

TABLE = ("nas", "local", "--space", "nasbench101", "--objective", "table")
SMALL = ("--option", "channels=2", "--option", "cells=1", "--option", "trial_epochs=1")


@pytest.fixture
def tables() -> None:
    if not os.environ.get("SUBSEL_DATA"):
        pytest.skip("SUBSEL_DATA names no folder of tables")


@pytest.mark.shared
def test_a_table_is_asked_in_seconds_and_what_is_found_is_scored(
    subsel: Subsel, tmp_path: Path, tables: None
) -> None:
    found = subsel(*TABLE, "--queries", 40, "--out", tmp_path, "--json").document
    assert len(set(found["asked"])) == found["queries"] == len(found["regrets"]) == 40
    assert found["regret"] == found["regrets"][-1] == min(found["regrets"])
    assert found["test_percent"] == pytest.approx(94.31757 - found["regret"], abs=1e-3)
    assert found["summary"]["trials"] == 40
    drawn = (tmp_path / "cell.svg").read_text()
    assert all(op in drawn for op in found["genotype"]["ops"])
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg role=") == 3
    assert "Regret by query" in page
    again = subsel(*TABLE, "--queries", 40, "--out", tmp_path, "--resume", "--json").document
    assert again["asked"] == found["asked"]


@pytest.mark.shared
def test_a_reading_with_noise_and_several_seeds(
    subsel: Subsel, tmp_path: Path, tables: None
) -> None:
    words = (*TABLE, "--queries", 20, "--noise", 0.25, "--searches", 2, "--out", tmp_path)
    found = subsel(*words, "--json").document["searches"]
    assert [one["seed"] for one in found] == [0, 1]
    assert found[0]["read_percent"] != found[0]["test_percent"]
    assert (tmp_path / "seed-1" / "result.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nas", "darts", "--objective", "table"), "trains a supernet and asks no table"),
        (("nas", "local", "--space", "darts", "--objective", "table"), "has no table"),
        (("nas", "local", "--objective", "tabel"), "Did you mean 'table'"),
        (("nas", "bo", "--encoder", "no-such", "--data", "digits"), "encoder"),
        (("nas", "bo", "--option", "predictor=dngoo"), "Did you mean 'dngo'"),
        (("nas", "random", "--encoder", "gvae"), "encoder"),
    ],
)
def test_what_cannot_be_asked_is_refused(subsel: Subsel, words: tuple[str, ...], said: str) -> None:
    ran = subsel(*words)
    assert ran.code == 3
    assert said in ran.err


def test_a_table_that_is_not_there_is_named(
    subsel: Subsel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUBSEL_DATA", str(tmp_path))
    ran = subsel(*TABLE)
    assert ran.code == MissingData.exit_code
    assert "set SUBSEL_DATA" in ran.err


@pytest.mark.slow
def test_two_trainings_at_once_ask_what_batches_of_two_ask_one_by_one(
    subsel: Subsel, tmp_path: Path
) -> None:
    pytest.importorskip("ray", reason="extra [ray] is not installed")
    from subsel_automl.catalog import dataset, provider, search_class
    from subsel_automl.core.feed import SubsetFeed

    words = ("nas", "local", "--data", "digits", "--queries", 4, "--budget", "100", *SMALL)
    found = subsel(*words, "--workers", 2, "--json").document
    feed = SubsetFeed(provider("random").fit(dataset("digits").train), 100)
    sizes = {"channels": 2, "cells": 1, "trial_epochs": 1}
    alone = search_class("local")(queries=4, **sizes).run("nasbench201", feed, at_once=2)
    told = [(one["key"], one["accuracy"]) for one in found["notes"]["candidates"]]
    assert told == [(one["key"], one["accuracy"]) for one in alone.notes["candidates"]]


def test_a_cell_of_nasbench101_is_trained_and_drawn(subsel: Subsel, tmp_path: Path) -> None:
    words = ("nas", "random", "--space", "nasbench101", "--data", "digits", "--queries", 2)
    found = subsel(*words, "--budget", "64", *SMALL, "--out", tmp_path, "--json").document
    assert set(found["genotype"]) == {"ops", "edges"}
    assert "output" in (tmp_path / "cell.svg").read_text()
    assert found["summary"]["trials"] == 2
