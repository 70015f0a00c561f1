"""Image data sets as pools: scikit-learn's digits, CIFAR-10 sprites. (The reader's: `own.py`.)

A loader says plainly what is missing; it never hands out another data set instead.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..core.errors import DamagedArtefact, MissingData, PoolError
from ..core.pool import ArrayImages, Pool
from .splits import split_indices

CIFAR_NAMES = tuple(
    "airplane automobile bird cat deer dog frog horse ship truck".split()  # noqa: SIM905
)


@dataclass(frozen=True, eq=False)
class Splits:
    """Training, validation and test pools of one data set (70:10:20 unless said otherwise)."""

    train: Pool
    validation: Pool
    test: Pool


def splits_from_arrays(
    name: str,
    images: npt.NDArray[np.uint8],
    labels: npt.ArrayLike,
    *,
    seed: int = 0,
    class_names: Sequence[str] = (),
    features: npt.NDArray[np.float32] | None = None,
) -> Splits:
    """Pools of uint8 images [n, h, w] or [n, h, w, c]; features default to pixels / 255."""
    source = ArrayImages(np.asarray(images))
    if features is None:
        features = source.array.reshape(len(source), -1).astype(np.float32) / np.float32(255)
    whole = Pool(name, features, np.asarray(labels), source, class_names=tuple(class_names))
    return split_pool(whole, seed)


def split_pool(whole: Pool, seed: int = 0) -> Splits:
    """A pool cut 70:10:20 by seed; the training pool knows its validation pool.

    Raises:
        PoolError: too few examples for three pools.
    """
    train, validation, test = split_indices(len(whole), seed)
    if not (len(train) and len(validation) and len(test)):
        raise PoolError(
            f"pool {whole.name!r} has {len(whole)} examples, too few for a 70:10:20 split; "
            "give at least 10"
        )
    held = whole.take(validation, f"{whole.name}/validation")
    pool = replace(whole.take(train, whole.name), validation=held)
    return Splits(pool, held, whole.take(test, f"{whole.name}/test"))


def digits(seed: int = 0) -> Splits:
    """scikit-learn's 1,797 digits of 8 x 8 pixels, inside its wheel."""
    from sklearn.datasets import load_digits

    data, target = load_digits(return_X_y=True)
    images = (data.reshape(-1, 8, 8) * 15).astype(np.uint8)
    names = [str(i) for i in range(10)]
    return splits_from_arrays(
        "digits", images, target.astype(np.int64), seed=seed, class_names=names
    )


def cifar10_sprites(seed: int = 0, folder: Path | str | None = None) -> Splits:
    """10,000 CIFAR-10 training images, 2,000 class-balanced test images, from lossless sprites.

    An eighth of the training images is held out for validation.
    """
    where = data_folder(folder, "cifar10/labels.json") / "cifar10"
    meta = json.loads((where / "labels.json").read_text())
    train = np.concatenate([_sprite(path) for path in sorted(where.glob("train_*.webp"))])
    test = np.concatenate([_sprite(path) for path in sorted(where.glob("test_balanced_*.webp"))])
    pool = _flat_pool("cifar10-sprites", train, _labels_of(meta, "train", len(train)))
    held = _flat_pool("cifar10-sprites/test", test, _labels_of(meta, "test", len(test)))
    pool = pool.split(0.125, seed)
    assert pool.validation is not None
    return Splits(pool, pool.validation, held)


def data_folder(folder: Path | str | None, member: str) -> Path:
    """The folder that holds `member`: the argument, or the one that SUBSEL_DATA names.

    Raises:
        MissingData: neither holds it.
    """
    tried = [str(place) for place in (folder, os.environ.get("SUBSEL_DATA")) if place]
    for place in tried:
        if (Path(place) / member).exists():
            return Path(place)
    raise MissingData(
        f"{member} was not found in {', '.join(tried) or 'any folder'}; "
        "set SUBSEL_DATA to the folder that holds it"
    )


def _flat_pool(name: str, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64]) -> Pool:
    flat = images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
    return Pool(name, flat, labels, ArrayImages(images), classes=10, class_names=CIFAR_NAMES)


def _labels_of(meta: dict[str, object], part: str, n: int) -> npt.NDArray[np.int64]:
    for key, value in meta.items():
        if key.startswith(part) and isinstance(value, list) and len(value) == n:
            return np.asarray(value, np.int64)
    raise DamagedArtefact(f"labels.json lists no {n} labels for {part!r}; keys: {', '.join(meta)}")


def _sprite(path: Path) -> npt.NDArray[np.uint8]:
    """40 x 25 tiles of 32 x 32 pixels, row by row."""
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingData("reading sprites needs Pillow: pip install pillow") from error
    sheet = np.asarray(Image.open(path).convert("RGB"))
    rows, columns = sheet.shape[0] // 32, sheet.shape[1] // 32
    tiles = sheet.reshape(rows, 32, columns, 32, 3).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(-1, 32, 32, 3))
