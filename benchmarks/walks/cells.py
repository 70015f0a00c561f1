"""Which walks there are.

Deviations:
    [1] The thesis shows one walk of each encoder; here the mean over walks from the same ten cells.
    [2] Its supervised encoder (trained with the search) is not built. Beside the trained encoders
        stand the same with new weights, and a walk that jumps to any cell.
    [3] Of cells that are equally near one is drawn.
    [4] What counts as an edit is not said there; here `edits.py`. Consecutive cells of the random
        walk are one edit of the space apart, which may drop vertices that are cut off; then it is
        more than one of ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.run import RESULTS, ROOT, rows_of
from subsel_automl.encoders.store import SHIPPED

PATH = RESULTS / "walks.jsonl"
OURS = ROOT / "benchmarks" / "bundles" / "encoders"
FOLDERS: dict[str, Path] = {
    "arch2vec": OURS / "arch2vec",
    "gvae": SHIPPED / "nasbench101",
    "cate": OURS / "cate",
}
PLAIN, ANY, UNTRAINED = "adjacency", "any cell", ", untrained"
VIEWS = (  # and how the nodes become one vector
    ("arch2vec", "own"),
    ("arch2vec", "listed"),
    ("gvae", "mean"),
    ("gvae", "listed"),
    ("cate", "own"),
    (PLAIN, "listed"),
    (f"arch2vec{UNTRAINED}", "own"),  # [2]
    (f"cate{UNTRAINED}", "own"),
    (ANY, ""),
)
NEIGHBOURS, PAIRS = "neighbours", "pairs"  # Figs. 3.5 and 3.3
STEPS, LENGTH = 15, 1_000
SEEDS = {NEIGHBOURS: 10, PAIRS: 5}  # [1]


def cells() -> list[dict[str, Any]]:
    """From nearest to nearest a view after the other: its vectors are computed once. Of pairs a
    seed of every view after the other: so is the random walk."""
    nearest = [(NEIGHBOURS, *view, seed) for view in VIEWS for seed in range(SEEDS[NEIGHBOURS])]
    learned = [view for view in VIEWS if view[0] != ANY]
    pairs = [(PAIRS, *view, seed) for seed in range(SEEDS[PAIRS]) for view in learned]
    names = ("figure", "view", "pooling", "seed")
    return [dict(zip(names, cell, strict=True)) for cell in (*nearest, *pairs)]


def rows(figure: str, view: str, pooling: str) -> list[dict[str, Any]]:
    """A row a seed."""
    mine = (figure, view, pooling)
    return [
        row
        for row in rows_of(PATH, cells())
        if tuple(row["cell"][name] for name in ("figure", "view", "pooling")) == mine
    ]
