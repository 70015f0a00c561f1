"""An encoder on disk: encoder.safetensors (weights) and encoder.json (kind, shape, sha256, report).

The JSON is written last and names the weights' sha256, so a folder is either whole or refused.

Deviations: none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from ..core.errors import DamagedArtefact
from ..core.files import read_json, write_atomic, write_json
from .base import ArchitectureEncoder
from .kinds import ENCODERS, encoder_class

FORMAT = "subsel-encoder-1"
WEIGHTS, RECORD = "encoder.safetensors", "encoder.json"
SHIPPED = Path(__file__).parent.parent / "bundles" / "encoders"


def save_encoder(
    encoder: ArchitectureEncoder, folder: Path | str, report: Mapping[str, Any] | None = None
) -> None:
    """Write an encoder; `report` (JSON values) is kept beside its shape for the reader."""
    folder = Path(folder)
    tensors = {name: t.detach().cpu().contiguous() for name, t in encoder.state_dict().items()}
    weights = save(tensors)
    write_atomic(folder / WEIGHTS, weights)
    write_json(
        folder / RECORD,
        {
            "format": FORMAT,
            "kind": encoder.kind,
            "config": encoder.config(),
            "sha256": hashlib.sha256(weights).hexdigest(),
            "report": dict(report or {}),
        },
    )


def load_encoder(folder: Path | str, device: torch.device | str = "cpu") -> ArchitectureEncoder:
    """Read an encoder, in evaluation mode.

    Raises:
        DamagedArtefact: a file is missing, does not match its checksum, or has another format.
    """
    folder = Path(folder)
    record = read_json(folder / RECORD)
    if record.get("format") != FORMAT or record.get("kind") not in ENCODERS:
        raise DamagedArtefact(
            f"{folder / RECORD} has format {record.get('format')!r} and kind "
            f"{record.get('kind')!r}; this version reads {FORMAT!r} of kind {', '.join(ENCODERS)}"
        )
    try:
        weights = (folder / WEIGHTS).read_bytes()
    except OSError as error:
        raise DamagedArtefact(f"{folder / WEIGHTS} cannot be read: {error}") from error
    if hashlib.sha256(weights).hexdigest() != record.get("sha256"):
        raise DamagedArtefact(
            f"{folder / WEIGHTS} does not match the sha256 in {RECORD}; restore or retrain it"
        )
    try:
        encoder = encoder_class(record["kind"]).from_config(record["config"])
        encoder.load_state_dict(load(weights))
    except (SafetensorError, RuntimeError, TypeError, KeyError) as error:
        raise DamagedArtefact(f"{folder} does not hold a {record['kind']}: {error}") from error
    return encoder.to(device).eval()


def load_report(folder: Path | str) -> dict[str, Any]:
    """What `save_encoder` was given as report.

    Raises:
        DamagedArtefact: the record cannot be read.
    """
    return dict(read_json(Path(folder) / RECORD).get("report", {}))
