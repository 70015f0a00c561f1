"""`subsel curves`: what has ended is kept, what goes on is foretold, predictors are scored."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import optuna
import pytest
from cli_running import Ran, Subsel

EPOCHS, ENDED = 8, 20
AT = np.arange(1, EPOCHS + 1)


def losses(runs: int, seed: int = 0) -> np.ndarray:
    """Curves that fall to a level of their own, [runs, epochs]."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.2, 0.6, runs)[:, None] + rng.uniform(0.5, 1, runs)[:, None] / AT


def written(path: Path, values: np.ndarray, lengths: list[int], metric: str = "val_loss") -> Path:
    """A long table of runs r0, r1, ..."""
    lines = [
        f"r{run},{epoch + 1},{values[run, epoch]}"
        for run, length in enumerate(lengths)
        for epoch in range(length)
    ]
    path.write_text("\n".join([f"run,epoch,{metric}", *lines]))
    return path


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Twenty runs that have ended, two that go on, one that diverged."""
    values = losses(ENDED + 3)
    values[-1, 2] = np.nan
    return written(tmp_path / "runs.csv", values, [EPOCHS] * ENDED + [3, 5, EPOCHS])


@pytest.fixture
def fitted(subsel: Subsel, runs: Path, tmp_path: Path) -> tuple[Ran, Path]:
    """What `fit` says of them, and the folder."""
    out = tmp_path / "kept"
    ran = subsel("curves", "fit", runs, "--predictor", "ridge", "--out", out, "--json")
    assert ran.code == 0, ran.err
    return ran, out


def test_fit_counts_the_runs_and_says_what_it_guessed(fitted: tuple[Ran, Path]) -> None:
    ran, _ = fitted
    counts = ("finished", "unfinished", "diverged", "epochs", "goal", "metric")
    found = [ran.document[name] for name in counts]
    assert found == [ENDED, 2, 1, EPOCHS, "min", "val_loss"]
    assert "the metric is 'val_loss'" in ran.err
    assert "the goal is 'min', by the name 'val_loss'" in ran.err
    assert "1 run (r22) diverged" in ran.err


def test_runs_that_go_on_are_foretold_best_first(
    subsel: Subsel, fitted: tuple[Ran, Path], runs: Path, tmp_path: Path
) -> None:
    table, picture = tmp_path / "out.csv", tmp_path / "out.svg"
    given = ("curves", "predict", fitted[1], runs, "--out", table, "--plot", picture)
    ran = subsel(*given, "--json")
    assert ran.code == 0, ran.err
    rows = ran.document["runs"]
    assert sorted(row["run"] for row in rows) == ["r20", "r21"]
    assert rows[0]["final"] < rows[1]["final"]
    truth = dict(zip(("r20", "r21"), losses(ENDED + 3)[20:22, -1], strict=True))
    assert [row["final"] for row in rows] == pytest.approx([truth[r["run"]] for r in rows], abs=0.1)
    assert ran.document["best"] == pytest.approx(losses(ENDED + 3)[:ENDED, -1].min())
    assert [row["run"] for row in csv.DictReader(table.open())] == [row["run"] for row in rows]
    assert rows[0]["run"] in picture.read_text()
    assert "unfinished runs: 2, by ridge" in subsel(*given).out


def test_a_kept_fit_foretells_the_same_again(
    subsel: Subsel, fitted: tuple[Ran, Path], runs: Path
) -> None:
    said = [subsel("curves", "predict", fitted[1], runs, "--json").out for _ in range(2)]
    assert said[0] == said[1]


def test_the_metric_that_was_fitted_is_taken_where_there_are_several(
    subsel: Subsel, fitted: tuple[Ran, Path], tmp_path: Path
) -> None:
    path = tmp_path / "two.csv"
    path.write_text("run,epoch,acc,val_loss\nx,1,0.1,0.9\nx,2,0.2,0.7\n")
    (row,) = subsel("curves", "predict", fitted[1], path, "--json").document["runs"]
    assert (row["run"], row["last"]) == ("x", 0.7)


def test_options_reach_the_predictor(subsel: Subsel, runs: Path, tmp_path: Path) -> None:
    given = ("curves", "fit", runs, "--out", tmp_path / "kept")
    assert subsel(*given, "--option", "draws=7", "--seed", 3).code == 0
    record = json.loads((tmp_path / "kept" / "curves.json").read_text())
    assert record["options"] == {"seed": 3, "draws": 7}
    ran = subsel(*given, "--option", "drws=7")
    assert (ran.code, "drws" in ran.err) == (3, True)


def test_score_sets_predictors_beside_the_control(subsel: Subsel, runs: Path) -> None:
    ran = subsel("curves", "score", runs, "--predictor", "ridge", "--at", "2,4", "--json")
    assert ran.code == 0, ran.err
    rows = ran.document["scores"]
    assert [(row["predictor"], row["seen"]) for row in rows] == [
        *(("last", 2), ("ridge", 2)),
        *(("last", 4), ("ridge", 4)),
    ]
    assert rows[1]["final_r2"] > rows[0]["final_r2"]
    assert (ran.document["finished"], ran.document["unfinished"]) == (ENDED, 2)


def test_score_says_what_is_no_better_than_the_value_that_was_seen(
    subsel: Subsel, tmp_path: Path
) -> None:
    values = np.random.default_rng(0).uniform(size=(20, 1)) + np.zeros(EPOCHS)
    path = written(tmp_path / "flat.csv", values, [EPOCHS] * 20, "value")
    ran = subsel("curves", "score", path, "--predictor", "ridge", "--at", 2, "--goal", "min")
    assert "ridge after 2 epochs is not better than 'last'" in ran.out


def test_all_predictors_are_scored_where_all_are_asked_for(subsel: Subsel, runs: Path) -> None:
    from subsel_automl.catalog import curve_predictor_names

    given = ("curves", "score", runs, "--predictor", "all", "--at", 3, "--folds", 2)
    small = ("--option", "draws=3", "--option", "sweeps=2", "--option", "chains=2")
    ran = subsel(*given, *small, "--json")
    assert {row["predictor"] for row in ran.document["scores"]} == set(curve_predictor_names())


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A study of twelve trials that maximizes."""
    url = f"sqlite:///{tmp_path_factory.mktemp('study')}/s.db"
    kept = optuna.create_study(storage=url, direction="maximize")
    for run in -losses(12):
        trial = kept.ask()
        trial.report(run[0], 0)
        trial.report(run[1], 1)
        kept.tell(trial, run[-1])
    return url


def test_the_direction_of_a_study_is_the_goal(subsel: Subsel, study: str, tmp_path: Path) -> None:
    given = ("curves", "fit", study, "--predictor", "last", "--out", tmp_path / "kept")
    assert subsel(*given, "--json").document["goal"] == "max"
    refused = subsel(*given, "--goal", "min")
    assert (refused.code, "the source says 'max'" in refused.err) == (3, True)
    read = subsel("curves", "predict", tmp_path / "kept", study)
    assert "all 12 runs have their 2 epochs" in read.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--metric", "val_los"), "Did you mean 'val_loss'"),
        (("--goal", "mix"), "Did you mean 'min'"),
        (("--by", "ordr"), "Did you mean 'order'"),
        (("--gaps", "drp"), "Did you mean 'drop'"),
        (("--diverged", "refuse"), "'r22' has a value that is not finite"),
        (("--predictor", "lcsrv"), "Did you mean 'lcsvr'"),
        (("--predictor", "gp"), "reads vectors"),
        (("--study", "x"), "is no study's URL"),
        (("--format", "jsonn"), "Did you mean 'json'"),
        (("--at", "a"), "write whole numbers"),
        (("--at", "8"), "give 1..7"),
        (("--folds", "99"), "--folds 2..20"),
        (("--option", "draws"), "write name=value"),
        (("--option", "drws=1"), "none of lcsvr takes the option 'drws'"),
        (("--epochs", "0"), "epochs is 0"),
    ],
)
def test_what_cannot_be_is_bad_input(given, said: str, subsel: Subsel, runs: Path) -> None:
    ran = subsel("curves", "score", runs, *given)
    assert (ran.code, ran.out) == (3, "")
    assert said in ran.err


def test_a_name_that_tells_no_goal_asks_for_it(subsel: Subsel, tmp_path: Path) -> None:
    path = written(tmp_path / "v.csv", losses(3), [3, 3, 2], "value")
    ran = subsel("curves", "fit", path, "--out", tmp_path / "kept", "--predictor", "last")
    assert (ran.code, "--goal min or --goal max" in ran.err) == (3, True)


def test_too_few_ended_runs_are_told_of_a_shorter_training(subsel: Subsel, tmp_path: Path) -> None:
    path = written(tmp_path / "v.csv", losses(9), [EPOCHS] + [5] * 8)
    given = ("curves", "fit", path, "--out", tmp_path / "kept", "--predictor", "ridge", "--json")
    refused = subsel(*given)
    assert (refused.code, "1 of 9 runs have all 8 epochs" in refused.err) == (3, True)
    found = subsel(*given, "--epochs", 5)
    assert (found.document["finished"], found.document["epochs"]) == (9, 5)
    assert "cut to 5 epochs" in found.err


def test_curves_that_rise_where_less_is_better_are_said(subsel: Subsel, tmp_path: Path) -> None:
    path = written(tmp_path / "v.csv", -losses(9), [EPOCHS] * 9, "value")
    given = ("curves", "fit", path, "--predictor", "last", "--goal", "min")
    assert "is it 'max'?" in subsel(*given, "--out", tmp_path / "kept").err


def test_another_kind_of_picture_is_refused_before_anything_is_read(
    subsel: Subsel, fitted: tuple[Ran, Path], tmp_path: Path
) -> None:
    ran = subsel("curves", "predict", fitted[1], tmp_path / "no.csv", "--plot", "p.gif")
    assert "called *.svg or *.png" in ran.err
