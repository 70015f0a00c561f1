"""Encoders trained on the cells of a space: one door, one loop for every kind.

What a kind learns is its `Objective`; `loop.py` takes the steps, `place.py` knows the folder.

Deviations: none. (Those of the kinds stand in `graph_vae.py` and `cate_objective.py`.)
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..spaces.enumeration import SPACE, CellTable
from ..spaces.named import search_space
from ..zoo.store import DiskZoo
from .base import ArchitectureEncoder
from .checkpoint import Learner
from .gvae import GVAE
from .loop import Progress, learn
from .objective import Objective
from .place import Place
from .store import load_encoder, load_report

OBJECTIVES: dict[str, str] = {  # what can be pre-trained, and what it learns
    "gvae": "graph_vae:GvaeObjective",
    "arch2vec": "graph_vae:Arch2vecObjective",
    "cate": "cate_objective:CateObjective",
    "io": "joint_objective:IoObjective",
    "accuracy": "joint_objective:AccuracyObjective",
}


def objective_class(kind: str) -> type[Objective]:
    """What encoders of a kind learn.

    Raises:
        BadInput: a kind that is not trained.
    """
    if kind not in OBJECTIVES:
        raise BadInput(
            f"encoder {kind!r} is not pre-trained; those that are: {', '.join(OBJECTIVES)}"
        )
    module, _, name = OBJECTIVES[kind].partition(":")
    found: type[Objective] = getattr(importlib.import_module(f"{__package__}.{module}"), name)
    return found


def pretrain(
    kind: str,
    space: str,
    cells: Sequence[Architecture] | None = None,
    *,
    seed: int = 0,
    epochs: int | None = None,
    batch: int | None = None,
    holdout: float | None = None,
    options: Mapping[str, Any] | None = None,
    zoo: DiskZoo | None = None,
    folder: Path | str | None = None,
    resume: bool = False,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> tuple[ArchitectureEncoder, dict[str, Any]]:
    """Train an encoder on a random 1 - holdout of the cells, measure it on the rest.

    Args:
        kind: a name of OBJECTIVES.
        space: name of a search space.
        cells: of the space; all of them if left.
        seed: of split, weights, order and draws; equal seeds give equal weights on one CPU thread.
        epochs, batch, holdout: passes, cells a step (an incomplete last batch of an epoch is left
            out), fraction that training never sees; the kind's own if left.
        options: of the objective and the encoder, by name.
        zoo: of the space's networks, for the kinds that learn from some (io, accuracy).
        folder: keeps a checkpoint in training, the encoder (`load_encoder`) and report afterwards.
        resume: go on with the training in the folder; one that has ended is read.
        progress: called every 50 steps and after the last with (step, steps, loss).

    Returns:
        The encoder in evaluation mode, and its report (JSON values).

    Raises:
        UnknownName: no such space or option.
        MissingNeed: a kind that learns from a zoo without one, or without its features.
        BadInput: a kind that is not trained, numbers that cannot be, a folder that holds a training
            that is not to be resumed or was asked for something else.
        DamagedArtefact: a checkpoint that is cut or changed.
    """
    chosen = objective_class(kind)
    named = search_space(space)
    cells = named.enumerate() if cells is None else cells
    epochs = chosen.epochs if epochs is None else epochs
    batch = chosen.batch if batch is None else batch
    holdout = chosen.holdout if holdout is None else holdout
    cut = _held_out(len(cells), epochs, batch, holdout)
    objective = chosen(kind, named, cells, seed, dict(options or {}), zoo)
    asked = {"kind": kind, "seed": seed, "epochs": epochs, "batch": batch, "holdout": holdout}
    if objective.zoo_digest:
        asked["zoo"] = objective.zoo_digest
    place = Place(folder, {**asked, "options": objective.options, "cells": _digest(cells)}, resume)
    if place.finished:
        return load_encoder(place.folder, device), load_report(place.folder)
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(cells), generator=generator)
    unseen, seen = order[:cut], order[cut:]
    batches = objective.batches(seen, epochs, batch, generator)
    model = objective.encoder().to(device)
    learner = Learner(model, *objective.optimiser(model, len(batches)), generator)
    learn(objective, learner, batches, place, progress)
    report = {
        "trained_on": len(seen),
        "held_out": cut,
        **asked,
        "options": objective.options,
        "steps": len(batches),
        "seconds": round(learner.seconds, 2),
        "cpu_seconds": round(learner.cpu_seconds, 2),
        **objective.measures(model, seen, unseen, generator),
    }
    place.finish(model, report)
    return model, report


def _digest(cells: Sequence[Architecture]) -> str:
    keys = cells.keys() if hasattr(cells, "keys") else [cell.key for cell in cells]
    return hashlib.sha256("".join(keys).encode()).hexdigest()


def _held_out(cells: int, epochs: int, batch: int, holdout: float) -> int:
    """Cells to hold out, after checking what was asked."""
    if epochs < 1:
        raise BadInput(f"epochs {epochs} trains nothing; give 1 or more")
    if batch < 2:
        raise BadInput(f"batch {batch} is too small for batch normalisation; give 2 or more")
    if not 0 <= holdout < 1:
        raise BadInput(f"holdout {holdout} is no fraction of the cells; give 0 <= holdout < 1")
    cut = round(holdout * cells)
    if cells - cut < 2:
        raise BadInput(f"{cells} cells leave {cells - cut} to train on; give at least two")
    return cut


@dataclass(frozen=True)
class PretrainReport:
    """What a training of the graph VAE measured; accuracies are of held-out cells, rebuilt from mu.

    edge_accuracy counts unordered pairs of nodes: right when both directions are.
    validity: share of prior draws that decode to a cell of the space; uniqueness: share of
    different cells among the valid ones.
    """

    seed: int
    epochs: int
    batch: int
    directed: bool
    trained_on: int
    held_out: int
    steps: int
    seconds: float
    cpu_seconds: float
    edge_accuracy: float
    operation_accuracy: float
    cell_accuracy: float
    validity: float
    uniqueness: float
    prior_samples: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def pretrain_gvae(
    table: CellTable,
    *,
    seed: int,
    epochs: int = 3,
    batch: int = 512,
    holdout: float = 0.1,
    directed: bool = True,
    prior_samples: int = 2_000,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> tuple[GVAE, PretrainReport]:
    """`pretrain` of the graph VAE on cells of NAS-Bench-101 (SubSelNet 4.1 and D.3).

    Args:
        directed: see `GVAE`.
        prior_samples: draws of which validity and uniqueness are measured.

    Raises:
        BadInput: epochs below 1, batch below 2, holdout outside [0, 1), or too few cells.
    """
    options = {"directed": directed, "samples": prior_samples}
    numbers: dict[str, Any] = {"seed": seed, "epochs": epochs, "batch": batch, "holdout": holdout}
    model, report = pretrain(
        "gvae", SPACE, table, **numbers, options=options, device=device, progress=progress
    )
    assert isinstance(model, GVAE)
    told = {name: report[name] for name in PretrainReport.__dataclass_fields__ if name in report}
    return model, PretrainReport(directed=directed, **told)
