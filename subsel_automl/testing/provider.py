"""The contract that every provider keeps, as tests to inherit.

    class TestMine(ProviderContract):
        name = "mine"                      # of the catalog; or write make()

Override `make`, `pool`, `zoo` or `fitted` where a provider needs other surroundings (`worlds.py`).
Nothing is trained but by `fit`, once a size.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..catalog import provider as catalog_provider
from ..core.budget import Budget
from ..core.errors import BudgetError, MissingNeed
from ..core.ledger import AmortizationLedger
from ..core.provider import Needs, SubsetProvider
from ..worlds import MemoryZoo, clump_pool, linear_probe, some_cells, synthetic_zoo
from .process import global_state, other_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..core.architecture import Architecture
    from ..core.pool import Pool
    from ..core.subset import Subset
    from ..core.zoo import Zoo

SIZES = (12, 61, 150)
SURROUNDINGS = {  # what a pool can lack
    Needs.TARGETS: {"labels": None},
    Needs.LABELS: {},  # of regression
    Needs.IMAGES: {"images": None},
    Needs.VALIDATION: {"validation": None},
    Needs.ZOO: {},
}
fractions = st.floats(0, 1, exclude_min=True)
seeds = st.integers(0, 2**31 - 1)
several_runs = settings(  # inherited by many classes: that is what the health check is about
    deadline=None, suppress_health_check=[HealthCheck.differing_executors]
)


@cache
def cells() -> tuple[Architecture, ...]:
    """Two architectures that are not isomorphic."""
    return tuple(some_cells(2, seed=1))


class ProviderContract:
    """Inherit as `class TestName(ProviderContract)`.

    Attributes:
        name: in the catalog.
        whole_only: hands out the whole pool and refuses smaller budgets (`full`).
    """

    name: ClassVar[str] = ""
    whole_only: ClassVar[bool] = False

    # surroundings: override what does not fit
    def make(self) -> SubsetProvider:
        """A provider, not fitted."""
        return catalog_provider(self.name)

    def pool(self, n: int) -> Pool:
        """n examples, with all that a provider can need."""
        return clump_pool(n)

    def zoo(self, pool: Pool) -> Zoo | None:
        """Networks trained on the pool, when there are labels to train on."""
        if pool.labels is None:
            return None
        return synthetic_zoo(pool, some_cells(6, role="training"))

    def permuted_zoo(self, pool: Pool, order: np.ndarray, whole: Pool) -> Zoo | None:
        """The zoo of the same networks over `pool`, row i of which is row order[i] of `whole`."""
        zoo = self.zoo(whole)
        if zoo is None:
            return None
        networks = {a: zoo.predictions(a.key)[order] for a in zoo.architectures}
        return MemoryZoo(pool, networks)

    def fitted(self, pool: Pool, zoo: Zoo | None) -> SubsetProvider:
        """Fitted on a pool; the zoo is None for a provider that needs none."""
        return self.make().fit(pool, zoo)

    # the promises
    @several_runs
    @given(n=st.sampled_from(SIZES), fraction=fractions, seed=seeds)
    def test_honours_the_budget(self, n: int, fraction: float, seed: int) -> None:
        provider, budget = self._provider(n), Budget(fraction)
        if self.whole_only and budget.resolve(n) < n:
            with pytest.raises(BudgetError):
                provider.subset_for(cells()[0], budget, seed=seed)
            return
        self._check(provider.subset_for(cells()[0], budget, seed=seed), n, budget.resolve(n))

    @pytest.mark.parametrize("n", SIZES)
    def test_works_for_the_whole_pool(self, n: int) -> None:
        self._check(self._provider(n).subset_for(cells()[0], n), n, n)

    @pytest.mark.parametrize("n", SIZES)
    def test_works_for_one_example(self, n: int) -> None:
        if self.whole_only:
            pytest.skip("hands out the whole pool only")
        self._check(self._provider(n).subset_for(cells()[0], 1), n, 1)

    @pytest.mark.parametrize("seed", [0, 7])
    def test_same_seed_same_subset(self, seed: int) -> None:
        one, two = (self._ask(self._fresh(self.pool(61)), seed=seed) for _ in range(2))
        assert _same(one, two)

    def test_same_subset_from_another_process(self) -> None:
        there = other_process().submit(_answer, type(self), 61, 3).result()
        here = _parts(self._ask(self._provider(61), seed=3))
        assert [x is None for x in here] == [x is None for x in there]
        assert all(x is None or np.array_equal(x, y) for x, y in zip(here, there, strict=True))

    def test_drawn_means_that_the_seed_matters(self) -> None:
        provider = self._provider(150)
        subsets = [self._ask(provider, seed=0, draw=draw) for draw in (0, 1)]
        subsets.append(self._ask(provider, seed=1))
        different = len({tuple(subset.indices.tolist()) for subset in subsets})
        assert different == (3 if provider.drawn else 1)

    def test_charged_once_for_each_distinct_query(self) -> None:
        provider = self._provider(61)
        with _accounted(provider) as ledger:
            for seed in (2**31, 2**31, 2**31 + 1):  # seeds that no other test asks for
                self._ask(provider, seed=seed)
            assert ledger.totals()["SELECT"]["count"] == 2
            assert ledger.test_architectures == 3  # queries count even when a cache answers

    def test_refresh_changes_nothing_unless_adaptive(self) -> None:
        provider = self._provider(61)
        subset = self._ask(provider)
        if not provider.refresh_every:
            assert provider.refresh(subset, cells()[0], 1, None) is subset
            return
        with pytest.raises(MissingNeed, match=re.escape(provider.name)):
            provider.refresh(subset, cells()[0], provider.refresh_every, None)
        probe = linear_probe(provider.pool)
        fresh = provider.refresh(subset, cells()[0], provider.refresh_every, probe)
        assert provider.weighs or fresh.weights is None  # say that it weighs
        self._check(fresh, 61, len(subset))

    def test_only_what_asks_for_an_architecture_depends_on_it(self) -> None:
        provider = self._provider(61)
        if Needs.ARCHITECTURE in provider.needs:
            with pytest.raises(MissingNeed, match=re.escape(provider.name)):
                provider.subset_for(None, 61)
            return
        one, two, none = (self._ask(provider, architecture=a) for a in (*cells(), None))
        assert _same(one, two)
        assert _same(one, none)

    def test_saved_and_loaded_is_the_same(self, tmp_path: Path) -> None:
        subset = self._ask(self._provider(61))
        subset.save(tmp_path / "subset.safetensors")
        loaded = type(subset).load(tmp_path / "subset.safetensors")
        assert _same(subset, loaded)
        assert loaded.memory.keys() == subset.memory.keys()
        assert asdict(loaded.provenance) == asdict(subset.provenance)

    def test_permuting_the_pool_permutes_the_subset(self) -> None:
        if not self.make().equivariant:
            pytest.skip("not declared equivariant")
        whole = self.pool(61)
        order = np.random.default_rng(5).permutation(61)
        assert whole.validation is not None
        moved = replace(whole.take(order, whole.name), validation=whole.validation)
        zoo = self.permuted_zoo(moved, order, whole) if Needs.ZOO in self.make().needs else None
        here, there = self._ask(self._provider(61)), self._ask(self.fitted(moved, zoo))
        assert set(order[there.indices].tolist()) == set(here.indices.tolist())

    @pytest.mark.parametrize("need", list(SURROUNDINGS), ids=lambda need: str(need.name).lower())
    def test_needs_what_it_declares_and_nothing_else(self, need: Needs) -> None:
        declared = self.make().needs
        pool = replace(self.pool(61), fingerprint="", **SURROUNDINGS[need])
        if need == Needs.LABELS:
            pool = replace(pool, fingerprint="", labels=pool.features[:, :1], task="", classes=0)
        if need in declared:
            zoo = None if need == Needs.ZOO else self.zoo(self.pool(61))
            with pytest.raises(MissingNeed) as caught:
                self.make().fit(pool, zoo)
            assert repr(self.make().name) in str(caught.value)
            assert repr(pool.name) in str(caught.value)
        else:
            self._check(self._ask(self._fresh(pool)), 61, self._count(61))

    def test_names_itself_and_its_source(self) -> None:
        made = self.make()
        assert made.source.strip()
        assert made.name == (self.name or made.name) != ""
        provenance = self._ask(self._provider(61)).provenance
        assert provenance.provider == made.name
        assert provenance.pool_fingerprint == self._provider(61).pool.fingerprint

    def test_leaves_the_global_random_state_alone(self) -> None:
        before = global_state()
        self._ask(self._fresh(self.pool(12)), seed=2**31 + 2)
        assert global_state() == before

    # below: how the promises are looked at
    def _fresh(self, pool: Pool) -> SubsetProvider:
        return self.fitted(pool, self.zoo(pool) if Needs.ZOO in self.make().needs else None)

    def test_fit_forgets_the_last_pool(self) -> None:
        """What it was taught there, too."""
        if Needs.ZOO in self.make().needs:
            pytest.skip("fitted with a zoo")
        provider, first, second = self.make(), self.pool(61), self.pool(150)
        self._ask(provider.fit(first))
        if provider.learns:
            probe = linear_probe(first)
            lesson = provider.lesson(cells()[0], probe, accuracy=0.9, examples=9)
            assert lesson is not None
            provider.learn(lesson)
        assert _same(self._ask(provider.fit(second)), self._ask(self._fresh(second)))

    def _provider(self, n: int) -> SubsetProvider:
        kept = type(self).__dict__.get("_kept")
        if kept is None:
            kept = {}
            type(self)._kept = kept  # type: ignore[attr-defined]
        if n not in kept:
            kept[n] = self._fresh(self.pool(n))
        return kept[n]

    def _count(self, n: int) -> int:
        return n if self.whole_only else max(1, n // 5)

    def _ask(
        self, provider: SubsetProvider, *, architecture: Any = ..., seed: int = 0, draw: int = 0
    ) -> Subset:
        asked = cells()[0] if architecture is ... else architecture
        count = self._count(len(provider.pool))
        return provider.subset_for(asked, count, seed=seed, draw=draw)

    @staticmethod
    def _check(subset: Subset, n: int, count: int) -> None:
        assert subset.indices.dtype == np.int64
        assert len(set(subset.indices.tolist())) == len(subset.indices) == count
        assert subset.indices.min() >= 0
        assert subset.indices.max() < n
        for part in _parts(subset)[1:]:
            assert part is None or (len(part) == count and np.isfinite(part).all())


def _parts(subset: Subset) -> tuple[np.ndarray | None, ...]:
    return subset.indices, subset.weights, subset.targets


def _same(one: Subset, two: Subset) -> bool:
    pairs = list(zip(_parts(one), _parts(two), strict=True))
    return all(
        (x is None and y is None) or (x is not None and y is not None and np.array_equal(x, y))
        for x, y in pairs
    )


@contextmanager
def _accounted(provider: SubsetProvider) -> Iterator[AmortizationLedger]:
    ledger, before = AmortizationLedger(), provider.ledger
    provider.ledger = ledger
    try:
        yield ledger
    finally:
        provider.ledger = before


def _answer(contract: type[ProviderContract], n: int, seed: int) -> tuple[np.ndarray | None, ...]:
    case = contract()
    return _parts(case._ask(case._provider(n), seed=seed))
