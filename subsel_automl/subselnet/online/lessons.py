"""Where lessons of finished trials are kept: in memory, or in a folder that processes share.

A folder is a zoo on disk (`zoo/store.py`): whole files only, a checksum each, so a search
that was killed finds its teachers again, and so does any other search over the same pool.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ...core.architecture import Architecture
from ...core.lesson import Lesson
from ...core.pool import Pool
from ...zoo.store import create, read_record, save_network
from ..bundle import load_bundle, save_bundle
from ..model import SubSelNetModel
from ..temperatures import Choices

Rows = npt.NDArray[np.int64]


class Teachers(Protocol):
    """Lessons, shared by the trials of a search."""

    def add(self, lesson: Lesson) -> None:
        """Keep a lesson; one that was told already (same architecture and name) changes nothing."""
        ...

    def lessons(self) -> list[Lesson]:
        """All of them, in an order that depends on what they are, not on when they came."""
        ...

    def publish(self, count: int, model: SubSelNetModel) -> None:
        """Share a g_beta that was fitted to `count` architectures."""
        ...

    def fitted(self) -> tuple[int, SubSelNetModel | None]:
        """The newest g_beta and its `count`; 0 and None before the first."""
        ...


class MemoryTeachers:
    """In this process."""

    def __init__(self, lessons: Iterable[Lesson] = ()) -> None:
        self._kept: dict[str, Lesson] = {}
        self._model: tuple[int, SubSelNetModel | None] = (0, None)
        for lesson in lessons:
            self.add(lesson)

    def add(self, lesson: Lesson) -> None:
        self._kept.setdefault(lesson_name(lesson), lesson)

    def lessons(self) -> list[Lesson]:
        return [self._kept[name] for name in sorted(self._kept)]

    def publish(self, count: int, model: SubSelNetModel) -> None:
        if count > self._model[0]:
            self._model = count, model

    def fitted(self) -> tuple[int, SubSelNetModel | None]:
        return self._model


class FolderTeachers:
    """In a folder; several processes may read and write it at once.

    Args:
        folder: made when absent.
        pool: that the lessons are about.
        rows: of the pool that every lesson speaks of.

    Raises:
        RefusedArtefact: the folder is about another pool, or about other rows of it.
    """

    def __init__(self, folder: Path | str, pool: Pool, rows: Rows) -> None:
        self.folder, self.rows = Path(folder).resolve(), rows
        about = {"kind": "lessons", "rows": hashlib.sha256(rows.tobytes()).hexdigest()}
        create(self.folder, pool, about)
        self.pool = pool
        self._kept: dict[str, Lesson] = {}
        self._model: tuple[int, SubSelNetModel | None] = (0, None)

    def add(self, lesson: Lesson) -> None:
        record: dict[str, Any] = {
            "validation_accuracy": lesson.accuracy,
            "examples": lesson.examples,
            "trial": lesson.name,
            "curve": [list(point) for point in lesson.curve],
            "seconds": 0.0,
        }
        seed = _number(lesson)
        if not self._path(f"{lesson.architecture.key}-s{seed}").exists():
            save_network(self.folder, lesson.architecture, seed, lesson.log_probabilities, record)

    def lessons(self) -> list[Lesson]:
        names = sorted(path.stem for path in (self.folder / "networks").glob("*.json"))
        for name in names:
            if name not in self._kept:
                self._kept[name] = self._read(name)
        return [self._kept[name] for name in names]

    def publish(self, count: int, model: SubSelNetModel) -> None:
        save_bundle(self._fit_folder(count), model, Choices(), None, {"architectures": count})

    def fitted(self) -> tuple[int, SubSelNetModel | None]:
        found = [int(path.parent.name.split("-")[1]) for path in self.folder.glob("fit-*/*.json")]
        newest = max(found, default=0)
        if newest > self._model[0]:
            self._model = newest, load_bundle(self._fit_folder(newest), self.pool).model
        return self._model

    def _fit_folder(self, count: int) -> Path:
        return self.folder / f"fit-{count}"

    def _read(self, name: str) -> Lesson:
        record, answers = read_record(self.folder, name)
        spec = record["architecture"]
        edges = tuple((int(u), int(v)) for u, v in spec["edges"])
        architecture = Architecture(spec["space"], tuple(spec["ops"]), edges)
        accuracy, seen = float(record["validation_accuracy"]), int(record["examples"])
        curve = tuple((int(examples), float(share)) for examples, share in record["curve"])
        return Lesson(architecture, self.rows, answers, accuracy, seen, record["trial"], curve)

    def _path(self, name: str) -> Path:
        return self.folder / "networks" / f"{name}.json"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": {}, "_model": (0, None)}


def lesson_name(lesson: Lesson) -> str:
    """What makes two lessons the same."""
    return f"{lesson.architecture.key}-s{_number(lesson)}"


def _number(lesson: Lesson) -> int:
    return int(hashlib.sha256(lesson.name.encode()).hexdigest()[:12], 16)
