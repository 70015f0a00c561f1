"""What is foretold of architectures before any is asked about: one more column of their vectors.

    column(a) = l (f(a) - mean f) / sd f,   l the root mean square length of the pool's vectors

so that the column weighs as much as all the others together, whatever the predictor's distance.
f, mean and sd are over the pool of candidates.

Source: this project. f is the accuracy that g_beta foretells (`subselnet.foretold`).

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.open_table import loaded
from ..predictors.base import Scale

FORETOLD = "subselnet.foretold:foretelling"  # by name, as the catalog's: searches know no provider
Foretell: TypeAlias = Callable[[Sequence[Architecture]], npt.NDArray[np.float64]]


def named_prior(name: str) -> Foretell:
    """What the bundle of this name or folder foretells.

    Raises:
        UnknownName, RefusedArtefact, DamagedArtefact, MissingData: as `load_bundle`.
    """
    foretell: Foretell = loaded(FORETOLD)(name)
    return foretell


class Prior:
    """The column, and the pool's best by it.

    Args:
        foretell: architectures -> accuracies, [m].
        pool: of the candidates.
        vectors: theirs, [m, d].
    """

    def __init__(
        self, foretell: Foretell, pool: Sequence[Architecture], vectors: npt.NDArray[np.float32]
    ) -> None:
        self.foretell, self.pool = foretell, pool
        self.values = np.asarray(foretell(pool), np.float64)
        self.length = float(np.sqrt(np.square(vectors - vectors.mean(0)).sum(1).mean())) or 1.0
        self.scale = Scale.of(self.values)

    def column(self, architectures: Sequence[Architecture]) -> npt.NDArray[np.float32]:
        """[m, 1]."""
        found = self.scale.apply(np.asarray(self.foretell(architectures), np.float64))
        return (self.length * found)[:, None].astype(np.float32)

    def foremost(self, count: int) -> list[Architecture]:
        """The pool's best, the best first."""
        order = np.argsort(-self.values, kind="stable")[:count]
        return [self.pool[int(place)] for place in order]
