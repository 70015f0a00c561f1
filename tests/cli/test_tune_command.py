"""`subsel tune` around a search: settings, run folder, resume; and the demo's bookkeeping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_running import CELL, Subsel

from subsel_automl.core.ledger import AmortizationLedger

pytest.importorskip("ray")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What searches were asked for; they answer at once."""
    from subsel_automl.integrations.ray import search as ray_tune

    calls: list[dict[str, Any]] = []
    best = {"optimizer": {"name": "sgd", "lr": 0.1}, "scheduler": {"name": "cosine"}}

    def search(provider: Any, space: Any, cell: Any, **options: Any) -> ray_tune.SearchOutcome:
        calls.append({"provider": provider.name, "cell": cell.key, **options})
        return ray_tune.SearchOutcome(best, 0.9, [{"accuracy": 0.9, "epochs": 2}], 3.0, 2.0)

    monkeypatch.setattr(ray_tune, "search", search)
    return calls


def test_every_option_reaches_the_search(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    ran = subsel(
        *("tune", "--bundle", bundle, "--out", tmp_path, "--architecture", CELL, "--json"),
        *("--budget", "40", "--samples", 3, "--epochs", 2, "--searcher", "optuna"),
        *("--targets", "soft", "--redraw-every", 1, "--seed", 5, "--provider", "zoo-mean"),
    )
    assert ran.document["best_accuracy"] == 0.9
    wanted = {
        "provider": "zoo-mean",
        "budget": 40,
        "samples": 3,
        "epochs": 2,
        "searcher": "optuna",
        "targets": "soft",
        "redraw_every": 1,
        "seed": 5,
        "cell": ran.document["architecture"],
    }
    assert wanted.items() <= asked[0].items()


def test_the_run_charges_what_the_bundle_cost_once(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    command = ("tune", "--bundle", bundle, "--provider", "subselnet", "--out", tmp_path)
    assert subsel(*command).code == 0
    assert subsel(*command, "--resume").code == 0
    ledger = AmortizationLedger(tmp_path / "ledger.sqlite")
    assert ledger.preparation_seconds() == pytest.approx(12.0)  # 10 s zoo, 2 s fit
    assert ledger.training_architectures == 3


def test_a_search_ends_with_what_was_saved(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    command = ("tune", "--bundle", bundle, "--provider", "subselnet", "--out", tmp_path)
    assert subsel(*command).out.count("What was saved:") == 1
    summary = subsel(*command, "--resume", "--json").document["summary"]
    assert summary["spent"]["preparation"]["seconds"] == pytest.approx(12.0)


def test_a_finished_run_is_not_searched_again(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    command = ("tune", "--bundle", bundle, "--out", tmp_path, "--json")
    first = subsel(*command)
    assert subsel(*command, "--resume").document == first.document
    assert len(asked) == 1


def test_a_run_is_only_gone_on_with_when_asked_and_with_the_same_settings(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    command = ("tune", "--bundle", bundle, "--provider", "subselnet", "--out", tmp_path)
    assert subsel(*command).code == 0
    assert "--resume" in subsel(*command).err
    other = subsel(*command, "--resume", "--samples", 3)
    assert other.code == 3
    assert "samples" in other.err


def test_a_searcher_that_there_is_not_is_bad_input(
    subsel: Subsel, bundle: Path, tmp_path: Path
) -> None:
    ran = subsel("tune", "--bundle", bundle, "--out", tmp_path / "r", "--searcher", "optun")
    assert ran.code == 3
    assert "'optuna'" in ran.err
    assert not (tmp_path / "r").exists()


def test_a_run_makes_a_page_with_its_cell_and_trials(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    pytest.importorskip("matplotlib")
    subsel("tune", "--bundle", bundle, "--out", tmp_path, "--architecture", CELL)
    assert subsel("report", tmp_path / "r.html", "--run", tmp_path).code == 0
    page = (tmp_path / "r.html").read_text()
    assert "conv3x3-bn-relu" in page
    assert "Best accuracy first" in page


@pytest.mark.slow
def test_the_demo_writes_its_page_and_a_second_run_trains_nothing(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """On digits, with the bundle of these tests in the place of the one that it would train."""
    from subsel_automl.cli import demo

    record = json.loads((bundle / "bundle.json").read_text())
    record["made"]["zoo"] = {"sizes": {"channels": 5, "stacks": 1, "cells": 1, "stem_stride": 2}}
    monkeypatch.setattr(demo, "_own_bundle", lambda out, splits: str(bundle))
    monkeypatch.setattr(demo, "bundle_record", lambda name: record)
    command = ("demo", "--data", "digits", "--quick", "--out", tmp_path, "--json")
    first = subsel(*command)
    assert first.code == 0, first.err
    page = (tmp_path / "report.html").read_text()
    assert "Chosen" in page
    assert "When preparation pays" in page
    second = subsel(*command).document
    assert len(asked) == 1
    assert second["final"] == first.document["final"]
    assert second["ledger"]["total_seconds"] == first.document["ledger"]["total_seconds"]
    assert (first.document["charged"], second["charged"]) == (True, False)


def test_rungs_are_the_plan_of_a_search_and_asha_is_there_when_asked(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    command = ("tune", "--bundle", bundle, "--samples", 24, "--epochs", 400, "--final", "none")
    by_rungs = subsel(*command, "--out", tmp_path / "rungs", "--total", 6, "--json").document
    by_asha = subsel(*command, "--out", tmp_path / "asha", "--plan", "asha", "--json").document
    assert "points" in by_rungs["expected_regret"]
    assert "expected_regret" not in by_asha
    rungs, asha = (one["plan"] for one in asked)
    assert rungs.trials == 24
    assert rungs.cost <= 6
    assert asha is None


@pytest.mark.parametrize("plan", [(), ("--plan", "asha")], ids=["alone", "over-asha"])
def test_a_stopper_ends_trials_of_a_whole_length(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]], plan: tuple
) -> None:
    command = ("tune", "--bundle", bundle, "--samples", 3, "--epochs", 3, "--final", "none")
    subsel(*command, "--out", tmp_path / "run", "--stopper", "last", *plan, "--json")
    assert asked[0]["plan"] is None
    assert (asked[0]["stopper"], asked[0]["asha"]) == ("last", bool(plan))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--plan", "rung"), "rungs"),
        (("--plan", "asha", "--total", 5), "--plan rungs"),
        (("--stopper", "lasst"), "last"),
        (("--stopper", "last", "--plan", "rungs"), "--plan none or asha"),
        (("--stopper", "last", "--total", 5), "--plan rungs"),
        (("--samples", 200, "--total", 2), "at least"),
        (("--final", "tought"), "taught"),
        (("--final", "taught", "--provider", "zoo-mean"), "does not learn"),
    ],
)
def test_a_plan_or_an_end_that_can_not_be_is_refused_before_the_search(
    subsel: Subsel,
    bundle: Path,
    tmp_path: Path,
    asked: list[dict[str, Any]],
    words: tuple,
    says: str,
) -> None:
    ran = subsel("tune", "--bundle", bundle, "--out", tmp_path / "run", *words)
    assert ran.code == 3
    assert says in " ".join(ran.err.split())
    assert not asked


def test_the_winner_is_trained_on_all_data_and_its_weights_are_kept(
    subsel: Subsel, bundle: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    from safetensors.torch import load_file

    command = ("tune", "--bundle", bundle, "--out", tmp_path, "--epochs", 2, "--json")
    shown = subsel(*command).document
    record = json.loads((tmp_path / "winner.json").read_text())
    assert record["config"] == shown["best_config"]
    assert record["steps"] % 2 == 0
    assert load_file(shown["weights"])
    assert shown["summary"]["spent"]["training"]["cpu_seconds"] > 0
    stamp = (tmp_path / "winner.safetensors").stat().st_mtime_ns
    assert subsel(*command, "--resume").document["winner_accuracy"] == shown["winner_accuracy"]
    assert (tmp_path / "winner.safetensors").stat().st_mtime_ns == stamp
