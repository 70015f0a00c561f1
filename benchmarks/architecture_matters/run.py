"""Trains the pupils: a network, an arm, a seed; one row a training.

Seeds: a pupil begins with weights of its own (from 1000 on) and sees the teachers of its seed's
parity. Draws are keyed by network and seed, alike in every arm.

Deviations of the package's defaults: soft targets are mixed with 0.3 of the label and taken at
temperature 1; uniform arms are drawn at the temperature at which all examples are as likely.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from benchmarks.run import RESULTS, run_cells
from benchmarks.trial_table.kinds import mixed
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.soft import SoftTargets
from subsel_automl.subselnet.temperatures import UNIFORM

from . import answers
from .family import FAMILY
from .given import Given
from .training import BATCH, answered, examples, trained

PATH = RESULTS / "architecture_matters.jsonl"
SEEDS, LABEL_SHARE, NONE = 5, 0.3, "none"
STEPS = {0.01: 200, 0.03: 200, 0.1: 400, 0.3: 400, 1.0: 400}
FIXED, REDRAWN = (0.01, 0.03, 0.1, 0.3), 0.1
KINDS = (  # subset, rule, targets, whose answers
    *(("fixed", "uniform", "labels", NONE),),
    *(("fixed", "gibbs", "labels", source) for source in ("own", "mean", "g_beta")),
    *(
        ("fixed", rule, "soft", source)
        for rule in ("uniform", "gibbs")
        for source in ("own", "mean")
    ),
    *(("fixed", rule, "soft", "g_beta") for rule in ("uniform", "gibbs")),
)
"""Of every fixed budget; those of REDRAWN and of all data follow."""


def arms() -> list[dict[str, Any]]:
    """In order of importance."""
    redrawn = [("redrawn", "uniform", "labels", NONE)]
    redrawn += [("redrawn", "uniform", "soft", source) for source in answers.SOURCES]
    kinds = [(kind, budget) for kind in KINDS[:-2] for budget in FIXED]
    kinds += [(kind, REDRAWN) for kind in redrawn]
    kinds += [(("fixed", "uniform", "labels", NONE), 1.0)]
    kinds += [(kind, budget) for kind in KINDS[-2:] for budget in FIXED]
    return [
        {"subset": subset, "rule": rule, "targets": targets, "answers": source, "budget": budget,
         "steps": STEPS[budget]}
        for (subset, rule, targets, source), budget in kinds
    ]  # fmt: skip


def cells() -> list[dict[str, Any]]:
    return [
        {"network": name, **arm, "seed": seed}
        for seed in range(SEEDS)
        for arm in arms()
        for name in FAMILY
    ]


def measure(minutes: float = 1e9, workers: int = 0) -> None:
    run_cells(PATH, cells(), train, (), workers, seconds_limit=60 * minutes)


def train(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Test accuracy of one pupil, and what its answers were worth."""
    data, name, seed = answers.data(), cell["network"], cell["seed"]
    told: dict[str, float] = {}
    known = np.full((len(data.pool), data.classes), -np.log(data.classes), np.float32)
    if cell["answers"] != NONE:
        teacher = seed % answers.SEEDS
        known = answers.SOURCES[cell["answers"]](name, teacher)
        told = answers.about(cell["answers"], name, teacher)
    began = time.process_time()
    drawn = zlib.crc32(name.encode()) % 100_000 * 100 + seed
    provider = Given(known, UNIFORM if cell["rule"] == "uniform" else None).fit(data.pool)
    feed = SubsetFeed(
        provider, cell["budget"], seed=drawn, redraw_every=int(cell["subset"] == "redrawn"),
        targets=cell["targets"], soft=SoftTargets(1.0, LABEL_SHARE),
    )  # fmt: skip
    batches = mixed(feed, None, seed, BATCH)
    model = trained(FAMILY[name], examples(data.train), batches, cell["steps"], 1000 + seed)
    x, y = data.test
    assert feed.subset is not None
    return {
        "test_accuracy": round(
            float((answered(model, torch.from_numpy(x)).argmax(1) == y).mean()), 4
        ),
        "temperature": feed.subset.provenance.notes["temperature"],
        **told,
        "cpu_seconds": round(time.process_time() - began, 2),
    }
