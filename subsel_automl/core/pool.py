"""The pool D as a provider sees it: index i means the same example everywhere.

A pool's fingerprint is a hash of its features, labels and images; every subset, zoo and bundle
records it, and refuses to be used with another pool.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .errors import PoolError
from .features import checked_features


class ImageSource(Protocol):
    """Images by index, as the trainer reads them."""

    def __len__(self) -> int: ...

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        ...

    def batch(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """uint8 [b, h, w, c]."""
        ...

    def fingerprint(self) -> str:
        """Hash of the content."""
        ...


@dataclass(frozen=True, eq=False)
class Pool:
    """Examples to choose from.

    Args:
        name: shown in messages and reports.
        features: [n, d] finite numbers whose squares float32 can add up; float32 is kept as it is,
            other types are converted.
        labels: [n] whole numbers from 0, or None.
        images: what a trainer reads; None when the features are all there is.
        validation: a held-out pool, or None.
        classes: number of classes; by default the largest label plus one.

    Raises:
        PoolError: wrong shapes, NaN or infinity, squares that overflow, labels out of range.
    """

    name: str
    features: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64] | None = None
    images: ImageSource | None = None
    validation: Pool | None = None
    classes: int = 0
    class_names: tuple[str, ...] = ()
    fingerprint: str = field(default="")

    def __post_init__(self) -> None:
        features = checked_features(self.name, self.features)
        n = len(features)
        labels = None if self.labels is None else _labels(self.name, self.labels, n)
        least = 0 if labels is None else int(labels.max()) + 1
        if self.classes and self.classes < least:
            raise PoolError(
                f"labels of pool {self.name!r} reach {least - 1} but classes is {self.classes}; "
                f"labels must be in 0..{self.classes - 1}"
            )
        if self.images is not None and len(self.images) != n:
            raise PoolError(
                f"pool {self.name!r} has {n} feature rows but {len(self.images)} images; "
                "give one image a row"
            )
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "classes", self.classes or least)
        if not self.fingerprint:
            object.__setattr__(self, "fingerprint", _fingerprint(features, labels, self.images))

    def __len__(self) -> int:
        return len(self.features)

    def split(self, validation: float, seed: int = 0) -> Pool:
        """The same pool with a share held out as its validation pool.

        Raises:
            PoolError: a share that leaves either side empty.
        """
        held = round(len(self) * validation) if 0 < validation < 1 else 0
        if not 0 < held < len(self):
            raise PoolError(
                f"validation={validation!r} of {len(self)} examples leaves a side empty; "
                "give a fraction between 0 and 1"
            )
        order = np.random.default_rng(seed).permutation(len(self))
        rest = self.take(np.sort(order[held:]), self.name)
        out = self.take(np.sort(order[:held]), f"{self.name}/validation")
        return Pool(
            rest.name, rest.features, rest.labels, rest.images, out, self.classes, self.class_names
        )

    def take(self, indices: npt.NDArray[np.int64], name: str) -> Pool:
        """A pool of these rows only."""
        images: Any = None
        if self.images is not None:
            images = ArrayImages(self.images.batch(np.asarray(indices, np.int64)))
        return Pool(
            name,
            self.features[indices],
            None if self.labels is None else self.labels[indices],
            images,
            None,
            self.classes,
            self.class_names,
        )


class ArrayImages:
    """Images in memory or in a memory map: uint8 [n, h, w, c]."""

    def __init__(self, array: npt.NDArray[np.uint8]) -> None:
        array = np.asarray(array)
        if array.dtype != np.uint8 or array.ndim not in (3, 4):
            raise PoolError(
                f"images are {array.dtype} of shape {array.shape}; "
                "give uint8 [n, h, w] or [n, h, w, c]"
            )
        self.array = array if array.ndim == 4 else array[..., None]

    def __len__(self) -> int:
        return len(self.array)

    @property
    def shape(self) -> tuple[int, int, int]:
        height, width, channels = self.array.shape[1:]
        return int(height), int(width), int(channels)

    def batch(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        return self.array[indices]

    def fingerprint(self) -> str:
        return hashlib.sha256(np.ascontiguousarray(self.array).data).hexdigest()


def _labels(name: str, value: npt.ArrayLike, n: int) -> npt.NDArray[np.int64]:
    labels = np.asarray(value)
    if labels.shape != (n,) or labels.dtype.kind not in "iu":
        raise PoolError(
            f"labels of pool {name!r} are {labels.dtype} of shape {labels.shape}; "
            f"give {n} whole numbers, one a row of features"
        )
    if int(labels.min()) < 0:
        raise PoolError(
            f"labels of pool {name!r} go down to {int(labels.min())}; classes count from 0"
        )
    return labels.astype(np.int64)


def _fingerprint(
    features: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64] | None,
    images: ImageSource | None,
) -> str:
    digest = hashlib.sha256(repr(features.shape).encode())
    digest.update(features.data)
    digest.update(b"" if labels is None else labels.data)
    digest.update(b"" if images is None else images.fingerprint().encode())
    return digest.hexdigest()
