"""What SubSelNet has learned about one pool: encoder, g_beta, the zoo's mean; and its predictions.

W_x x is computed once and kept (n x 256); predictions of the last architectures are kept too, and
the scores that pi_psi gave them, so a redraw costs the draw alone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..core.architecture import Architecture
from ..core.errors import RefusedArtefact
from ..core.pool import Pool
from ..encoders.base import ArchitectureEncoder
from .approximator import Approximator, in_chunks
from .fitting import FitReport

KEPT = 32  # architectures whose predictions stay in memory


@dataclass(eq=False)
class SubSelNetModel:
    """Fitted parts, bound to one pool by its fingerprint.

    Args:
        mean: log of the zoo's mean probabilities, [n, c].
        report: how the fit went; None for a loaded bundle.
    """

    encoder: ArchitectureEncoder
    approximator: Approximator
    mean: Tensor
    pool_name: str
    pool_fingerprint: str
    training_keys: tuple[str, ...] = ()
    report: FitReport | None = None

    def __post_init__(self) -> None:
        self.mean = self.mean.float()
        self._columns = self.mean.T.contiguous()
        self._examples: list[Tensor] | None = None
        self._kept: OrderedDict[str, npt.NDArray[np.float32]] = OrderedDict()
        self._scores: OrderedDict[str, tuple[object, npt.NDArray[np.float64]]] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        """What can be computed again stays behind."""
        left = {"_examples": None, "_kept": OrderedDict(), "_scores": OrderedDict()}
        return {**self.__dict__, **left}

    def require(self, pool: Pool) -> None:
        """Refuse another pool, naming both fingerprints."""
        if pool.fingerprint != self.pool_fingerprint:
            raise RefusedArtefact(
                f"this SubSelNet was fitted on pool {self.pool_name!r} with fingerprint "
                f"{self.pool_fingerprint[:16]}; pool {pool.name!r} has {pool.fingerprint[:16]}. "
                "Fit one on this pool, or use the pool it was made for"
            )

    def examples(self, pool: Pool) -> list[Tensor]:
        """W_x x of every example, in columns: [256, n], in chunks."""
        if self._examples is None:
            with torch.no_grad():
                x = torch.from_numpy(pool.features)
                anchor = self.mean if self.approximator.shape.anchor else None
                self._examples = in_chunks(self.approximator.example_part(x, anchor).T)
        return self._examples

    def log_probabilities(
        self, pool: Pool, architectures: Sequence[Architecture]
    ) -> list[npt.NDArray[np.float32]]:
        """g_beta's log-probabilities over the pool, [n, c] for each architecture."""
        fresh = {a.key: a for a in architectures if a.key not in self._kept}
        made: dict[str, npt.NDArray[np.float32]] = {}
        if fresh:
            examples = self.examples(pool)
            with torch.no_grad():
                parts = self.approximator.architecture_part(
                    *self.encoder.embed(list(fresh.values()))
                )
                columns = self._columns if self.approximator.shape.anchor else None
                rows = self.approximator.log_probabilities(examples, columns, parts).numpy()
            made = dict(zip(fresh, rows, strict=True))
        made |= {a.key: self._kept[a.key] for a in architectures if a.key in self._kept}
        for key in list(fresh)[-KEPT:]:  # a copy, so that one row does not keep its whole batch
            self._kept[key] = made[key] if len(fresh) == 1 else made[key].T.copy().T
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return [made[a.key] for a in architectures]

    def scored_once(
        self, policy: object, key: str, scored: Callable[[], npt.NDArray[np.float64]]
    ) -> npt.NDArray[np.float64]:
        """Scores of an architecture by a pi_psi, [n]; computed when they are first asked for."""
        known, scores = self._scores.get(key, (None, None))
        if scores is None or known is not policy:
            scores = scored()
            self._scores[key] = policy, scores
            while len(self._scores) > KEPT:
                self._scores.popitem(last=False)
        return scores

    def mean_log_probabilities(self) -> npt.NDArray[np.float32]:
        """The zoo's mean, [n, c]: the control that ignores the architecture."""
        return self.mean.numpy()
