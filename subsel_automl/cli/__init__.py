"""The command `subsel`: one file a command group; parsing and printing, no logic of its own."""

from __future__ import annotations


def main() -> None:
    """Entry point of the console script; never returns."""
    from ..training.allocator import keep_freed_memory
    from .app import run

    keep_freed_memory()
    run()
