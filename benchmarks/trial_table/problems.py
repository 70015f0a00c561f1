"""The four problems, each 8,000 examples to train on, 2,000 to validate, and a test part.

    fashion-mnist        means of 2 x 2 pixels, 14 x 14; 4,000 test images
    fashion-mnist-noisy  the same with 20 % of the labels wrong, of training and validation alike
    cifar10-sprites      means of 2 x 2 pixels, 16 x 16 in colour; 2,000 test images
    letter               16 numbers of a printed letter (Frey and Slate 1991); 4,000 test rows

`letter` is read from the Debian package r-cran-mlbench with `rdata`; both are needed only to build
the table anew.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import SHARED
from subsel_automl.catalog import dataset
from subsel_automl.core.errors import MissingData
from subsel_automl.core.pool import Pool

TRAIN, VALIDATION, TEST, WRONG = 8000, 2000, 4000, 0.2
MLBENCH = Path("/usr/lib/R/site-library/mlbench/data/LetterRecognition.rda")
Array = npt.NDArray[Any]
Part = tuple[Array, npt.NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Problem:
    """Examples, standardised by the training part: (x, y) of each part; pictures are [n, c, h, w].

    Args:
        wrong: share of training and validation labels that were replaced by another class.
    """

    name: str
    train: Part
    validation: Part
    test: Part
    wrong: float = 0.0

    @property
    def classes(self) -> int:
        return int(max(part[1].max() for part in (self.train, self.test))) + 1

    @property
    def pictures(self) -> bool:
        return self.train[0].ndim == 4

    @functools.cached_property
    def pool(self) -> Pool:
        x, y = self.train
        return Pool(self.name, x.reshape(len(x), -1), y)


def _parted(name: str, known: Part, test: Part) -> Problem:
    order = np.random.default_rng(0).permutation(len(known[0]))
    rows, held = order[:TRAIN], order[TRAIN : TRAIN + VALIDATION]
    x = known[0][rows]
    axes = (0, 2, 3) if x.ndim == 4 else (0,)
    mean, spread = x.mean(axes, keepdims=True), x.std(axes, keepdims=True) + 1e-6
    parts = [
        (((part - mean) / spread).astype(np.float32), labels.astype(np.int64))
        for part, labels in (
            (known[0][rows], known[1][rows]),
            (known[0][held], known[1][held]),
            (test[0][:TEST], test[1][:TEST]),
        )
    ]
    return Problem(name, *parts)


def _halved(images: Array) -> Array:
    """uint8 [n, h, w] or [n, h, w, c] to means of 2 x 2 pixels, [n, c, h / 2, w / 2]."""
    x = images[..., None] if images.ndim == 3 else images
    n, height, width, c = x.shape
    x = x.reshape(n, height // 2, 2, width // 2, 2, c).astype(np.float32).mean((2, 4)) / 255
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2))


def _pictures(name: str) -> Problem:
    if SHARED.exists():
        os.environ.setdefault("SUBSEL_DATA", str(SHARED))
    splits = dataset(name)
    known = [_of(splits.train), _of(splits.validation)]
    both = tuple(np.concatenate(parts) for parts in zip(*known, strict=True))
    return _parted(name, (both[0], both[1]), _of(splits.test))


def _of(pool: Pool) -> Part:
    assert pool.images is not None
    assert pool.labels is not None
    return _halved(pool.images.batch(np.arange(len(pool)))), np.asarray(pool.labels)


def _noisy() -> Problem:
    clean = _pictures("fashion-mnist")
    rng = np.random.default_rng(20)
    train, validation = (
        (x, _with_wrong(y, clean.classes, rng)) for x, y in (clean.train, clean.validation)
    )
    return Problem("fashion-mnist-noisy", train, validation, clean.test, WRONG)


def _with_wrong(labels: Array, classes: int, rng: np.random.Generator) -> Array:
    found = labels.copy()
    rows = rng.permutation(len(labels))[: round(WRONG * len(labels))]
    found[rows] = (found[rows] + rng.integers(1, classes, len(rows))) % classes
    return found


def _letter() -> Problem:
    path = Path(os.environ.get("SUBSEL_LETTER") or MLBENCH)
    try:
        import rdata
    except ImportError as error:
        raise MissingData(f"letter is read with rdata ({error}); pip install rdata") from error
    if not path.exists():
        raise MissingData(
            "letter comes from the Debian package r-cran-mlbench; install it, or give the path of "
            "its LetterRecognition.rda in SUBSEL_LETTER"
        )
    frame = rdata.read_rda(str(path))["LetterRecognition"]
    y = np.array([ord(letter) - ord("A") for letter in frame["lettr"]])
    x = frame.drop(columns="lettr").to_numpy(np.float32)
    cut = TRAIN + VALIDATION
    return _parted("letter", (x[:cut], y[:cut]), (x[cut:], y[cut:]))


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "fashion-mnist": lambda: _pictures("fashion-mnist"),
    "cifar10-sprites": lambda: _pictures("cifar10-sprites"),
    "letter": _letter,
    "fashion-mnist-noisy": _noisy,
}


@functools.lru_cache(maxsize=1)
def problem(name: str) -> Problem:
    """One of them, read once a process."""
    return PROBLEMS[name]()
