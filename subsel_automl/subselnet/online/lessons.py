"""Where lessons of trials are kept: in memory, or in a folder that processes share.

A folder is a zoo on disk (`zoo/store.py`): whole files only, a checksum each, so a search
that was killed finds its teachers again, and so does any other search over the same pool.

A fold of the pool has teachers of its own (`part`): what other folds taught knows its validation
examples.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ...core.architecture import Architecture
from ...core.arrays import packed, unpacked
from ...core.lesson import Lesson
from ...core.pool import Pool
from ...zoo.store import create, read_record, save_network
from ..bundle import load_bundle, save_bundle
from ..model import SubSelNetModel
from ..temperatures import Choices


class Teachers(Protocol):
    """Lessons, shared by the trials of a search."""

    def add(self, lesson: Lesson) -> None:
        """Keep a lesson; one that was told already (`lesson_name`) changes nothing."""
        ...

    def lessons(self) -> list[Lesson]:
        """The latest of each trial, in an order that depends on what they are, not on when they
        came."""
        ...

    def publish(self, count: int, model: SubSelNetModel) -> None:
        """Share a g_beta that was fitted to `count` architectures."""
        ...

    def fitted(self) -> tuple[int, SubSelNetModel | None]:
        """The newest g_beta and its `count`; 0 and None before the first."""
        ...

    def untaught(self, trial: str, why: str) -> Counter[str]:
        """Note why a trial left no lesson ("" when it did); the reasons so far, each counted."""
        ...

    def first(self, what: str) -> bool:
        """Whether nobody has asked this before."""
        ...

    def part(self, pool: Pool) -> Teachers:
        """Of a fold; the same for the same examples."""
        ...


class Remarks:
    """What is said once, and why trials left no lesson."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._why: dict[str, str] = {}

    def untaught(self, trial: str, why: str) -> Counter[str]:
        self._why[trial or str(len(self._why))] = why
        return Counter(reason for reason in list(self._why.values()) if reason)

    def first(self, what: str) -> bool:
        new = what not in self._said
        self._said.add(what)
        return new


class MemoryTeachers(Remarks):
    """In this process; copies of a provider (a cloned estimator's) share them."""

    def __init__(self, lessons: Iterable[Lesson] = ()) -> None:
        super().__init__()
        self._kept: dict[str, Lesson] = {}
        self._model: tuple[int, SubSelNetModel | None] = (0, None)
        self._parts: dict[str, MemoryTeachers] = {}
        for lesson in lessons:
            self.add(lesson)

    def __deepcopy__(self, memo: dict[int, Any]) -> MemoryTeachers:
        return self

    def add(self, lesson: Lesson) -> None:
        self._kept.setdefault(lesson_name(lesson), lesson)

    def lessons(self) -> list[Lesson]:
        return latest(self._kept[name] for name in sorted(self._kept))

    def publish(self, count: int, model: SubSelNetModel) -> None:
        if count > self._model[0]:
            self._model = count, model

    def fitted(self) -> tuple[int, SubSelNetModel | None]:
        return self._model

    def part(self, pool: Pool) -> MemoryTeachers:
        return self._parts.setdefault(pool.fingerprint, MemoryTeachers())


class FolderTeachers(Remarks):
    """In a folder; several processes may read and write it at once.

    Args:
        folder: made when absent.
        pool: that the lessons are about.

    Raises:
        RefusedArtefact: the folder is about another pool.
    """

    def __init__(self, folder: Path | str, pool: Pool) -> None:
        super().__init__()
        self.folder = Path(folder).resolve()
        create(self.folder, pool, {"kind": "lessons-2"})
        self.pool = pool
        self._kept: dict[str, Lesson] = {}
        self._model: tuple[int, SubSelNetModel | None] = (0, None)

    def add(self, lesson: Lesson) -> None:
        record: dict[str, Any] = {
            "validation_accuracy": lesson.accuracy,
            "examples": lesson.examples,
            "trial": lesson.name,
            "curve": [list(point) for point in lesson.curve],
            "rows": packed(lesson.indices.astype(np.int32)),
            "ages": packed(None if lesson.ages is None else lesson.ages.astype(np.float16)),
            "values": lesson.values,
            "seconds": 0.0,
        }
        seed, said = _number(lesson), lesson.log_probabilities
        if not self._path(f"{lesson.architecture.key}-s{seed}").exists():
            save_network(self.folder, lesson.architecture, seed, said, record, exact=lesson.values)

    def lessons(self) -> list[Lesson]:
        names = sorted(path.stem for path in (self.folder / "networks").glob("*.json"))
        for name in names:
            if name not in self._kept:
                self._kept[name] = self._read(name)
        return latest(self._kept[name] for name in names)

    def publish(self, count: int, model: SubSelNetModel) -> None:
        save_bundle(self._fit_folder(count), model, Choices(), None, {"architectures": count})

    def fitted(self) -> tuple[int, SubSelNetModel | None]:
        found = [int(path.parent.name.split("-")[1]) for path in self.folder.glob("fit-*/*.json")]
        newest = max(found, default=0)
        if newest > self._model[0]:
            self._model = newest, load_bundle(self._fit_folder(newest), self.pool).model
        return self._model

    def part(self, pool: Pool) -> FolderTeachers:
        return FolderTeachers(self.folder / f"fold-{pool.fingerprint[:12]}", pool)

    def _fit_folder(self, count: int) -> Path:
        return self.folder / f"fit-{count}"

    def _read(self, name: str) -> Lesson:
        record, answers = read_record(self.folder, name)
        spec = record["architecture"]
        edges = tuple((int(u), int(v)) for u, v in spec["edges"])
        curve = tuple((int(examples), float(share)) for examples, share in record["curve"])
        ages = unpacked(record["ages"])
        return Lesson(
            Architecture(spec["space"], tuple(spec["ops"]), edges),
            unpacked(record["rows"]).astype(np.int64),
            answers,
            float(record["validation_accuracy"]),
            int(record["examples"]),
            record["trial"],
            curve,
            None if ages is None else ages.astype(np.float32),
            record["values"],
        )

    def _path(self, name: str) -> Path:
        return self.folder / "networks" / f"{name}.json"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": {}, "_model": (0, None)}


def latest(lessons: Iterable[Lesson]) -> list[Lesson]:
    """Of each trial the lesson after the most examples; lessons without a trial's name all stay."""
    found: dict[str, Lesson] = {}
    for lesson in lessons:
        trial = lesson.name or lesson_name(lesson)
        if trial not in found or lesson.examples > found[trial].examples:
            found[trial] = lesson
    return list(found.values())


def lesson_name(lesson: Lesson) -> str:
    """What makes two lessons the same."""
    return f"{lesson.architecture.key}-s{_number(lesson)}"


def _number(lesson: Lesson) -> int:
    told = f"{lesson.name}@{lesson.examples}" if lesson.name else ""
    return int(hashlib.sha256(told.encode()).hexdigest()[:12], 16)
