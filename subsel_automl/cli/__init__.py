"""The command `subsel`: one file a command group; parsing and printing, no logic of its own."""

from __future__ import annotations


def main() -> None:
    """Entry point of the console script; never returns."""
    from .app import run

    run()
