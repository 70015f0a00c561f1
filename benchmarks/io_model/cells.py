"""Which trainings there are, and what the rows come to.

Deviations:
    [1] info-NAS trains on 608 networks of 12 epochs at full size, 1,000 images, nine tenths of the
        space, 10 epochs in batches of 32.
    [2] Its Accuracy model learns the table's accuracies after 108 epochs; here those of the zoo.
    [3] Tables 6 and 7: one draw of fitted cells for each of three trainings; there ten. At 10,000
        nothing was run.
"""

from __future__ import annotations

from typing import Any

from benchmarks.run import RESULTS, rows_of

PATH = RESULTS / "io_model.jsonl"
NETWORKS = 64  # [1]
CELLS, EPOCHS, BATCH = 20_000, 4, 256
MODELS = ("io", "accuracy", "arch2vec")
POOLINGS = {"io": ("mean", "flatten"), "accuracy": ("mean", "flatten"), "arch2vec": ("mean",)}
SEEDS, SIZES, PAPER_SIZES = 3, (608, 2_500), (608, 2_500, 10_000)  # [3]
UNSEEN = "unseen networks, unseen images"


def cells() -> list[dict[str, Any]]:
    """Both models of the claim first, a seed after the other."""
    ours = [(model, seed) for seed in range(SEEDS) for model in ("io", "accuracy")]
    return [
        {
            "model": model,
            "networks": NETWORKS,
            "cells": CELLS,
            "epochs": EPOCHS,
            "batch": BATCH,
            "seed": seed,
        }
        for model, seed in [*ours, *(("arch2vec", seed) for seed in range(SEEDS))]
    ]


def rows(model: str) -> list[dict[str, Any]]:
    """Of one model, a row a seed."""
    return [row for row in rows_of(PATH, cells()) if row["cell"]["model"] == model]
