"""A subset in two halves: one trains the weights, the other the architecture (Liu et al. 2019).

Which half an example belongs to follows from a rank that is drawn once a run, so an example does
not change sides when the search goes on to another subset (but for those at the border).

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput
from ..core.subset import Subset

Rows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]
FEWEST = 2  # examples a half: a batch norm sees at least two


@dataclass(frozen=True, eq=False)
class Batch:
    """Rows of the pool, their weights (mean one over the subset) and predicted distributions."""

    rows: Rows
    weights: Values | None = None
    targets: Values | None = None


class Half:
    """Some examples of a subset, handed out in batches.

    Args:
        places: in the subset.
        soft: hand out the predicted distributions too.
    """

    def __init__(self, subset: Subset, places: Rows, batch: int, soft: bool) -> None:
        self.rows, self.batch = subset.indices[places], min(batch, len(places))
        self.weights: Values | None = None
        if subset.weights is not None:
            self.weights = (subset.weights / max(float(subset.weights.mean()), 1e-12))[places]
        self.targets = subset.targets[places] if soft and subset.targets is not None else None

    @property
    def passes(self) -> int:
        """Whole batches in one pass."""
        return len(self.rows) // self.batch

    def of(self, places: Rows) -> Batch:
        """A batch by places in the half."""
        weights = None if self.weights is None else self.weights[places]
        targets = None if self.targets is None else self.targets[places]
        return Batch(self.rows[places], weights, targets)

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Endless: shuffled passes, each cut into whole batches."""
        while True:
            order = rng.permutation(len(self.rows))
            for start in range(0, self.passes * self.batch, self.batch):
                yield self.of(order[start : start + self.batch])

    def in_order(self, most: int) -> Iterator[Batch]:
        """The first `most` examples once, by rank, in even parts of at most a batch."""
        count = min(most, len(self.rows))
        for part in np.array_split(np.arange(count), -(-count // self.batch)):
            yield self.of(part)


@dataclass(frozen=True, eq=False)
class Halves:
    """`weights` trains the network, `architecture` chooses among cells."""

    weights: Half
    architecture: Half


def halves(subset: Subset, rank: Rows, share: float, batch: int, soft: bool) -> Halves:
    """Split a subset.

    Args:
        rank: [n] of every row of the pool, drawn once a run.
        share: of the subset that trains the weights; 1 gives both halves everything.

    Raises:
        BadInput: too few examples for two halves.
    """
    order = np.argsort(rank[subset.indices], kind="stable")
    if share == 1:
        everything = Half(subset, order, batch, soft)
        return Halves(everything, everything)
    cut = round(share * len(order))
    if min(cut, len(order) - cut) < FEWEST:
        raise BadInput(
            f"a search splits its subset into weight and architecture halves of at least {FEWEST} "
            f"examples; {len(order)} examples at a share of {share} are too few. Raise the budget"
        )
    return Halves(Half(subset, order[:cut], batch, soft), Half(subset, order[cut:], batch, soft))
