"""Pruning: the examples of which a briefly trained master network is least sure.

    score(x) = -sum_c p_c log p_c,  p the master's prediction after five epochs; the b highest

Source: Sorscher et al. 2022 (keep hard examples when data abound); settings SubSelNet D.2, Pruning
(ResNet-18, 5 epochs, learning rate 0.025). Deviations:
    [1] D.2 does not say which uncertainty it takes "based on the probabilities of each class";
        this is the entropy, which 5.2 measures uncertainty by.
    [2] The master is resnet-8 for images and mlp for features alone; network="resnet-18" is D.2's.
"""

from __future__ import annotations

from ..core.pool import Pool
from ..maths import scores
from .scored import ScoredByMaster, Scores


class Pruning(ScoredByMaster):
    """Highest entropy of a master network.  [2]"""

    name = "pruning"
    source = "Sorscher et al. 2022; settings SubSelNet D.2, Pruning"

    def _score(self, pool: Pool) -> Scores:
        return scores.entropy(self.master(pool).log_probabilities)  # [1]
