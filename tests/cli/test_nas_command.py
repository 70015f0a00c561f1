"""`subsel nas`: a search from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_running import Subsel

from subsel_automl.catalog import SEARCHES

SMALL = ("--option", "channels=2", "--option", "cells=1", "--option", "steps_an_epoch=1")
COMMAND = ("nas", "gdas", "--data", "digits", "--epochs", 2, *SMALL)


def test_a_cell_is_found_and_kept(subsel: Subsel, tmp_path: Path) -> None:
    ran = subsel(*COMMAND, "--subset", "random", "--budget", "100", "--out", tmp_path, "--json")
    assert ran.document["genotype"]["cell"]
    assert ran.document["curve"][0]["examples"] == 100
    assert (tmp_path / "result.json").exists()


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
