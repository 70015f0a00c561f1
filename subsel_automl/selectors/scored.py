"""What the score-and-keep-the-highest baselines share: scored once by a master, or by the trial.

`ScoredByMaster` trains a network on the whole pool in `fit` and keeps one score an example
(`ScoredByMasters` the mean over several);
`ScoredByTrial` trains the trial itself on the whole pool for its first epochs, then keeps the b
highest scores of the trial's own network (GraNd and EL2N in SubSelNet D.2). Both keep the highest
scores of the whole pool, or of every class with `per_class`.
"""

from __future__ import annotations

import hashlib
import warnings
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput, UnknownName
from ..core.pool import Pool
from ..core.probe import Probe
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Provenance, Subset
from ..core.zoo import Zoo
from ..maths import draws

if TYPE_CHECKING:
    from ..training.master import Master

Scores = npt.NDArray[np.float64]
MOST_DISPUTED, TIMES = 0.5, 2.0  # share of a choice; of the pool's share


class ScoredByMaster(SubsetProvider):
    """The b highest scores by a network that was trained on the whole pool for a few epochs.

    Args:
        network: see `spaces.networks`; None takes the cheap default for the pool.
        epochs: of the master's training.
        master_seed: of its weights and order; the subset's seed does not change the scores.
        per_class: even numbers of every class.

    Raises:
        UnknownName, BadInput: unusable options.
    """

    needs: ClassVar[Needs] = Needs.LABELS
    cost: ClassVar[str] = "training"
    drawn: ClassVar[bool] = False
    images: ClassVar[str] = "resnet-8"  # the network for images when none is named

    def __init__(
        self,
        network: str | None = None,
        epochs: int = 5,
        master_seed: int = 0,
        per_class: bool = False,
    ) -> None:
        super().__init__()
        if network is not None:
            from ..spaces.networks import NETWORKS

            if network not in NETWORKS:
                raise UnknownName(f"network of {self.name!r}", network, NETWORKS)
        self.network = network
        self.epochs = whole(self.name, "epochs", epochs, least=1)
        self.master_seed = whole(self.name, "master_seed", master_seed, least=0)
        self.per_class = per_class
        self.scores: Scores = np.zeros(0)
        self.disputed: npt.NDArray[np.bool_] = np.zeros(0, bool)  # by the masters, [n]
        self._warned: set[str] = set()

    def options(self) -> Mapping[str, Any]:
        return {
            "network": self.network,
            "epochs": self.epochs,
            "master_seed": self.master_seed,
            "per_class": self.per_class,
        }

    def learned(self) -> str:
        return hashlib.sha256(self.scores.tobytes()).hexdigest() if len(self.scores) else ""

    def master(self, pool: Pool, *, seed: int | None = None, watch: bool = False) -> Master:
        """Train the network; `seed` by default is `master_seed`."""
        from ..training.master import train_master

        name = self.network or ("mlp" if pool.images is None else self.images)
        seed = self.master_seed if seed is None else seed
        found = train_master(pool, epochs=self.epochs, network=name, seed=seed, watch=watch)
        if pool.labels is not None:
            self.disputed = found.log_probabilities.argmax(1) != pool.labels
        return found

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        self.disputed, self._warned = np.zeros(0, bool), set()
        self.scores = np.asarray(self._score(pool), np.float64)

    @abstractmethod
    def _score(self, pool: Pool) -> Scores:
        """[n], higher = kept sooner."""

    def _select(self, request: Request) -> Subset:
        return Subset(highest(self.scores, request, self.per_class))

    def _select_many(self, requests: Sequence[Request]) -> list[Subset]:
        return [self._told(self._select(request)) for request in requests]

    def _told(self, subset: Subset) -> Subset:
        """What looks wrong about a choice is noted, and warned of once a fit."""
        rows, pool = subset.indices, self._pool
        if pool is None or pool.labels is None or not len(self.disputed):
            return subset
        share, usual = float(self.disputed[rows].mean()), float(self.disputed.mean())
        if share > MOST_DISPUTED and share > TIMES * usual:
            self._warn(
                "disputed",
                f"provider {self.name!r} chose {len(rows):,} examples, {100 * share:.0f} % of them "
                f"labelled otherwise than its own network says ({100 * usual:.0f} % of the pool "
                "are): where labels are wrong it keeps the wrong ones. Use provider('guarded')",
            )
        there = np.unique(pool.labels)
        gone = np.setdiff1d(there, pool.labels[rows])
        if len(gone) and len(rows) >= len(there):
            self._warn(
                "empty",
                f"provider {self.name!r} chose {len(rows):,} examples and none of "
                f"{len(gone)} of {len(there)} classes; use per_class=True, or "
                "provider('class-balanced', of=...)",
            )
        notes = {**subset.provenance.notes, "disputed": round(share, 4)}
        return replace(subset, provenance=Provenance(notes=notes))

    def _warn(self, what: str, told: str) -> None:
        if what not in self._warned:
            self._warned.add(what)
            warnings.warn(told, stacklevel=2)


class ScoredByMasters(ScoredByMaster):
    """The mean score over several masters.

    Args:
        repeats: masters, of seeds master_seed, master_seed + 1, ...; the others as in
            ScoredByMaster.
    """

    def __init__(
        self,
        repeats: int = 1,
        network: str | None = None,
        epochs: int = 5,
        master_seed: int = 0,
        per_class: bool = False,
    ) -> None:
        super().__init__(network, epochs, master_seed, per_class)
        self.repeats = whole(self.name, "repeats", repeats, least=1)

    def options(self) -> Mapping[str, Any]:
        return {"repeats": self.repeats, **super().options()}

    def _score(self, pool: Pool) -> Scores:
        seeds = range(self.master_seed, self.master_seed + self.repeats)
        each = [self._score_of(self.master(pool, seed=seed), pool) for seed in seeds]
        return np.asarray(np.mean(each, axis=0), np.float64)

    @abstractmethod
    def _score_of(self, master: Master, pool: Pool) -> Scores:
        """[n], of one master."""


class ScoredByTrial(SubsetProvider):
    """The b highest scores by the trial's own network, looked at again every few epochs.

    Args:
        warm_epochs: first epochs, on the whole pool; the first look follows them.
        refresh_every: epochs between looks.
        per_class: even numbers of every class.

    Raises:
        BadInput: unusable options.
    """

    needs: ClassVar[Needs] = Needs.TARGETS | Needs.PROBE

    def __init__(
        self, warm_epochs: int = 5, refresh_every: int = 5, per_class: bool = False
    ) -> None:
        super().__init__()
        self.warm_epochs = whole(self.name, "warm_epochs", warm_epochs, least=0)
        self.refresh_every = whole(self.name, "refresh_every", refresh_every, least=1)
        self.per_class = per_class
        if per_class:
            self.needs = Needs.LABELS | Needs.PROBE  # type: ignore[misc]

    def options(self) -> Mapping[str, Any]:
        return {
            "warm_epochs": self.warm_epochs,
            "refresh_every": self.refresh_every,
            "per_class": self.per_class,
        }

    def _select(self, request: Request) -> Subset:
        """At random: nothing is known before the trial's network is looked at."""
        noise = draws.gumbels(0, len(request.pool), (request.seed, request.draw))
        return Subset(highest(noise, request, self.per_class))

    def _refresh(self, request: Request, probe: Probe) -> Subset:
        scores = self._score(request.pool, probe)
        if not np.isfinite(scores).all():  # a network that diverged tells nothing
            assert request.previous is not None
            return request.previous
        return Subset(highest(scores, request, self.per_class))

    @abstractmethod
    def _score(self, pool: Pool, probe: Probe) -> Scores:
        """[n], higher = kept sooner."""


def highest(scores: Scores, request: Request, per_class: bool) -> npt.NDArray[np.int64]:
    """Rows of the b highest scores, of the whole pool or evenly of every class. -> [b]"""
    if not per_class:
        return draws.top_b(scores, request.count)
    assert request.pool.labels is not None
    return draws.top_b_per_class(scores, request.pool.labels, request.count)


def whole(provider: str, option: str, value: object, *, least: int) -> int:
    """A whole number from `least`.

    Raises:
        BadInput: something else.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise BadInput(
            f"{option} of provider {provider!r} is {value!r}; give a whole number from {least}"
        )
    return int(value)
