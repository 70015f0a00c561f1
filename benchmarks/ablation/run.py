"""Fits the models of Tables 3 and 14 and the means of reference networks, and trains on them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import settings
from benchmarks.ablation import cells
from benchmarks.approximator.cells import SAMPLE, clean
from benchmarks.data import splits_kept, work_folder
from benchmarks.methods import learned
from benchmarks.run import run_cells, stamp
from benchmarks.trials import FASHION, run_cell
from subsel_automl.core.files import write_atomic
from subsel_automl.encoders.adjacency import AdjacencyEncoder
from subsel_automl.encoders.choose import shipped_encoder
from subsel_automl.subselnet.bundle import save_bundle
from subsel_automl.subselnet.fitting import kl_to, read_predictions, zoo_mean
from subsel_automl.subselnet.pipeline import train_pipeline
from subsel_automl.zoo.store import DiskZoo, network_name


def fit(zoo_folder: Path, data: str = FASHION, networks: int = 32) -> None:
    """Fit the six models to a zoo, keep them as bundles of the work folder, and note their KL."""
    torch.set_num_threads(1)
    pool, folds = splits_kept(data).train, settings.architectures()
    wanted = [*folds["training"][:networks], *folds["validation"][:3]]
    zoo = DiskZoo(zoo_folder, pool, only=[network_name(a, 0) for a in wanted])
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


def _unseen_kl(model: Any, data: str) -> float | None:
    """Mean KL over the unseen, fully trained networks that are kept as a sample."""
    if data != FASHION or not SAMPLE.exists():
        return None
    with np.load(SAMPLE, allow_pickle=False) as file:
        rows, unseen, names = file["rows"], clean(file["unseen"]), file["names"].tolist()
    truth = dict(zip(names, unseen, strict=True))
    found = model.log_probabilities(splits_kept(data).train, settings.unseen())
    each = [
        kl_to(truth[network_name(a, 0)], torch.from_numpy(np.ascontiguousarray(p[rows])))
        for a, p in zip(settings.unseen(), found, strict=True)
    ]
    return float(np.mean(each))


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
