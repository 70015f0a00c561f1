"""`subsel nas`: a search from the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_running import Subsel

from subsel_automl.catalog import SEARCHES
from subsel_automl.core.errors import MissingData
from subsel_automl.core.ledger import AmortizationLedger

SMALL = ("--option", "channels=2", "--option", "cells=1", "--option", "steps_an_epoch=1")
COMMAND = ("nas", "gdas", "--data", "digits", "--epochs", 2, *SMALL)


def test_a_cell_is_found_and_kept(subsel: Subsel, tmp_path: Path) -> None:
    ran = subsel(*COMMAND, "--subset", "random", "--budget", "100", "--out", tmp_path, "--json")
    assert ran.document["genotype"]["cell"]
    assert ran.document["curve"][0]["examples"] == 100
    assert (tmp_path / "result.json").exists()


def test_a_search_ends_with_what_was_saved(subsel: Subsel, tmp_path: Path) -> None:
    free = ("nas", "gdas", "--data", "digits", "--epochs", 2, *SMALL[:4], "--budget", "100")
    ran = subsel(*free, "--out", tmp_path)
    assert "What was saved: search 'gdas-0' in architecture search, 1 trial" in ran.out
    summary = subsel(*free, "--out", tmp_path, "--resume", "--json").document["summary"]
    assert (summary["examples"], summary["subset_size"]) == (200, 100)
    assert summary["factor"]["cpu_seconds"] > 2
    assert summary["winner"]["config"]["cell"]
    assert AmortizationLedger(tmp_path / "ledger.sqlite").totals()["TRAIN"]["count"] == 1


def test_epochs_of_a_given_number_of_steps_would_save_nothing(subsel: Subsel) -> None:
    summary = subsel(*COMMAND, "--json").document["summary"]
    assert summary["factor"]["cpu_seconds"] <= 1


def test_a_finished_search_is_gone_on_with_only_when_asked(subsel: Subsel, tmp_path: Path) -> None:
    first = subsel(*COMMAND, "--out", tmp_path, "--json")
    assert subsel(*COMMAND, "--out", tmp_path).code == 3
    again = subsel(*COMMAND, "--out", tmp_path, "--resume", "--json")
    assert again.document["key"] == first.document["key"]


def test_a_table_is_shown_and_the_bar_stays_on_stderr(subsel: Subsel) -> None:
    ran = subsel(*COMMAND)
    assert "cpu_seconds" in ran.out
    assert "2/2" in ran.err
    assert "2/2" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--option", "chanels=2"), "Did you mean 'channels'"),
        (("--option", "channels=two"), "channels=VALUE"),
        (("--subset", "zoo-mean"), "--bundle"),
        (("--subset", "random", "--bundle", "x"), "reads no bundle"),
        (("--subset", "subselnet", "--bundle", "fashion-mnist/nasbench101"), "of 'nasbench101'"),
        (("--space", "nasbench101"), "no cell space"),
        (("--epochs", "2", "--targets", "soft"), "predicts none"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    subsel: Subsel, arguments: tuple[str, ...], said: str
) -> None:
    ran = subsel(*COMMAND, *arguments)
    assert ran.code == 3
    assert said in ran.err


def test_searches_are_listed(subsel: Subsel) -> None:
    listed = subsel("list", "searches", "--json").document["searches"]
    assert [one["name"] for one in listed] == list(SEARCHES)


def test_the_found_cell_is_drawn_beside_the_result(subsel: Subsel, tmp_path: Path) -> None:
    ran = subsel(*COMMAND, "--out", tmp_path, "--json")
    drawn = (tmp_path / "cell.svg").read_text()
    assert all(operation in drawn for operation in ran.document["genotype"]["cell"])


def test_a_score_without_a_table_is_refused_before_the_search(
    subsel: Subsel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUBSEL_DATA", str(tmp_path / "nowhere"))
    ran = subsel(*COMMAND, "--score", "--out", tmp_path / "out")
    assert ran.code == MissingData.exit_code
    assert "set SUBSEL_DATA" in ran.err
    assert not (tmp_path / "out").exists()


def test_without_a_table_a_search_says_that_it_does_not_score(
    subsel: Subsel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUBSEL_DATA", str(tmp_path))
    ran = subsel(*COMMAND, "--json")
    assert ran.document["table"] is None
    assert "will not be scored" in ran.err


def test_a_score_of_a_space_without_a_table_is_refused(subsel: Subsel) -> None:
    ran = subsel(*COMMAND, "--space", "darts", "--score")
    assert ran.code == 3
    assert "in no table" in ran.err


@pytest.mark.shared
def test_the_real_tables_accuracies_are_shown(subsel: Subsel) -> None:
    if not os.environ.get("SUBSEL_DATA"):
        pytest.skip("SUBSEL_DATA names no folder of tables")
    percents = subsel(*COMMAND, "--score", "--json").document["table"]
    assert set(percents) == {"cifar10", "cifar100", "imagenet16-120"}
    assert "test accuracy %, cifar10" in subsel(*COMMAND, "--score").out


def test_several_searches_are_what_each_is_alone(subsel: Subsel, tmp_path: Path) -> None:
    many = subsel(*COMMAND, "--searches", 2, "--train", 3, "--out", tmp_path, "--json").document
    alone = subsel(*COMMAND, "--seed", 1, "--train", 3, "--json").document
    second = many["searches"][1]
    assert [one["seed"] for one in many["searches"]] == [0, 1]
    assert second["key"] == alone["key"]
    assert second["trained"]["accuracy"] == alone["trained"]["accuracy"]
    assert (tmp_path / "seed-1" / "result.json").exists()


def test_a_search_among_several_is_gone_on_with(subsel: Subsel, tmp_path: Path) -> None:
    first = subsel(*COMMAND, "--out", tmp_path / "seed-1", "--seed", 1, "--json").document
    many = (*COMMAND, "--searches", 2, "--out", tmp_path, "--json")
    assert subsel(*many).code == 3
    both = subsel(*many, "--resume").document["searches"]
    assert both[1]["curve"] == first["curve"]


def test_workers_need_several_searches(subsel: Subsel) -> None:
    ran = subsel(*COMMAND, "--workers", 2)
    assert ran.code == 3
    assert "--searches" in ran.err
