"""Which cells the ablations are made of, and their rows against full training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import settings
from benchmarks.run import RESULTS, read_rows
from benchmarks.statistics import mean_and_error
from benchmarks.tradeoff.cells import curves
from benchmarks.trials import FASHION, cell

Row = Mapping[str, Any]
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


def path_of(what: str) -> Path:
    """Rows of "models", "hybrid" or "references"."""
    return RESULTS / f"ablation_{what}_trials.jsonl"


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


def rar_rows(rows: Iterable[Row], data: str) -> dict[tuple[Any, ...], list[float]]:
    """(model, method, budget, first) -> RAR of each run, against the trade-off's full training."""
    full, _ = curves(data)
    found: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for row in rows:
        c = row["cell"]
        run = (c["architecture"], c["seed"] if (c["architecture"], c["seed"]) in full else 0)
        if run in full:
            key = (c.get("model", ""), c["method"], c["budget"], c.get("options", {}).get("first"))
            found[key].append(1 - row["accuracy"] / full[run]["accuracy"])
    return found


def references(data: str = FASHION) -> list[dict[str, Any]]:
    """Accuracy by zoo: epochs, k, cost of the zoo, mean and error by budget and kind of target."""
    made = {
        (r["epochs"], r["mean_of"]): r
        for r in read_rows(TABLE)
        if "mean_of" in r and r["data"] == data
    }
    found: dict[tuple[int, int], dict[str, dict[Any, float]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for row in read_rows(path_of("references")):
        c = row["cell"]
        k, epochs = c["model"].removeprefix("mean-").split("-e")
        name = f"{c['targets']} {100 * c['budget']:g} %"
        found[int(epochs), int(k)][name][c["architecture"], c["seed"]] = 100 * row["accuracy"]
    return [
        {
            "epochs": epochs,
            "k": k,
            "cpu_seconds": made[epochs, k]["zoo_cpu_seconds"],
            "teacher": made[epochs, k]["zoo_test_accuracy"],
            "runs": {name: dict(values) for name, values in runs.items()},
            **{name: mean_and_error(list(values.values())) for name, values in runs.items()},
        }
        for (epochs, k), runs in sorted(found.items())
    ]


def behind(row: Row, best: Row, name: str) -> tuple[float, float]:
    """Points by which one zoo is behind another, over the runs of both, with the error of pairs."""
    ours, theirs = row["runs"].get(name, {}), best["runs"].get(name, {})
    both = sorted(set(ours) & set(theirs))
    return mean_and_error([theirs[run] - ours[run] for run in both])


def knee(rows: list[dict[str, Any]], name: str, epochs: int | None = None) -> int | None:
    """The least k that is behind the largest zoo (most epochs, most networks) by no more than one
    standard error of the pairs; None when nothing ran."""
    have = [row for row in rows if name in row]
    if not have:
        return None
    best = max(have, key=lambda row: (row["epochs"], row["k"]))
    close = []
    for row in have:
        lead, error = behind(row, best, name)
        if lead <= error and row["epochs"] == (epochs or best["epochs"]):
            close.append(row["k"])
    return min(close, default=None)
