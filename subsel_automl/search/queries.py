"""Searches that learn across queries: ask about architectures, see their values, ask on.

    found = search_class("local")(queries=150).query(TableObjective(Nasbench101Table()))
    found.best, found.value, [one.value for one in found.asked]

A search is written as a walk: a generator that yields architectures to ask about, at most `at_once`
of them, and is sent their values. The host loop here knows neither the search nor the objective. A
cell that was asked before is answered from memory: it costs nothing and is not counted.

In a folder every answer is kept. A walk draws from its seed alone, so a search that goes on walks
again from its beginning, answered from the folder, and then asks on as the undisturbed one would.

Source: White et al. 2020 and Ying et al. 2019 for the protocol (queries of distinct cells).

Deviations: none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import DamagedArtefact, SubselError
from ..core.files import read_json, write_json
from ..core.summary import SearchSummary
from .checkpoint import begin
from .objective import Answer, Objective
from .options import at_least
from .prior import Foretell, Metered
from .query_bill import summed
from .reach import Reach
from .stopped import finished

Walk = Generator[Sequence[Architecture], list[float], None]
Progress = Callable[[int, int], None]  # queries done, of how many
Many = Callable[[Callable[[Architecture], Answer], Sequence[Architecture]], Sequence[Answer]]
QUERIES = "queries.json"
SPENT, KNOWN, CIRCLES = "spent", "known", "circles"  # how a walk ends; known: the whole space
PATIENCE = 10_000  # batches without a new cell, after which a walk goes in circles


@dataclass(frozen=True)
class Query:
    """One architecture that was asked about, and what came back."""

    architecture: Architecture
    answer: Answer

    @property
    def value(self) -> float:
        return self.answer.value


@dataclass(frozen=True)
class Asked:
    """A search at its end.

    Attributes:
        asked: in their order, each architecture once.
        summary: what it cost and saved.
        foretold: costs of what was foretold, by the names of `run.COSTS`.
    """

    search: str
    seed: int
    asked: tuple[Query, ...]
    summary: SearchSummary | None = None
    foretold: Mapping[str, float] = field(default_factory=dict)

    @property
    def best(self) -> Architecture:
        """The architecture of the best value; the earlier one of two that are equal.

        Raises:
            SubselError: every training was stopped.
        """
        return self._first().architecture

    @property
    def value(self) -> float:
        return self._first().value

    def incumbents(self) -> list[Architecture]:
        """The best so far, after each query from the first one that has a value."""
        best = np.maximum.accumulate([one.value for one in self.asked])
        places = [
            next(p for p, one in enumerate(self.asked) if one.value == v)
            for v in best
            if finished(v)
        ]
        return [self.asked[place].architecture for place in places]

    def _first(self) -> Query:
        best = max(self.asked, key=lambda one: one.value)
        if not finished(best.value):
            raise SubselError(
                f"all {len(self.asked)} trainings of search {self.search!r} were stopped; there "
                "is no best. Let some of them end"
            )
        return best


@dataclass(frozen=True, kw_only=True)
class Walker(ABC):
    """Base of the searches that ask and learn.

    Args:
        queries: distinct architectures that are asked about; 0: see the search's `run`.
        spell_none: whether an edge of a NAS-Bench-201 cell may be `none`.

    Raises:
        BadInput: an option out of range, named.
    """

    name: ClassVar[str]
    source: ClassVar[str]

    queries: int = 0
    spell_none: bool = True

    def __post_init__(self) -> None:
        at_least("queries", self.queries, 0)

    @property
    def total_queries(self) -> int:
        return self.queries

    @abstractmethod
    def walk(self, reach: Reach, rng: np.random.Generator, at_once: int) -> Walk:
        """Architectures to ask about; the values of those are sent back, in their order.

        Args:
            reach: the space as this search may see it.
            rng: every draw is from it.
            at_once: most architectures of a batch.
        """

    def foretelling(self, space: str) -> Foretell | None:
        """What this search knows of a space's architectures beforehand (`reach.foretell`).

        Called before anything is asked or written: what it raises refuses the search.
        """
        return None

    def query(
        self,
        objective: Objective,
        *,
        seed: int = 0,
        folder: Path | str | None = None,
        resume: bool = False,
        progress: Progress | None = None,
        at_once: int = 1,
        many: Many | None = None,
        ledger: Path | str | None = None,
    ) -> Asked:
        """Ask until the queries are spent, or the whole space is known.

        Args:
            seed: of every draw of the search.
            folder: keeps every answer; `resume` goes on from there.
            progress: told after every query.
            at_once: architectures that are asked about together; the walk depends on it.
            many: asks a batch, in processes say; by default one after the other.
            ledger: a file that is charged with every query.

        Raises:
            BadInput: no queries; another search is in the folder.
            UnknownName, RefusedArtefact, MissingData: a bundle that foretells, but not here.
            DamagedArtefact: answers of the folder that are no part of this search.
            SubselError: the walk goes in circles.
        """
        most = self._count(objective)
        for name, value in (("queries", most), ("at_once", at_once)):
            at_least(name, value, 1)
        foretell = self.foretelling(objective.space.name)
        prior = None if foretell is None else Metered(foretell)
        where = None if folder is None else Path(folder)
        kept: list[dict[str, Any]] = []
        if where is not None:
            if resume:
                objective.check_resume()
            asked_for = {"search": self.name, "options": asdict(self), "seed": seed}
            begin(where, {**asked_for, "space": objective.space.name, "at_once": at_once,
                          **objective.about()}, resume)  # fmt: skip
            kept = _kept(where)
        tally = _Tally(objective, most, where, kept, many, progress)
        drawn, rng = (np.random.default_rng([seed, of]) for of in (0x3EA7, 0x3A1C))
        walk = self.walk(Reach(objective.space, drawn, self.spell_none, prior), rng, at_once)
        if followed(walk, tally.ask, lambda: len(tally.asked)) == CIRCLES:
            raise SubselError(
                f"search {self.name!r} proposed nothing new in {PATIENCE:,} batches after "
                f"{len(tally.asked)} queries; give fewer queries, or another search"
            )
        spent = summed(self.name, seed, objective, tally.asked, ledger, prior)
        foretold = {} if prior is None else prior.costs()
        return Asked(self.name, seed, tuple(tally.asked), spent, foretold)

    def _count(self, objective: Objective) -> int:
        """Queries of a search on this objective."""
        return self.total_queries


def followed(
    walk: Walk,
    ask: Callable[[Sequence[Architecture]], list[float] | None],
    count: Callable[[], int],
) -> str:
    """Go with a walk until nothing more is asked: SPENT, KNOWN or CIRCLES.

    Args:
        ask: what the walk is told of its architectures; None where all is spent.
        count: different architectures so far.
    """
    try:
        wanted, idle = next(walk), 0
        while True:
            before = count()
            values = ask(wanted)
            if values is None:
                return SPENT
            idle = 0 if count() > before else idle + 1
            if idle > PATIENCE:
                return CIRCLES
            wanted = walk.send(values)
    except StopIteration:
        return KNOWN


class _Tally:
    """What was asked, each architecture once."""

    def __init__(
        self,
        objective: Objective,
        most: int,
        folder: Path | None,
        kept: list[dict[str, Any]],
        many: Many | None,
        progress: Progress | None,
    ) -> None:
        self.objective, self.most, self.folder, self.kept = objective, most, folder, kept
        self.many, self.progress = many or _in_turn, progress
        self.asked: list[Query] = []
        self.known: dict[str, float] = {}

    def ask(self, wanted: Sequence[Architecture]) -> list[float] | None:
        """Their values; None when the queries are spent."""
        fresh = {one.key: one for one in wanted if one.key not in self.known}
        new = list(fresh.values())[: self.most - len(self.asked)]
        for architecture, answer in zip(new, self._answers(new), strict=True):
            self.asked.append(Query(architecture, answer))
            self.known[architecture.key] = answer.value
        if new and self.folder is not None and len(self.asked) > len(self.kept):
            self.kept = [_row(one) for one in self.asked]
            write_json(self.folder / QUERIES, {"queries": self.kept})
        for place in range(len(new)):
            if self.progress is not None:
                self.progress(len(self.asked) - len(new) + place + 1, self.most)
        if len(self.asked) >= self.most:
            return None
        return [self.known[one.key] for one in wanted]

    def _answers(self, new: Sequence[Architecture]) -> list[Answer]:
        """From the folder as far as it goes, the rest from the objective."""
        rows = self.kept[len(self.asked) : len(self.asked) + len(new)]
        if [row["key"] for row in rows] != [one.key for one in new[: len(rows)]]:
            raise DamagedArtefact(
                f"{self.folder} holds answers about other cells than this search asks for after "
                f"{len(self.asked)} queries; begin anew in another folder"
            )
        rest = new[len(rows) :]
        return [_answer(row) for row in rows] + list(self.many(self.objective.ask, rest))


def _in_turn(
    ask: Callable[[Architecture], Answer], new: Sequence[Architecture]
) -> Sequence[Answer]:
    return [ask(one) for one in new]


def _row(query: Query) -> dict[str, Any]:
    return {"key": query.architecture.key, **asdict(query.answer)}


def _answer(row: dict[str, Any]) -> Answer:
    told = {name: value for name, value in row.items() if name != "key"}
    return Answer(**{**told, "curve": tuple(told["curve"])})


def _kept(folder: Path) -> list[dict[str, Any]]:
    """Answers that the folder holds."""
    path = folder / QUERIES
    return list(read_json(path)["queries"]) if path.exists() else []
