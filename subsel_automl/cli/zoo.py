"""`subsel zoo`: build, status, verify."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .arguments import SPACE, Seed
from .output import Json

if TYPE_CHECKING:
    from ..data.images import Splits
    from ..spaces.base import SearchSpace
    from ..zoo.reference import Job, ReferenceTraining

CANDIDATES = 20  # sampled for each network that is kept
STACKS = 3
app = output.group("Reference networks that supervise SubSelNet.")
Folder = Annotated[Path, typer.Argument(help="The zoo's folder.")]


@app.command()
def build(
    dataset: Annotated[str, typer.Argument(help="See `subsel list datasets`.")],
    folder: Folder,
    space: Annotated[str, typer.Option(help="See `subsel list spaces`.")] = SPACE,
    count: Annotated[int, typer.Option(min=1, help="Training networks.")] = 32,
    validation: Annotated[int, typer.Option(min=0, help="Validation networks.")] = 4,
    seed: Seed = 0,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the pool, a network.")] = 4,
    workers: Annotated[int, typer.Option(min=1, help="Above 1: Ray tasks of one CPU.")] = 1,
    channels: Annotated[int, typer.Option(min=5, help="Width of the stem.")] = 16,
    cells: Annotated[int, typer.Option(min=1, help="Cells a stack; in all for darts.")] = 1,
    stacks: Annotated[int | None, typer.Option(min=1, help="Stacks; 3 if left.")] = None,
    stem_stride: Annotated[int, typer.Option(min=1, help="Stride of the stem.")] = 2,
    keep_features: Annotated[
        int, typer.Option(min=0, help="Validation images whose penultimate features are kept.")
    ] = 0,
    json: Json = False,
) -> None:
    """Train networks that are unlike in size; goes on where it was interrupted."""
    from ..catalog import dataset as load
    from ..catalog import search_space
    from ..zoo.reference import ReferenceTraining

    found, data = search_space(space), load(dataset)
    jobs = _jobs(found, {"training": count, "validation": validation}, seed)
    sizes = _sizes(found, channels, cells, stacks, stem_stride)
    training = ReferenceTraining(sizes, epochs, keep_features=keep_features)
    _built(folder, found, data, jobs, training, workers)
    _print_status(folder, json)


def _sizes(
    space: SearchSpace, channels: int, cells: int, stacks: int | None, stem_stride: int
) -> dict[str, int]:
    """Of the networks, in the words of their space.

    Raises:
        BadInput: stacks in a space without them.
    """
    from ..core.errors import BadInput

    if space.name != "darts":
        whole = {"stacks": stacks or STACKS, "cells": cells}
    elif stacks is None:
        whole = {"layers": cells}
    else:
        raise BadInput("networks of space 'darts' have no stacks; --cells is their number of cells")
    return {"channels": channels, **whole, "stem_stride": stem_stride}


def _jobs(space: SearchSpace, wanted: dict[str, int], seed: int) -> list[Job]:
    """Architectures of each fold, unlike in size, and the seed of their training."""
    from ..zoo.build import diverse_architectures

    return [
        (cell, seed)
        for role, count in wanted.items()
        if count
        for cell in diverse_architectures(
            space, count, role=role, seed=seed, candidates=CANDIDATES * count
        )
    ]


def _built(
    folder: Path,
    space: SearchSpace,
    data: Splits,
    jobs: list[Job],
    training: ReferenceTraining,
    workers: int,
) -> None:
    """Train them, with a bar; Ctrl-C says what is kept."""
    from ..zoo.build import build_zoo

    try:
        with output.stdout_kept(), output.progress("networks") as told:
            build_zoo(
                folder,
                space,
                data.train,
                jobs,
                training,
                workers=workers,
                test=data.test,
                progress=lambda _, done, total: told(done, total),
            )
    except KeyboardInterrupt:
        output.note(f"stopped; {_finished(folder)} finished networks are kept in {folder}")
        output.note("the same command goes on from there")
        raise


@app.command()
def status(folder: Folder, json: Json = False) -> None:
    """What a zoo holds."""
    _print_status(folder, json)


@app.command()
def verify(folder: Folder, json: Json = False) -> None:
    """Read every file and compare it with its sha256; exits with 4 when one is damaged."""
    from ..core.errors import DamagedArtefact
    from ..zoo.store import DiskZoo

    zoo = DiskZoo(folder)
    damaged = zoo.verify()
    if damaged:
        raise DamagedArtefact(
            f"{len(damaged)} of {len(zoo.names)} networks of {folder} are damaged: "
            f"{', '.join(damaged)}; delete their files and build again"
        )
    if json:
        output.emit({"folder": str(folder), "networks": len(zoo.names), "damaged": damaged})
    else:
        print(f"all {len(zoo.names)} networks of {folder} are whole")


def _finished(folder: Path) -> int:
    return sum(1 for _ in (folder / "networks").glob("*.json"))


def _print_status(folder: Path, json: bool) -> None:
    found = _status(folder)
    if json:
        output.emit(found)
        return
    settings = found.pop("settings")
    rows = [*found.items(), *((f"settings: {name}", value) for name, value in settings.items())]
    output.table(f"zoo {folder}", ("what", "value"), rows)


def _status(folder: Path) -> dict[str, Any]:
    from ..data.splits import ROLES, architecture_role
    from ..zoo.store import DiskZoo

    zoo = DiskZoo(folder)
    records = list(zoo.records.values())
    roles = Counter(architecture_role(record["key"]) for record in records)
    accuracies = [record["validation_accuracy"] for record in records]
    return {
        "folder": str(folder),
        "pool": zoo.manifest["pool"],
        "pool_fingerprint": zoo.pool_fingerprint,
        "networks": len(records),
        **{role: roles[role] for role in ROLES},
        "validation_accuracy_mean": sum(accuracies) / len(records) if records else None,
        "validation_accuracy_least": min(accuracies, default=None),
        "seconds": sum(record["seconds"] for record in records),
        "cpu_seconds": sum(record["cpu_seconds"] for record in records),
        "settings": zoo.manifest["settings"],
    }
