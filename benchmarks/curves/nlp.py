"""The learning curves of NAS-Bench-NLP that were released: 341 complete ones of 289 recipes, the
validation loss of WikiText-2 after each of 50 epochs.

What is known of a run before it starts is counted from its recipe: how often each operation, nodes,
inputs of nodes, hidden states, parameters.
"""

from __future__ import annotations

import functools
import gzip
import json
from typing import Any

import numpy as np

from subsel_automl.core.curves import Curves
from subsel_automl.spaces.tables import table_file

FILE, EPOCHS = "nasbench_nlp_wikitext2_345.json.gz", 50
OPERATIONS = (
    "linear",
    "blend",
    "elementwise_prod",
    "elementwise_sum",
    "activation_tanh",
    "activation_sigm",
    "activation_leaky_relu",
)


@functools.cache
def records() -> list[dict[str, Any]]:
    """Of the complete runs: recipe, parameters, losses.

    Raises:
        MissingData: the file is not where SUBSEL_DATA says.
    """
    with gzip.open(table_file(FILE)) as file:
        rows = json.load(file)
    found = [{**row, "losses": _listed(row["val_losses"])} for row in rows]
    whole = [row for row in found if len(row["losses"]) == EPOCHS]
    return [row for row in whole if np.isfinite(np.asarray(row["losses"], float)).all()]


@functools.cache
def curves() -> Curves:
    """All of them, grouped by their recipe."""
    rows = records()
    return Curves(
        np.array([row["losses"] for row in rows], np.float64),
        "min",
        tuple(f"{place}" for place in range(len(rows))),
        tuple(row["recepie"] for row in rows),
        np.array([counts(row["recepie"], float(row["num_params"])) for row in rows]),
    )


def counts(recipe: str, parameters: float) -> list[float]:
    """What a recipe holds, as numbers."""
    nodes = json.loads(recipe)
    ops = [node["op"] for node in nodes.values()]
    inputs = sum(len(node["input"]) for node in nodes.values())
    states = sum(name.startswith("h_new") for name in nodes)
    return [*(float(ops.count(op)) for op in OPERATIONS), len(nodes), inputs, states,
            float(np.log10(parameters))]  # fmt: skip


def _listed(losses: Any) -> list[float]:
    found: list[float] = json.loads(losses) if isinstance(losses, str) else losses
    return found
