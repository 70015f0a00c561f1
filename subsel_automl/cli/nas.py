"""`subsel nas`: an architecture search whose subset follows the cell that it spells."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.summary_text import block
from . import output
from .arguments import Seed, Targets, budget_of
from .output import Json

if TYPE_CHECKING:
    from ..core.provider import SubsetProvider
    from ..data.images import Splits
    from ..search.base import Search, SearchResult

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
        _said_of_table(found, out, json)
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


@dataclass(frozen=True)
class Asked:
    """One search as it was typed: names and plain values, so that it can run elsewhere."""

    search: str
    space: str
    data: str
    subset: str
    bundle: str | None
    feed: dict[str, Any]
    options: dict[str, Any]
    train: int
    out: Path | None
    resume: bool
    table: Path | None
    workers: int = 1  # trainings at a time

    def run(self, seed: int, alone: bool = False) -> dict[str, Any]:
        """The result in JSON's types.

        Args:
            alone: the only search: `out` is its own folder, and its epochs are shown.
        """
        from ..catalog import search_class
        from .arguments import splits_of
        from .nas_score import trained

        splits = splits_of(self.data)
        chosen = search_class(self.search)(**self.options)
        chooser = _chooser(self.subset, self.bundle, splits, (chosen, self.space))
        names = self.search, self.space
        folder = self.out if alone or self.out is None else self.out / f"seed-{seed}"
        given = {**self.feed, **self.options, **self._at_once()}
        found = _searched(names, chooser, given, seed, folder, self.resume, alone)
        shown = shown_of(found, chooser, splits, self.table)
        if self.train:
            shown["trained"] = trained(found.architecture, chosen, splits, self.train, seed)
        return {**shown, "seed": seed}

    def _at_once(self) -> dict[str, Any]:
        """How trainings of one search run side by side."""
        if self.workers == 1:
            return {}
        from ..integrations.ray.parallel import run_many
        from ..integrations.ray.presets import start_ray

        start_ray(self.workers)  # once, not for every batch

        def many(ask: Any, new: Any) -> Any:
            return run_many(lambda at: ask(new[at]), range(len(new)), workers=self.workers)

        return {"at_once": self.workers, "many": many}


def _said_of_table(found: list[dict[str, Any]], out: Path | None, json: bool) -> None:
    from .nas_table import said

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


def _chooser(
    name: str, bundle: str | None, splits: Splits, search: tuple[Search, str]
) -> SubsetProvider:
    """The provider, ready to be asked by a search of a space.

    Raises:
        MissingNeed: it predicts from reference networks; no bundle is given, and none ships.
        BadInput: a bundle that the provider would not read, or of another space.
    """
    from ..catalog import provider_class
    from ..core.errors import BadInput, MissingNeed
    from ..core.provider import Needs
    from ..subselnet.bundle import shipped_names
    from .arguments import bundle_record, provider_of, provider_of_model

    chosen, space = search
    needs = provider_class(name).needs
    predicts = Needs.ZOO in needs
    if bundle is not None and not predicts:
        raise BadInput(f"subset {name!r} reads no bundle; leave --bundle out")
    if predicts and bundle is None:
        bundle = f"{splits.train.name}/{space}"
        if bundle not in shipped_names():
            raise MissingNeed(
                f"subset {name!r} is predicted from reference networks, and no bundle ships for "
                f"{bundle} (there are {', '.join(shipped_names())}); give the bundle that was "
                "fitted to yours with --bundle (see `subsel zoo build` and `subsel fit`)"
            )
    epochs = getattr(chosen, "trial_epochs", chosen.total_epochs)
    if bundle is not None and Needs.ARCHITECTURE in needs:
        learned = bundle_record(bundle)["encoder"]["space"] or space  # none: any
        if learned != space:
            raise BadInput(
                f"bundle {bundle!r} was fitted to cells of {learned!r}, and the search is on "
                f"{space!r}; give a bundle of that space, or --space {learned}"
            )
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
    told: bool,
) -> SearchResult:
    from ..nas import search
    from ..report.run_folder import LEDGER

    ledger = None if out is None else out / LEDGER
    kept = {"folder": out, "resume": resume, "ledger": ledger}
    settings = {"subset": chooser, "seed": seed, **kept, **options}
    if not told:
        return search(*names, chooser.pool, **settings)
    with (
        output.progress(f"{names[0]} on {names[1]}") as bar,
        output.going_on("the same command with --resume goes on from there"),
    ):
        return search(*names, chooser.pool, progress=bar, **settings)


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
            "summary": None if found.summary is None else found.summary.as_dict(),
        }
    )
    return shown
