"""Grad-Match: weighted examples whose gradients add up to those of the whole pool.

    min_{w >= 0, S} |sum_{i in S} w_i g_i - g|^2 + lambda |w|^2    by matching pursuit

over last-layer gradients g_i = e_i h_i^T. `grad-match` pursues mini-batches of the pool (their
GRAD-MATCH-PB), `grad-match-per-class` the examples of every class towards that class's sum.
Source: Killamsetty et al. 2021a, Algorithm 1, Sections 3 and 4; settings SubSelNet D.2 (batches of
20, lambda 1.0, error margin 1e-4, every 10 epochs). Deviations:
    [1] Exactly b examples: of the last mini-batch only as many as are missing. Where the pursuit
        ends early, the rest is filled by the next correlation at the mean weight, and the notes say
        how many (`filled`); `maths.pursuit`.
    [2] Mini-batches are of `batch` examples or one more, so that none is a small rest.
    [3] The error margin is relative to |g|, as in their released code.
    [4] Before there is a network: at random, evenly over the classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.probe import Probe
from ..core.provider import Needs, Request
from ..core.subset import Provenance, Subset
from ..maths.dissimilarity import Rows
from ..maths.pursuit import Atoms, OuterProducts, Pursuit, Vectors, pursue
from .adaptive import Adaptive, Floats
from .options import number
from .per_class import Weights, each_class
from .scored import whole

SOURCE = "Killamsetty et al. 2021a, Algorithm 1; settings SubSelNet D.2, Grad-Match"


class GradMatch(Adaptive):
    """Mini-batches by matching pursuit.

    Args:
        refresh_every: epochs between choices.
        regulariser: lambda.
        tolerance: relative error at which the pursuit ends.
        batch: examples of a mini-batch.

    Raises:
        BadInput: unusable options.
    """

    name = "grad-match"
    source = SOURCE
    weighs = True
    refresh_every = 10

    def __init__(
        self,
        refresh_every: int = 10,
        regulariser: float = 1.0,
        tolerance: float = 1e-4,
        batch: int = 20,
    ) -> None:
        super().__init__(refresh_every)
        self.regulariser = number(self.name, "regulariser", regulariser)
        self.tolerance = number(self.name, "tolerance", tolerance)
        self.batch = whole(self.name, "batch", batch, least=1)

    def options(self) -> Mapping[str, Any]:
        names = ("regulariser", "tolerance", "batch")
        return {**super().options(), **{name: getattr(self, name) for name in names}}

    def _choose(self, request: Request, probe: Probe, error: Floats, inner: Floats) -> Subset:
        n, b = len(error), request.count
        order = request.rng(0x96A, request.epoch).permutation(n)
        batches = np.array_split(order, max(1, n // self.batch))  # [2]
        means = np.stack([(error[rows].T @ inner[rows]).ravel() / len(rows) for rows in batches])
        count = min(-(-b // self.batch), len(batches))
        found = self._pursue(Vectors(means), means.sum(0), count)
        rows = np.concatenate([batches[k] for k in found.rows])[:b]  # [1]
        sizes = [len(batches[k]) for k in found.rows]
        return _subset(rows, np.repeat(found.weights, sizes)[:b], [found])

    def _pursue(self, atoms: Atoms, target: Floats, count: int) -> Pursuit:
        return pursue(atoms, target, count, regulariser=self.regulariser, tolerance=self.tolerance)


class GradMatchPerClass(GradMatch):
    """Examples by matching pursuit, in every class.

    Args: as in GradMatch, without mini-batches.
    """

    name = "grad-match-per-class"
    needs = Needs.LABELS | Needs.PROBE

    def __init__(
        self, refresh_every: int = 10, regulariser: float = 1.0, tolerance: float = 1e-4
    ) -> None:
        super().__init__(refresh_every, regulariser, tolerance)

    def options(self) -> Mapping[str, Any]:
        return {name: value for name, value in super().options().items() if name != "batch"}

    def _choose(self, request: Request, probe: Probe, error: Floats, inner: Floats) -> Subset:
        pursuits: list[Pursuit] = []

        def choose(rows: Rows, count: int, label: int) -> tuple[Rows, Weights]:
            atoms = OuterProducts(error[rows], inner[rows])
            target = atoms.sum(slice(None), np.ones(len(rows)))
            pursuits.append(self._pursue(atoms, target, count))
            return pursuits[-1].rows, pursuits[-1].weights

        return _subset(*each_class(request, choose), pursuits)


def _subset(rows: Rows, weights: Weights, pursuits: list[Pursuit]) -> Subset:
    notes = {
        "filled": sum(pursuit.filled for pursuit in pursuits),  # [1]
        "error": round(max(pursuit.error for pursuit in pursuits), 6),
    }
    return Subset(rows, weights=weights, provenance=Provenance(notes=notes))
