"""`subsel nas`: an architecture search whose subset follows the cell that it spells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ..core.summary_text import block
from . import output
from .arguments import Seed, Targets, budget_of
from .nas_asked import Asked, options_of
from .output import Json

app = output.command()
RESULT, OBJECTIVES = "result.json", ("trials", "table")
Bundle = Annotated[
    str | None,
    typer.Option(
        help="For subsets that are predicted: a name, or a folder; DATA/SPACE, if that ships."
    ),
]
Epochs = Annotated[int | None, typer.Option(min=1, help="Of the search; its own if left.")]
Options = Annotated[
    list[str] | None, typer.Option(help="name=value of the search; may be repeated.")
]
Redraw = Annotated[
    int | None, typer.Option(min=0, help="Epochs between fresh draws; 0 keeps one subset a cell.")
]
Searches = Annotated[int, typer.Option(min=1, help="Searches, of seeds SEED, SEED + 1, ...")]
Train = Annotated[
    int,
    typer.Option(min=0, help="Steps that each found cell is trained for on all data, and tested."),
]
Workers = Annotated[
    int,
    typer.Option(min=1, help="Searches, or trainings of one, at a time; above 1 as Ray tasks."),
]
Where = Annotated[str, typer.Option(help="trials | table: what a search by queries asks.")]
Queries = Annotated[int | None, typer.Option(min=1, help="Cells that a search by queries asks.")]
Encoder = Annotated[
    str | None, typer.Option(help="Of bo, bo-local, rl: a name, or a folder of subsel encode.")
]
Noise = Annotated[
    float, typer.Option(min=0, help="Of a reading of the table, in points of accuracy.")
]
Score = Annotated[bool, typer.Option("--score", help="Fail when no table of accuracies is there.")]


@app.command()
def nas(
    search: Annotated[str, typer.Argument(help="darts, gdas, ..., local, bo: see `subsel list`.")],
    data: Annotated[
        str, typer.Option(help="Data set, npz file or folder of images.")
    ] = "fashion-mnist",
    space: Annotated[
        str, typer.Option(help="nasbench201 | darts; by queries nasbench101 too")
    ] = "nasbench201",
    subset: Annotated[str, typer.Option(help="See `subsel list providers`.")] = "random",
    bundle: Bundle = None,
    budget: Annotated[str, typer.Option(help="A count, or a fraction with a point.")] = "0.1",
    epochs: Epochs = None,
    option: Options = None,
    targets: Targets = "labels",
    redraw_every: Redraw = None,
    seed: Seed = 0,
    objective: Where = "trials",
    queries: Queries = None,
    encoder: Encoder = None,
    noise: Noise = 0.0,
    searches: Searches = 1,
    train: Train = 0,
    workers: Workers = 1,
    out: Annotated[Path | None, typer.Option(help="Folder of the search, to go on from.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the one in --out.")] = False,
    score: Score = False,
    json: Json = False,
) -> None:
    """Search a cell on subsets of a data set."""
    from ..catalog import search_class
    from ..core.errors import BadInput, UnknownName
    from .nas_score import table_file_of
    from .nas_table import on_table

    typed = {"epochs": epochs, "queries": queries, "encoder": encoder}
    texts = [f"{name}={value}" for name, value in typed.items() if value is not None]
    options = options_of(search_class(search), [*(option or []), *texts])
    by_queries = hasattr(search_class(search), "query")
    if objective not in OBJECTIVES:
        raise UnknownName("objective", objective, OBJECTIVES)
    if workers > 1 and searches == 1 and not (by_queries and objective == "trials"):
        raise BadInput(f"--workers {workers} runs searches side by side; give --searches too")
    if objective == "table":
        about = {"noise": noise, "resume": resume}
        found = [
            on_table(
                search, space, options, seed=one, told=searches == 1,
                out=out if out is None or searches == 1 else out / f"seed-{one}", **about,
            )
            for one in range(seed, seed + searches)
        ]  # fmt: skip
        _said_of_table(found, out, json, encoder or "auto")
        return
    search_class(search)(**options)  # refused before anything is loaded
    feed = {"budget": budget_of(budget), "targets": targets, "redraw_every": redraw_every}
    table = table_file_of(space, score)
    asked = Asked(search, space, data, subset, bundle, feed, options, train, out, resume, table)
    if searches == 1 and by_queries and workers > 1:
        asked = replace(asked, workers=workers)
    if searches == 1:
        _said(asked.run(seed, alone=True), out, json)
        return
    _many(asked, list(range(seed, seed + searches)), workers, json)


def _said_of_table(found: list[dict[str, Any]], out: Path | None, json: bool, encoder: str) -> None:
    from .nas_report import write_query_report
    from .nas_table import objective_of, said

    if out is not None:
        table = objective_of(found[0]["space"], 0.0, 0)
        page = write_query_report(out, found, table, encoder)
        if page is not None:
            output.note(f"the report: {page}")
    for one in found:
        if out is not None:
            _kept(one, out if len(found) == 1 else out / f"seed-{one['seed']}")
    if json:
        output.emit(found[0] if len(found) == 1 else {"searches": found})
        return
    if len(found) == 1:
        said(found[0])
        return
    rows = [(one["seed"], one["test_percent"], one["regret"], one["key"]) for one in found]
    names = ("seed", "test accuracy %", "regret", "cell")
    output.table(f"{found[0]['search']} on the table of {found[0]['space']}", names, rows)


def _many(asked: Asked, seeds: list[int], workers: int, json: bool) -> None:
    """Several searches; a row each, and what they come to."""
    from ..integrations.ray.parallel import run_many

    with output.progress(f"{len(seeds)} x {asked.search} on {asked.space}") as told:
        found = run_many(asked.run, seeds, workers=workers, progress=told)
    if asked.out is not None:
        for one in found:
            _kept(one, asked.out / f"seed-{one['seed']}")
    if json:
        output.emit({"searches": found})
        return
    rows = [
        (
            one["seed"],
            " ".join(map(str, one["genotype"].get("cell", [one["key"]]))),
            one["collapsed"],
            one["costs"]["cpu_seconds"],
            *((one["table"] or {}).values()),
            *((one["trained"]["accuracy"],) if "trained" in one else ()),
        )
        for one in found
    ]
    tables = [f"test accuracy %, {data}" for data in (found[0]["table"] or {})]
    names = ["seed", "cell", "collapsed", "cpu_seconds", *tables]
    names += ["trained, test accuracy"] if "trained" in found[0] else []
    output.table(f"{asked.search} on {asked.space}", names, rows)
    for one in found:
        print(block(one["summary"]))


def _said(shown: dict[str, Any], out: Path | None, json: bool) -> None:
    if out is not None:
        _kept(shown, out)
    if json:
        output.emit(shown)
        return
    percents = {f"test accuracy %, {data}": p for data, p in (shown["table"] or {}).items()}
    tested = {f"trained: {name}": v for name, v in shown.get("trained", {}).items()}
    rows = {**shown, **percents, **shown["costs"], **tested}
    apart = ("curve", "notes", "costs", "table", "trained", "summary")
    rows = {name: value for name, value in rows.items() if name not in apart}
    output.table(f"{shown['search']} on {shown['space']}", ("what", "value"), rows.items())
    print(block(shown["summary"]))


def _kept(shown: dict[str, Any], folder: Path) -> None:
    from ..core.files import write_json
    from .nas_score import draw

    write_json(folder / RESULT, shown)
    output.note(f"the cell is drawn in {draw(shown, folder)}")
