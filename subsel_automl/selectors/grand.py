"""GraNd: the examples with the largest gradient of the loss after the first epochs.

    score(x) = ||grad_w l(x)||_2 = ||p(x) - y||_2 ||[h(x), 1]||_2,  w the last layer and its bias

`grand` looks at the trial's own network after five epochs on the whole pool; `grand-once` looks at
a master network, before any trial. Source: Paul et al. 2021, Definition 2.2; settings SubSelNet
D.2, GraNd (five full epochs, last layer only, then the top b). Deviations:
    [1] D.2 calls it adaptive and does not say how often it looks again: every five epochs here
        (`refresh_every` beyond the trial's length looks once).
    [2] `grand-once` averages over `repeats` masters of other seeds, one by default; Paul et al.
        take ten, at initialisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.pool import Pool
from ..core.probe import Probe
from .scored import ScoredByMaster, ScoredByTrial, Scores, whole


class Grand(ScoredByTrial):
    """Largest last-layer gradient of the trial's own network."""

    name = "grand"
    source = "Paul et al. 2021, Definition 2.2; settings SubSelNet D.2, GraNd"
    warm_epochs = 5
    refresh_every = 5  # [1]

    def _score(self, pool: Pool, probe: Probe) -> Scores:
        from ..training.master import gradient_norms

        return gradient_norms(probe, len(pool))


class GrandOnce(ScoredByMaster):
    """Largest last-layer gradient of a master network, or of several.

    Args:
        repeats: masters, of seeds master_seed, master_seed + 1, ...; the others as in
            ScoredByMaster.
    """

    name = "grand-once"
    source = "Paul et al. 2021, Definition 2.2; five epochs, last layer as in SubSelNet D.2, GraNd"

    def __init__(
        self,
        repeats: int = 1,
        network: str | None = None,
        epochs: int = 5,
        master_seed: int = 0,
        per_class: bool = False,
    ) -> None:
        super().__init__(network, epochs, master_seed, per_class)
        self.repeats = whole(self.name, "repeats", repeats, least=1)  # [2]

    def options(self) -> Mapping[str, Any]:
        return {"repeats": self.repeats, **super().options()}

    def _score(self, pool: Pool) -> Scores:
        seeds = range(self.master_seed, self.master_seed + self.repeats)
        return np.mean([self.master(pool, seed=s).gradient_norms() for s in seeds], axis=0)
