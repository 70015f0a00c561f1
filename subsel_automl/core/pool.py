"""The pool D as a provider sees it: index i means the same example everywhere.

A pool's fingerprint is a hash of its features, labels and images; every subset, zoo and bundle
records it, and refuses to be used with another pool.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .errors import PoolError
from .examples import Place
from .features import checked_features
from .from_dataset import read
from .task import MULTI_LABEL, truth_of


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
        labels: [n] whole numbers from 0: classes. Real numbers [n] or [n, k] are regression
            targets, [n, c] of zeros and ones several labels an example, [n] of 0.0 and 1.0 two
            classes (`core/task.py`); None: nothing is known of the examples.
        images: what a trainer reads; None when the features are all there is.
        validation: a held-out pool, or None.
        classes: number of classes; by default the largest label plus one. Of several labels an
            example, how many; 0 in regression.
        task: "classification", "multi-label" or "regression", where the labels do not say.

    Attributes:
        task: one of them; "" without labels.
        labels: [n] of classification, None in the other tasks.
        targets: [n, k] of the other tasks.

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
    task: str = ""
    targets: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        features = checked_features(self.name, self.features)
        n = len(features)
        given = self.labels if self.targets is None else self.targets
        truth = truth_of(self.name, given, n, self.task)
        labels = truth.labels
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
        object.__setattr__(self, "task", truth.task)
        object.__setattr__(self, "targets", truth.targets)
        if truth.task == MULTI_LABEL and truth.targets is not None:
            least = truth.targets.shape[1]
        object.__setattr__(self, "classes", self.classes or least)
        if not self.fingerprint:
            known = labels if truth.targets is None else truth.targets
            object.__setattr__(self, "fingerprint", _fingerprint(features, known, self.images))

    def __len__(self) -> int:
        return len(self.features)

    @property
    def outputs(self) -> int:
        """Numbers that a network answers with: a logit a class or label, or the predicted values.
        Of two classes one logit will do."""
        if self.targets is not None:
            return int(self.targets.shape[1])
        return self.classes

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """[n]: the classes where there are any, else one group of all: for even draws."""
        return np.zeros(len(self), np.int64) if self.labels is None else self.labels

    def __deepcopy__(self, memo: dict[int, Any]) -> Pool:
        """Itself: a pool does not change."""
        return self

    @classmethod
    def from_dataset(
        cls,
        dataset: Any,
        *,
        name: str = "",
        labels: npt.ArrayLike | None = None,
        features: npt.ArrayLike | Callable[[Any], Any] | None = None,
        label: Place = None,
        inputs: Place = None,
        validation: Any = None,
        class_names: Sequence[str] = (),
        task: str = "",
    ) -> Pool:
        """A pool of a map-style Dataset, in its own order: row i is `dataset[i]`.

        Any torch or torchvision Dataset, `Subset` or part of a `random_split`, a Hugging Face
        dataset, a list of pairs. Every example is read once; random transforms draw what they draw,
        and the global random states are put back. Images are not kept: a loader is given the
        Dataset itself (providers that need images want `Pool(images=...)`).

        Args:
            name: by default the Dataset's type.
            labels: [n] whole numbers from 0, or names; they win over the Dataset's own. By default
                found in the items: a pair's second part, or "label", "labels", "target" or "y" in a
                dict or named tuple. Names become numbers in sorted order (`class_names`); whole
                numbers stay as they are.
            features: [n, d], or a function of a batch of inputs (tensors and arrays of one shape
                stacked, else a list) that gives [b, d]. By default the items' own numbers, uint8
                divided by 255: up to 512 a row as they are, more as 64 principal components, folded
                to 4,096 before when there are more than that (`core/default_features.py`).
            label: its place in an item, where it is not found: a key or a number.
            inputs: the place of what features are made of; by default the only other part, or the
                first of a tuple.
            validation: a held-out Dataset of the same kind, or a Pool; see `Pool.split` to cut one.
            class_names: in the order of the labels; by default what the Dataset says.
            task: as in Pool, where the labels do not say.

        Raises:
            PoolError: no map-style Dataset; inputs that are no arrays of one shape, labels that are
                no classes, lengths that do not fit.
            BadInput: a label or an input that is not found; the message says how to tell it.
        """
        read_like = partial(read, features=features, label=label, inputs=inputs, task=task)
        got = read_like(dataset, name=name, labels=labels, class_names=class_names)
        held = validation
        if validation is not None and not isinstance(validation, Pool):
            if features is not None and not callable(features):
                raise PoolError(
                    f"pool {got.name!r} has features of its own and its validation Dataset none; "
                    "give validation=Pool(...), or features= as a function of a batch of inputs"
                )
            title = f"{got.name}/validation"
            other = read_like(validation, name=title, like=got)
            held = cls(
                title, other.features, other.labels, None, None, other.classes, other.class_names,
                task=got.task,
            )  # fmt: skip
        if held is not None and held.features.shape[1] != got.features.shape[1]:
            raise PoolError(
                f"validation examples have {held.features.shape[1]} features, pool {got.name!r} "
                f"{got.features.shape[1]}; give both the same"
            )
        return cls(
            got.name, got.features, got.labels, None, held, got.classes, got.class_names,
            task=got.task,
        )  # fmt: skip

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
        return replace(rest, validation=out)

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
            task=self.task,
            targets=None if self.targets is None else self.targets[indices],
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


def _fingerprint(
    features: npt.NDArray[np.float32],
    labels: npt.NDArray[Any] | None,
    images: ImageSource | None,
) -> str:
    digest = hashlib.sha256(repr(features.shape).encode())
    digest.update(features.data)
    digest.update(b"" if labels is None else labels.data)
    digest.update(b"" if images is None else images.fingerprint().encode())
    return digest.hexdigest()
