"""Fashion-MNIST (Xiao et al. 2017): 60,000 images of 28 x 28 pixels, 10 classes.

Looked for in the folder that `SUBSEL_DATA` names, in the Debian package dataset-fashion-mnist, in
the cache, and then downloaded over HTTPS. Whatever the source, the content is checked by sha256.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..core.errors import DamagedArtefact, MissingData
from .images import Splits, splits_from_arrays

DEBIAN = Path("/") / "usr" / "share" / "datasets" / "fashion-mnist"
URL = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"
SHA256 = {  # of the decompressed files
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
}
FASHION_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def fashion_mnist(seed: int = 0, folder: Path | str | None = None) -> Splits:
    """Fashion-MNIST's 60,000 images, split 70:10:20 (SubSelNet D.1 and 5.1).

    Raises:
        MissingData: no folder holds the files and they cannot be downloaded.
    """
    images = _read_idx("train-images-idx3-ubyte", folder)
    labels = _read_idx("train-labels-idx1-ubyte", folder)
    return splits_from_arrays(
        "fashion-mnist", images, labels.astype(np.int64), seed=seed, class_names=FASHION_NAMES
    )


def cache_folder() -> Path:
    """Where downloads are kept: SUBSEL_CACHE, or the user's cache folder."""
    base = os.environ.get("SUBSEL_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return Path(base or Path.home() / ".cache") / "subsel_automl"


def _read_idx(name: str, folder: Path | str | None) -> npt.NDArray[np.uint8]:
    path = _find(name, folder) or _download(name)
    try:
        raw = gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as error:
        raise DamagedArtefact(f"{path} is not a whole gzip file: {error}") from error
    _check(name, raw, str(path))
    dimensions = raw[3]
    shape = np.frombuffer(raw, ">u4", dimensions, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def _find(name: str, folder: Path | str | None) -> Path | None:
    roots = [Path(p) for p in (folder, os.environ.get("SUBSEL_DATA")) if p]
    for root in [*roots, DEBIAN, cache_folder()]:
        for path in (root / f"{name}.gz", root / "fashion-mnist" / f"{name}.gz"):
            if path.exists():
                return path
    return None


def _check(name: str, raw: bytes, where: str) -> None:
    found = hashlib.sha256(raw).hexdigest()
    if found != SHA256[name]:
        raise DamagedArtefact(f"{where} has sha256 {found}, not {SHA256[name]}; fetch it again")


def _download(name: str) -> Path:
    target = cache_folder() / f"{name}.gz"
    try:
        with urllib.request.urlopen(f"{URL}{name}.gz", timeout=60) as reply:
            packed = reply.read()
    except (urllib.error.URLError, OSError) as error:
        raise MissingData(
            f"Fashion-MNIST is not on this machine and {URL} did not answer ({error}); "
            "install the Debian package dataset-fashion-mnist, or set SUBSEL_DATA to a folder "
            f"that holds {name}.gz"
        ) from error
    _check(name, gzip.decompress(packed), URL)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_bytes(packed)
    os.replace(part, target)
    return target
