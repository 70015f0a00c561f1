"""A feed on disk: feed.json (where it stands) and feed.safetensors (its subset). Never pickle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .arrays import unpacked
from .feed import SubsetFeed
from .files import read_json, write_json
from .subset import Subset

RECORD, SUBSET = "feed.json", "feed.safetensors"


def save_feed(feed: SubsetFeed, folder: Path | str, **extra: Any) -> None:
    """What the feed needs to go on; `extra` (JSON values) rides along."""
    folder, state = Path(folder), feed.state_dict()
    held = state.pop("subset")
    if held is not None:
        Subset.of(unpacked(held)).save(folder / SUBSET)
    write_json(folder / RECORD, {**state, "has_subset": held is not None, "extra": extra})


def read_feed(folder: Path | str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(state for `SubsetFeed.load_state_dict`, extra).

    Raises:
        DamagedArtefact: files that are cut, changed or missing.
    """
    folder = Path(folder)
    state = read_json(folder / RECORD)
    extra = dict(state.pop("extra"))
    held = Subset.load(folder / SUBSET) if state.pop("has_subset") else None
    state["subset"] = None if held is None else held.plain()
    return state, extra
