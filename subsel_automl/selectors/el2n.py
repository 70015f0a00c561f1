"""EL2N: the examples with the longest error vector after the first epochs.

    score(x) = ||p(x) - y||_2,  p the softmax, y the label as one-hot; the b highest

`el2n` looks at the trial's own network after five epochs on the whole pool; `el2n-once` looks at a
master network, before any trial. Source: Paul et al. 2021, Definition 2.3; settings SubSelNet D.2,
EL2N (five full epochs, then the top b). Deviations:
    [1] D.2 calls it adaptive and does not say how often it looks again: every five epochs here
        (`refresh_every` beyond the trial's length looks once).
    [2] `el2n-once` averages over `repeats` masters of other seeds, one by default; Paul et al. take
        ten, trained for 20 epochs.
    [3] Of several labels an example, p and y have an entry a label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import MissingNeed
from ..core.pool import Pool
from ..core.probe import Probe
from ..core.task import REGRESSION
from ..core.zoo import Zoo
from ..maths import scores
from ..maths.answers import errors
from .scored import ScoredByMasters, ScoredByTrial, Scores

if TYPE_CHECKING:
    from ..training.master import Master


class El2n(ScoredByTrial):
    """Highest EL2N of the trial's own network."""

    name = "el2n"
    source = "Paul et al. 2021, Definition 2.3; settings SubSelNet D.2, EL2N"
    warm_epochs = 5
    refresh_every = 5  # [1]

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        if pool.task == REGRESSION:
            raise MissingNeed(
                f"provider {self.name!r} is defined for classes and labels, and pool "
                f"{pool.name!r} is of regression; take grand, which looks at gradients"
            )

    def _score(self, pool: Pool, probe: Probe) -> Scores:
        said = errors(probe.logits(np.arange(len(pool))), pool)  # [3]
        return np.asarray(np.linalg.norm(said.astype(np.float64), axis=1))


class El2nOnce(ScoredByMasters):
    """Highest EL2N of a master network, or the mean of several.  [2]"""

    name = "el2n-once"
    source = "Paul et al. 2021, Definition 2.3; five epochs as in SubSelNet D.2, EL2N"

    def _score_of(self, master: Master, pool: Pool) -> Scores:
        assert pool.labels is not None
        return scores.el2n(master.log_probabilities, pool.labels)
