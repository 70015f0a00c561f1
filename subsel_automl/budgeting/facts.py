"""What can be counted of a pool before anything is trained on it.

imbalance   examples of the largest class / of the smallest that has any
copies      examples whose features equal those of an earlier one, bit by bit (0.0 is -0.0)
disputed    copies whose class is another than that of the first of their kind
leaked      examples of the validation pool whose features are in the pool too
noise       see `noise.py`; None where there is nothing to estimate, and `no_noise` says why
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..core.errors import MissingNeed
from ..core.pool import Pool
from .copies import first_of_kind, row_keys
from .noise import LabelNoise, label_noise


@dataclass(frozen=True)
class PoolFacts:
    """Counts of one pool; the noise is an estimate.

    Attributes:
        kind: "images", or "numbers" when the features are all there is.
        largest, smallest: examples of a class; 0 without classes, empty classes left out.
        no_noise: why `noise` is None.
    """

    pool: str
    examples: int
    features: int
    kind: str
    task: str
    classes: int
    largest: int
    smallest: int
    copies: int
    disputed: int
    leaked: int
    noise: LabelNoise | None
    no_noise: str = ""

    @property
    def imbalance(self) -> float:
        """Of the largest class over the smallest; 1 without classes."""
        return self.largest / self.smallest if self.smallest else 1.0

    def as_dict(self) -> dict[str, Any]:
        """In JSON's types."""
        return {**asdict(self), "imbalance": self.imbalance}


def facts_of(pool: Pool, *, seed: int = 0) -> PoolFacts:
    """Count a pool, and estimate the share of its labels that is wrong.

    Args:
        seed: of the estimate's draws.
    """
    sizes = np.zeros(0, np.int64) if pool.labels is None else np.bincount(pool.labels)
    sizes = sizes[sizes > 0]
    keys = row_keys(pool.features)
    first = first_of_kind(keys)
    other = np.zeros(len(pool), bool)
    if pool.labels is not None:
        other = pool.labels != pool.labels[first]
    leaked = 0
    if pool.validation is not None:
        leaked = int(np.isin(row_keys(pool.validation.features), keys).sum())
    noise, why = None, ""
    try:
        noise = label_noise(pool, seed=seed)
    except MissingNeed as error:
        why = str(error)
    return PoolFacts(
        pool=pool.name,
        examples=len(pool),
        features=pool.features.shape[1],
        kind="numbers" if pool.images is None else "images",
        task=pool.task,
        classes=pool.classes,
        largest=int(sizes.max(initial=0)),
        smallest=int(sizes.min()) if len(sizes) else 0,
        copies=int((first != np.arange(len(pool))).sum()),
        disputed=int(other.sum()),
        leaked=leaked,
        noise=noise,
        no_noise=why,
    )
