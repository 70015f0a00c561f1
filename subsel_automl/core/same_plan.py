"""Whether what goes on was asked for as what was saved: a search, a study, a feed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import BadInput


def same_plan(saved: Mapping[str, Any], asked: Mapping[str, Any], whose: str) -> None:
    """Refuse to go on with another plan (`SubsetFeed.plan`) than the one that was saved.

    Args:
        whose: what was saved, for the message.

    Raises:
        BadInput: the first thing that differs, by name.
    """
    for name, own in asked.items():
        before = saved.get(name, own)  # what an older version did not save is not compared
        if name != "options":
            _same(name, before, own, whose)
            continue
        for option in sorted({*own, *before}):
            named = f"option {option!r} of the provider"
            _same(named, before.get(option), own.get(option), whose)


def _same(name: str, before: Any, own: Any, whose: str) -> None:
    if before != own:
        raise BadInput(
            f"{whose} has {name} {before!r}, this one {own!r}; go on with the same arguments, or "
            "begin anew"
        )
