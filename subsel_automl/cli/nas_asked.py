"""One search of `subsel nas` as it was typed, and how it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output

if TYPE_CHECKING:
    from ..core.provider import SubsetProvider
    from ..data.images import Splits
    from ..search.base import Search, SearchResult


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
