"""What a running trial can show a provider; computing it is charged to REFRESH, reading is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from .pool import Pool


@dataclass(frozen=True, eq=False)
class Recorded:
    """What the epochs so far left behind: one entry a finished epoch in each curve.

    `indices` are the examples of the last epoch, in the order that they were trained on (an
    example may come twice); aligned with them stand what the network made of them at that moment:
    `losses`, and, where the host keeps them, `entropies` of the predicted distribution, `errors`
    ||p - y|| and whether the prediction was `correct`. Hosts that keep no more leave the last three
    empty.
    """

    curve: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    indices: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    losses: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    entropies: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    errors: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    correct: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    @property
    def whole(self) -> bool:
        """All four are there for every example."""
        parts = (self.losses, self.entropies, self.errors, self.correct)
        return all(len(part) == len(self.indices) for part in parts)

    def of(self, entries: npt.NDArray[np.bool_], indices: npt.NDArray[np.int64]) -> Recorded:
        """Some of the entries, under other indices."""
        names = ("losses", "entropies", "errors", "correct")
        kept = {name: getattr(self, name) for name in names}
        parts = {name: part[entries] if len(part) else part for name, part in kept.items()}
        return Recorded(self.curve, indices, **parts)


@runtime_checkable
class Probe(Protocol):
    """A trained or half-trained network, asked about examples of the pool."""

    def logits(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """[b, classes]."""
        ...

    def losses(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Cross-entropy against the labels, [b]."""
        ...

    def last_layer_gradients(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Gradient of the loss by the last layer's input and bias, [b, classes * (d + 1)]."""
        ...

    def last_layer_factors(
        self, indices: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """What `last_layer_gradients` is the outer product of: p - y [b, classes] and the last
        layer's input with a one behind it [b, d + 1]. <g_i, g_j> = (e_i . e_j)(h_i . h_j)."""
        ...

    def about(self, pool: Pool) -> Probe:
        """The same network, asked about another pool's examples (a validation pool)."""
        ...

    def recorded(self) -> Recorded:
        """Free: nothing is computed."""
        ...
