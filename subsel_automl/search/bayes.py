"""Bayesian optimisation: fit a predictor on what was asked about, ask what it expects most of.

    EI(a) = E[max(y - best, 0)],   y ~ N(mean(a), sd(a)^2) by the predictor on the vector of a

Source: Yan 2022 (thesis), 3, BO (arch2vec-BO): 16 initial, the top 5 of a round, DNGO of 100 epochs
fitted anew in each. The prior is this project's.

Deviations:
    [1] The incumbent is the best value that was read; the released code fixes it at 0.95 (1.0).
    [2] sd is a standard deviation; the released code takes the variance for it.
    [3] Nothing is asked twice; the released code forgets what it has visited.
    [4] Candidates are a drawn pool and the neighbours of the best, not the whole table.
    [5] With `scores="normal"` the predictor learns the normal scores of the values' ranks: a few
        architectures that did not learn would else set the scale, and all good ones look alike.
    [6] A training that was stopped (`stopped.py`) shares the last rank, or has the worst value.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.errors import BadInput, UnknownName
from ..encoders.embeddings import POOLS
from ..maths.acquisition import expected_improvement, normal_scores
from ..predictors.named import predictor, predictor_class
from .by_trials import ByTrials
from .candidates import Candidates, Matrix
from .options import at_least
from .prior import Foretell, named_prior
from .queries import Walk
from .reach import Reach
from .stopped import filled, finished

Seen = dict[str, tuple[Architecture, float]]
SCORES = ("normal", "values")
Asking = Generator[Sequence[Architecture], list[float], None]


@dataclass(frozen=True, kw_only=True)
class Bayes(ByTrials):
    """Bayesian optimisation over any encoder and predictor.

    Args:
        encoder: a name of ENCODERS, "auto" or a folder; `pooling` makes its nodes one vector.
        predictor: a name of PREDICTORS.
        scores: what it learns of the values: "normal" (scores of their ranks) or "values".
        fit_epochs: of a predictor that trains by epochs; 0: its own.
        initial: random architectures.
        chosen: of a round.
        candidates: architectures that are drawn once, to choose from.
        near: best architectures whose neighbours are candidates too.
        prior: a bundle, by name or folder. The accuracy that it foretells becomes a column of the
            vectors, and half of the initial architectures are the pool's best by it.
    """

    name: ClassVar[str] = "bo"
    source: ClassVar[str] = "Yan 2022 (thesis), 3, BO; Snoek et al. 2015"

    encoder: str = "auto"
    pooling: str = "listed"
    predictor: str = "dngo"
    scores: str = "normal"
    fit_epochs: int = 0
    initial: int = 16
    chosen: int = 5
    candidates: int = 2_000
    near: int = 5
    prior: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, least in {
            "initial": 2,
            "chosen": 1,
            "candidates": 1,
            "near": 0,
            "fit_epochs": 0,
        }.items():
            at_least(name, getattr(self, name), least)
        if self.pooling not in POOLS:
            raise UnknownName("pooling", self.pooling, POOLS)
        if self.scores not in SCORES:
            raise UnknownName("scores", self.scores, SCORES)
        if predictor_class(self.predictor).foretold and not self.prior:
            raise BadInput(
                f"predictor {self.predictor!r} of search {self.name!r} reads what a bundle "
                "foretells; give prior=BUNDLE, a name or a folder"
            )

    def walk(self, reach: Reach, rng: np.random.Generator, at_once: int) -> Walk:
        candidates = self._candidates(reach, rng)
        seen: Seen = {}
        yield from asked_of(self._first(candidates), seen, at_once)
        while True:
            best = [one for one, _ in ranked(seen)[: self.near]]
            left, vectors = candidates.unseen(set(seen), best)
            if not left:
                return
            gains = self._gains(candidates, seen, vectors, rng)
            top = np.argsort(-gains, kind="stable")[: self.chosen]
            yield from asked_of([left[place] for place in top], seen, at_once)

    def foretelling(self, space: str) -> Foretell | None:
        return named_prior(self.prior, space) if self.prior else None

    def _candidates(self, reach: Reach, rng: np.random.Generator) -> Candidates:
        return Candidates(reach, self.encoder, self.pooling, self.candidates, rng)

    def _first(self, candidates: Candidates) -> list[Architecture]:
        """Half by the prior, where there is one; the rest random."""
        best = candidates.foremost(self.initial // 2)
        return [*best, *(candidates.reach.sample() for _ in range(self.initial - len(best)))]

    def _gains(
        self, candidates: Candidates, seen: Seen, vectors: Matrix, rng: np.random.Generator
    ) -> npt.NDArray[np.float64]:
        """Expected improvement of each candidate. [1] [2]"""
        normal = self.scores == "normal"
        values = filled([value for _, value in seen.values()], gap=float(normal))  # [6]
        if normal:
            values = normal_scores(values)  # [5]
        options = {"epochs": self.fit_epochs} if self.fit_epochs else {}
        model = predictor(self.predictor, seed=int(rng.integers(2**31)), **options)
        model.fit(candidates.of([one for one, _ in seen.values()]), values)
        mean, sd = model.predict(vectors)
        return expected_improvement(mean, sd, float(values.max()))


def asked_of(wanted: Sequence[Architecture], seen: Seen, at_once: int) -> Asking:
    """Ask, and remember."""
    for start in range(0, len(wanted), at_once):
        part = wanted[start : start + at_once]
        values = yield part
        seen.update((one.key, (one, value)) for one, value in zip(part, values, strict=True))


def ranked(seen: Seen) -> list[tuple[Architecture, float]]:
    """The best first, the earlier one of two that are equal; without those that were stopped."""
    whole = [one for one in seen.values() if finished(one[1])]
    return sorted(whole or seen.values(), key=lambda one: -one[1])
