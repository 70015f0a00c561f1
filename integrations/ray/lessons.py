"""An actor that holds the lessons of a Ray search, for providers that learn while it runs.

    provider = shared(provider, folder=...)      in the driver, before the search

Trials on any node tell it what they learned and read what others did; answers travel as numpy
through the object store. With `folder` (of the actor's machine) the lessons outlive the search, and
a restored one finds them.
"""

from __future__ import annotations

import copy
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ray

from ...core.errors import BadInput
from ...core.lesson import Lesson
from ...core.pool import Pool
from ...core.provider import SubsetProvider
from ...subselnet.online.lessons import lesson_name

LESSONS = "subset_lessons"  # in a result: the name of the actor that holds them


class RayTeachers:
    """What `subselnet.online.lessons.Teachers` asks for, over one actor.

    Args:
        actor: of `_Lessons`; travels with the provider to every worker.
        name: of the actor, for `ray.get_actor`.
        fold: of a part of the pool, its fingerprint; "" for the whole.
    """

    def __init__(self, actor: Any, name: str = "", fold: str = "") -> None:
        self.actor, self.name, self.fold = actor, name, fold
        self._kept: dict[str, Lesson] = {}
        self._model: tuple[int, Any] = (0, None)

    def add(self, lesson: Lesson) -> None:
        ray.get(self.actor.add.remote(self.fold, lesson))

    def lessons(self) -> list[Lesson]:
        names = ray.get(self.actor.names.remote(self.fold))
        missing = [name for name in names if name not in self._kept]
        if missing:
            self._kept |= ray.get(self.actor.read.remote(self.fold, missing))
        return [self._kept[name] for name in names if name in self._kept]

    def publish(self, count: int, model: Any) -> None:
        ray.get(self.actor.publish.remote(self.fold, count, model))

    def fitted(self) -> tuple[int, Any]:
        count = ray.get(self.actor.fitted_count.remote(self.fold))
        if count > self._model[0]:
            self._model = ray.get(self.actor.fitted.remote(self.fold))
        return self._model

    def untaught(self, trial: str, why: str) -> Counter[str]:
        found: Counter[str] = ray.get(self.actor.untaught.remote(self.fold, trial, why))
        return found

    def first(self, what: str) -> bool:
        return bool(ray.get(self.actor.first.remote(self.fold, what)))

    def part(self, pool: Pool) -> RayTeachers:
        ray.get(self.actor.part.remote(pool))
        return RayTeachers(self.actor, self.name, pool.fingerprint)

    def bill(self, trial: str, bill: Mapping[str, Any]) -> None:
        """What a trial spent after its last report."""
        ray.get(self.actor.bill.remote(trial, dict(bill)))

    def bills(self) -> dict[str, list[dict[str, Any]]]:
        """Of each trial, in the order in which they came."""
        found: dict[str, list[dict[str, Any]]] = ray.get(self.actor.bills.remote())
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": {}, "_model": (0, None)}


class _Lessons:
    """The actor: lessons by name, over stores of `subselnet.online.lessons`, one a fold."""

    def __init__(self, store: Any) -> None:
        self.stores: dict[str, Any] = {"": store}
        self.spent: dict[str, list[dict[str, Any]]] = {}

    def add(self, fold: str, lesson: Lesson) -> None:
        self.stores[fold].add(lesson)

    def names(self, fold: str) -> list[str]:
        return [lesson_name(lesson) for lesson in self.stores[fold].lessons()]

    def read(self, fold: str, names: Sequence[str]) -> dict[str, Lesson]:
        """Those that are there still: a later one of the same trial may have come."""
        held = {lesson_name(lesson): lesson for lesson in self.stores[fold].lessons()}
        return {name: held[name] for name in names if name in held}

    def publish(self, fold: str, count: int, model: Any) -> None:
        self.stores[fold].publish(count, model)

    def fitted(self, fold: str) -> tuple[int, Any]:
        found: tuple[int, Any] = self.stores[fold].fitted()
        return found

    def fitted_count(self, fold: str) -> int:
        return int(self.stores[fold].fitted()[0])

    def untaught(self, fold: str, trial: str, why: str) -> Counter[str]:
        found: Counter[str] = self.stores[fold].untaught(trial, why)
        return found

    def first(self, fold: str, what: str) -> bool:
        return bool(self.stores[fold].first(what))

    def part(self, pool: Pool) -> None:
        self.stores.setdefault(pool.fingerprint, self.stores[""].part(pool))

    def bill(self, trial: str, bill: dict[str, Any]) -> None:
        self.spent.setdefault(trial, []).append(bill)

    def bills(self) -> dict[str, list[dict[str, Any]]]:
        return self.spent


def shared(provider: SubsetProvider, folder: Path | str | None = None) -> SubsetProvider:
    """A copy of a learning provider whose lessons all trials of the running Ray share.

    Args:
        folder: keep the lessons there too; None keeps what the provider was made with.

    Raises:
        BadInput: the provider does not learn.
    """
    if not provider.learns:
        raise BadInput(f"provider {provider.name!r} does not learn from trials; nothing to share")
    twin: Any = copy.copy(provider)
    twin.forget()
    if folder is not None:
        twin.folder = folder
        twin.fit(provider.pool)
    if not isinstance(twin.teachers, RayTeachers):
        name = f"subsel-lessons-{uuid.uuid4().hex[:12]}"
        actor = ray.remote(_Lessons).options(num_cpus=0, name=name).remote(twin.teachers)
        twin.teachers = RayTeachers(actor, name)
    learner: SubsetProvider = twin
    return learner
