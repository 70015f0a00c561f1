"""An actor that holds the lessons of a Ray search, for providers that learn while it runs.

    provider = shared(provider, folder=...)      in the driver, before the search

Trials on any node tell it what they learned and read what others did; answers travel as numpy
through the object store. With `folder` (of the actor's machine) the lessons outlive the search, and
a restored one finds them.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ray

from ...core.errors import BadInput
from ...core.lesson import Lesson
from ...core.provider import SubsetProvider


class RayTeachers:
    """What `subselnet.teachers.Teachers` asks for, over one actor.

    Args:
        actor: of `_Lessons`; travels with the provider to every worker.
    """

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self._kept: dict[str, Lesson] = {}
        self._model: tuple[int, Any] = (0, None)

    def add(self, lesson: Lesson) -> None:
        ray.get(self.actor.add.remote(lesson))

    def lessons(self) -> list[Lesson]:
        names = ray.get(self.actor.names.remote())
        missing = [name for name in names if name not in self._kept]
        if missing:
            found = ray.get(self.actor.read.remote(missing))
            self._kept |= dict(zip(missing, found, strict=True))
        return [self._kept[name] for name in names]

    def publish(self, count: int, model: Any) -> None:
        ray.get(self.actor.publish.remote(count, model))

    def fitted(self) -> tuple[int, Any]:
        count = ray.get(self.actor.fitted_count.remote())
        if count > self._model[0]:
            self._model = ray.get(self.actor.fitted.remote())
        return self._model

    def __getstate__(self) -> dict[str, Any]:
        return {"actor": self.actor, "_kept": {}, "_model": (0, None)}


class _Lessons:
    """The actor: lessons by name, over a store of `subselnet.teachers`."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def add(self, lesson: Lesson) -> None:
        self.store.add(lesson)

    def names(self) -> list[str]:
        return [self._name(lesson) for lesson in self.store.lessons()]

    def read(self, names: Sequence[str]) -> list[Lesson]:
        held = {self._name(lesson): lesson for lesson in self.store.lessons()}
        return [held[name] for name in names]

    def publish(self, count: int, model: Any) -> None:
        self.store.publish(count, model)

    def fitted(self) -> tuple[int, Any]:
        found: tuple[int, Any] = self.store.fitted()
        return found

    def fitted_count(self) -> int:
        return int(self.store.fitted()[0])

    def _name(self, lesson: Lesson) -> str:
        return f"{lesson.architecture.key}/{lesson.name}"


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
        actor = ray.remote(_Lessons).options(num_cpus=0).remote(twin.teachers)
        twin.teachers = RayTeachers(actor)
    learner: SubsetProvider = twin
    return learner
