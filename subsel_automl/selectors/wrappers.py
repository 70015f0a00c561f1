"""Wrappers: a provider around a provider, for what any of them may be asked to do beside.

    ClassBalanced(inner)     even numbers of every class: the inner provider is fitted on each class
                             alone and asked for its share (`maths.draws.per_class_counts`)
    Cached(inner, folder)    subsets on disk, one file a question (`cached.py`)

An inner provider with an attribute `per_class` balances by itself and is told to; it then scores
the whole pool at once, which a provider that learned from a zoo of the whole pool needs.

Source: class-balanced choice as in Moser et al. 2024 (CC-RS, CC-OR) and SubSelNet 5.2. Deviations:
    [1] Each class draws from a seed of its own, so that the classes' draws are independent.
    [2] The order of choice takes the first of every class, then the second of every class.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.errors import BadInput, MissingNeed
from ..core.ledger import AmortizationLedger
from ..core.lesson import Heard, Lesson
from ..core.pool import Pool
from ..core.probe import Probe, Recorded
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Provenance, Subset
from ..core.zoo import Zoo
from ..maths import draws

Rows = npt.NDArray[np.int64]


class Wrapper(SubsetProvider):
    """Takes over what the inner provider declares; an inner provider that is fitted stays fitted.

    The inner provider is copied, so that the caller's own is not changed.
    """

    def __init__(self, inner: SubsetProvider, kind: str, needs: Needs = Needs.NOTHING) -> None:
        super().__init__()
        if not isinstance(inner, SubsetProvider):
            raise BadInput(f"{kind} wraps a provider; got {type(inner).__name__}")
        self.inner = copy.copy(inner)
        self.inner._cache, self.inner.ledger = OrderedDict(), None  # the wrapper is charged
        for name, value in {
            "name": f"{kind}({inner.name})",
            "needs": inner.needs | needs,
            "source": f"{kind} of this project; inside: {inner.source}",
            "cost": inner.cost,
            "drawn": inner.drawn,
            "learns": inner.learns,
            "weighs": inner.weighs,
            "equivariant": inner.equivariant,
            "refresh_every": inner.refresh_every,
            "warm_epochs": inner.warm_epochs,
        }.items():
            setattr(self, name, value)
        if self.inner._pool is not None:
            self._take_over(self.inner.pool)

    def _take_over(self, pool: Pool) -> None:
        """The inner provider was fitted before it was wrapped."""
        self._pool = pool

    def options(self) -> Mapping[str, Any]:
        return self.inner.options()

    def charge_preparation(self, ledger: AmortizationLedger) -> None:
        """The inner provider's, and what this one's fit took beside it."""
        self.inner.charge_preparation(ledger)
        more = self.fit_seconds - self.inner.fit_seconds
        more_cpu = self.fit_cpu_seconds - self.inner.fit_cpu_seconds
        self._charge_fit(ledger, max(0.0, more), max(0.0, more_cpu))

    def learned(self) -> str:
        return self.inner.learned()

    def over(self, pool: Pool) -> SubsetProvider:
        if not self.learns:
            return super().over(pool)
        twin = copy.copy(self)
        twin.inner = self.inner.over(pool)
        twin._take_over(pool)
        twin.forget()
        return twin

    def ended(self, trial: str, untaught: str) -> str:
        return self.inner.ended(trial, untaught)

    def first(self, what: str) -> bool:
        return self.inner.first(what)

    def _wrong(self, answers: npt.NDArray[np.floating], rows: Rows) -> float:
        return self.inner._wrong(answers, rows)

    def _asked_rows(
        self,
        accuracy: float | None,
        architecture: Architecture,
        examples: int,
        heard: Heard | None,
    ) -> Rows | None:
        return self.inner._asked_rows(accuracy, architecture, examples, heard)

    def _learn(self, lesson: Lesson) -> None:
        self.inner._learn(lesson)
        self.forget()

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        self.inner.fit(pool, zoo)

    def _select(self, request: Request) -> Subset:
        return self._select_many([request])[0]


class ClassBalanced(Wrapper):
    """Even numbers of every class, from any provider.

    Raises:
        MissingNeed: an inner provider that needs a zoo and has no `per_class` of its own.
    """

    def __init__(self, inner: SubsetProvider) -> None:
        self._parts: list[_Part] = []
        self._balances = hasattr(inner, "per_class")
        super().__init__(inner, "class-balanced", Needs.LABELS)
        if self._balances:
            self.inner.per_class = True  # type: ignore[attr-defined]
        elif Needs.ZOO in inner.needs or inner.learns:
            raise MissingNeed(
                f"class-balanced cannot split the {'lessons' if inner.learns else 'zoo'} that "
                f"provider {inner.name!r} {'learns from' if inner.learns else 'needs'}; "
                "give the provider a `per_class` option, or wrap another one"
            )

    def _take_over(self, pool: Pool) -> None:
        if self._balances or Needs.ZOO in self.needs:
            self._pool = pool
        else:
            self.fit(pool)

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        if self._balances:
            self.inner.fit(pool, zoo)
            return
        assert pool.labels is not None
        self._parts = [_Part(int(c), pool, self.inner) for c in np.unique(pool.labels)]

    def _select_many(self, requests: Sequence[Request]) -> list[Subset]:
        if self._balances:
            return self.inner._select_many(requests)
        return [self._joined(request, list(self._shares(request))) for request in requests]

    def _shares(self, request: Request) -> Iterator[tuple[_Part, Subset]]:
        assert request.pool.labels is not None
        counts = draws.per_class_counts(request.pool.labels, request.count)
        for part in self._parts:
            if counts[part.label]:
                yield (
                    part,
                    part.provider.subset_for(
                        request.architecture,
                        int(counts[part.label]),
                        seed=part.seed(request),
                        mode=request.mode,
                        draw=request.draw,
                        epochs=request.epochs,
                    ),
                )

    def _refresh(self, request: Request, probe: Probe) -> Subset:
        if self._balances:
            return self.inner._refresh(request, probe)
        assert request.previous is not None
        shares = []
        for part in self._parts:
            before = part.of(request.previous)
            if len(before):
                inner = part.provider.refresh(
                    before,
                    request.architecture,
                    request.epoch,
                    _ClassProbe(probe, part.rows),
                    seed=part.seed(request),
                    epochs=request.epochs,
                )
                shares.append((part, inner))
        return self._joined(request, shares)

    def _joined(self, request: Request, shares: Sequence[tuple[_Part, Subset]]) -> Subset:
        """One subset of the whole pool from a subset of each class.  [2]"""
        rows = np.concatenate([part.rows[subset.indices] for part, subset in shares])
        rank = np.concatenate([np.arange(len(subset)) for _, subset in shares])
        order = np.argsort(rank, kind="stable")
        subsets = [subset for _, subset in shares]
        return Subset(
            rows[order],
            _column([subset.weights for subset in subsets], order),
            _column([subset.targets for subset in subsets], order),
            {
                f"{part.label}.{name}": value
                for part, subset in shares
                for name, value in subset.memory.items()
            },
            Provenance(notes=subsets[0].provenance.notes),
        )


class _Part:
    """One class: its rows in the whole pool, and a provider of its own that was fitted on them."""

    def __init__(self, label: int, pool: Pool, inner: SubsetProvider) -> None:
        self.label, self.rows = label, np.flatnonzero(pool.labels == label)
        shared = {id(inner._pool): inner._pool}  # not copied
        self.provider = copy.deepcopy(inner, shared).fit(_class_pool(pool, self.rows, label))

    def seed(self, request: Request) -> int:
        return int(np.random.SeedSequence([request.seed, self.label, 0xC1A]).generate_state(1)[0])

    def of(self, whole: Subset) -> Subset:
        """The part of a joined subset that is this class's, with rows of the class's pool."""
        mine = np.isin(whole.indices, self.rows)
        prefix = f"{self.label}."
        return Subset(
            np.searchsorted(self.rows, whole.indices[mine]),
            None if whole.weights is None else whole.weights[mine],
            None if whole.targets is None else whole.targets[mine],
            {k.removeprefix(prefix): v for k, v in whole.memory.items() if k.startswith(prefix)},
            whole.provenance,
        )


@dataclass(frozen=True, eq=False)
class _ClassProbe:
    """A probe about the rows of one class."""

    whole: Probe
    rows: Rows

    def logits(self, indices: Rows) -> npt.NDArray[np.float32]:
        return self.whole.logits(self.rows[indices])

    def losses(self, indices: Rows) -> npt.NDArray[np.float32]:
        return self.whole.losses(self.rows[indices])

    def last_layer_gradients(self, indices: Rows) -> npt.NDArray[np.float32]:
        return self.whole.last_layer_gradients(self.rows[indices])

    def last_layer_factors(
        self, indices: Rows
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        return self.whole.last_layer_factors(self.rows[indices])

    def about(self, pool: Pool) -> Probe:
        return self.whole.about(pool)

    def recorded(self) -> Recorded:
        seen = self.whole.recorded()
        mine = np.isin(seen.indices, self.rows)
        local = np.searchsorted(self.rows, seen.indices[mine])
        return seen.of(mine, local)


def _class_pool(pool: Pool, rows: Rows, label: int) -> Pool:
    """The examples of one class; the validation pool keeps that class alone when it has any."""
    part = pool.take(rows, f"{pool.name}/class-{label}")
    held = pool.validation
    if held is not None and held.labels is not None and (held.labels == label).any():
        held = held.take(np.flatnonzero(held.labels == label), f"{held.name}/class-{label}")
    return replace(part, validation=held)


def _column(parts: Sequence[npt.NDArray[Any] | None], order: Rows) -> npt.NDArray[Any] | None:
    """Weights or targets of all classes, in the joined order; None when no class has any."""
    have = [part for part in parts if part is not None]
    if not have:
        return None
    if len(have) != len(parts):
        raise BadInput("a provider gave weights or targets for some classes only")
    return np.concatenate(have)[order]
