"""A zoo: trained networks whose predictions over a pool supervise g_beta (SubSelNet 4.2, Eq. 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .architecture import Architecture


@dataclass(frozen=True)
class LearningCurve:
    """One value an epoch in each named curve; `seconds` is the wall time of each epoch."""

    values: Mapping[str, tuple[float, ...]]
    seconds: tuple[float, ...]


class Zoo(Protocol):
    """Trained reference networks over one pool."""

    @property
    def architectures(self) -> Sequence[Architecture]: ...

    @property
    def pool_fingerprint(self) -> str:
        """Fingerprint of the pool that the predictions are about."""
        ...

    def predictions(self, key: str) -> npt.NDArray[np.float16]:
        """Log-probabilities over the pool, [n, c] (fp16 of logarithms: fp16 of probabilities
        underflows)."""
        ...

    def curve(self, key: str) -> LearningCurve: ...

    def seconds(self, key: str) -> float:
        """Wall seconds that the training took."""
        ...

    def accuracy(self, key: str) -> float:
        """Accuracy in 0..1 on held-out examples: the quality of the teacher."""
        ...
