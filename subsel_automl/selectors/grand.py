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

from typing import TYPE_CHECKING

from ..core.pool import Pool
from ..core.probe import Probe
from .scored import ScoredByMasters, ScoredByTrial, Scores

if TYPE_CHECKING:
    from ..training.master import Master


class Grand(ScoredByTrial):
    """Largest last-layer gradient of the trial's own network."""

    name = "grand"
    source = "Paul et al. 2021, Definition 2.2; settings SubSelNet D.2, GraNd"
    warm_epochs = 5
    refresh_every = 5  # [1]

    def _score(self, pool: Pool, probe: Probe) -> Scores:
        from ..training.master import gradient_norms

        return gradient_norms(probe, len(pool))


class GrandOnce(ScoredByMasters):
    """Largest last-layer gradient of a master network, or the mean of several.  [2]"""

    name = "grand-once"
    source = "Paul et al. 2021, Definition 2.2; five epochs, last layer as in SubSelNet D.2, GraNd"

    def _score_of(self, master: Master, pool: Pool) -> Scores:
        return master.gradient_norms()
