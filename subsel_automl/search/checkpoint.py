"""A search on disk, between two epochs: tensors as safetensors, the rest as JSON. Never pickle.

search.json              what was asked for: search, options, space, seed, provider, pool
epoch-00003/             the state after three epochs
    state.safetensors    supernet.*, modules.*, <optimizer>.<parameter>.<name>, seen.*
    state.json           groups of the optimizers, notes, curve, costs, sha256
    feed.json, feed.safetensors
latest.json              names the folder that is whole; replaced last, so a killed search finds it

Older folders are removed once a newer one is named.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ..core.errors import BadInput, DamagedArtefact
from ..core.feed_file import read_feed, save_feed
from ..core.files import read_json, write_atomic, write_json
from .run import Run

ASKED, LATEST = "search.json", "latest.json"
TENSORS, RECORD = "state.safetensors", "state.json"


def begin(folder: Path, asked: Mapping[str, Any], resume: bool) -> None:
    """Claim a folder for a search, or check that it holds the same one.

    Raises:
        BadInput: it holds a search and `resume` is not asked for, or a search of other settings.
    """
    path = folder / ASKED
    if not path.exists():
        write_json(path, asked)
        return
    if not resume:
        raise BadInput(f"{folder} holds a search; resume it, or give another folder")
    found = read_json(path)
    asked = json.loads(json.dumps(asked))
    for name in sorted({*asked, *found}):
        if asked.get(name) != found.get(name):
            raise BadInput(
                f"the search in {folder} has {name} {found.get(name)!r}, now asked for "
                f"{asked.get(name)!r}; use the same settings, or another folder"
            )


def save_run(run: Run, folder: Path) -> None:
    """The state after `run.epoch` epochs."""
    here = folder / f"epoch-{run.epoch:05d}"
    shutil.rmtree(here, ignore_errors=True)  # left by a search that was killed while writing
    tensors: dict[str, Tensor] = {f"supernet.{k}": v for k, v in run.supernet.state_dict().items()}
    tensors |= {f"modules.{k}": v for k, v in run.modules.state_dict().items()}
    groups = {}
    for name, optimizer in run.optimizers.items():
        state = optimizer.state_dict()
        groups[name] = state["param_groups"]
        tensors |= {
            f"{name}.{index}.{field}": torch.as_tensor(value)
            for index, fields in state["state"].items()
            for field, value in fields.items()
            if value is not None
        }
    for place, (rows, logits) in enumerate(run.seen):
        tensors[f"seen.{place}.rows"] = torch.from_numpy(np.array(rows))
        tensors[f"seen.{place}.logits"] = torch.from_numpy(np.array(logits))
    raw = save({name: value.detach().clone().contiguous() for name, value in tensors.items()})
    write_atomic(here / TENSORS, raw)
    record = {
        "sha256": hashlib.sha256(raw).hexdigest(),
        "epoch": run.epoch,
        "groups": groups,
        "notes": run.notes,
        "curve": run.curve,
        "costs": run.costs,
        "path": None if run.supernet.path is None else run.supernet.path.tolist(),
    }
    write_json(here / RECORD, record)
    save_feed(run.feed, here)
    write_json(folder / LATEST, {"folder": here.name})
    for old in folder.glob("epoch-*"):
        if old.name != here.name:
            shutil.rmtree(old, ignore_errors=True)


def load_run(run: Run, folder: Path) -> bool:
    """Go on where the folder stands; False when no epoch was finished.

    Raises:
        DamagedArtefact: files that are cut, changed or missing, or of another search.
    """
    if not (folder / LATEST).exists():
        return False
    here = folder / str(read_json(folder / LATEST)["folder"])
    record = read_json(here / RECORD)
    try:
        raw = (here / TENSORS).read_bytes()
        if hashlib.sha256(raw).hexdigest() != record["sha256"]:
            raise DamagedArtefact(f"{here / TENSORS} does not match the sha256 in {RECORD}")
        tensors = load(raw)
        run.supernet.load_state_dict(_under("supernet.", tensors))
        run.modules.load_state_dict(_under("modules.", tensors))
        for name, optimizer in run.optimizers.items():
            _restore(optimizer, _under(f"{name}.", tensors), record["groups"][name])
        state, _ = read_feed(here)
        run.feed.load_state_dict(state)
    except (OSError, SafetensorError, KeyError, RuntimeError, ValueError) as error:
        if isinstance(error, DamagedArtefact):
            raise
        raise DamagedArtefact(f"checkpoint {here} does not fit: {error}") from error
    run.epoch, run.notes, run.curve = record["epoch"], record["notes"], record["curve"]
    run.costs |= record["costs"]
    run.supernet.path = None if record["path"] is None else np.array(record["path"], np.int64)
    seen = _under("seen.", tensors)
    for place in range(len(seen) // 2):
        run.record(seen[f"{place}.rows"].numpy(), seen[f"{place}.logits"].numpy())
    return True


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _restore(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], groups: list[dict[str, Any]]
) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, field = name.split(".", 1)
        state.setdefault(int(index), {})[field] = value
    groups = [{**g, "betas": tuple(g["betas"])} if "betas" in g else g for g in groups]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
