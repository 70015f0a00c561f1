"""`subsel nas`: an architecture search whose subset follows the cell that it spells."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .arguments import Seed, Targets, budget_of
from .output import Json

if TYPE_CHECKING:
    from ..core.provider import SubsetProvider
    from ..data.images import Splits
    from ..search.base import Search, SearchResult

app = output.command()
RESULT = "result.json"
Bundle = Annotated[
    str | None, typer.Option(help="For subsets that are predicted: a name, or a folder.")
]
Epochs = Annotated[int | None, typer.Option(min=1, help="Of the search; its own if left.")]
Options = Annotated[
    list[str] | None, typer.Option(help="name=value of the search; may be repeated.")
]
Redraw = Annotated[
    int, typer.Option(min=0, help="Epochs between fresh draws; 0 keeps one subset a cell.")
]
Score = Annotated[bool, typer.Option("--score", help="Fail when no table of accuracies is there.")]


@app.command()
def nas(
    search: Annotated[str, typer.Argument(help="darts, darts2, gdas, enas, spos, hm-nas, ...")],
    data: Annotated[str, typer.Option(help="Data set, npz file or folder of images.")],
    space: Annotated[str, typer.Option(help="nasbench201 | darts")] = "nasbench201",
    subset: Annotated[str, typer.Option(help="See `subsel list providers`.")] = "random",
    bundle: Bundle = None,
    budget: Annotated[str, typer.Option(help="A count, or a fraction with a point.")] = "0.1",
    epochs: Epochs = None,
    option: Options = None,
    targets: Targets = "labels",
    redraw_every: Redraw = 0,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of the search, to go on from.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the one in --out.")] = False,
    score: Score = False,
    json: Json = False,
) -> None:
    """Search a cell on subsets of a data set."""
    from ..catalog import search_class
    from .arguments import splits_of
    from .nas_score import table_file_of

    table = table_file_of(space, score)
    options = options_of(search_class(search), option or [])
    options |= {} if epochs is None else {"epochs": epochs}
    splits = splits_of(data)
    chooser = _chooser(subset, bundle, splits, search_class(search)(**options))
    feed = {"budget": budget_of(budget), "targets": targets, "redraw_every": redraw_every}
    found = _searched((search, space), chooser, {**feed, **options}, seed, out, resume)
    _said(shown_of(found, chooser, splits, table), out, json)


def _said(shown: dict[str, Any], out: Path | None, json: bool) -> None:
    if out is not None:
        from ..core.files import write_json
        from .nas_score import draw

        write_json(out / RESULT, shown)
        output.note(f"the cell is drawn in {draw(shown, out)}")
    if json:
        output.emit(shown)
        return
    percents = {f"test accuracy %, {data}": p for data, p in (shown["table"] or {}).items()}
    rows = {**shown, **percents, **shown["costs"]}
    apart = ("curve", "notes", "costs", "table")
    rows = {name: value for name, value in rows.items() if name not in apart}
    output.table(f"{shown['search']} on {shown['space']}", ("what", "value"), rows.items())


def options_of(kind: type[Search], texts: list[str]) -> dict[str, Any]:
    """Options of a search from "name=value" texts, each of its default's type.

    Raises:
        UnknownName: no such option. BadInput: no value of that type.
    """
    from ..core.errors import BadInput, UnknownName

    known = {field.name: field.default for field in fields(kind)}
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if name not in known:
            raise UnknownName(f"option of search {kind.name!r}", name, known)
        wanted = type(known[name])
        try:
            if not equals:
                raise ValueError("no value")
            found[name] = _truth(value) if wanted is bool else wanted(value)
        except ValueError as error:
            raise BadInput(f"{text!r} gives no {wanted.__name__}: write {name}=VALUE") from error
    return found


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("neither true nor false")
    return text.lower() == "true"


def _chooser(name: str, bundle: str | None, splits: Splits, chosen: Search) -> SubsetProvider:
    """The provider, ready to be asked.

    Raises:
        MissingNeed: it predicts from reference networks, and no bundle is given.
        BadInput: a bundle that the provider would not read.
    """
    from ..catalog import provider_class
    from ..core.errors import BadInput, MissingNeed
    from ..core.provider import Needs
    from .arguments import provider_of, provider_of_model

    predicts = Needs.ZOO in provider_class(name).needs
    if predicts and bundle is None:
        raise MissingNeed(
            f"subset {name!r} is predicted from reference networks; give the bundle that was "
            "fitted to them with --bundle (see `subsel zoo build` and `subsel fit`)"
        )
    if bundle is not None and not predicts:
        raise BadInput(f"subset {name!r} reads no bundle; leave --bundle out")
    epochs = getattr(chosen, "trial_epochs", chosen.total_epochs)
    if bundle is not None:
        return provider_of(name, bundle, None, splits, epochs=epochs)
    return provider_of_model(name, splits, epochs=epochs)


def _searched(
    names: tuple[str, str],
    chooser: SubsetProvider,
    options: dict[str, Any],
    seed: int,
    out: Path | None,
    resume: bool,
) -> SearchResult:
    from ..integrations.darts import search

    settings = {"subset": chooser, "seed": seed, "folder": out, "resume": resume, **options}
    with (
        output.progress(f"{names[0]} on {names[1]}") as told,
        output.going_on("the same command with --resume goes on from there"),
    ):
        return search(*names, chooser.pool, progress=told, **settings)


def shown_of(
    found: SearchResult, chooser: SubsetProvider, splits: Splits, table: Path | None
) -> dict[str, Any]:
    """The result in JSON's types; `table` is where the found cell is looked up."""
    from .nas_score import table_percents

    collapses = sum(bool(one["collapsed"]) for one in found.curve)
    shown: dict[str, Any] = output.plain(
        {
            "search": found.search,
            "space": found.architecture.space,
            "subset": chooser.name,
            "pool": splits.train.name,
            "key": found.architecture.key,
            "genotype": found.genotype,
            "collapsed": found.collapsed,
            "skip_share": found.skip_share,
            "collapsed_epochs": collapses,
            "table": None if table is None else table_percents(found.architecture, table),
            "costs": found.costs,
            "curve": found.curve,
            "notes": found.notes,
        }
    )
    return shown
