"""Ablations: Tables 3 and 14, Fig. 4, and the number of reference networks.

    python -m benchmarks.ablation fit ZOO [--data fashion-mnist]      the models of Tables 3 and 14
    python -m benchmarks.ablation run                                 their trials, and Fig. 4's
    python -m benchmarks.ablation references ZOO EPOCHS               means of 1, 2, 4 ... networks
    python -m benchmarks.ablation show

Table 3: three readers of node embeddings (with the same head: deviation [5] of `approximator.py`)
times three samplers; Table 14: embeddings H or the graph A. KL is of the model on unseen, fully
trained networks (results/network_sample.npz). Fig. 4: hybrid with B / b from 1 to n / b.
Reference networks: `zoo-mean` of the first k networks of a zoo trained for so many epochs.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import settings
from benchmarks.approximator_claim import SAMPLE, clean
from benchmarks.data import splits_kept, work_folder
from benchmarks.methods import learned
from benchmarks.run import RESULTS, run_cells, stamp
from benchmarks.trials import FASHION, cell, run_cell
from subsel_automl.core.files import write_atomic
from subsel_automl.encoders.adjacency import AdjacencyEncoder
from subsel_automl.encoders.choose import shipped_encoder
from subsel_automl.subselnet.bundle import save_bundle
from subsel_automl.subselnet.fitting import kl_to, read_predictions, zoo_mean
from subsel_automl.subselnet.pipeline import train_pipeline
from subsel_automl.zoo.store import DiskZoo, network_name

READERS, INPUTS = ("feed-forward", "lstm", "attention"), ("H", "A")
SAMPLERS = ("predicted-uncertainty", "predicted-loss", "subselnet-inductive", "subselnet")
SHARES, HYBRID_SHARE = (0.03, 0.05, 0.1), 0.01
FIRST = (1.0, 2.0, 5.0, 20.0, 100.0)  # B / b; the last is the whole pool
COUNTS = (1, 2, 4, 8, 16, 32, 64)
REFERENCE_SEEDS = (0, 1)
REFERENCE_STEPS = {0.005: 100, 0.02: 200}
TABLE = RESULTS / "ablation_models.jsonl"


def name_of(reader: str, nodes: str) -> str:
    """Of a model of Tables 3 and 14."""
    return f"{reader}-{nodes}"


def fit(zoo_folder: Path, data: str = FASHION, networks: int = 32) -> None:
    """Fit the six models to a zoo, keep them as bundles of the work folder, and note their KL."""
    torch.set_num_threads(1)
    pool, folds = splits_kept(data).train, settings.architectures()
    wanted = [*folds["training"][:networks], *folds["validation"][:3]]
    zoo = DiskZoo(zoo_folder, pool, only=[network_name(a, 0) for a in wanted])
    choices = learned(data).choices
    for nodes in INPUTS:
        for reader in READERS:
            folder = work_folder() / "models" / data / name_of(reader, nodes)
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
    before = TABLE.read_text() if TABLE.exists() else ""
    write_atomic(TABLE, (before + json.dumps(row) + "\n").encode())


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
    for k in COUNTS:
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


def reference_cells(counts: dict[int, list[int]], data: str = FASHION) -> list[dict[str, Any]]:
    """Trials on subsets and targets from the mean of k networks; `counts`: epochs -> k."""
    named = {} if data == FASHION else {"data": data}
    return [
        cell(index, "zoo-mean", share, targets, steps, seed, model=f"mean-{k}-e{epochs}", **named)
        for seed in REFERENCE_SEEDS
        for epochs, ks in counts.items()
        for k in ks
        for share, steps in REFERENCE_STEPS.items()
        for targets in ("soft", "labels")
        for index in range(settings.UNSEEN)
    ]


def samplers(reader: str, nodes: str) -> tuple[str, ...]:
    """Table 3's three for H, the inductive one for A, and the transductive one for ours."""
    found = SAMPLERS[:3] if nodes == "H" else SAMPLERS[2:3]
    return (*found, SAMPLERS[3]) if (reader, nodes) == ("attention", "H") else found


def model_cells(data: str = FASHION) -> list[dict[str, Any]]:
    """Tables 3 and 14, one seed."""
    passes = settings.DATA[data].epochs
    return [
        cell(index, sampler, share, "labels", None, 0, data=data, passes=passes, model=model)
        for nodes in INPUTS
        for reader in READERS
        for model in [name_of(reader, nodes)]
        for sampler in samplers(reader, nodes)
        for share in (SHARES if nodes == "H" else SHARES[1:])
        for index in range(settings.UNSEEN)
    ]


def hybrid_cells(data: str = FASHION) -> list[dict[str, Any]]:
    """Fig. 4: B / b from all inductive to all transductive, at 1 %, two seeds."""
    passes = settings.DATA[data].epochs
    return [
        cell(
            index,
            "subselnet-hybrid",
            HYBRID_SHARE,
            "labels",
            None,
            seed,
            data=data,
            passes=passes,
            options={"first": first},
        )
        for first in FIRST
        for seed in (0, 1, 2)
        for index in range(settings.UNSEEN)
    ]


def path_of(what: str) -> Path:
    """Rows of "models", "hybrid" or "references"."""
    return RESULTS / f"ablation_{what}_trials.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    settings.add_scale(parser)
    parser.add_argument("what", choices=("fit", "run", "references", "show"))
    parser.add_argument("zoo", nargs="?", type=Path)
    parser.add_argument("epochs", nargs="?", type=int)
    parser.add_argument("--data", choices=settings.DATA, default=FASHION)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    if asked.what == "fit":
        fit(asked.zoo, asked.data)
    elif asked.what == "references":
        made = reference_cells({asked.epochs: means(asked.zoo, asked.epochs, asked.data)})
        run_cells(path_of("references"), made, run_cell, ("",), asked.workers)
    elif asked.what == "run":
        run_cells(path_of("hybrid"), hybrid_cells(asked.data), run_cell, ("",), asked.workers)
        run_cells(path_of("models"), model_cells(asked.data), run_cell, ("",), asked.workers)
    from benchmarks.ablation_tables import ablation_tables

    print(ablation_tables(asked.data))


if __name__ == "__main__":
    main()
