"""`subsel curves`: fit, predict, score: how the reader's own runs go on."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .arguments import Seed
from .output import Json

if TYPE_CHECKING:
    from ..data.curve_rows import Asked
    from ..data.reports import Alignment, Found, Reports
    from ..predictors.curve_base import CurvePredictor

app = output.group("Learning curves of your own runs: how those that have begun go on.")

File = Annotated[
    str,
    typer.Argument(
        help="CSV or JSON, a folder of Ray Tune, Lightning, transformers or TensorBoard, or a "
        "study of Optuna (sqlite:///file.db, or a journal)."
    ),
]
Goal = Annotated[
    str | None,
    typer.Option(help="min or max: what is better; by the metric's name where it tells."),
]
Metric = Annotated[str | None, typer.Option(help="Which value; the only one by default.")]
Run = Annotated[str | None, typer.Option(help="Column that says which run; a usual name.")]
Epoch = Annotated[str | None, typer.Option(help="Column that says which epoch; a usual name.")]
Group = Annotated[
    str | None, typer.Option(help="Column that is equal in runs of one configuration.")
]
Study = Annotated[str | None, typer.Option(help="Of Optuna; the only one by default.")]
Format = Annotated[
    str,
    typer.Option("--format", help="auto, csv, json, ray, lightning, transformers, tensorboard."),
]
By = Annotated[
    str, typer.Option(help="step, or order: the k-th report of a run is of epoch k, at any step.")
]
Gaps = Annotated[str, typer.Option(help="Runs that lack a step before their last: refuse | drop.")]
Diverged = Annotated[str, typer.Option(help="Runs with a value that is not finite: drop | refuse.")]
Epochs = Annotated[
    int | None, typer.Option(help="Of a whole training; those of the longest run by default.")
]
Options = Annotated[
    list[str] | None,
    typer.Option(help="name=value of a predictor (draws=200); may be repeated."),
]
At = Annotated[
    str, typer.Option(help="Epochs that were seen (5,10,20); a tenth, fifth, two fifths by default")
]


@app.command()
def fit(
    file: File,
    out: Annotated[Path, typer.Option(help="Folder for the curves that have ended.")],
    predictor: Annotated[str, typer.Option(help="See `subsel list curve-predictors`.")] = "lcsvr",
    goal: Goal = None,
    metric: Metric = None,
    run: Run = None,
    epoch: Epoch = None,
    group: Group = None,
    study: Study = None,
    form: Format = "auto",
    by: By = "step",
    gaps: Gaps = "refuse",
    diverged: Diverged = "drop",
    epochs: Epochs = None,
    option: Options = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Keep the runs that have ended, and how others like them are to be foretold."""
    from ..core.errors import BadInput
    from ..data.curve_rows import Asked
    from ..data.curve_store import KeptCurves, save_curves
    from ..data.reports import Alignment

    how = Alignment(by=by, gaps=gaps, diverged=diverged, epochs=epochs)
    asked = Asked(metric=metric, run=run, epoch=epoch, group=group)
    reports = _reports(file, asked, study, form)
    found = _curves(reports, goal, how)
    curves = found.curves
    options = {"seed": seed, **_options(option)}
    made = _made(predictor, options)
    ended = curves.finished()
    if len(ended) < max(made.least, 1):
        raise BadInput(
            f"{len(ended)} of {len(curves)} runs have all {curves.epochs} epochs, and predictor "
            f"{predictor!r} needs {max(made.least, 1)}; wait for more, or say what a whole "
            "training is (--epochs)"
        )
    made.fit(ended)
    sha256 = save_curves(
        KeptCurves(ended, reports.metric, found.steps, by, predictor, options), out
    )
    shown = {
        "out": str(out),
        "predictor": predictor,
        "goal": curves.goal,
        "metric": reports.metric or None,
        "epochs": curves.epochs,
        "finished": len(ended),
        "configurations": len(set(ended.groups)),
        "unfinished": len(curves) - len(ended),
        "diverged": found.diverged,
        "sha256": sha256,
    }
    if json:
        output.emit(shown)
    else:
        output.table(f"curves {out}", ("what", "value"), shown.items())


@app.command()
def predict(
    folder: Annotated[Path, typer.Argument(help="Of `subsel curves fit`.")],
    file: File,
    out: Annotated[Path | None, typer.Option(help="Also as CSV.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Also as a picture: *.svg, *.png.")] = None,
    metric: Metric = None,
    run: Run = None,
    epoch: Epoch = None,
    study: Study = None,
    form: Format = "auto",
    gaps: Gaps = "refuse",
    diverged: Diverged = "drop",
    json: Json = False,
) -> None:
    """What unfinished runs will come to, the best first, and their chance to beat the best."""
    from ..data.curve_rows import Asked
    from ..data.curve_store import load_curves
    from ..data.reports import Alignment
    from ..report.curve_figures import check_suffix, write_picture
    from ..report.curve_forecast import forecast, write_forecasts

    kept = load_curves(folder)
    if plot is not None:
        check_suffix(plot)
    how = Alignment(by=kept.by, gaps=gaps, diverged=diverged, steps=kept.steps)
    asked = Asked(metric=metric, run=run, epoch=epoch, usual=kept.metric)
    found = _curves(_reports(file, asked, study, form), kept.curves.goal, how)
    made = _made(kept.predictor, kept.options).fit(kept.curves)
    told = forecast(made, kept.curves, found.curves, found.seconds)
    if out is not None:
        write_forecasts(out, told.rows)
    if plot is not None:
        write_picture(plot, told, kept.curves, kept.steps, metric or kept.metric)
    if json:
        output.emit({"best": told.best, "winner": told.winner, "runs": list(map(vars, told.rows))})
        return
    columns = ("run", "epochs seen", "last", "final", "sd", "chance", "seconds left")
    title = (
        f"unfinished runs: {len(told.rows)}, by {kept.predictor}; the best that ended is "
        f"{told.winner} with {told.best:.4g}"
    )
    output.table(title, columns, [tuple(vars(row).values()) for row in told.rows])


@app.command()
def score(
    file: File,
    predictor: Annotated[
        str, typer.Option(help="Names with commas, or all; see `subsel list curve-predictors`.")
    ] = "lcsvr",
    at: At = "",
    folds: Annotated[int, typer.Option(help="Parts of the runs, by configuration.")] = 5,
    goal: Goal = None,
    metric: Metric = None,
    run: Run = None,
    epoch: Epoch = None,
    group: Group = None,
    study: Study = None,
    form: Format = "auto",
    by: By = "step",
    gaps: Gaps = "refuse",
    diverged: Diverged = "drop",
    epochs: Epochs = None,
    option: Options = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """How well predictors foretell the runs that have ended, beside the value that was seen."""
    from ..data.curve_rows import Asked
    from ..data.reports import Alignment
    from ..report.curve_score import score_predictors, spoken

    how = Alignment(by=by, gaps=gaps, diverged=diverged, epochs=epochs)
    asked = Asked(metric=metric, run=run, epoch=epoch, group=group)
    curves = _curves(_reports(file, asked, study, form), goal, how).curves
    predictors = _several(predictor, {"seed": seed, **_options(option)})
    with output.progress("predictors") as told:
        found = score_predictors(
            curves, predictors, _epochs(at), folds, seed, told, predictor != "all"
        )
    rows = [one.row() for one in found]
    ended = len(curves.finished())
    if json:
        output.emit({"finished": ended, "unfinished": len(curves) - ended, "scores": rows})
        return
    title = (
        f"runs that have ended: {ended}, of {curves.epochs} epochs; {folds} parts by configuration"
    )
    output.table(title, tuple(rows[0]), [tuple(row.values()) for row in rows])
    for line in spoken(found):
        print(line)


def _reports(file: str, asked: Asked, study: str | None, form: str) -> Reports:
    from ..core.errors import BadInput
    from ..data.curve_files import read_reports
    from ..integrations.optuna_curves import is_storage, study_reports

    if is_storage(file):
        if form != "auto":
            raise BadInput(f"--format {form} is for files, and {file} is a study; leave it out")
        found: Reports = study_reports(file, asked, study)
        return found
    if study is not None:
        raise BadInput(f"--study {study} is of Optuna, and {file} is no study's URL; leave it out")
    return read_reports(Path(file), asked, form)


def _curves(reports: Reports, goal: str | None, how: Alignment) -> Found:
    from ..data.goals import goal_of

    better, said = goal_of(reports.metric, goal, reports.goal)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", UserWarning)
        found = reports.curves(better, how)
    told = [str(one.message) for one in warned if issubclass(one.category, UserWarning)]
    for line in (*found.notes, *([said] if said else []), *told):
        output.note(line)
    return found


def _options(texts: list[str] | None) -> dict[str, Any]:
    from .arguments import option_of

    return dict(map(option_of, texts or []))


def _made(name: str, options: Any) -> CurvePredictor:
    from ..catalog import curve_predictor

    return curve_predictor(name, **options)


def _several(text: str, options: dict[str, Any]) -> dict[str, CurvePredictor]:
    """By name; an option goes to those that take it."""
    from ..catalog import curve_predictor_class, curve_predictor_names
    from ..core.errors import BadInput

    names = curve_predictor_names() if text == "all" else [n.strip() for n in text.split(",")]
    taken = {name: set(curve_predictor_class(name).__dataclass_fields__) for name in names}
    for option in options:
        if not any(option in fields for fields in taken.values()):
            raise BadInput(f"none of {', '.join(names)} takes the option {option!r}; leave it out")
    return {
        name: _made(name, {o: v for o, v in options.items() if o in fields})
        for name, fields in taken.items()
    }


def _epochs(text: str) -> list[int]:
    from ..core.errors import BadInput

    try:
        return [int(one) for one in text.split(",")] if text.strip() else []
    except ValueError as error:
        raise BadInput(f"--at {text!r} are no epochs; write whole numbers, 5,10,20") from error
