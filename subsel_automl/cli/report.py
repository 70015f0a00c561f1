"""`subsel report`: the page of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import output
from .output import Json

app = output.command()


@app.command()
def report(
    out: Annotated[Path, typer.Argument(help="The HTML file.")],
    run: Annotated[Path | None, typer.Option(help="Folder of `subsel tune` or `demo`.")] = None,
    ledger: Annotated[Path | None, typer.Option(help="A ledger's SQLite file.")] = None,
    trials: Annotated[Path | None, typer.Option(help="JSON list of trials.")] = None,
    accuracy: Annotated[
        Path | None, typer.Option(help="JSON list: method, targets, budget, mean, sem, runs.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    json: Json = False,
) -> None:
    """Write one self-contained page of a run."""
    from ..report.page import write_report
    from ..report.run_folder import report_of

    data = report_of(run, ledger=ledger, trials=trials, accuracy=accuracy, title=title)
    path = write_report(out, data)
    if json:
        output.emit({"out": str(path), "bytes": path.stat().st_size})
    else:
        print(f"{path} ({path.stat().st_size:,} bytes)")
