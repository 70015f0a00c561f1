"""Where a pre-training stands, in one file that is whole or not there: a killed run goes on.

`training.safetensors` holds weights, the optimiser's state and the generator's; its header holds
the step, learning rates, what was asked, and the tensors' sha256. It is written beside the last one
and renamed, so that any kill leaves one of the two.

Deviations: none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor

from ..core.errors import BadInput, DamagedArtefact
from ..core.files import write_atomic

FILE = "training.safetensors"
RECORD = "record"
MODEL, OPTIMISER, GENERATOR = "model.", "optimiser.", "generator"


@dataclass
class Learner:
    """All that changes while an encoder is trained."""

    model: torch.nn.Module
    optimiser: torch.optim.Optimizer
    rate: torch.optim.lr_scheduler.LRScheduler
    generator: torch.Generator
    step: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0


def save_checkpoint(folder: Path, learner: Learner, asked: Mapping[str, Any]) -> None:
    """Write where the learner stands; `asked` (JSON values) must be the same when it goes on."""
    state = learner.optimiser.state_dict()
    tensors = {MODEL + name: t.detach() for name, t in learner.model.state_dict().items()}
    for number, values in state["state"].items():
        tensors |= {f"{OPTIMISER}{number}.{name}": t for name, t in values.items()}
    tensors[GENERATOR] = learner.generator.get_state()
    tensors = {name: t.cpu().contiguous() for name, t in tensors.items()}
    record = {
        "asked": dict(asked),
        "step": learner.step,
        "seconds": learner.seconds,
        "cpu_seconds": learner.cpu_seconds,
        "groups": state["param_groups"],
        "sha256": _digest(tensors),
    }
    write_atomic(folder / FILE, save(tensors, {RECORD: json.dumps(record)}))


def load_checkpoint(folder: Path, learner: Learner, asked: Mapping[str, Any]) -> None:
    """Put a fresh learner where the saved one stood.

    Raises:
        BadInput: the saved training was asked for something else; says what.
        DamagedArtefact: the file does not match its checksum, or holds no such training.
    """
    path = folder / FILE
    try:
        with safe_open(path, framework="pt") as opened:
            record = json.loads((opened.metadata() or {})[RECORD])
        tensors = load(path.read_bytes())
        same = _digest(tensors) == record["sha256"]
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise DamagedArtefact(f"{path} cannot be read ({error}); train anew elsewhere") from error
    if not same:
        raise DamagedArtefact(f"{path} does not match its sha256; train anew elsewhere")
    for name, value in json.loads(json.dumps(dict(asked))).items():
        if record["asked"].get(name) != value:
            raise BadInput(
                f"the training in {folder} has {name} {record['asked'].get(name)!r}, not "
                f"{value!r}; ask for the same, or take another folder"
            )
    try:
        _restore(learner, tensors, record)
    except (KeyError, RuntimeError, ValueError) as error:
        raise DamagedArtefact(f"{path} holds no such training: {error}") from error


def _restore(learner: Learner, tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> None:
    weights = {n.removeprefix(MODEL): t for n, t in tensors.items() if n.startswith(MODEL)}
    learner.model.load_state_dict(weights)
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith(OPTIMISER):
            number, _, what = name.removeprefix(OPTIMISER).partition(".")
            state.setdefault(int(number), {})[what] = tensor
    learner.optimiser.load_state_dict({"state": state, "param_groups": record["groups"]})
    learner.rate.last_epoch = record["step"]
    learner.generator.set_state(tensors[GENERATOR])
    learner.step = record["step"]
    learner.seconds, learner.cpu_seconds = record["seconds"], record["cpu_seconds"]


def _digest(tensors: Mapping[str, Tensor]) -> str:
    return hashlib.sha256(save(dict(tensors))).hexdigest()
