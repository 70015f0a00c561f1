"""The runs of an Optuna study: what its trials reported, step by step.

    study_reports("sqlite:///study.db")      # or the file of a JournalStorage

A trial is a run, whatever became of it; trials of equal parameters, seeds aside, are one group. The
study's direction is the goal.

Source: optuna.trial.FrozenTrial.intermediate_values. Deviations: none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.errors import BadInput, MissingData, UnknownName
from ..data.curve_folders import configuration_of
from ..data.curve_rows import Asked
from ..data.reports import Reports

SQLITE = "sqlite:///"
JOURNAL = b'{"op_code"'  # what a journal begins with


def is_storage(where: str) -> bool:
    """Whether this is the URL of a database, or a journal of Optuna."""
    return _is_journal(where) or (
        "://" in where and not where.startswith(("http://", "https://", "file://"))
    )


def _is_journal(where: str) -> bool:
    if not Path(where).is_file():
        return False
    with Path(where).open("rb") as file:
        return file.read(len(JOURNAL)) == JOURNAL


def study_reports(url: str, asked: Asked | None = None, study: str | None = None) -> Reports:
    """What the trials of a study reported.

    Args:
        study: its name; the only one by default.

    Raises:
        MissingData: Optuna is missing. BadInput: no such file, no study, several and none named,
            several objectives, no report, an option of no use. UnknownName: no such study.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingData(
            f"studies need Optuna ({error}); pip install 'subsel_automl[optuna]'"
        ) from error
    asked = asked or Asked()
    asked.refuse("a trial reports one value a step", "run", "epoch", "group", "metric")
    file = url.removeprefix(SQLITE).split("?")[0]
    if url.startswith(SQLITE) and not Path(file).is_file():
        raise BadInput(f"{file} is not there; Optuna would make an empty database of it")
    said = re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)  # without the password
    try:
        storage = _storage(url)
        names = optuna.get_all_study_names(storage)
    except Exception as error:  # of SQLAlchemy, of drivers, of another version of Optuna
        raise BadInput(f"{said} is no storage that Optuna reads: {error}") from error
    if study is not None and study not in names:
        raise UnknownName(f"study in {said}", study, names)
    if study is None and len(names) != 1:
        what = f"{len(names)} studies: {', '.join(sorted(names))}" if names else "no study"
        raise BadInput(f"{said} has {what}; name one with --study")
    return _of_study(optuna.load_study(study_name=study or names[0], storage=storage))


def _storage(url: str) -> Any:
    """What Optuna opens: a URL, or a journal's backend."""
    if not _is_journal(url):
        return url
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(url))


def _reported(values: Mapping[int, float]) -> list[tuple[float, float]]:
    return [(float(step), value) for step, value in values.items()]


def _of_study(study: object) -> Reports:
    import optuna

    assert isinstance(study, optuna.Study)
    if len(study.directions) > 1:
        raise BadInput(
            f"study {study.study_name!r} has {len(study.directions)} objectives; trials of such a "
            "study report no curves"
        )
    trials = study.get_trials(deepcopy=False)
    runs = {str(one.number): _reported(one.intermediate_values) for one in trials}
    if not any(runs.values()):
        raise BadInput(
            f"none of the {len(trials)} trials of study {study.study_name!r} reported a value; "
            "call trial.report(value, step) in the objective"
        )
    groups = {str(one.number): configuration_of(one.params) or str(one.number) for one in trials}
    seconds = {
        str(one.number): one.duration.total_seconds() for one in trials if one.duration is not None
    }
    names = study.metric_names or [""]
    goal = "max" if study.direction == optuna.study.StudyDirection.MAXIMIZE else "min"
    states = [one.state.name.lower() for one in trials]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    note = f"study {study.study_name!r}: {len(trials)} trials ({counts})"
    return Reports(names[0], runs, groups, seconds, goal, (note,))
