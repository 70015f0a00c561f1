"""Bayesian optimisation that looks around what it found: CATE-DNGO-LS.

    a round    the top k by expected improvement are asked about; those m of them that enter the
               best k so far are good, and for each of the other k - m the nearest architecture in
               L2 to a good one (to the best so far, where none is) is asked about too
    no gain    for `patience` rounds: `initial` random ones again

Source: Yan 2022 (thesis), 4, Algorithm CATE-DNGO-LS: 16 initial, 5 a round, DNGO of 30 epochs; the
restart is of the released code.

Deviations: those of bayes.py, and
    [5] The nearest are looked for among the candidates of the round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..core.architecture import Architecture
from .bayes import Bayes, Seen, asked_of, ranked
from .candidates import Candidates, Matrix
from .options import at_least
from .queries import Walk
from .reach import Reach


@dataclass(frozen=True, kw_only=True)
class BayesLocal(Bayes):
    """Bayesian optimisation with a local search in the space of vectors.

    Args:
        patience: rounds without a better value, after which it starts anew.
    """

    name: ClassVar[str] = "bo-local"
    source: ClassVar[str] = "Yan 2022 (thesis), 4, CATE-DNGO-LS"

    fit_epochs: int = 30
    patience: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("patience", self.patience, 1)

    def walk(self, reach: Reach, rng: np.random.Generator, at_once: int) -> Walk:
        candidates = self._candidates(reach, rng)
        seen: Seen = {}
        yield from asked_of(self._first(candidates), seen, at_once)
        idle = 0
        while True:
            before = ranked(seen)
            left, vectors = candidates.unseen(set(seen), [one for one, _ in before[: self.near]])
            if not left:
                return
            gains = self._gains(candidates, seen, vectors, rng)
            top = np.argsort(-gains, kind="stable")[: self.chosen]
            yield from asked_of([left[place] for place in top], seen, at_once)
            after = {one.key for one, _ in ranked(seen)[: self.chosen]}
            good = [place for place in top if left[place].key in after]
            beside = self._beside(candidates, seen, left, vectors, good, len(top) - len(good))
            yield from asked_of(beside, seen, at_once)
            idle = 0 if ranked(seen)[0][1] > before[0][1] else idle + 1
            if idle >= self.patience:
                idle = 0
                drawn = [reach.sample() for _ in range(self.initial)]
                yield from asked_of(drawn, seen, at_once)

    def _beside(
        self,
        candidates: Candidates,
        seen: Seen,
        left: list[Architecture],
        vectors: Matrix,
        good: list[int],
        count: int,
    ) -> list[Architecture]:
        """The `count` candidates nearest to the good ones, or to the best so far. [5]"""
        centres = vectors[good] if good else candidates.of([ranked(seen)[0][0]])
        apart = np.square(vectors[:, None] - centres).sum(2).min(1)
        order = np.argsort(apart, kind="stable")
        near = [left[place] for place in order if left[place].key not in seen]
        return near[:count]
