"""`subsel advise`: what a data set tells about how to search on it."""

from __future__ import annotations

from typing import Annotated

import typer

from . import output
from .arguments import Seed, splits_of
from .output import Json

app = output.command()


@app.command()
def advise(
    data: Annotated[str, typer.Option("--data", help="Data set, npz file or folder of images.")],
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Look at a data set and say how to search on it, each setting with its reason."""
    from ..budgeting.advice import advise as advice_on

    advice = advice_on(splits_of(data).train, seed=seed)
    if json:
        output.emit(advice.as_dict())
        return
    print(advice)
