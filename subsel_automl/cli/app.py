"""The group of all commands: a command's module is imported when it is used.

Exit codes: 0 ok, 1 ours, 2 usage, 3 bad input, 4 refused artefact, 130 Ctrl-C. An error is one
sentence on stderr; SUBSEL_DEBUG=1 shows its traceback. A reader that closes the pipe is no error.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

INTERRUPTED = 130
COMMANDS = {  # name -> module, what it does
    "list": (
        "names",
        "Names that can be typed: providers, spaces, searches, data sets, bundles, encoders.",
    ),
    "space": ("space", "Look at a search space: enumerate, sample, show."),
    "zoo": ("zoo", "Reference networks: build, status, verify."),
    "encode": ("encode", "Pre-train an encoder of a space, or embed all its cells."),
    "fit": ("fit", "Fit SubSelNet to a zoo and save it as a bundle."),
    "advise": ("advise", "What a data set tells about how to search on it."),
    "select": ("select", "Choose the subset of an architecture."),
    "tune": ("tune", "Search the optimizer of an architecture; every trial trains on its subset."),
    "nas": ("nas", "Search a cell: DARTS and its relatives, on subsets that follow the search."),
    "curves": ("curves", "Learning curves of your runs: fit, predict, score."),
    "ledger": ("ledger", "What was spent on what: show, merge."),
    "report": ("report", "Write the page of a run."),
    "demo": ("demo", "The whole path, from images to a report, in a few minutes."),
    "doctor": ("doctor", "Check this machine and say what is missing."),
}


class Commands(TyperGroup):
    """Lists commands from the table above, so that help imports none of them."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{COMMANDS[cmd_name][0]}", __package__)
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}; known: {', '.join(COMMANDS)}.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
            return value
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left unsaid
            raise typer.Exit(0) from None
        except Exception as error:
            raise typer.Exit(failed(error)) from None


def failed(error: Exception) -> int:
    """Say what went wrong, in one sentence; the exit code.

    Errors of the command line parser are handed on: it prints usage and exits with 2.
    """
    from ..core.errors import SubselError

    if isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "format_message"):
        raise error
    if os.environ.get("SUBSEL_DEBUG") == "1":
        traceback.print_exc()
    said = " ".join(str(error).split())
    if not isinstance(error, SubselError | OSError):
        said = f"{type(error).__name__}: {said} (set SUBSEL_DEBUG=1 for the traceback)"
    print(f"error: {said}", file=sys.stderr)
    return error.exit_code if isinstance(error, SubselError) else 1


app = typer.Typer(cls=Commands, add_completion=False, rich_markup_mode=None)


def _version(asked: bool) -> None:
    if asked:
        from .. import __version__

        print(f"subsel {__version__}")
        raise typer.Exit()


@app.callback()
def subsel(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Train every trial of a search on the few examples that its architecture needs."""


def run() -> None:
    """Parse the command line and exit."""
    typer.main.get_command(app)(prog_name="subsel")
