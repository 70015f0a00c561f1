"""EL2N: the examples with the longest error vector after the first epochs.

    score(x) = ||p(x) - y||_2,  p the softmax, y the label as one-hot; the b highest

`el2n` looks at the trial's own network after five epochs on the whole pool; `el2n-once` looks at a
master network, before any trial. Source: Paul et al. 2021, Definition 2.3; settings SubSelNet D.2,
EL2N (five full epochs, then the top b). Deviations:
    [1] D.2 calls it adaptive and does not say how often it looks again: every five epochs here
        (`refresh_every` beyond the trial's length looks once).
    [2] `el2n-once` averages over `repeats` masters of other seeds, one by default; Paul et al. take
        ten, trained for 20 epochs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.pool import Pool
from ..core.probe import Probe
from ..core.provider import Needs
from ..maths import scores
from .scored import ScoredByMasters, ScoredByTrial, Scores

if TYPE_CHECKING:
    from ..training.master import Master


class El2n(ScoredByTrial):
    """Highest EL2N of the trial's own network."""

    name = "el2n"
    source = "Paul et al. 2021, Definition 2.3; settings SubSelNet D.2, EL2N"
    needs = Needs.LABELS | Needs.PROBE
    warm_epochs = 5
    refresh_every = 5  # [1]

    def _score(self, pool: Pool, probe: Probe) -> Scores:
        assert pool.labels is not None
        return scores.el2n(scores.log_softmax(probe.logits(np.arange(len(pool)))), pool.labels)


class El2nOnce(ScoredByMasters):
    """Highest EL2N of a master network, or the mean of several.  [2]"""

    name = "el2n-once"
    source = "Paul et al. 2021, Definition 2.3; five epochs as in SubSelNet D.2, EL2N"

    def _score_of(self, master: Master, pool: Pool) -> Scores:
        assert pool.labels is not None
        return scores.el2n(master.log_probabilities, pool.labels)
