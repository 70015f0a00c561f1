"""Forgetting: the examples that a network in training gets right and then wrong again most often.

    score(x) = #{t : right after epoch t, wrong after epoch t + 1};  never right = most forgettable

Source: Toneva et al. 2019, Definition 2.1 and Section 3; as a selector: Coleman et al. 2020. The
epochs are few for the cost's sake. Deviations:
    [1] The network is asked about every example after every epoch, not about a batch when it is
        trained on (Toneva et al., Algorithm 1).
    [2] Ten epochs of resnet-8 (images) or mlp; Toneva et al. train for 200.
    [3] Many examples tie; ties are drawn by the subset's seed.
"""

from __future__ import annotations

from ..core.pool import Pool
from ..core.provider import Request
from ..core.subset import Subset
from ..maths import draws, scores
from .scored import ScoredByMaster, Scores, highest


class Forgetting(ScoredByMaster):
    """Most forgetting events of a watched master network."""

    name = "forgetting"
    source = "Toneva et al. 2019, Definition 2.1"
    drawn = True

    def __init__(
        self,
        network: str | None = None,
        epochs: int = 10,  # [2]
        master_seed: int = 0,
        per_class: bool = False,
    ) -> None:
        super().__init__(network, epochs, master_seed, per_class)

    def _score(self, pool: Pool) -> Scores:
        correct = self.master(pool, watch=True).correct  # [1]
        assert correct is not None
        return scores.forgetting_events(correct).astype(float)

    def _select(self, request: Request) -> Subset:
        ties = draws.uniforms(0, len(request.pool), (request.seed, request.draw))  # [3]
        return Subset(highest(self.scores + ties, request, self.per_class))
