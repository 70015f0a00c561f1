"""Fits the models of Tables 3 and 14 and the means of reference networks, and trains on them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import settings
from benchmarks.ablation import cells, encoders
from benchmarks.approximator.cells import SAMPLE, clean
from benchmarks.data import ROOT, splits_kept, work_folder
from benchmarks.io_model.cells import BATCH, EPOCHS
from benchmarks.io_model.run import cells_learned
from benchmarks.methods import learned
from benchmarks.run import run_cells, stamp
from benchmarks.trials import FASHION, run_cell
from subsel_automl.core.files import write_atomic
from subsel_automl.encoders.adjacency import AdjacencyEncoder
from subsel_automl.encoders.base import ArchitectureEncoder
from subsel_automl.encoders.choose import encoder_of_space, shipped_encoder
from subsel_automl.encoders.pretrain import pretrain
from subsel_automl.encoders.store import load_encoder
from subsel_automl.subselnet.bundle import save_bundle
from subsel_automl.subselnet.fitting import kl_to, read_predictions, zoo_mean
from subsel_automl.subselnet.pipeline import train_pipeline
from subsel_automl.training.seeded import seeded
from subsel_automl.zoo.store import DiskZoo, network_name

SPACE = "nasbench101"
OURS = ROOT / "benchmarks" / "bundles" / "encoders"
UNTRAINED = ", untrained"


def fit(zoo_folder: Path, data: str = FASHION, networks: int = 32) -> None:
    """Fit the six models to a zoo, keep them as bundles of the work folder, and note their KL."""
    torch.set_num_threads(1)
    pool, zoo = splits_kept(data).train, _reference(zoo_folder, data, networks)
    choices = learned(data).choices
    for nodes in cells.INPUTS:
        for reader in cells.READERS:
            folder = work_folder() / "models" / data / cells.name_of(reader, nodes)
            if (folder / "bundle.json").exists():
                continue
            model, policy = train_pipeline(pool, zoo, reader=reader, encoder=_encoder(nodes))
            assert model.report is not None
            best = min(model.report.validation)
            save_bundle(folder, model, choices, policy, {"kl_validation": best})
            row = {"data": data, "reader": reader, "nodes": nodes, "kl_validation": best}
            row["kl_unseen"] = _unseen_kl(model, data)
            _append({**row, **stamp()})


def _encoder(nodes: str) -> Any:
    gvae = shipped_encoder("nasbench101")
    if nodes == "H":
        return gvae
    return AdjacencyEncoder(space=gvae.space, operations=gvae.operations, max_nodes=gvae.max_nodes)


def _append(row: dict[str, Any]) -> None:
    before = cells.TABLE.read_text() if cells.TABLE.exists() else ""
    write_atomic(cells.TABLE, (before + json.dumps(row) + "\n").encode())


def fit_encoders(zoo_folder: Path, data: str = FASHION, minutes: float = 1e9) -> None:
    """Fit g_beta with every encoder; needs the sample, and a zoo that keeps features."""
    limit = 60 * minutes
    run_cells(
        encoders.PATH, encoders.cells(data), fitted, (str(zoo_folder),), 0, seconds_limit=limit
    )


def fitted(cell: Mapping[str, Any], zoo_folder: str) -> dict[str, Any]:
    """KL of each unseen network, of the zoo's mean too, and CPU seconds."""
    pool, zoo = splits_kept(cell["data"]).train, _reference(Path(zoo_folder), cell["data"])
    began = time.process_time()
    encoder = encoder_for(cell["encoder"], zoo, cell["seed"])
    encoded = time.process_time() - began
    model, _ = train_pipeline(
        pool, zoo, reader=cell["reader"], encoder=encoder, seed=cell["seed"], policy=False
    )
    assert model.report is not None
    mean = torch.from_numpy(model.mean_log_probabilities())
    found = model.log_probabilities(pool, settings.unseen())
    return {
        "kl_unseen": _kl_of_unseen(dict(zip(_unseen_names(), found, strict=True))),
        "zoo_mean_unseen": float(
            np.mean(list(_kl_of_unseen(dict.fromkeys(_unseen_names(), mean.numpy())).values()))
        ),
        "kl_validation": min(model.report.validation),
        "encoder_cpu_seconds": round(encoded, 1),
        "cpu_seconds": round(time.process_time() - began, 1),
    }


def encoder_for(name: str, zoo: DiskZoo, seed: int) -> ArchitectureEncoder:
    """One that ships or is kept, one with new weights, or one that is trained on the zoo now."""
    if name in encoders.LEARNED:
        some, asked = cells_learned(), {"epochs": EPOCHS, "batch": BATCH, "seed": seed}
        return pretrain(name, SPACE, some, zoo=zoo, **asked)[0]
    if name in encoders.INPUTS:
        return encoder_of_space(SPACE, name)
    kept = load_encoder(OURS / name.removesuffix(UNTRAINED))
    if not name.endswith(UNTRAINED):
        return kept
    with seeded(seed):
        return type(kept).from_config(kept.config()).eval()


def _reference(folder: Path, data: str, networks: int = 32) -> DiskZoo:
    folds = settings.architectures()
    wanted = [*folds["training"][:networks], *folds["validation"][:3]]
    return DiskZoo(folder, splits_kept(data).train, only=[network_name(a, 0) for a in wanted])


def _unseen_kl(model: Any, data: str) -> float | None:
    """Mean KL over the unseen, fully trained networks that are kept as a sample."""
    if data != FASHION or not SAMPLE.exists():
        return None
    found = model.log_probabilities(splits_kept(data).train, settings.unseen())
    each = _kl_of_unseen(dict(zip(_unseen_names(), found, strict=True)))
    return float(np.mean(list(each.values())))


def _unseen_names() -> list[str]:
    return [network_name(a, 0) for a in settings.unseen()]


def _kl_of_unseen(found: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Of what was foretold of the whole pool, by network, on the sample's examples."""
    with np.load(SAMPLE, allow_pickle=False) as file:
        rows, unseen, names = file["rows"], clean(file["unseen"]), file["names"].tolist()
    truth = dict(zip(names, unseen, strict=True))
    return {
        name: kl_to(truth[name], torch.from_numpy(np.ascontiguousarray(p[rows])))
        for name, p in found.items()
    }


def means(zoo_folder: Path, epochs: int, data: str = FASHION) -> list[int]:
    """Keep the mean of the first k networks of a zoo as a bundle; the k that there are."""
    pool, made = splits_kept(data).train, []
    main = learned(data)
    for k in cells.COUNTS:
        chosen = settings.architectures()["training"][:k]
        names = [network_name(a, 0) for a in chosen]
        if not all((zoo_folder / "networks" / f"{name}.json").exists() for name in names):
            break
        zoo = DiskZoo(zoo_folder, pool, only=names)
        mean = zoo_mean(read_predictions(zoo, chosen))
        model = replace(main.fitted, mean=mean, training_keys=tuple(a.key for a in chosen))
        cost = sum(r["cpu_seconds"] for r in zoo.records.values())
        accuracy = float(np.mean([r["test_accuracy"] for r in zoo.records.values()]))
        folder = work_folder() / "models" / data / f"mean-{k}-e{epochs}"
        save_bundle(folder, model, main.choices, None, {"zoo_cpu_seconds": cost})
        row = {"data": data, "mean_of": k, "epochs": epochs, "zoo_cpu_seconds": cost}
        _append({**row, "zoo_test_accuracy": accuracy, **stamp()})
        made.append(k)
    return made


def measure_references(zoo: Path, epochs: int, data: str, workers: int) -> None:
    """Run what is missing on the means of 1, 2, 4 ... networks of a zoo."""
    made = cells.reference_cells({epochs: means(zoo, epochs, data)})
    run_cells(cells.path_of("references"), made, run_cell, ("",), workers)


def measure_hybrid(data: str = FASHION, workers: int = 2) -> None:
    """Run what is missing of Fig. 4."""
    run_cells(cells.path_of("hybrid"), cells.hybrid_cells(data), run_cell, ("",), workers)


def measure_models(data: str = FASHION, workers: int = 2) -> None:
    """Run what is missing of Tables 3 and 14."""
    run_cells(cells.path_of("models"), cells.model_cells(data), run_cell, ("",), workers)
