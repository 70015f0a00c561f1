"""The end of `subsel tune`: the winner trained on all data, its weights kept.

winner.safetensors   the network's state, as `torch.nn.Module.load_state_dict` takes it
winner.json          configuration, validation accuracy, steps, seconds, sha256 of the weights
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output

if TYPE_CHECKING:
    from ..core.feed import SubsetFeed
    from ..training.trial import TrialCost
    from .searching import Subject

UNITS = ("seconds", "cpu_seconds")
WEIGHTS, RECORD, TRIAL = "winner.safetensors", "winner.json", "final"


def trained(
    out: Path,
    subject: Subject,
    best: Mapping[str, Any],
    settings: Mapping[str, Any],
    taught: bool = False,
) -> dict[str, Any]:
    """Train the best configuration for `settings["epochs"]` passes over all data, once a folder.

    Args:
        best: optimizer and scheduler, as the search found them.
        settings: epochs, seed and sizes of the search.
        taught: on the soft targets of the search's trials, whose lessons lie in the folder, where
            they are clearly ahead of what the winner will come to (`share_at_end`).
    """
    from safetensors.torch import save

    from ..core.files import read_json, write_atomic, write_json
    from ..integrations.ray.task import TrialTask
    from ..training.batches import steps_an_epoch
    from ..training.recipes import Recipe
    from ..training.trial import network, train_trial

    if (out / RECORD).exists():
        return read_json(out / RECORD)
    pool, cell, seed = subject.provider.pool, subject.cell, settings["seed"]
    output.note(f"training the winner on all {len(pool):,} examples, {settings['epochs']} passes")
    steps = settings["epochs"] * steps_an_epoch(len(pool), TrialTask.batch)
    feed, share = _feed(out, subject, seed, best, steps * TrialTask.batch if taught else 0)
    trainer, cost = train_trial(
        network(subject.space, cell, pool, settings["sizes"], seed),
        cell,
        feed,
        Recipe(best["optimizer"], best["scheduler"], TrialTask.batch),
        steps=steps,
        seed=seed,
    )
    assert pool.validation is not None
    accuracy, _ = trainer.evaluate(pool.validation)
    weights = save({k: v.cpu().contiguous() for k, v in trainer.model.state_dict().items()})
    write_atomic(out / WEIGHTS, weights)
    _charge(out, subject, cost, steps * TrialTask.batch)
    record = {
        "config": best,
        "taught": share < 1,
        "label_share": share,
        "architecture": cell.key,
        "accuracy": accuracy,
        "steps": steps,
        "cpu_seconds": cost.cpu_seconds,
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    write_json(out / RECORD, output.plain(record))
    return read_json(out / RECORD)


def _feed(
    out: Path, subject: Subject, seed: int, best: Mapping[str, Any], examples: int
) -> tuple[SubsetFeed, float]:
    """All data, with labels or with what the search's trials answer; and the label's share.

    Args:
        examples: of the training that teachers may help; 0 for labels alone.
    """
    from ..budgeting.final import final_feed
    from ..catalog import provider
    from ..core.feed import SubsetFeed
    from ..report.run_folder import TRIALS, read_rows
    from .searching import NAME, RAY

    pool = subject.provider.pool
    if examples:
        teachers: Any = copy.copy(subject.provider)
        teachers.folder = out / RAY / f"{NAME}-lessons"
        own = [
            (row["epochs"] * row["subset_size"], 1 - row["accuracy"])
            for row in read_rows(out / TRIALS)
            if all(row[part] == best[part] for part in best)
        ]
        feed = final_feed(teachers.fit(pool), own, examples, seed=seed)
        if feed.told_soft is not None:
            return feed, feed.told_soft.label_share
        output.note("the search's trials are not clearly ahead of the winner: labels alone")
    return SubsetFeed(provider("full").fit(pool), 1.0, seed=seed), 1.0


def _charge(out: Path, subject: Subject, cost: TrialCost, examples: int) -> None:
    """On the search's bill, as a trial of its own that all data would not need once more."""
    from ..core.feed import SubsetFeed
    from ..hosting.account import SearchAccount
    from ..hosting.bill import facts_of
    from ..hosting.clock import STAGES
    from ..integrations.ray.ledger import HOST
    from ..report.run_folder import LEDGER
    from .searching import NAME

    feed = SubsetFeed(subject.provider, 1.0)
    bill = {
        **facts_of(feed, len(subject.provider.pool)),
        **{
            f"{stage.lower()}_{unit}": 0.0
            for stage in STAGES
            for unit in ("seconds", "cpu_seconds")
        },
        "train_seconds": cost.seconds,
        "train_cpu_seconds": cost.cpu_seconds,
        "gb_minutes": cost.gb_minutes,
        "architecture_key": subject.cell.key,
        "examples": float(examples),
        "full_examples": 0.0,
    }
    del bill["budget"], bill["subset_size"], bill["redraw_every"]  # of the search's trials
    account = SearchAccount(NAME, out / LEDGER, HOST)
    account.charge(bill, TRIAL, "bill", state="complete")
    account.close()
