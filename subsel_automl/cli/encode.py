"""`subsel encode`: an encoder pre-trained on a space, or the embeddings of all its cells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from . import output
from .arguments import Seed
from .output import Json

app = output.command()
Count = Annotated[int | None, typer.Option(min=1, help="Passes over the cells; its own if left.")]
Options = Annotated[
    list[str] | None,
    typer.Option(help="name=value of a pre-training (delta=2e6); may be repeated."),
]
Zoo = Annotated[Path | None, typer.Option(help="Trained networks that io and accuracy learn from.")]
Pool = Annotated[
    str, typer.Option(help="Of node embeddings into one vector: own | mean | sum | flat.")
]


@app.command()
def encode(
    space: Annotated[str, typer.Argument(help="See `subsel list spaces`.")],
    out: Annotated[Path, typer.Argument(help="Folder of the encoder, or of the embeddings.")],
    encoder: Annotated[
        str,
        typer.Option(help="auto, a name of `subsel list encoders`, or a folder of --pretrain."),
    ] = "auto",
    pretrain: Annotated[
        bool, typer.Option("--pretrain", help="Train an encoder; minutes.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the --pretrain in OUT.")
    ] = False,
    epochs: Count = None,
    option: Options = None,
    pool: Pool = "own",
    zoo: Zoo = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Pre-train an encoder of a space (--pretrain), or write its cells' embeddings."""
    if pretrain:
        shown = _pretrained(space, out, encoder, resume, epochs, option or [], zoo, seed)
    else:
        _refuse_options({"--resume": resume, "--epochs": epochs, "--option": option, "--zoo": zoo})
        shown = _embedded(space, out, encoder, pool)
    shown = {"out": str(out), **output.plain(shown)}
    if json:
        output.emit(shown)
        return
    output.table(
        f"{'encoder' if pretrain else 'embeddings'} {out}", ("what", "value"), _rows(shown)
    )


def _pretrained(
    space: str,
    out: Path,
    kind: str,
    resume: bool,
    epochs: int | None,
    texts: list[str],
    zoo: Path | None,
    seed: int,
) -> dict[str, Any]:
    from ..core.errors import BadInput, UnknownName
    from ..encoders.kinds import ENCODERS
    from ..encoders.pretrain import pretrain
    from ..zoo.store import DiskZoo
    from .arguments import option_of

    if kind == "auto":
        raise BadInput(
            "which encoder is to be trained? give --encoder (arch2vec, cate, gvae, io, accuracy)"
        )
    if kind not in ENCODERS:
        raise UnknownName("encoder", kind, ENCODERS)
    if seed < 0:
        raise BadInput(f"seed {seed} is not usable; give a whole number from 0")
    options = dict(map(option_of, texts))
    with (
        output.going_on("the same command with --resume goes on from there"),
        output.progress("steps") as told,
    ):
        _, report = pretrain(
            kind,
            space,
            seed=seed,
            epochs=epochs,
            options=options,
            zoo=None if zoo is None else DiskZoo(zoo),
            folder=out,
            resume=resume,
            progress=lambda step, steps, _: told(step, steps),
        )
    return {"space": space, "encoder": kind, **report}


def _embedded(space: str, out: Path, kind: str, pool: str) -> dict[str, Any]:
    from ..catalog import search_space
    from ..encoders.choose import encoder_of_space
    from ..encoders.embeddings import write_embeddings

    named = search_space(space)
    chosen = encoder_of_space(space, kind)
    with output.progress("cells") as told:
        record = write_embeddings(chosen, named.enumerate(), out, pool, told)
    return {name: record[name] for name in ("space", "encoder", "pool", "cells", "width", "sha256")}


def _refuse_options(given: dict[str, Any]) -> None:
    from ..core.errors import BadInput

    for name, value in given.items():
        if value:
            raise BadInput(f"{name} is for a training; add --pretrain, or leave it out")


def _rows(shown: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """What a report holds, one line a number."""
    rows: list[tuple[str, Any]] = []
    for name, value in shown.items():
        if isinstance(value, dict):
            rows += _rows(value, f"{before}{name} ")
        else:
            rows.append((f"{before}{name}", value))
    return rows
