"""What a zoo keeps of the networks' inside, when asked: penultimate features of some examples.

    zoo/kept.safetensors                        rows of the validation pool, their images and labels
    zoo/networks/<key>-s<seed>.safetensors      features [n, d], dense weight [c, d] and bias [c]

Both are float32 or the pool's own numbers, whole or not there, and checked by sha256 on reading.
Features are computed without bf16, so that the logits follow from them.

Deviations: none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ..core.errors import BadInput, DamagedArtefact, MissingNeed
from ..core.files import write_atomic
from ..core.last_layer import LastLayer
from ..core.pool import Pool

FILE = "kept.safetensors"
ROWS_SEED = 0xFEA7


@dataclass(frozen=True, eq=False)
class KeptExamples:
    """The examples whose features a zoo keeps.

    Attributes:
        rows: [n], of the validation pool.
        labels: [n].
        images: [n, h, w, c], as the pool has them.
    """

    rows: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    images: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.rows)


def examples_to_keep(pool: Pool, count: int) -> KeptExamples:
    """The same `count` examples of the validation pool always, drawn.

    Raises:
        BadInput: more than there are, or fewer than one; no images or labels.
    """
    held = pool.validation
    if held is None or held.images is None or held.labels is None:
        raise BadInput(
            f"features are kept of validation images with labels; pool {pool.name!r} has none "
            "(Pool.split(validation=0.1) makes them)"
        )
    if not 1 <= count <= len(held):
        raise BadInput(f"features of {count} of {len(held)} validation images; give 1..{len(held)}")
    rows = np.sort(np.random.default_rng(ROWS_SEED).permutation(len(held))[:count])
    return KeptExamples(
        rows, np.asarray(held.labels)[rows].astype(np.int64), held.images.batch(rows)
    )


def write_kept(folder: Path, kept: KeptExamples) -> dict[str, Any]:
    """Write them; what the manifest says of them comes back."""
    raw = save({name: np.ascontiguousarray(value) for name, value in asdict(kept).items()})
    write_atomic(folder / FILE, raw)
    return {"examples": len(kept), "sha256": _digest(raw)}


def read_kept(folder: Path, manifest: Mapping[str, Any]) -> KeptExamples:
    """Raises:
    MissingNeed: the zoo was built without features.
    DamagedArtefact: the file is missing or changed.
    """
    if "kept" not in manifest:
        raise MissingNeed(
            f"zoo {folder} keeps no features; build one with --keep-features N (the networks' "
            "weights are gone, so those of this zoo cannot be had any more)"
        )
    return KeptExamples(**_read(folder / FILE, manifest["kept"]["sha256"]))


def write_layer(stem: Path, layer: LastLayer) -> str:
    """Write a network's features; their sha256."""
    raw = save({name: np.ascontiguousarray(value) for name, value in asdict(layer).items()})
    write_atomic(stem.with_suffix(".safetensors"), raw)
    return _digest(raw)


def read_layer(stem: Path, record: Mapping[str, Any]) -> LastLayer:
    """Raises:
    MissingNeed: the network was trained without keeping features.
    DamagedArtefact: the file is missing or changed.
    """
    if "features_sha256" not in record:
        raise MissingNeed(
            f"network {stem.name} keeps no features; build a zoo with --keep-features N"
        )
    return LastLayer(**_read(stem.with_suffix(".safetensors"), record["features_sha256"]))


def _read(path: Path, expected: str) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DamagedArtefact(f"{path} cannot be read ({error}); build again") from error
    if _digest(raw) != expected:
        raise DamagedArtefact(
            f"{path} has sha256 {_digest(raw)[:16]}..., recorded is {expected[:16]}...; delete it, "
            "with the record of its name if there is one, and build again"
        )
    try:
        return dict(load(raw))
    except SafetensorError as error:
        raise DamagedArtefact(f"{path} holds no arrays: {error}") from error


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
