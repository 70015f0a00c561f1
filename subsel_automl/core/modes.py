"""Whether more or less of a metric is better."""

from __future__ import annotations

from .errors import UnknownName

MODES = ("max", "min")


def checked_mode(mode: str) -> str:
    """The mode, or UnknownName."""
    if mode not in MODES:
        raise UnknownName("mode", mode, MODES)
    return mode
