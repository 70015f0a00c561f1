"""Charts of searches by queries: regret by query with bands, a map of vectors, edits against L2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .figures import SERIES, Key, _figure

Values = npt.NDArray[np.float64]
CLASSES = 5  # of accuracy on a map
BAND = (10, 90)  # percentiles


def regret_bands(curves: Mapping[str, npt.ArrayLike], what: str) -> tuple[str, list[Key]]:
    """The mean over seeds after each query, and the band from the 10th to the 90th percentile.

    Args:
        curves: name -> [seeds, queries].
        what: the axis in words.
    """
    keys = [
        Key(name, place % SERIES, marker="None") for place, name in enumerate(list(curves)[:SERIES])
    ]
    out: list[str] = []
    with _figure(2.8, f"{what} after each query", out) as axes:
        for key in keys:
            rows = np.atleast_2d(np.asarray(curves[key.label], np.float64))
            at = np.arange(1, rows.shape[1] + 1)
            axes.plot(at, rows.mean(0), **key.line())
            if len(rows) > 1:
                low, high = np.percentile(rows, BAND, axis=0)
                axes.fill_between(at, low, high, color=key.stand_in, alpha=0.2, linewidth=0)
        axes.set_xlabel("queries")
        axes.set_ylabel(what)
    return out[0], keys


def embedding_map(vectors: npt.ArrayLike, values: npt.ArrayLike) -> tuple[str, list[Key]]:
    """Vectors [m, d] on their two main directions, coloured by fifths of their values [m]."""
    x, y = np.asarray(vectors, np.float64), np.asarray(values, np.float64)
    left, strengths, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    places = left[:, :2] * strengths[:2]
    cuts = np.quantile(y, np.linspace(0, 1, CLASSES + 1))
    fifth = np.clip(np.searchsorted(cuts, y, side="right") - 1, 0, CLASSES - 1)
    keys, out = [], []
    with _figure(3.2, "Architectures by their vectors, coloured by accuracy", out) as axes:
        for place in range(CLASSES):
            said = f"{100 * cuts[place]:.2f} to {100 * cuts[place + 1]:.2f} %"
            key = Key(said, place, marker="o")
            keys.append(key)
            mine = places[fifth == place]
            axes.scatter(mine[:, 0], mine[:, 1], s=7, color=key.stand_in, alpha=0.7, linewidths=0)
        axes.set_xlabel("first direction")
        axes.set_ylabel("second direction")
    return out[0], keys


def edits_against_distance(edits: Sequence[int], distances: Sequence[float]) -> str:
    """L2 between the vectors of two architectures that lie so many edits apart, with bands."""
    steps, apart = np.asarray(edits), np.asarray(distances, np.float64)
    known = np.unique(steps)
    middle = [apart[steps == step].mean() for step in known]
    low, high = ([np.percentile(apart[steps == step], share) for step in known] for share in BAND)
    key, out = Key("", 0), []
    with _figure(2.4, "Distance of vectors by edits", out) as axes:
        axes.plot(known, middle, **key.line())
        axes.fill_between(known, low, high, color=key.stand_in, alpha=0.2, linewidth=0)
        axes.set_xlabel("edits apart, at most")
        axes.set_ylabel("L2 between the vectors")
    return out[0]
