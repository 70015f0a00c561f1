"""A bundle: everything that SubSelNet learned about one pool, in two files of a few megabytes.

    bundle.json          pool and fingerprint, shapes, temperatures, how it was made, sha256
    weights.safetensors  encoder.*, approximator.*, policy.*, mean (fp16 log-probabilities [n, c])

The JSON is written last and names the weights' sha256; another pool is refused by fingerprint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ..core.errors import DamagedArtefact, RefusedArtefact, UnknownName
from ..core.files import read_json, write_atomic, write_json
from ..core.ledger import AmortizationLedger, Stage
from ..core.pool import Pool
from ..encoders.kinds import encoder_class
from .approximator import Approximator, Shape
from .model import SubSelNetModel
from .policy import Policy
from .temperatures import Choice, Choices

FORMAT = "subsel-bundle-1"
RECORD, WEIGHTS = "bundle.json", "weights.safetensors"
SHIPPED = Path(__file__).parent.parent / "bundles"


@dataclass(frozen=True, eq=False)
class Bundle:
    """What `load_bundle` gives."""

    model: SubSelNetModel
    pool: Pool
    choices: Choices
    policy: Policy | None
    record: Mapping[str, Any]


def save_bundle(
    folder: Path | str,
    model: SubSelNetModel,
    choices: Choices,
    policy: Policy | None,
    made: Mapping[str, Any],
) -> None:
    """Write a bundle; `made` (JSON values) records how: zoo, seeds, seconds, measured quality."""
    folder = Path(folder)
    tensors: dict[str, Tensor] = {"mean": model.mean.half()}
    parts = {"encoder": model.encoder, "approximator": model.approximator, "policy": policy}
    for name, part in parts.items():
        if part is not None:
            for key, value in part.state_dict().items():
                tensors[f"{name}.{key}"] = value.half() if value.numel() > 50_000 else value
    raw = save({key: value.detach().cpu().contiguous() for key, value in tensors.items()})
    write_atomic(folder / WEIGHTS, raw)
    record = {
        "format": FORMAT,
        "pool": model.pool_name,
        "pool_fingerprint": model.pool_fingerprint,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "encoder": model.encoder.config(),
        "encoder_kind": model.encoder.kind,
        "approximator": asdict(model.approximator.shape),
        "policy": None if policy is None else list(policy.shape),
        "training_keys": list(model.training_keys),
        "choices": [asdict(row) for row in choices.rows],
        "made": dict(made),
    }
    write_json(folder / RECORD, record)


def bundle_folder(name: str | Path) -> Path:
    """A folder with a bundle.json, or the name of a bundle that ships with the package.

    Raises:
        UnknownName: neither.
    """
    for folder in (Path(name), SHIPPED / name):
        if (folder / RECORD).exists():
            return folder
    raise UnknownName("bundle", str(name), shipped_names())


def shipped_names() -> list[str]:
    """Bundles that ship with the package, as "pool/space"."""
    return sorted(p.parent.relative_to(SHIPPED).as_posix() for p in SHIPPED.rglob(RECORD))


def load_bundle(name: str | Path, pool: Pool | None = None) -> Bundle:
    """Read a bundle and bind it to its pool.

    Args:
        pool: the pool it was made for; by default the data set of the recorded name is loaded.

    Raises:
        UnknownName: no such bundle.
        DamagedArtefact: files that are cut or changed.
        RefusedArtefact: another pool; both fingerprints are named.
    """
    folder = bundle_folder(name)
    record = read_json(folder / RECORD)
    if record.get("format") != FORMAT:
        raise DamagedArtefact(f"{folder / RECORD} is no {FORMAT!r} but {record.get('format')!r}")
    weights = _weights(folder, record)
    if pool is None:
        pool = _named_pool(record, folder)
    if pool.fingerprint != record["pool_fingerprint"]:
        raise RefusedArtefact(
            f"bundle {str(name)!r} was made for pool {record['pool']!r} with fingerprint "
            f"{record['pool_fingerprint'][:16]}; pool {pool.name!r} has {pool.fingerprint[:16]}. "
            "Fit a bundle for this pool with `subsel fit`"
        )
    try:
        encoder = encoder_class(record["encoder_kind"]).from_config(record["encoder"])
        approximator = Approximator(Shape(**record["approximator"]))
        policy = None if record["policy"] is None else Policy(*record["policy"])
        for prefix, part in (
            ("encoder.", encoder),
            ("approximator.", approximator),
            ("policy.", policy),
        ):
            if part is not None:
                part.load_state_dict(_under(weights, prefix))
                part.eval()
        choices = Choices(Choice(**row) for row in record["choices"])
        keys = tuple(record["training_keys"])
        model = SubSelNetModel(
            encoder, approximator, weights["mean"], pool.name, pool.fingerprint, keys
        )
    except (UnknownName, KeyError, TypeError, RuntimeError) as error:
        raise DamagedArtefact(f"bundle {folder} does not fit together: {error}") from error
    return Bundle(model, pool, choices, policy, record)


def _weights(folder: Path, record: Mapping[str, Any]) -> dict[str, Tensor]:
    try:
        raw = (folder / WEIGHTS).read_bytes()
    except OSError as error:
        raise DamagedArtefact(f"{folder / WEIGHTS} cannot be read: {error}") from error
    if hashlib.sha256(raw).hexdigest() != record.get("sha256"):
        raise DamagedArtefact(f"{folder / WEIGHTS} does not match the sha256 in {RECORD}")
    try:
        return load(raw)
    except SafetensorError as error:
        raise DamagedArtefact(f"{folder / WEIGHTS} is no safetensors file: {error}") from error


def _under(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    found = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
    return {k: v.float() if v.dtype == torch.float16 else v for k, v in found.items()}


def _named_pool(record: Mapping[str, Any], folder: Path) -> Pool:
    from ..data.sources import LOADERS

    if record["pool"] not in LOADERS:
        raise RefusedArtefact(
            f"bundle {folder} was made for pool {record['pool']!r}, which is no built-in data set; "
            "pass it: from_bundle(name, pool=...)"
        )
    return LOADERS[record["pool"]]().train


PARTS = {"encoder": Stage.FIT_ENCODER, "fit": Stage.FIT_APPROXIMATOR}


def charge_preparation(ledger: AmortizationLedger, record: Mapping[str, Any]) -> float:
    """Charge a bundle's preparation; the wall seconds that it records.

    Args:
        record: the bundle's JSON (`Bundle.record`); seconds that it does not name are not charged.
    """
    made, keys = record["made"], record["training_keys"]
    name = f"bundle/{record['sha256'][:16]}"
    zoo, zoo_cpu = (float(made.get(f"zoo_{part}", 0.0)) for part in ("seconds", "cpu_seconds"))
    for key in keys:
        ledger.record(
            Stage.TRAIN_ZOO,
            zoo / len(keys),
            cpu_seconds=zoo_cpu / len(keys),
            architecture_key=key,
            event=f"{name}/zoo/{key}",
        )
    total = zoo
    for part, stage in PARTS.items():
        if f"{part}_seconds" in made:
            seconds = float(made[f"{part}_seconds"])
            cpu = float(made.get(f"{part}_cpu_seconds", 0.0))
            ledger.record(stage, seconds, cpu_seconds=cpu, event=f"{name}/{part}")
            total += seconds
    return total
