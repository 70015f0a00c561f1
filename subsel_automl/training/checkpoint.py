"""A trainer on disk: tensors as safetensors, the rest as JSON. Never pickle.

trainer.safetensors   model.*, optimizer.<parameter>.<name>
trainer.json          parameter groups, schedule, random state, curve, steps, sha256
"""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from ..core.errors import DamagedArtefact
from ..core.files import read_json, write_atomic, write_json
from .trainer import Trainer

TENSORS, RECORD = "trainer.safetensors", "trainer.json"


def save_trainer(trainer: Trainer, folder: Path | str, **extra: Any) -> None:
    """Everything that training on needs; `extra` (JSON values) rides along."""
    folder = Path(folder)
    tensors = {f"model.{name}": value for name, value in trainer.model.state_dict().items()}
    optimizer = trainer.optimizer.state_dict()
    plain: dict[str, dict[str, Any]] = {}
    for index, state in optimizer["state"].items():
        for name, value in state.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimizer.{index}.{name}"] = value
            else:
                plain.setdefault(str(index), {})[name] = value
    raw = save({name: value.detach().cpu().contiguous() for name, value in tensors.items()})
    write_atomic(folder / TENSORS, raw)
    schedule = {
        name: value
        for name, value in trainer.schedule.state_dict().items()
        if isinstance(value, (int, float, str, bool, list, dict, type(None)))
    }
    record = {
        "sha256": hashlib.sha256(raw).hexdigest(),
        "groups": optimizer["param_groups"],
        "plain": plain,
        "schedule": schedule,
        "random": trainer.rng.bit_generator.state,
        "curve": {name: [_or_none(v) for v in curve] for name, curve in trainer.curve.items()},
        "steps_done": trainer.steps_done,
        "extra": extra,
    }
    write_json(folder / RECORD, record)


def load_trainer(trainer: Trainer, folder: Path | str, *, settings: bool = True) -> dict[str, Any]:
    """Restore into a trainer of the same network; gives back `extra`.

    Args:
        settings: also the saved optimizer settings and schedule. False keeps the trainer's own, at
            the saved step (a clone with other settings); an optimizer of another kind begins with
            fresh moments.

    Raises:
        DamagedArtefact: files that are cut, changed, or of another network.
    """
    folder = Path(folder)
    record = read_json(folder / RECORD)
    try:
        raw = (folder / TENSORS).read_bytes()
        if hashlib.sha256(raw).hexdigest() != record["sha256"]:
            raise DamagedArtefact(f"{folder / TENSORS} does not match the sha256 in {RECORD}")
        tensors = load(raw)
        model = {k.removeprefix("model."): v for k, v in tensors.items() if k[:6] == "model."}
        trainer.model.load_state_dict(model)
        state: dict[int, dict[str, Any]] = {int(i): dict(v) for i, v in record["plain"].items()}
        for name, value in tensors.items():
            if name.startswith("optimizer."):
                _, index, field = name.split(".", 2)
                state.setdefault(int(index), {})[field] = value
        groups = [
            {**group, "betas": tuple(group["betas"])} if "betas" in group else group
            for group in record["groups"]
        ]
        if settings:
            trainer.optimizer.load_state_dict({"state": state, "param_groups": groups})
            trainer.schedule.load_state_dict(record["schedule"])
        else:
            _moments_only(trainer, state, groups, int(record["steps_done"]))
        trainer.rng.bit_generator.state = record["random"]
    except (OSError, SafetensorError, KeyError, RuntimeError, ValueError) as error:
        if isinstance(error, DamagedArtefact):
            raise
        raise DamagedArtefact(f"checkpoint {folder} does not fit: {error}") from error
    nan = float("nan")
    trainer.curve = {
        name: [nan if v is None else v for v in curve] for name, curve in record["curve"].items()
    }
    trainer.steps_done = int(record["steps_done"])
    return dict(record["extra"])


def _moments_only(
    trainer: Trainer, state: dict[int, dict[str, Any]], groups: list[dict[str, Any]], steps: int
) -> None:
    own = trainer.optimizer.state_dict()["param_groups"]
    if set(own[0]) == set(groups[0]):  # the same kind of optimizer
        trainer.optimizer.load_state_dict({"state": state, "param_groups": own})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no optimizer step came before these
        for _ in range(steps):
            trainer.schedule.step()


def _or_none(value: float) -> float | None:
    return value if value == value and abs(value) != float("inf") else None
