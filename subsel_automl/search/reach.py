"""A space as a search may see it: draws, neighbours, all its cells where it can be listed, and what
is foretold of them, where anybody does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError, BadInput
from ..spaces.base import SearchSpace
from .prior import Foretell

NONE = "none"  # an operation that a search may leave out
TRIES = 10_000


class Reach:
    """Draws from a generator of its own; neighbours are remembered.

    Args:
        space: of the architectures.
        rng: of `sample`.
        none: whether cells with a `none` operation are in reach.
        foretell: what is known of architectures beforehand; see `prior.py`.
    """

    def __init__(
        self,
        space: SearchSpace,
        rng: np.random.Generator,
        none: bool = True,
        foretell: Foretell | None = None,
    ) -> None:
        self.space, self.rng, self.none, self.foretell = space, rng, none, foretell
        self._neighbours: dict[str, list[Architecture]] = {}
        self._cells: Any = None

    def sample(self) -> Architecture:
        """As `SearchSpace.sample`.

        Raises:
            BadInput: the space holds nothing but cells out of reach.
        """
        for _ in range(TRIES):
            drawn = self.space.sample(self.rng)
            if self.allows(drawn):
                return drawn
        raise BadInput(f"{TRIES:,} draws of {self.space.name} all have {NONE!r}; let it be spelled")

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """One edit away; in NAS-Bench-101 one more vertex is an edit too.

        Raises:
            ArchitectureError: it has none.
        """
        found = self._neighbours.get(architecture.key)
        if found is None:
            grown = {"grow": True} if self.space.name == "nasbench101" else {}
            listed = self.space.neighbours(architecture, **grown)
            found = self._neighbours[architecture.key] = [n for n in listed if self.allows(n)]
        if not found:
            raise ArchitectureError(
                f"architecture {architecture.key} of {self.space.name} has no neighbour in reach"
            )
        return found

    def cells(self) -> Sequence[Architecture] | None:
        """All of the space, or None where it is too large to be listed."""
        if self._cells is None:
            try:
                self._cells = self.space.enumerate()
            except BadInput:
                self._cells = ()
        return self._cells if len(self._cells) else None

    def allows(self, architecture: Architecture) -> bool:
        """Whether it is in reach."""
        return self.none or NONE not in architecture.ops
