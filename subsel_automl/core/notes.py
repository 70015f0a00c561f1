"""What is said of every subset beside what its provider notes."""

from __future__ import annotations

from typing import Any

from .classes import NOTES, class_notes
from .pool import Pool
from .subset import Subset


def noted(subset: Subset, pool: Pool) -> dict[str, Any]:
    """The provider's own notes, and what became of the pool's classes."""
    own = {name: note for name, note in subset.provenance.notes.items() if name not in NOTES}
    if pool.labels is None:
        return own
    return {**own, **class_notes(pool.labels, pool.classes, subset.indices)}
