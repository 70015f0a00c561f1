"""Processes that train one network together (torch.distributed), and how they agree on a subset."""

from __future__ import annotations

from typing import Any

from torch import distributed

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.feed import SubsetFeed
from ..core.probe import Probe


def ranks() -> tuple[int, int]:
    """Processes that train together, and this one's number: torch.distributed's, or 1 and 0."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_world_size(), distributed.get_rank()
    return 1, 0


def follow_first(
    feed: SubsetFeed, epoch: int, architecture: Architecture | None, probe: Probe | None
) -> None:
    """Rank 0 asks its network and tells the others where the feed stands.

    Raises:
        BadInput: rank 0 could not choose, in the words of its error.
    """
    told: list[Any] = [None]
    if ranks()[1] == 0:
        try:
            feed.at(epoch, architecture, probe)
            told = [feed.state_dict()]
        except Exception as error:
            told = [f"{type(error).__name__}: {error}"]
            distributed.broadcast_object_list(told, src=0)
            raise
    distributed.broadcast_object_list(told, src=0)
    if isinstance(told[0], str):
        raise BadInput(f"rank 0 could not choose: {told[0]}")
    if ranks()[1]:
        feed.load_state_dict(told[0])
