"""Selection via proxy: a small network, trained briefly, chooses for all the large ones.

    entropy           -sum_c p_c log p_c
    margin            1 - (p_(1) - p_(2))
    least-confidence  1 - max_c p_c
    forgetting        how often "right" turned to "wrong" while the proxy was trained

Source: Coleman et al. 2020 (Selection via Proxy), Section 2; its core-sets are chosen by entropy,
forgetting events or k-centres, and entropy is the default here. SubSelNet uses it as a baseline,
but the text of D.2, Proxy, breaks off after "It selects a subset". Deviations:
    [1] The proxy is lenet for images and mlp for features alone, for three epochs: smaller and
        shorter than the masters of the other baselines. Coleman et al. take a shallower network of
        the target's family (ResNet-20 for ResNet-164); network="resnet-20" is theirs.
    [2] Forgetting events tie; ties go to the higher entropy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..core.errors import UnknownName
from ..core.pool import Pool
from ..maths import scores
from .scored import ScoredByMaster, Scores

SCORES = ("entropy", "margin", "least-confidence", "forgetting")


class ViaProxy(ScoredByMaster):
    """The highest scores by a small proxy network.

    Args:
        score: one of SCORES; the others as in ScoredByMaster.
    """

    name = "via-proxy"
    source = "Coleman et al. 2020 (Selection via Proxy), Section 2; SubSelNet D.2, Proxy"
    images = "lenet"  # [1]

    def __init__(
        self,
        score: str = "entropy",
        network: str | None = None,
        epochs: int = 3,
        master_seed: int = 0,
        per_class: bool = False,
    ) -> None:
        super().__init__(network, epochs, master_seed, per_class)
        if score not in SCORES:
            raise UnknownName(f"score of {self.name!r}", score, SCORES)
        self.score = score

    def options(self) -> Mapping[str, Any]:
        return {"score": self.score, **super().options()}

    def _score(self, pool: Pool) -> Scores:
        proxy = self.master(pool, watch=self.score == "forgetting")
        log_p = proxy.log_probabilities
        if self.score == "margin":
            return scores.margin(log_p)
        if self.score == "least-confidence":
            return scores.least_confidence(log_p)
        if self.score == "entropy":
            return scores.entropy(log_p)
        assert proxy.correct is not None
        share = scores.entropy(log_p) / (math.log(max(2, pool.classes)) + 1)  # below 1
        return scores.forgetting_events(proxy.correct) + share  # [2]
