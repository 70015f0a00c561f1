"""What is foretold of architectures before any is asked about: one more column of their vectors.

    column(a) = l (f(a) - mean f) / sd f,   l the root mean square length of the pool's vectors

so that the column weighs as much as all the others together, whatever the predictor's distance.
f, mean and sd are over the pool of candidates.

The seconds that f takes are the search's, and so is what it was made of: see `Metered`.

Source: this project. f is the accuracy that g_beta foretells (`subselnet.foretold`).

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.ledger import AmortizationLedger, Stage
from ..core.open_table import loaded
from ..predictors.base import Scale
from ..training.meter import Meter

FORETOLD = "subselnet.foretold:foretelling"  # by name, as the catalog's: searches know no provider
Foretell: TypeAlias = Callable[[Sequence[Architecture]], npt.NDArray[np.float64]]


def named_prior(name: str, space: str) -> Foretell:
    """What the bundle of this name or folder foretells of a space's architectures.

    Raises:
        RefusedArtefact: the bundle is of another space.
        UnknownName, RefusedArtefact, DamagedArtefact, MissingData: as `load_bundle`.
    """
    foretell: Foretell = loaded(FORETOLD)(name, space=space)
    return foretell


class Metered:
    """Foretells of each architecture once, and counts what that takes.

    Attributes:
        seconds, cpu_seconds: so far.
    """

    def __init__(self, foretell: Foretell) -> None:
        self.foretell = foretell
        self.seconds = self.cpu_seconds = 0.0
        self._known: dict[str, float] = {}

    def __call__(self, architectures: Sequence[Architecture]) -> npt.NDArray[np.float64]:
        new = {one.key: one for one in architectures if one.key not in self._known}
        if new:
            with Meter() as spent:
                found = self.foretell(list(new.values()))
            self.seconds += spent.seconds
            self.cpu_seconds += spent.cpu_seconds
            self._known.update(zip(new, map(float, found), strict=True))
        return np.array([self._known[one.key] for one in architectures], np.float64)

    def charge(self, ledger: AmortizationLedger, search: str) -> None:
        """Selection that belongs to no trial, and what the bundle cost; twice is once."""
        prepared = getattr(self.foretell, "charge_preparation", None)
        if prepared is not None:
            prepared(ledger)
        event = f"{search}/prior"
        ledger.record(Stage.SELECT, self.seconds, cpu_seconds=self.cpu_seconds, event=event)

    def costs(self) -> dict[str, float]:
        """By the names of `run.COSTS`."""
        return {
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "select_seconds": self.seconds,
            "select_cpu_seconds": self.cpu_seconds,
        }


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
