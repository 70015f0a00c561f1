"""What a search by a model chooses from: architectures as vectors, each encoded once.

    pool         architectures that the seed draws, from the listed space where it can be listed
    neighbours   of the best that were asked about, anew in every round
    prior        what is foretold of each, where anybody does: the first column of its vector

Source: this project; BANANAS (White et al. 2021) mutates its best likewise.

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError
from ..encoders.choose import encoder_of_space
from ..encoders.embeddings import vectors
from .prior import Prior
from .reach import Reach

Matrix = npt.NDArray[np.float32]
UNLISTED = 1_000  # draws, where a space can not be listed


class Candidates:
    """Architectures and their vectors.

    Args:
        reach: the space.
        encoder, pooling: of the vectors; see `encoder_of_space` and `vectors`.
        size: of the pool.
        rng: of the pool.
    """

    def __init__(
        self,
        reach: Reach,
        encoder: str,
        pooling: str,
        size: int,
        rng: np.random.Generator,
    ) -> None:
        self.reach, self.pooling = reach, pooling
        self.encoder = encoder_of_space(reach.space.name, encoder)
        self._known: dict[str, npt.NDArray[np.float32]] = {}
        self.listed: Any = reach.cells()
        self.pool = self._drawn(size, rng)
        self.prior: Prior | None = None
        if reach.foretell is not None:
            self.prior = Prior(reach.foretell, self.pool, self._encoded(self.pool))
        self.of(self.pool)

    def of(self, architectures: Sequence[Architecture]) -> Matrix:
        """Their vectors, [m, d]."""
        new = {one.key: one for one in architectures if one.key not in self._known}
        if new:
            found = self._encoded(list(new.values()))
            if self.prior is not None:
                found = np.hstack([self.prior.column(list(new.values())), found])
            self._known.update(zip(new, found, strict=True))
        return np.stack([self._known[one.key] for one in architectures])

    def unseen(
        self, seen: set[str], best: Sequence[Architecture] = ()
    ) -> tuple[list[Architecture], Matrix]:
        """What nobody asked about: of the pool, and of the neighbours of `best`; with vectors."""
        found = {one.key: one for one in self.pool}
        for one in best:
            try:
                found.update((near.key, near) for near in self.reach.neighbours(one))
            except ArchitectureError:  # it has none
                continue
        left = [one for key, one in found.items() if key not in seen]
        return left, self.of(left) if left else np.zeros((0, 0), np.float32)

    def foremost(self, count: int) -> list[Architecture]:
        """The best of the pool by the prior; none without one."""
        return [] if self.prior is None else self.prior.foremost(count)

    def _encoded(self, architectures: Sequence[Architecture]) -> Matrix:
        listed = [self._listed(one) for one in architectures]
        found: Matrix = vectors(self.encoder, listed, self.pooling).cpu().numpy()
        return found

    def _drawn(self, size: int, rng: np.random.Generator) -> list[Architecture]:
        if self.listed is None:
            return [self.reach.sample() for _ in range(min(size, UNLISTED))]
        n = len(self.listed)
        rows = np.sort(rng.choice(n, min(size, n), replace=False))
        drawn = [self.listed[int(row)] for row in rows]
        return [one for one in drawn if self.reach.allows(one)]

    def _listed(self, architecture: Architecture) -> Architecture:
        """As the space lists it, so that one cell has one vector."""
        row_of = getattr(self.listed, "row_of", None)
        listed: Architecture = architecture
        if row_of is not None:
            listed = self.listed[row_of(architecture.key)]
        return listed
