"""The reader's own data as pools, split 70:10:20 by seed: arrays, an npz file, a folder of images a
class, any map-style torch Dataset.

Nothing is guessed: what does not fit is refused with what came, what is allowed and what to do, and
what is scaled (`pixels.py`) or renumbered (labels with gaps, names) is said in a warning.
"""

from __future__ import annotations

import operator
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..core.classes import numbered
from ..core.errors import BadInput, DamagedArtefact, MissingData, PoolError
from ..core.pool import Pool
from .images import Splits, split_pool, splits_from_arrays
from .pictures import deep, read_pictures
from .pixels import as_pixels

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
KEYS = ("images", "features", "labels", "class_names")


class MapDataset(Protocol):
    """What a torch Dataset of (image, label) looks like."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Any: ...


def from_arrays(
    labels: npt.ArrayLike,
    *,
    images: npt.NDArray[Any] | None = None,
    features: npt.NDArray[np.floating] | None = None,
    name: str = "arrays",
    seed: int = 0,
    class_names: Sequence[str] = (),
) -> Splits:
    """Pools from arrays in memory.

    Args:
        labels: [n] whole numbers from 0, or names. Names, and numbers that leave gaps or begin
            above 0, are renumbered in sorted order; `class_names` then holds the original values.
        images: [n, h, w] or [n, h, w, c], best uint8; other numbers are scaled by `as_pixels`. May
            be None when there are features.
        features: [n, d]; by default the pixels / 255.
        class_names: in the order of the labels; labels that have one each are not renumbered.

    Raises:
        BadInput: neither images nor features.
        PoolError: shapes, types or values that do not fit.
    """
    if images is None and features is None:
        raise BadInput(f"pool {name!r} got neither images nor features; give at least one")
    labels, class_names = _numbered(np.asarray(labels), class_names, name)
    if images is None:
        whole = Pool(name, np.asarray(features), labels, class_names=class_names)
        return split_pool(whole, seed)
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[3] > 4:
        raise PoolError(
            f"images of pool {name!r} have shape {images.shape}; give channels last, "
            "[n, h, w, c] with at most 4 channels (images.transpose(0, 2, 3, 1))"
        )
    given = None if features is None else np.asarray(features)
    return splits_from_arrays(
        name,
        as_pixels(images, name),
        labels,
        seed=seed,
        class_names=class_names,
        features=given,
    )


def _numbered(
    labels: npt.NDArray[Any], names: Sequence[str], name: str
) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    found, known = numbered(labels, names)
    if found is not labels and labels.dtype.kind != "U":
        values = ", ".join(str(value) for value in np.unique(labels)[:6].tolist())
        warnings.warn(
            f"labels of pool {name!r} are {values}{', ...' if len(known) > 6 else ''}; they become "
            f"0..{len(known) - 1} in that order, and class_names keeps the values",
            stacklevel=3,
        )
    return found, known


def from_npz(path: Path | str, *, name: str | None = None, seed: int = 0) -> Splits:
    """Pools from an npz file with `labels` [n] or [n, 1], and `images` or `features` or both;
    `class_names` if there are any. Pickled objects are never loaded. Labels and images that are no
    0..k-1 and no uint8 are made so, with a warning; see `from_arrays`.

    Raises:
        MissingData: no such file.
        DamagedArtefact: the file is cut or changed.
        BadInput: no npz, keys that are missing or unknown, or arrays of objects.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingData(f"there is no file {path}; give the path of an npz file")
    arrays = _read_npz(path)
    unknown = sorted(set(arrays) - set(KEYS))
    if unknown or "labels" not in arrays:
        raise BadInput(
            f"{path} holds {', '.join(sorted(arrays)) or 'nothing'}; give labels, and images or "
            f"features (optional: class_names){'; drop ' + ', '.join(unknown) if unknown else ''}"
        )
    return from_arrays(
        _flat(arrays["labels"]),
        images=arrays.get("images"),
        features=arrays.get("features"),
        name=name or path.stem,
        seed=seed,
        class_names=[str(label) for label in arrays.get("class_names", [])],
    )


def _flat(labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """[n] from [n, 1], as some archives hold them."""
    return labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels


def _read_npz(path: Path) -> dict[str, npt.NDArray[Any]]:
    if not zipfile.is_zipfile(path):
        raise BadInput(f"{path} is no npz file; write one with numpy.savez(path, images=, labels=)")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise DamagedArtefact(f"{path} is cut or changed: {error}") from error
    except ValueError as error:
        raise BadInput(
            f"{path} holds an array that is not plain numbers ({error}); save images as uint8, "
            "features as float32, labels as int64"
        ) from error


def from_folder(
    path: Path | str,
    *,
    size: tuple[int, int] | None = None,
    name: str | None = None,
    seed: int = 0,
) -> Splits:
    """Pools from a folder with one folder of images a class, classes in the order of their names.

    Images are RGB, or grey when all of them are; more than 8 bits a pixel are scaled to 8 with
    their range kept, by one rule for all files, with a warning.

    Args:
        size: (height, width) that every image is resized to; None wants them all equal.

    Raises:
        MissingData: no such folder, or Pillow is not installed.
        PoolError: no images, a class without any, or images of several sizes.
        DamagedArtefact: a file that is no whole image.
    """
    path = Path(path)
    files, labels, names = _listed(path)
    images = read_pictures(files, size, name or path.name)
    return from_arrays(labels, images=images, name=name or path.name, seed=seed, class_names=names)


def _listed(path: Path) -> tuple[list[Path], npt.NDArray[np.int64], list[str]]:
    if not path.is_dir():
        raise MissingData(f"there is no folder {path}; give a folder with one folder a class")
    classes = sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not classes:
        raise PoolError(f"{path} holds no folder; put the images of each class into one of its own")
    files: list[Path] = []
    labels: list[int] = []
    for label, folder in enumerate(classes):
        found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
        if not found:
            raise PoolError(f"{folder} holds no image ({', '.join(SUFFIXES)}); fill or drop it")
        files += found
        labels += [label] * len(found)
    return files, np.array(labels, np.int64), [folder.name for folder in classes]


def from_torch_dataset(
    dataset: MapDataset, *, name: str | None = None, seed: int = 0, class_names: Sequence[str] = ()
) -> Splits:
    """Pools from any map-style Dataset of (image, label); it is read once, from first to last.

    An image is a PIL image, an array [h, w] or [h, w, c], or a tensor [c, h, w]: uint8, or real
    numbers in [0, 1] (stored as uint8, rounded), or whole numbers beyond 255 (scaled for the whole
    Dataset by `as_pixels`, with a warning). A vector [d] is taken as features.

    Raises:
        BadInput: no map-style Dataset, or items that are not (image, label).
        PoolError: images of several shapes, or normalised ones.
    """
    if not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
        raise BadInput(
            f"{type(dataset).__name__} is no map-style Dataset (it lacks len() or []); "
            "collect an iterable one into arrays and use from_arrays"
        )
    inputs: list[npt.NDArray[Any]] = []
    labels: list[int] = []
    for i in range(len(dataset)):
        item = dataset[i]
        if not (isinstance(item, (tuple, list)) and len(item) == 2):
            raise BadInput(f"item {i} of the Dataset is {type(item).__name__}; give (image, label)")
        inputs.append(_as_input(item[0], i))
        labels.append(_as_label(item[1], i))
        if inputs[-1].shape != inputs[0].shape:
            raise PoolError(
                f"item {i} of the Dataset has shape {inputs[-1].shape}, item 0 {inputs[0].shape}; "
                "resize them to one shape"
            )
    if not inputs:
        raise PoolError("the Dataset is empty; give at least 10 examples")
    kind = "features" if inputs[0].ndim == 1 else "images"
    names = tuple(class_names) or tuple(str(c) for c in getattr(dataset, "classes", ()))
    title = name or type(dataset).__name__.lower()
    stacked: Any = np.stack(inputs)
    return from_arrays(
        np.array(labels), name=title, seed=seed, class_names=names, **{kind: stacked}
    )


def _as_label(value: Any, i: int) -> int:
    try:
        return operator.index(value)
    except TypeError as error:
        raise BadInput(
            f"the label of item {i} of the Dataset is {value!r}; give a whole number from 0"
        ) from error


def _as_input(value: Any, i: int) -> npt.NDArray[Any]:
    """[h, w, c] of an image, uint8 or whole numbers beyond, or float32 [d] of a vector."""
    if hasattr(value, "convert"):  # PIL; a palette's numbers are no colours
        value = value if value.mode == "L" or deep(value.mode) else value.convert("RGB")
    tensor = hasattr(value, "detach")
    array = np.asarray(value.detach().cpu() if tensor else value)
    if array.ndim == 1:
        return array.astype(np.float32)
    if array.ndim == 2:
        array = array[..., None]
    elif tensor and array.ndim == 3:
        array = array.transpose(1, 2, 0)
    if array.ndim != 3:
        raise PoolError(
            f"item {i} of the Dataset has shape {array.shape}; give one image or vector"
        )
    if array.dtype.kind in "iu":
        return array
    if not (array.dtype.kind == "f" and array.min() >= 0 and array.max() <= 1):
        raise PoolError(
            f"item {i} of the Dataset is {array.dtype} in {array.min():.4g}..{array.max():.4g}; "
            "give uint8, or real numbers in [0, 1] (before any normalisation)"
        )
    return np.rint(array * 255).astype(np.uint8)
