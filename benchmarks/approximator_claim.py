"""Claim: on unseen architectures g_beta predicts the trained network at least as well as the mean
of the zoo that ignores the architecture.

    python -m benchmarks.approximator_claim            from results/network_sample.npz
    python -m benchmarks.approximator_claim --zoo ZOO  makes that file from a zoo on disk

The file holds fp16 log-probabilities of every trained network on 4,000 examples of the pool, drawn
once by seed; KL(m_theta* || .) is in nats, its mean over these examples and the five unseen
architectures. The floor is the KL between two trainings of one architecture that differ by seed.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import settings
from benchmarks.data import splits_kept
from benchmarks.run import RESULTS
from subsel_automl.core.files import write_atomic
from subsel_automl.subselnet.fitting import FLOOR, kl_to
from subsel_automl.subselnet.transductive import SubSelNet
from subsel_automl.zoo.store import DiskZoo, finished, network_name

SAMPLE, EXAMPLES, SIZES = RESULTS / "network_sample.npz", 4000, (1, 2, 4, 8, 16, 32)
DRAWS = 20  # random choices of k reference networks


def collect(folder: Path) -> None:
    """Write the sample file: training networks, then unseen ones by architecture and seed."""
    pool = splits_kept("fashion-mnist").train
    folds = settings.architectures()
    names = [network_name(a, 0) for a in folds["training"][:32]]
    unseen = [network_name(a, s) for a in settings.unseen() for s in settings.SEEDS]
    unseen = [name for name in unseen if finished(folder, name)]
    rows = np.sort(np.random.default_rng(0).permutation(len(pool))[:EXAMPLES])
    zoo = DiskZoo(folder, pool, only=[*names, *unseen])
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        rows=rows,
        training=np.stack([zoo.read(name)[rows] for name in names]),
        unseen=np.stack([zoo.read(name)[rows] for name in unseen]),
        names=np.array(unseen),
        test_accuracy=np.array([zoo.records[name]["test_accuracy"] for name in unseen]),
        seconds=np.array([zoo.records[name]["seconds"] for name in unseen]),
        cpu_seconds=np.array([zoo.records[name]["cpu_seconds"] for name in unseen]),
    )
    write_atomic(SAMPLE, buffer.getvalue())


def measure() -> dict[str, Any]:
    """KL of g_beta, of the mean of k networks, and between seeds; mean and standard error."""
    with np.load(SAMPLE, allow_pickle=False) as file:
        stored = {name: file[name] for name in file.files}
    rows = stored["rows"]
    training, unseen = clean(stored["training"]), clean(stored["unseen"])
    by_name = dict(zip(stored["names"].tolist(), unseen, strict=True))
    provider = SubSelNet.from_bundle(
        "fashion-mnist/nasbench101", splits_kept("fashion-mnist").train
    )
    architectures = settings.unseen()
    predicted = provider.fitted.log_probabilities(provider.pool, architectures)
    mean = torch.from_numpy(provider.fitted.mean_log_probabilities()[rows])
    attention, control, floor = [], [], []
    for a, log_p in zip(architectures, predicted, strict=True):
        truth = by_name[network_name(a, 0)]
        attention.append(kl_to(truth, torch.from_numpy(np.ascontiguousarray(log_p[rows]))))
        control.append(kl_to(truth, mean))
        other = by_name.get(network_name(a, 1))
        if other is not None:
            floor.append(kl_to(truth, other))
    truths = [by_name[network_name(a, 0)] for a in architectures]
    return {
        "architectures": len(architectures),
        "attention": _spread(attention),
        "zoo_mean": _spread(control),
        "mean_of_k": {str(k): _of_k(training, truths, k) for k in SIZES},
        "floor_two_seeds": _spread(floor),
        "each": {"attention": attention, "zoo_mean": control},
        "holds": bool(np.mean(attention) <= np.mean(control)),
    }


def clean(stored: np.ndarray) -> torch.Tensor:
    """Log-probabilities, normalised after clipping."""
    return torch.log_softmax(torch.from_numpy(stored).float().clamp_min(FLOOR), 2)


def _of_k(training: torch.Tensor, truths: list[torch.Tensor], k: int) -> float:
    rng = np.random.default_rng(k)
    values = []
    for _ in range(DRAWS if k < len(training) else 1):
        chosen = training[rng.permutation(len(training))[:k]]
        mean = chosen.exp().mean(0).clamp_min(1e-7).log()
        values += [kl_to(truth, mean) for truth in truths]
    return round(float(np.mean(values)), 4)


def _spread(values: list[float]) -> dict[str, float]:
    sem = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return {"mean": round(float(np.mean(values)), 4), "sem": round(sem, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zoo", type=Path)
    asked = parser.parse_args()
    if asked.zoo:
        collect(asked.zoo)
    print(json.dumps(measure(), indent=1))


if __name__ == "__main__":
    main()
