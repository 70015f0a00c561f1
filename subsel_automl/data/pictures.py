"""Image files as one array of uint8: RGB, or grey when all of them are.

Grey files of 16 or 32 bits or of real numbers (modes I;16, I and F: PNG, TIFF) are scaled together
by `pixels.as_pixels`; Pillow's own conversion to 8 bits would clip them to white.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import DamagedArtefact, MissingData, PoolError
from .pixels import as_pixels

GREY = ("L", "1")


def deep(mode: str) -> bool:
    """Pillow's grey modes of more than 8 bits a pixel: I;16 and its byte orders, I, F."""
    return mode[0] in "IF"


def read_pictures(
    files: Sequence[Path], size: tuple[int, int] | None, name: str
) -> npt.NDArray[np.uint8]:
    """Pixels of all files, uint8 [n, h, w] or [n, h, w, 3].

    Args:
        size: (height, width) that every image is resized to; None wants them all equal.
        name: of the pool, for messages.

    Raises:
        MissingData: Pillow is not installed.
        PoolError: images of several sizes, or NaN in them.
        DamagedArtefact: a file that is no whole image.
    """
    sizes, modes = zip(*(_header(file) for file in files), strict=True)
    odd = next((i for i, each in enumerate(sizes) if each != sizes[0]), None)
    if size is None and odd is not None:
        raise PoolError(
            f"{files[0]} is {_by(sizes[0])} pixels and {files[odd]} is {_by(sizes[odd])}; "
            "give size=(height, width) to resize them all"
        )
    grey = all(mode in GREY or deep(mode) for mode in modes)
    read: list[npt.NDArray[Any]] = [
        _pixels(file, None if deep(mode) else "L" if grey else "RGB", size)
        for file, mode in zip(files, modes, strict=True)
    ]
    wide = [i for i, mode in enumerate(modes) if deep(mode)]
    if wide:
        scaled = as_pixels(np.stack([read[i] for i in wide]), name)
        for i, image in zip(wide, scaled, strict=True):
            read[i] = image if grey else np.repeat(image[..., None], 3, axis=2)
    return np.stack(read)


def _pillow() -> Any:
    try:
        from PIL import Image as pillow
    except ImportError as error:
        raise MissingData("reading image files needs Pillow: pip install pillow") from error
    return pillow


def _header(file: Path) -> tuple[tuple[int, int], str]:
    """(height, width) and mode, without reading the pixels."""
    try:
        with _pillow().open(file) as image:
            return (image.height, image.width), image.mode
    except OSError as error:
        raise DamagedArtefact(f"{file} is no image: {error}") from error


def _pixels(file: Path, mode: str | None, size: tuple[int, int] | None) -> npt.NDArray[Any]:
    """The file's own numbers if `mode` is None, else uint8 in that mode."""
    pillow = _pillow()
    try:
        with pillow.open(file) as image:
            if mode is not None:
                image = image.convert(mode)
            elif size is not None and image.mode != "F":  # resized as real numbers, all exact
                kind = np.asarray(image).dtype.newbyteorder("=")
                whole = pillow.fromarray(np.asarray(image, np.float32))
                return np.rint(np.asarray(_resized(whole, size))).astype(kind)
            return np.asarray(_resized(image, size))
    except (OSError, pillow.DecompressionBombError) as error:
        raise DamagedArtefact(f"{file} is no whole image: {error}") from error


def _resized(image: Any, size: tuple[int, int] | None) -> Any:
    if size is None:
        return image
    return image.resize((size[1], size[0]), _pillow().Resampling.BILINEAR)


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
