"""Guarded: `random-per-class`, and where labels are clearly wrong, of the rows that are left.

    off   redrawn per class over the whole pool; without classes, over all examples
    on    where the estimate of wrong labels is above NOISY by SURE times its uncertainty: rows
          with P(wrong | x, given label) > 1/2 (`noise.py`) are not drawn while others are left;
          of no class more than FLOOR of its rows are left out, the most suspect first

Looking costs one estimate on LOOKED_AT examples a search; judging every label is paid only where
the guard is on.

Source: this project, after Zheng et al. 2023 (the hardest left out, then drawn evenly) and
Northcutt et al. 2021. `python -m benchmarks.claims run guard` has the comparison. Deviations:
    [1] What is left out is judged by probability, not by rank: how much follows from the noise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput, MissingNeed
from ..core.pool import Pool
from ..core.provider import Request, SubsetProvider
from ..core.subset import Provenance, Subset
from ..core.zoo import Zoo
from ..maths import draws
from .noise import LabelNoise, label_noise, wrong_labels

NOISY, SURE, FLOOR = 0.1, 2.0, 0.5
LOOKED_AT = 4000


class Guarded(SubsetProvider):
    """Even numbers of every class, each such subset equally likely; see above.

    Args:
        noisy: share of wrong labels above which the guard is on, in (0, 1]; 1 keeps it off.

    Attributes:
        noise: the estimate; None where there is nothing to estimate, and `why` says why.
        suspects: whether a row is left out, [n]; none where the guard is off.
    """

    name = "guarded"
    source = "this project, after Zheng et al. 2023 and Northcutt et al. 2021"
    cost: ClassVar[str] = "scores"

    def __init__(self, noisy: float = NOISY) -> None:
        super().__init__()
        if not 0 < noisy <= 1:
            raise BadInput(f"noisy is {noisy}; give a share of wrong labels in (0, 1]")
        self.noisy = float(noisy)
        self.noise: LabelNoise | None = None
        self.why = ""
        self.suspects: npt.NDArray[np.bool_] = np.zeros(0, bool)

    def options(self) -> Mapping[str, Any]:
        return {"noisy": self.noisy}

    def learned(self) -> str:
        return hashlib.sha256(self.suspects.tobytes()).hexdigest() if self.on else ""

    @property
    def on(self) -> bool:
        """Whether rows are left out."""
        return bool(self.suspects.any())

    def told(self) -> str:
        """In words, what the estimate says and what follows."""
        if self.noise is None:
            return f"guard off: {self.why or 'nobody asked for it'}"
        seen = f"{self.noise.told()} of the labels look wrong"
        if not self.on:
            return f"guard off: {seen}"
        return f"guard on: {seen}; {self.suspects.sum():,} rows are left out"

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        self.noise, self.why = None, ""
        self.suspects = np.zeros(len(pool), bool)
        if self.noisy == 1:
            return
        try:
            self.noise = label_noise(pool, examples=LOOKED_AT)
            if trusted(self.noise, self.noisy):
                self.suspects = left_out(wrong_labels(pool), pool.groups)
        except MissingNeed as error:
            self.why = str(error)

    def _select(self, request: Request) -> Subset:
        pool = request.pool
        noise = draws.gumbels(0, len(pool), (request.seed, request.draw))
        kept = np.flatnonzero(~self.suspects)
        count = min(request.count, len(kept))
        rows = kept[draws.top_b_per_class(noise[kept], pool.groups[kept], count)]
        if count < request.count:  # of a whole pool, or nearly
            rest = np.flatnonzero(self.suspects)
            rows = np.concatenate([rows, rest[draws.top_b(noise[rest], request.count - count)]])
        notes = {"guard": "on" if self.on else "off", "left_out": int(self.suspects.sum())}
        if self.noise is not None:
            notes["wrong_labels"] = round(self.noise.share, 4)
        return Subset(rows, provenance=Provenance(notes=notes))


def trusted(noise: LabelNoise, noisy: float = NOISY) -> bool:
    """Whether an estimate says clearly that more than a share `noisy` of the labels is wrong."""
    return noise.share - SURE * noise.uncertainty > noisy


def left_out(wrong: npt.NDArray[np.float64], groups: npt.NDArray[np.int64]) -> Any:
    """Rows that are more likely wrong than right, at most FLOOR of a class, [n] of bool.

    Args:
        wrong: probabilities [n].
        groups: class of each row [n].
    """
    found = wrong > 0.5
    order = np.lexsort((-wrong, groups))  # by class, the most suspect first
    sizes = np.bincount(groups)
    rank = np.empty(len(wrong), np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rank[order] = np.arange(len(wrong)) - starts[groups[order]]
    return found & (rank < np.floor(FLOOR * sizes)[groups])
