"""A zoo on disk: one folder, one file of predictions and one JSON record a network.

Every file is written to a temporary name, synced and renamed, so that a killed builder leaves
whole files only; every record carries the sha256 of its predictions, checked on reading.

    zoo/manifest.json             pool name and fingerprint, classes, settings
    zoo/networks/<key>-s<seed>.npy    fp16 log-probabilities [n, c]
    zoo/networks/<key>-s<seed>.json   architecture, accuracy, curve, seconds, CPU seconds, sha256

What it keeps of the networks' inside, if asked, is in `kept.py`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.errors import BadInput, DamagedArtefact, RefusedArtefact
from ..core.files import read_json, write_atomic, write_json
from ..core.last_layer import LastLayer
from ..core.pool import Pool
from ..core.zoo import LearningCurve
from .kept import FILE as KEPT_FILE
from .kept import KeptExamples, read_kept, read_layer, write_kept, write_layer

FORMAT = "subsel-zoo-1"


def network_name(architecture: Architecture, seed: int) -> str:
    """File stem of one trained network."""
    return f"{architecture.key}-s{seed}"


class DiskZoo:
    """Reads a zoo; `save_network` writes it.

    Args:
        folder: where the manifest stands.
        pool: when given, the zoo must be about this very pool.
        only: network names to keep (by default all that are finished).

    Raises:
        RefusedArtefact: the zoo is about another pool; both fingerprints are named.
        DamagedArtefact: manifest or record cannot be read.
    """

    def __init__(
        self, folder: Path | str, pool: Pool | None = None, only: Sequence[str] | None = None
    ) -> None:
        self.folder = Path(folder)
        self.manifest = read_manifest(self.folder)
        if pool is not None:
            require_pool(self.manifest, pool, self.folder)
        names = sorted(path.stem for path in (self.folder / "networks").glob("*.json"))
        if only is not None:
            absent = sorted(set(only) - set(names))
            if absent:
                raise BadInput(f"zoo {self.folder} holds no finished network {absent[0]!r}")
            names = list(only)
        self.names = names
        self.records = {name: self._record(name) for name in names}
        self._by_key: dict[str, str] = {}
        for name in names:
            self._by_key.setdefault(self.records[name]["key"], name)

    @property
    def pool_fingerprint(self) -> str:
        return str(self.manifest["pool_fingerprint"])

    @property
    def architectures(self) -> list[Architecture]:
        return [self._architecture(name) for name in self._by_key.values()]

    def predictions(self, key: str) -> npt.NDArray[np.float16]:
        return self.read(self._name(key))

    def read(self, name: str) -> npt.NDArray[np.float16]:
        """Predictions of one network file, checked against its sha256."""
        return _read_predictions(self.folder, name, self.records[name])

    def kept_examples(self) -> KeptExamples:
        """The images whose features the networks keep.

        Raises:
            MissingNeed: the zoo was built without. DamagedArtefact: the file is changed.
        """
        return read_kept(self.folder, self.manifest)

    def last_layer(self, key: str) -> LastLayer:
        """What the network's last layer reads of those images; errors likewise."""
        return self._layer(self._name(key))

    def _layer(self, name: str) -> LastLayer:
        return read_layer(self.folder / "networks" / name, self.records[name])

    def curve(self, key: str) -> LearningCurve:
        record = self.records[self._name(key)]
        values = {name: tuple(curve) for name, curve in record["curve"].items()}
        return LearningCurve(values, tuple(record["epoch_seconds"]))

    def seconds(self, key: str) -> float:
        return float(self.records[self._name(key)]["seconds"])

    def accuracy(self, key: str) -> float:
        return float(self.records[self._name(key)]["validation_accuracy"])

    def verify(self) -> list[str]:
        """Names whose predictions or features are damaged or missing (all are read); that of the
        kept images' file too."""
        bad = []
        if "kept" in self.manifest:
            try:
                self.kept_examples()
            except DamagedArtefact:
                bad.append(KEPT_FILE)
        for name in self.names:
            try:
                self.read(name)
                if "features_sha256" in self.records[name]:
                    self._layer(name)
            except DamagedArtefact:
                bad.append(name)
        return bad

    def _record(self, name: str) -> dict[str, Any]:
        return _read_checked(self.folder, name)

    def _architecture(self, name: str) -> Architecture:
        spec = self.records[name]["architecture"]
        edges = tuple((int(u), int(v)) for u, v in spec["edges"])
        return Architecture(spec["space"], tuple(spec["ops"]), edges)

    def _name(self, key: str) -> str:
        if key not in self._by_key:
            raise BadInput(f"the zoo has no network of architecture {key!r}; it has {len(self)}")
        return self._by_key[key]

    def __len__(self) -> int:
        return len(self._by_key)


def create(
    folder: Path, pool: Pool, settings: Mapping[str, Any], kept: KeptExamples | None = None
) -> dict[str, Any]:
    """Write the manifest, or check that the one there is about the same pool and settings."""
    (folder / "networks").mkdir(parents=True, exist_ok=True)
    manifest = {
        "format": FORMAT,
        "pool": pool.name,
        "pool_fingerprint": pool.fingerprint,
        "examples": len(pool),
        "classes": pool.classes,
        "settings": dict(settings),
    }
    if (folder / "manifest.json").exists():
        found = read_manifest(folder)
        require_pool(found, pool, folder)
        if found["settings"] != json.loads(json.dumps(manifest["settings"])):
            raise RefusedArtefact(
                f"zoo {folder} was begun with settings {found['settings']}, now asked for "
                f"{manifest['settings']}; use the same settings or another folder"
            )
        if kept is not None and not (folder / KEPT_FILE).exists():
            write_kept(folder, kept)  # it was damaged, and deleted
        return found
    if kept is not None:
        manifest["kept"] = write_kept(folder, kept)
    write_json(folder / "manifest.json", manifest)
    return manifest


def save_network(
    folder: Path,
    architecture: Architecture,
    seed: int,
    predictions: npt.NDArray[np.floating],
    record: Mapping[str, Any],
    *,
    exact: bool = False,
    layer: LastLayer | None = None,
) -> None:
    """Predictions and features first, record last: a network without a record is not there.
    Predictions are written in fp16, unless `exact`."""
    buffer = io.BytesIO()
    np.save(buffer, predictions if exact else predictions.astype(np.float16), allow_pickle=False)
    raw = buffer.getvalue()
    stem = folder / "networks" / network_name(architecture, seed)
    write_atomic(stem.with_suffix(".npy"), raw)
    inside = {} if layer is None else {"features_sha256": write_layer(stem, layer)}
    spec = {"space": architecture.space, "ops": architecture.ops, "edges": architecture.edges}
    whole = {
        **record,
        **inside,
        "key": architecture.key,
        "seed": seed,
        "architecture": spec,
        "sha256": hashlib.sha256(raw).hexdigest(),
    }
    write_json(stem.with_suffix(".json"), {**whole, "record_sha256": _record_digest(whole)})


def read_record(folder: Path, name: str) -> tuple[dict[str, Any], npt.NDArray[Any]]:
    """Record and predictions of one network, both checked.

    Raises:
        DamagedArtefact: either is missing, incomplete or changed.
    """
    record = _read_checked(folder, name)
    return record, _read_predictions(folder, name, record)


def _read_checked(folder: Path, name: str) -> dict[str, Any]:
    record = read_json(folder / "networks" / f"{name}.json")
    absent = {"key", "sha256", "architecture", "seconds"} - set(record)
    if absent:
        raise DamagedArtefact(f"record {name}.json lacks {', '.join(sorted(absent))}")
    expected = record.pop("record_sha256", None)  # records of the first version have none
    if expected not in (None, _record_digest(record)):
        raise DamagedArtefact(f"record {name}.json does not match its own sha256; delete it")
    return record


def _read_predictions(
    folder: Path, name: str, record: Mapping[str, Any]
) -> npt.NDArray[np.float16]:
    path = folder / "networks" / f"{name}.npy"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DamagedArtefact(f"{path} cannot be read ({error}); rebuild this network") from error
    found = hashlib.sha256(raw).hexdigest()
    if found != record["sha256"]:
        raise DamagedArtefact(
            f"{path} has sha256 {found[:16]}..., its record says {record['sha256'][:16]}...; "
            "delete both files and build again"
        )
    return np.asarray(np.load(io.BytesIO(raw), allow_pickle=False))


def _record_digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def finished(folder: Path, name: str) -> bool:
    """Whether a network is whole (its record is written last)."""
    return (folder / "networks" / f"{name}.json").exists()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a zoo.

    Raises:
        BadInput: no zoo stands there.
        DamagedArtefact: not a manifest of this format.
    """
    path = folder / "manifest.json"
    if not path.exists():
        raise BadInput(f"no zoo at {folder}: there is no manifest.json; build one first")
    manifest = read_json(path)
    if manifest.get("format") != FORMAT:
        raise DamagedArtefact(f"{path} has format {manifest.get('format')!r}, not {FORMAT!r}")
    return manifest


def require_pool(manifest: Mapping[str, Any], pool: Pool, where: Path) -> None:
    if manifest["pool_fingerprint"] != pool.fingerprint:
        raise RefusedArtefact(
            f"zoo {where} is about pool {manifest['pool']!r} with fingerprint "
            f"{manifest['pool_fingerprint'][:16]}, not about pool {pool.name!r} with fingerprint "
            f"{pool.fingerprint[:16]}; build a zoo for this pool"
        )


def claim(folder: Path, name: str) -> int | None:
    """Take the right to train one network: an open, locked file, or None when another has it.

    The lock is the operating system's: it ends with the process, however that ends.
    """
    import fcntl

    path = folder / "networks" / f".{name}.lock"
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
