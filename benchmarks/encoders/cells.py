"""Which cells there are, where encoders lie, and what the rows come to.

Deviations:
    [1] Cells are drawn from a fixed 40,000 of the 423,624 (uniform), so that each is encoded once.
    [2] arch2vec's mean over seven slots is its sum but for a factor, which no predictor here sees;
        `mean` is over the nodes that are there.
    [3] `one-hot adjacency` is of the listing of the enumeration, one for isomorphic cells.
    [4] The papers' plus or minus: of the thesis over 10 seeds, not said of what; of info-NAS
        1.96 s / sqrt(10) of 30 runs. Here intervals are of the mean over 10 seeds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.run import RESULTS, ROOT, read_rows
from benchmarks.statistics import mean_interval
from subsel_automl.encoders.store import SHIPPED

PATH = RESULTS / "encoders.jsonl"
OURS = ROOT / "benchmarks" / "bundles" / "encoders"
FOLDERS: dict[str, Path] = {  # an encoder that is trained is one line here
    "gvae": SHIPPED / "nasbench101",
    "arch2vec": OURS / "arch2vec",
    "cate": OURS / "cate",
    "cate-2e6": OURS / "cate-2e6",
    "cate, untrained": OURS / "cate",  # its sizes alone
}
POOLED = {  # of each node by node; CATE has the output node's vector
    "gvae": ("sum", "mean", "flat", "listed"),
    "arch2vec": ("sum", "mean", "flat", "listed"),
    "cate": ("own",),
    "cate-2e6": ("own",),
    "cate, untrained": ("own",),
}
PLAIN = "adjacency"  # needs no training
CONTROLS = ("one-hot adjacency", "operation counts", "parameters")
SIZES = (("gp", 250), ("forest", 608), ("forest", 2_500), ("forest", 10_000))
FITTED_ON = ("all", "above 80 %")
SEEDS, TESTED, POOL, LEAST_PERCENT = 10, 20_000, 40_000, 80.0


def views() -> list[tuple[str, str]]:
    """(encoder or control, pooling), the most asked for first."""
    learned = [(name, pooling) for name in FOLDERS for pooling in POOLED[name]]
    return [*learned, *((name, "") for name in CONTROLS), (PLAIN, "sum"), (PLAIN, "flat")]


def cells() -> list[dict[str, Any]]:
    """Small fits first, and of these a seed of every view after the other."""
    return [
        {
            "view": view,
            "pooling": pooling,
            "predictor": predictor,
            "rows": rows,
            "fitted_on": fitted_on,
            "seed": seed,
        }
        for predictor, rows in SIZES
        for seed in range(SEEDS)
        for view, pooling in views()
        for fitted_on in FITTED_ON
    ]


def at_hand(cell: dict[str, Any]) -> bool:
    """Whether the cell's encoder lies in its folder; what needs none is always at hand."""
    folder = FOLDERS.get(cell["view"])
    return folder is None or folder.is_dir()


def summary() -> list[dict[str, Any]]:
    """A row a view, predictor, size and origin: r and RMSE with their intervals over the seeds."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in read_rows(PATH):
        c = row["cell"]
        key = (c["view"], c["pooling"], c["predictor"], c["rows"], c["fitted_on"])
        found.setdefault(key, []).append(row)
    return [
        {
            **dict(zip(("view", "pooling", "predictor", "rows", "fitted_on"), key, strict=True)),
            "r": mean_interval([row["r"] for row in rows]),
            "rmse": mean_interval([row["rmse"] for row in rows]),
        }
        for key, rows in found.items()
    ]
