"""How commands speak: one JSON document or a table on stdout, notes and progress on stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.plain import plain

if TYPE_CHECKING:
    from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
WIDE = 160  # columns when stdout is no terminal


def group(said: str) -> typer.Typer:
    """A command group with plain help."""
    return typer.Typer(help=said, rich_markup_mode=None, no_args_is_help=True, add_completion=False)


def command() -> typer.Typer:
    """The holder of a single command."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)


def emit(value: object) -> None:
    """The document on stdout; numbers that are not finite become null."""
    print(json.dumps(plain(value), allow_nan=False), flush=True)


def notes() -> Console:
    """The console on stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def note(said: str) -> None:
    """One line on stderr."""
    print(said, file=sys.stderr, flush=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; numbers stand right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [list(row) for row in rows]
    shown = Table(title=title, title_justify="left")
    for place, name in enumerate(columns):
        right = bool(rows) and all(isinstance(row[place], int | float | None) for row in rows)
        shown.add_column(name, justify="right" if right else "left")
    for row in rows:
        shown.add_row(*(Text(_word(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
    with console.capture() as drawn:
        console.print(shown)
    print(drawn.get(), end="", flush=True)  # rich would end a broken pipe with 1


def _word(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.4g}" if abs(cell) < 1000 else f"{cell:,.0f}"
    return "" if cell is None else str(cell)


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr with the time left; call the result with (done, of how many)."""
    from rich import progress as rich_progress

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(*columns, console=notes()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextlib.contextmanager
def stdout_kept() -> Iterator[None]:
    """Whatever is printed inside, by libraries and their processes too, goes to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextlib.contextmanager
def going_on(how: str) -> Iterator[None]:
    """Say how to go on when Ctrl-C is pressed inside."""
    try:
        yield
    except KeyboardInterrupt:
        note(f"stopped; {how}")
        raise
