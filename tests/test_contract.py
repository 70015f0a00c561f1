"""The contract of DESIGN 6 over every name in the catalog, over the wrappers, and over the kit."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from subsel_automl import catalog
from subsel_automl.core.pool import Pool
from subsel_automl.core.probe import Probe
from subsel_automl.core.provider import Needs, Request, SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.core.zoo import Zoo
from subsel_automl.encoders.gvae import GVAE
from subsel_automl.maths import draws
from subsel_automl.selectors.cached import Cached
from subsel_automl.selectors.random import Random
from subsel_automl.selectors.wrappers import ClassBalanced
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.subselnet.base import PredictingProvider
from subsel_automl.subselnet.model import SubSelNetModel
from subsel_automl.subselnet.pipeline import fold, train_pipeline
from subsel_automl.subselnet.policy import Policy, train_policy
from subsel_automl.subselnet.rules import PredictedLoss
from subsel_automl.testing import ProviderContract
from subsel_automl.training.seeded import seeded

_LEARNED: dict[str, tuple[SubSelNetModel, Policy]] = {}


@cache
def encoder() -> GVAE:
    with seeded(0):
        return GVAE(space=NASBench101.name, operations=NASBench101.operations, max_nodes=7)


def learned(pool: Pool, zoo: Zoo) -> tuple[SubSelNetModel, Policy]:
    """Fitted once for all seven providers that share it."""
    if pool.fingerprint not in _LEARNED:
        model, _ = train_pipeline(pool, zoo, encoder=encoder(), epochs=2, policy=False)
        policy = train_policy(model, pool, fold(zoo, "training"), steps=20)
        _LEARNED[pool.fingerprint] = model, policy
    return _LEARNED[pool.fingerprint]


class CatalogContract(ProviderContract):
    """A provider that learns from a zoo is given parts that were fitted in a second."""

    def fitted(self, pool: Pool, zoo: Zoo | None) -> SubsetProvider:
        made = self.make()
        if not isinstance(made, PredictingProvider) or made.learns:
            return made.fit(pool, zoo)
        assert zoo is not None
        model, policy = learned(pool, zoo)
        return type(made).from_model(model, pool, policy=policy)


def _class_name(name: str) -> str:
    return "Test" + "".join(part.capitalize() for part in name.split("-"))


for _name in catalog.provider_names():
    globals()[_class_name(_name)] = type(
        _class_name(_name),
        (CatalogContract,),
        {"name": _name, "whole_only": _name == "full", "__module__": __name__},
    )


class FarFromTheMean(SubsetProvider):
    """Not random at all: the rows that lie farthest from the mean."""

    name = "far-from-the-mean"
    weighs = True
    source = "a provider with a known answer"
    equivariant = True
    drawn = False

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        self.distance = ((pool.features - pool.features.mean(0)) ** 2).sum(1)

    def _select(self, request: Request) -> Subset:
        rows = draws.top_b(self.distance, request.count)
        return Subset(rows, weights=1 + self.distance[rows])


class Hardest(FarFromTheMean):
    """Adaptive: after every second epoch the rows of the greatest loss."""

    name = "hardest"
    needs = Needs.LABELS | Needs.PROBE
    refresh_every = 2

    def _select(self, request: Request) -> Subset:
        return Subset(super()._select(request).indices, memory={"refreshed": np.array(0)})

    def _refresh(self, request: Request, probe: Probe) -> Subset:
        assert request.previous is not None
        losses = probe.losses(np.arange(len(request.pool)))
        done = request.previous.memory["refreshed"] + 1
        return Subset(draws.top_b(losses, request.count), memory={"refreshed": done})


class TestFarFromTheMean(ProviderContract):
    def make(self) -> SubsetProvider:
        return FarFromTheMean()


class TestAdaptive(ProviderContract):
    def make(self) -> SubsetProvider:
        return Hardest()


class TestClassBalancedRandom(ProviderContract):
    def make(self) -> SubsetProvider:
        return ClassBalanced(Random())


class TestClassBalancedDeterministic(ProviderContract):
    def make(self) -> SubsetProvider:
        return ClassBalanced(FarFromTheMean())


class TestClassBalancedAdaptive(ProviderContract):
    def make(self) -> SubsetProvider:
        return ClassBalanced(Hardest())


class TestClassBalancedPredicted(ProviderContract):
    def make(self) -> SubsetProvider:
        return ClassBalanced(PredictedLoss())

    def fitted(self, pool: Pool, zoo: Zoo | None) -> SubsetProvider:
        assert zoo is not None
        return ClassBalanced(PredictedLoss.from_model(learned(pool, zoo)[0], pool))


class TestCached(ProviderContract):
    def make(self) -> SubsetProvider:
        return Cached(Hardest(), _folder())


class TestCachedClassBalanced(ProviderContract):
    def make(self) -> SubsetProvider:
        return Cached(ClassBalanced(Random()), _folder())


@cache
def _folder() -> Path:
    return Path(mkdtemp())


# the kit itself: a provider that breaks one promise is caught


class Biased(Random):
    """Keeps its promises but those that a subclass breaks."""

    name = "biased"


class TooMany(Biased):
    def _select(self, request: Request) -> Subset:
        return Subset(np.arange(min(request.count + 1, len(request.pool))))


class FromTheClock(Biased):
    def _select(self, request: Request) -> Subset:
        import time

        rng = np.random.default_rng(time.perf_counter_ns())
        return Subset(rng.choice(len(request.pool), request.count, replace=False))


class FromTheHashSeed(Biased):
    def _select(self, request: Request) -> Subset:
        rng = np.random.default_rng(abs(hash("subset")))
        return Subset(rng.choice(len(request.pool), request.count, replace=False))


class SecretlyAdaptive(Biased):
    def refresh(self, subset, *_, **__):  # type: ignore[no-untyped-def]
        return Subset(subset.indices)


class SecretlySighted(Biased):
    def _select(self, request: Request) -> Subset:
        shift = 0 if request.architecture is None else int(request.architecture.key[:8], 16)
        noise = draws.gumbels(0, len(request.pool), (request.seed, request.draw, shift))
        return Subset(draws.top_b(noise, request.count))


class ByPosition(Biased):
    equivariant = True


class SecretlyLabelled(Biased):
    def _select(self, request: Request) -> Subset:
        assert request.pool.labels is not None
        return super()._select(request)


class Anonymous(Biased):
    source = " "


class GlobalDice(Biased):
    def _select(self, request: Request) -> Subset:
        random.random()
        return super()._select(request)


class SameForAllSeeds(Biased):
    def _select(self, request: Request) -> Subset:
        return Subset(np.arange(request.count))


class ChargedTwice(Biased):
    def _answers(self, fresh):  # type: ignore[no-untyped-def]
        super()._answers(fresh)
        return super()._answers(fresh)


def contract_of(kind: type[SubsetProvider]) -> ProviderContract:
    body = {
        "make": lambda self: kind(),
        "__module__": __name__,
        "__qualname__": kind.__name__ + "Case",
    }
    case = type(kind.__name__ + "Case", (ProviderContract,), body)
    globals()[case.__name__] = case  # another process finds it by name
    return case()


FromTheHashSeedCase = type(contract_of(FromTheHashSeed))


@pytest.mark.parametrize(
    ("kind", "promise", "arguments"),
    [
        (TooMany, "test_honours_the_budget", ()),
        (TooMany, "test_works_for_one_example", (12,)),
        (FromTheClock, "test_same_seed_same_subset", (0,)),
        (FromTheHashSeed, "test_same_subset_from_another_process", ()),
        (SecretlyAdaptive, "test_refresh_changes_nothing_unless_adaptive", ()),
        (SecretlySighted, "test_only_what_asks_for_an_architecture_depends_on_it", ()),
        (ByPosition, "test_permuting_the_pool_permutes_the_subset", ()),
        (SecretlyLabelled, "test_needs_what_it_declares_and_nothing_else", (Needs.LABELS,)),
        (Anonymous, "test_names_itself_and_its_source", ()),
        (GlobalDice, "test_leaves_the_global_random_state_alone", ()),
        (SameForAllSeeds, "test_drawn_means_that_the_seed_matters", ()),
        (ChargedTwice, "test_charged_once_for_each_distinct_query", ()),
    ],
)
def test_the_kit_catches_a_broken_promise(kind, promise, arguments):
    with pytest.raises(AssertionError):
        getattr(contract_of(kind), promise)(*arguments)
