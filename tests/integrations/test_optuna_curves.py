"""A study's trials as runs: a real one, in SQLite."""

from __future__ import annotations

import shutil
from pathlib import Path

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from subsel_automl.integrations.optuna_curves import is_storage, study_reports

from subsel_automl.core.errors import BadInput
from subsel_automl.data.curve_rows import Asked

EPOCHS = 4


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A study of five trials: one is pruned at once, one diverges, two are of equal parameters."""
    url = f"sqlite:///{tmp_path_factory.mktemp('study')}/kept.db"
    study = optuna.create_study(storage=url, study_name="kept", direction="maximize")

    def objective(one: optuna.Trial) -> float:
        rate = one.suggest_float("rate", 0, 1)
        one.suggest_int("seed", 0, 9)
        for epoch in range(EPOCHS):
            one.report(float("nan") if one.number == 3 and epoch else rate * epoch, epoch)
            if one.number == 2:
                raise optuna.TrialPruned
        return rate

    for rate, seed in ((0.5, 0), (0.5, 1), (0.1, 0), (0.7, 0), (0.9, 0)):
        study.enqueue_trial({"rate": rate, "seed": seed})
    study.optimize(objective, 5)
    return url


def test_trials_are_runs_with_the_direction_of_the_study(url: str) -> None:
    found = study_reports(url)
    assert found.goal == "max"
    assert found.runs["0"] == [(0.0, 0.0), (1.0, 0.5), (2.0, 1.0), (3.0, 1.5)]
    curves = found.curves(found.goal)
    assert (curves.curves.names, curves.diverged) == (("0", "1", "2", "4"), 1)
    assert curves.curves.lengths.tolist() == [4, 4, 1, 4]
    assert set(found.seconds) == set("01234")


def test_trials_of_equal_parameters_are_a_group_whatever_the_seed(url: str) -> None:
    groups = study_reports(url).groups
    assert groups["0"] == groups["1"] != groups["2"]


@pytest.fixture(scope="module")
def several(url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same database with two studies more."""
    path = tmp_path_factory.mktemp("more") / "more.db"
    shutil.copy(url.removeprefix("sqlite:///"), path)
    optuna.create_study(storage=f"sqlite:///{path}", study_name="empty")
    both = ["minimize", "maximize"]
    optuna.create_study(storage=f"sqlite:///{path}", study_name="pair", directions=both)
    return f"sqlite:///{path}"


def test_the_study_is_named_where_there_are_several(several: str) -> None:
    assert len(study_reports(several, study="kept").runs) == 5


@pytest.mark.parametrize(
    ("study", "said"),
    [
        (None, "3 studies: empty, kept, pair; name one with --study"),
        ("empty", "none of the 0 trials of study 'empty' reported"),
        ("pair", "study 'pair' has 2 objectives"),
        ("kep", "Did you mean 'kept'"),
    ],
)
def test_a_study_without_curves_is_refused(study: str | None, said: str, several: str) -> None:
    with pytest.raises(BadInput, match=said):
        study_reports(several, study=study)


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not there"):
        study_reports(f"sqlite:///{tmp_path}/no.db")
    assert not list(tmp_path.iterdir())


def test_another_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database, but long enough to look at")
    with pytest.raises(BadInput, match="no storage that Optuna reads"):
        study_reports(f"sqlite:///{tmp_path}/text.db")


@pytest.mark.parametrize("name", ["metric", "run", "epoch", "group"])
def test_an_option_of_no_use_is_refused(name: str, url: str) -> None:
    with pytest.raises(BadInput, match=f"--{name} x is of no use"):
        study_reports(url, Asked(**{name: "x"}))


def test_a_journal_is_read_like_a_database(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    storage = JournalStorage(JournalFileBackend(str(path)))
    study = optuna.create_study(storage=storage)
    trial = study.ask()
    trial.report(0.9, 1)
    study.tell(trial, 0.9)
    assert is_storage(str(path))
    assert study_reports(str(path)).runs == {"0": [(1.0, 0.9)]}


def test_a_password_is_not_said() -> None:
    with pytest.raises(BadInput, match=r"nodb://me:\*\*\*@host/d is no storage") as caught:
        study_reports("nodb://me:secret@host/d")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("where", "is_one"),
    [("sqlite:///a.db", True), ("mysql://u@h/d", True), ("a.db", False), ("https://x/y", False)],
)
def test_a_storage_is_told_by_its_url(where: str, is_one: bool) -> None:
    assert is_storage(where) is is_one
