"""SubsetProvider: from a pool (and perhaps a zoo), the subset of an architecture within a budget.

Hosts call `fit`, `subset_for`, `subsets_for` and `refresh`, which time, check, cache and account;
authors write `_select`, and where they need them `_fit` and `_refresh`.
"""

from __future__ import annotations

import copy
import time
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from .architecture import Architecture
from .budget import Budget
from .errors import BadInput, MissingNeed
from .learning import Learning
from .ledger import AmortizationLedger, Stage
from .needs import require
from .notes import noted
from .pool import Pool
from .preparation import Prepared
from .probe import Probe
from .request import FIXED, TARGETS, Mode, Needs, Request, whole_seed
from .subset import Provenance, Subset
from .zoo import Zoo

__all__ = ["FIXED", "TARGETS", "Mode", "Needs", "Request", "SubsetProvider"]

Key = tuple[str, int, int, Mode, int, int | None]
KEPT = 256  # answers kept; redrawn subsets of long trainings would fill the memory


class SubsetProvider(Prepared, Learning):
    """Base of every selector.

    Attributes:
        name: its name in the catalog.
        needs: what must be there; a missing need is refused naming provider and pool.
        source: publication, equation, settings.
        refresh_every: epochs between refreshes; 0 when chosen once, before training.
        warm_epochs: first epochs of a trial, on the whole pool; the first refresh follows them.
        equivariant: permuting the pool permutes the subset.
        cost: "none", "scores", "training" or "zoo": the dearest thing it does.
        drawn: the choice depends on the seed, so that it can be drawn anew every epoch.
        weighs: its subsets have weights, sooner or later: hosts that cannot weigh refuse it early.
        learns: see `Learning`.
    """

    name: ClassVar[str] = ""
    needs: ClassVar[Needs] = Needs.NOTHING
    source: ClassVar[str] = ""
    equivariant: ClassVar[bool] = False
    cost: ClassVar[str] = "scores"
    drawn: ClassVar[bool] = True
    weighs: bool = False
    refresh_every: int = 0
    warm_epochs: int = 0

    def __init__(self) -> None:
        self._pool: Pool | None = None
        self._cache: OrderedDict[Key, Subset] = OrderedDict()
        self.ledger: AmortizationLedger | None = None
        self.spent_seconds = 0.0  # on selections and refreshes; an answer from the cache adds none
        self.spent_cpu_seconds = 0.0

    # hosts call these
    def fit(self, pool: Any, zoo: Zoo | None = None) -> SubsetProvider:
        """Look at the pool (or a map-style Dataset, as `Pool.from_dataset` reads it), once.

        Raises:
            MissingNeed: the pool lacks what the provider needs, or there is no zoo.
            RefusedArtefact: the zoo is about another pool.
        """
        if not isinstance(pool, Pool):
            pool = Pool.from_dataset(pool)
        self._require(pool, zoo)
        began, cpu = time.perf_counter(), time.process_time()
        self._fit(pool, zoo)
        self.fit_seconds = time.perf_counter() - began
        self.fit_cpu_seconds = time.process_time() - cpu
        self._pool = pool
        self._cache = OrderedDict()
        return self

    @property
    def redraws(self) -> int:
        """Epochs between draws where nobody says so: 1, or 0 (never) where the choice is not drawn
        or follows the trial. On fixed subsets the order turns round (claim `trial-table`)."""
        return int(self.drawn and not self.refresh_every)

    @property
    def pool(self) -> Pool:
        """The pool that the provider was fitted on."""
        if self._pool is None:
            raise BadInput(f"provider {self.name!r} has no pool yet; call fit(pool) first")
        return self._pool

    def subset_for(
        self,
        architecture: Architecture | None,
        budget: Budget | int | float,
        *,
        seed: int = 0,
        mode: Mode = FIXED,
        draw: int = 0,
        epochs: int | None = None,
    ) -> Subset:
        """The subset for one architecture; the same question gets the same object.

        Args:
            mode: how the host will use it.
            draw: 0, or the number of a redraw; redraws are no new query in the ledger.
            epochs: of the trial, where the host knows them.
        """
        return self.subsets_for(
            [architecture], budget, seed=seed, mode=mode, draw=draw, epochs=epochs
        )[0]

    def subsets_for(
        self,
        architectures: Sequence[Architecture | None],
        budget: Budget | int | float,
        *,
        seed: int = 0,
        mode: Mode = FIXED,
        draw: int = 0,
        epochs: int | None = None,
    ) -> list[Subset]:
        """Subsets for many architectures at once; charged to SELECT once per distinct query.

        Raises:
            BudgetError: see Budget.
            MissingNeed: an architecture is needed and is None.
        """
        budget = budget if isinstance(budget, Budget) else Budget(budget)
        pool, seed = self.pool, whole_seed(seed)
        count = budget.resolve(len(pool))
        found: dict[Key, Subset] = {}
        fresh: dict[Key, Request] = {}
        keys = [self._key(a, count, seed, mode, draw, epochs) for a in architectures]
        for key, architecture in zip(keys, architectures, strict=True):
            if draw == 0:
                self._asked(architecture)
            if key in self._cache:
                found[key] = self._cache[key]
                self._cache.move_to_end(key)
            elif key not in fresh:
                fresh[key] = Request(
                    pool, architecture, budget, count, seed, mode, draw, epochs=epochs
                )
        found |= self._answers(fresh)
        return [found[key] for key in keys]

    def refresh(
        self,
        subset: Subset,
        architecture: Architecture | None,
        epoch: int,
        probe: Probe | None,
        *,
        seed: int = 0,
        epochs: int | None = None,
    ) -> Subset:
        """What an adaptive provider makes of a running trial; others return `subset` itself."""
        if not self.refresh_every:
            return subset
        if probe is None:
            raise MissingNeed(
                f"provider {self.name!r} needs a probe to refresh; the host gave none"
            )
        count, seed = len(subset), whole_seed(seed)
        request = Request(
            self.pool, architecture, Budget(count), count, seed, epoch=epoch, epochs=epochs,
            previous=subset,
        )  # fmt: skip
        began, cpu = time.perf_counter(), time.process_time()
        chosen = self._refresh(request, probe)
        spent = time.perf_counter() - began
        self._charge(Stage.REFRESH, architecture, spent, time.process_time() - cpu)
        return self._finished(chosen, request, spent)

    def over(self, pool: Pool) -> SubsetProvider:
        """A copy of this provider, fitted on other examples (a fold of its pool).

        Raises:
            MissingNeed: it knows its own pool by more than the examples: a zoo.
        """
        if Needs.ZOO in self.needs or self.learns:
            raise MissingNeed(
                f"provider {self.name!r} learned about the {len(self.pool)} examples of pool "
                f"{self.pool.name!r}, and is asked for {len(pool)} others; fit one on each part "
                "(provider.fit(pool)), or give every loader the whole data set"
            )
        twin = copy.deepcopy(self, {id(self._pool): self._pool, id(self.ledger): self.ledger})
        twin.ledger = self.ledger
        twin.spent_seconds = twin.spent_cpu_seconds = 0.0
        return twin.fit(pool)

    def forget(self) -> None:
        """Drop kept answers: the next question is computed, and charged, again."""
        self._cache = OrderedDict()

    def options(self) -> Mapping[str, Any]:
        """What distinguishes this instance; written into every provenance."""
        return {}

    def learned(self) -> str:
        """Hash of what `fit` learned beyond the pool's content; part of a cached answer's key."""
        return ""

    # authors write these
    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        """Precompute what does not depend on the architecture."""

    @abstractmethod
    def _select(self, request: Request) -> Subset:
        """The subset: exactly `request.count` distinct rows."""

    def _select_many(self, requests: Sequence[Request]) -> list[Subset]:
        return [self._select(request) for request in requests]

    def _refresh(self, request: Request, probe: Probe) -> Subset:
        assert request.previous is not None
        return request.previous

    def __getstate__(self) -> dict[str, Any]:
        """Answers and ledger stay behind: another process selects, and pays, for itself."""
        return {**self.__dict__, "_cache": OrderedDict(), "ledger": None}

    # accounting
    def _answers(self, fresh: Mapping[Key, Request]) -> dict[Key, Subset]:
        if not fresh:
            return {}
        answers: dict[Key, Subset] = {}
        began, cpu = time.perf_counter(), time.process_time()
        chosen = self._select_many(list(fresh.values()))
        spent = (time.perf_counter() - began) / len(fresh)
        cpu_spent = (time.process_time() - cpu) / len(fresh)
        for (key, request), subset in zip(fresh.items(), chosen, strict=True):
            self._charge(Stage.SELECT, request.architecture, spent, cpu_spent)
            answers[key] = self._cache[key] = self._finished(subset, request, spent)
        while len(self._cache) > KEPT:
            self._cache.popitem(last=False)
        return answers

    def _finished(self, subset: Subset, request: Request, seconds: float) -> Subset:
        if len(subset) != request.count:
            raise AssertionError(
                f"provider {self.name!r} chose {len(subset)} examples, not {request.count}"
            )
        if len(subset) and not (
            subset.indices.min() >= 0 and subset.indices.max() < len(request.pool)
        ):
            raise AssertionError(f"provider {self.name!r} chose an example outside the pool")
        architecture = request.architecture
        provenance = Provenance(
            provider=self.name,
            options=dict(self.options()),
            architecture_key=architecture.key if architecture is not None else "",
            budget=str(request.budget),
            seed=request.seed,
            pool=request.pool.name,
            pool_fingerprint=request.pool.fingerprint,
            seconds=seconds,
            notes=noted(subset, request.pool),
        )
        return replace(subset, provenance=provenance)

    def _key(
        self,
        architecture: Architecture | None,
        count: int,
        seed: int,
        mode: Mode,
        draw: int,
        epochs: int | None,
    ) -> Key:
        if Needs.ARCHITECTURE in self.needs and architecture is None:
            raise MissingNeed(f"provider {self.name!r} needs an architecture; the host gave None")
        return architecture.key if architecture else "", count, seed, mode, draw, epochs

    def _asked(self, architecture: Architecture | None) -> None:
        if self.ledger is not None and architecture is not None:
            self.ledger.asked(architecture.key)

    def _charge(
        self, stage: Stage, architecture: Architecture | None, seconds: float, cpu: float
    ) -> None:
        self.spent_seconds += seconds
        self.spent_cpu_seconds += cpu
        if self.ledger is not None:
            key = architecture.key if architecture is not None else None
            self.ledger.record(stage, seconds, cpu_seconds=cpu, architecture_key=key)

    def _require(self, pool: Pool, zoo: Zoo | None) -> None:
        require(self.name, self.needs, pool, zoo)
