"""What trained networks see of the same images: Figs. 2 to 4 of info-NAS in numbers.

    python -m benchmarks.io_model.features ZOO     of a zoo that keeps features, into the results
    python -m benchmarks.io_model.features         what was measured

    f_m(x)   the first ten weighted features of network m and image x (`maths/weighted_features.py`)
    r_mk     correlation of f_m and f_k over images, each feature less its mean over the images
    d_mk     mean over x of the squared error of f_m(x) and f_k(x); clusters by complete linkage
    eta^2    share of the networks' accuracy variance that lies between clusters; beside it the mean
             over shuffled accuracies, which is what so many clusters come to by chance

Source: Suchopárová and Neruda 2022 (info-NAS), section 5.

Deviations:
    [1] The figures print no numbers. Fig. 2 is told by the deviation over images (mean over
        networks), Fig. 3 by that over networks (mean over images).
    [2] Their threshold, 0.4, is in the unit of their features, which is not ours: beside it 0.4 of
        the largest distance.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.cluster import AgglomerativeClustering

from benchmarks.run import RESULTS, read_rows, run_cells
from subsel_automl.catalog import search_space
from subsel_automl.encoders.zoo_labels import images_of, networks_of
from subsel_automl.maths.metrics import spearman
from subsel_automl.maths.weighted_features import TOP
from subsel_automl.zoo.store import DiskZoo

PATH = RESULTS / "io_features.jsonl"
THRESHOLD, SHUFFLES, FEW = 0.4, 999, 2  # clusters of more than FEW are shown, as in Fig. 4
Values = npt.NDArray[np.float64]


def measure(folder: Path) -> None:
    """A row of a zoo, unless there is one of as many networks of its pool."""
    zoo = DiskZoo(folder)
    cell = {
        "pool": zoo.manifest["pool"],
        "networks": len(zoo.names),
        "images": zoo.manifest.get("kept", {}).get("examples", 0),
        "top": TOP,
    }
    run_cells(PATH, [cell], seen_by, (str(folder),), 0)


def seen_by(cell: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Deviations, correlations, clusters."""
    zoo = DiskZoo(Path(folder))
    networks = networks_of(zoo, search_space(zoo.architectures[0].space))
    seen = images_of(zoo, networks, cell["top"]).targets.double().numpy()
    accuracies = np.array([zoo.accuracy(one.key) for one in networks.architectures])
    return {"accuracies": accuracies.tolist(), **told(seen, accuracies)}


def told(seen: Values, accuracies: Values) -> dict[str, Any]:
    """Of features [networks, images, top]."""
    flat = seen.reshape(len(seen), -1)
    above = np.triu_indices(len(seen), 1)
    apart = distances(flat)
    alike = np.corrcoef((seen - seen.mean(1, keepdims=True)).reshape(flat.shape))[above]
    differ = np.abs(accuracies[:, None] - accuracies)
    return {
        "mean": seen.mean((0, 1)).tolist(),
        "deviation_over_images": seen.std(1).mean(0).tolist(),  # [1]
        "deviation_over_networks": seen.std(0).mean(0).tolist(),
        "correlation": {
            "mean": float(alike.mean()),
            "least": float(alike.min()),
            "most": float(alike.max()),
        },
        "distance": {"mean": float(apart[above].mean()), "most": float(apart.max())},
        "distance_and_accuracy": {
            "spearman": spearman(apart[above], differ[above]),
            "as_high_by_chance": _by_chance(apart, differ, above),
        },
        "clusters": {
            "at 0.4": clusters(apart, THRESHOLD, accuracies),
            "at 0.4 of the largest": clusters(apart, THRESHOLD * apart.max(), accuracies),  # [2]
        },
    }


def distances(flat: Values) -> Values:
    """d, [m, m]."""
    return np.array([np.square(flat - one).mean(1) for one in flat])


def clusters(apart: Values, threshold: float, accuracies: Values) -> dict[str, Any]:
    """How many, the larger ones with their accuracies, and eta^2."""
    made = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="complete", distance_threshold=threshold
    )
    labels = made.fit_predict(apart)
    rng = np.random.default_rng(0)
    shuffled = [between(labels, rng.permutation(accuracies)) for _ in range(SHUFFLES)]
    large = [accuracies[labels == one] for one in np.unique(labels)]
    shown = sorted((one for one in large if len(one) > FEW), key=lambda one: -float(one.mean()))
    return {
        "threshold": float(threshold),
        "count": len(large),
        "large": [[len(one), float(one.min()), float(one.max())] for one in shown],
        "eta_squared": between(labels, accuracies),
        "eta_squared_by_chance": float(np.mean(shuffled)),
    }


def between(labels: npt.NDArray[np.integer], values: Values) -> float:
    """eta^2."""
    means = np.array([values[labels == one].mean() for one in labels])
    return float(means.var() / max(values.var(), 1e-300))


def _by_chance(apart: Values, differ: Values, above: Any) -> float:
    """Share of shuffled networks whose correlation is as high (Mantel)."""
    rng, found = np.random.default_rng(0), spearman(apart[above], differ[above])
    drawn = (rng.permutation(len(apart)) for _ in range(SHUFFLES))
    high = sum(
        spearman(apart[above], differ[np.ix_(order, order)][above]) >= found for order in drawn
    )
    return float((high + 1) / (SHUFFLES + 1))


def table() -> str:
    """A line a zoo."""
    rows = read_rows(PATH)
    if not rows:
        return "Figs. 2 to 4 (features of networks): not run"
    lines = [
        "Figs. 2 to 4: the first ten weighted features of networks. Deviations over images and "
        "over networks: first, tenth. Clusters: how many, those of more than two as size "
        "(accuracies), eta^2 (by chance)",
        "",
        "| pool | networks | images | over images | over networks | correlation of networks "
        "| distance against accuracy, Spearman | clusters at 0.4 | at 0.4 of the largest |",
        "|" + "---|" * 9,
    ]
    return "\n".join([*lines, *(_line(row) for row in rows)])


def _line(row: Mapping[str, Any]) -> str:
    cell, r, link = row["cell"], row["correlation"], row["distance_and_accuracy"]
    parts = [
        cell["pool"],
        str(cell["networks"]),
        f"{cell['images']:,}",
        _ends(row["deviation_over_images"]),
        _ends(row["deviation_over_networks"]),
        f"{r['mean']:.2f} ({r['least']:.2f} to {r['most']:.2f})",
        f"{link['spearman']:.2f} (p {link['as_high_by_chance']:.3f})",
        *(_clustered(one) for one in row["clusters"].values()),
    ]
    return f"| {' | '.join(parts)} |"


def _ends(values: Sequence[float]) -> str:
    return f"{values[0]:.3f}, {values[-1]:.3f}"


def _clustered(found: Mapping[str, Any]) -> str:
    large = ", ".join(
        f"{n} ({100 * low:.0f} to {100 * high:.0f} %)" for n, low, high in found["large"]
    )
    said = f"{found['count']}: {large or 'none larger than two'}"
    return f"{said}; {found['eta_squared']:.2f} ({found['eta_squared_by_chance']:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.io_model.features",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("zoo", nargs="?", type=Path)
    asked = parser.parse_args()
    if asked.zoo:
        measure(asked.zoo)
    print(table())


if __name__ == "__main__":
    main()
