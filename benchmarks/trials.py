"""One trial as a benchmark cell: data, architecture, method, budget, targets, length, seed ->
accuracy and cost.

The length is `steps` (equal cost), or `passes` over the subset (the paper's equal epochs); the
passes of a warm-up go over the whole pool. A cell without `data` is about Fashion-MNIST.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from benchmarks import settings
from benchmarks.data import splits_kept, work_folder
from benchmarks.methods import learned, made
from subsel_automl.catalog import search_space
from subsel_automl.core.feed import SoftTargets, SubsetFeed
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.subselnet.temperatures import Choice, Choices
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trial import network, train_trial

FASHION = "fashion-mnist"


def cell(
    architecture: int,
    method: str,
    budget: float,
    targets: str,
    steps: int | None,
    seed: int,
    *,
    redraw: int = 0,
    role: str = "test",
    **extra: Any,
) -> dict[str, Any]:
    """A cell; `architecture` is its place in its role's list, `extra` overrides options."""
    length = {} if steps is None else {"steps": steps}
    return {
        "role": role,
        "architecture": architecture,
        "method": method,
        "budget": budget,
        "targets": targets,
        **length,
        "redraw": redraw,
        "seed": seed,
        **extra,
    }


def run_cell(
    cell: Mapping[str, Any], bundle: str = "", scale: str = "", recipe: Recipe | None = None
) -> dict[str, Any]:
    """Train one network as the cell says, and test it.

    Args:
        recipe: in place of the scale's.
        bundle: what SubSelNet learned; by default the data set's own, or the cell's `model`.
    """
    scale = scale or settings.SCALE
    data, about = cell.get("data", FASHION), settings.SCALES[scale]
    recipe = replace(recipe or about.recipe, augment=settings.DATA[data].augment)
    if cell.get("model"):
        bundle = str(work_folder() / "models" / data / cell["model"])
    chooser = _chooser(cell, bundle, scale)
    feed = SubsetFeed(
        chooser,
        1.0 if cell["method"] == "full" else cell["budget"],
        seed=cell["seed"],
        redraw_every=cell["redraw"],
        targets=cell["targets"],
        soft=_softness(cell),
    )
    architecture = settings.architectures()[cell["role"]][cell["architecture"]]
    splits, space = splits_kept(data), search_space("nasbench101")
    steps = length(cell, len(splits.train), recipe, chooser.warm_epochs)
    test = splits.validation if cell["role"] == "validation" else splits.test
    model = network(space, architecture, splits.train, about.sizes, cell["seed"])
    trainer, cost = train_trial(
        model, architecture, feed, recipe, steps=steps, seed=cell["seed"], device=about.device
    )
    limit = settings.DATA[data].test_examples
    accuracy, loss = trainer.evaluate(test, limit)
    folds = {}
    if cell.get("folds"):  # Table 11
        folds["train_accuracy"] = trainer.evaluate(splits.train, limit)[0]
        folds["validation_accuracy"] = trainer.evaluate(splits.validation, limit)[0]
    return {
        "accuracy": accuracy,
        "loss": loss,
        **folds,
        "steps": steps,
        **asdict(cost),
        "select_cpu_seconds": chooser.spent_cpu_seconds,
        "fit_cpu_seconds": chooser.fit_cpu_seconds,
    }


def length(cell: Mapping[str, Any], n: int, recipe: Recipe, warm: int) -> int:
    """Steps of a cell."""
    if "steps" in cell:
        return int(cell["steps"])
    passes, share = cell["passes"], cell["budget"]
    warm = min(warm, passes)
    return max(1, round((warm * n + (passes - warm) * max(1, round(share * n))) / recipe.batch))


def _softness(cell: Mapping[str, Any]) -> SoftTargets | None:
    if "target_temperature" not in cell:
        return None
    return SoftTargets(cell["target_temperature"], cell["label_share"])


def _chooser(cell: Mapping[str, Any], bundle: str, scale: str) -> SubsetProvider:
    """The cell's provider: a copy with nothing answered and nothing spent, whatever ran before."""
    data = cell.get("data", FASHION)
    if "ease_examples" in cell:
        return _eased(data, bundle, cell)
    options = dict(cell.get("options", {}))
    options |= {name: cell[name] for name in ("temperature", "per_class") if name in cell}
    passes = cell.get("passes", 0)
    kept = made(
        data,
        cell["method"],
        cell["targets"],
        passes,
        scale,
        tuple(sorted(options.items())),
        bundle,
    )
    chooser = copy.copy(kept)
    chooser.forget()
    chooser.spent_seconds = chooser.spent_cpu_seconds = 0.0
    return chooser


def _eased(data: str, bundle: str, cell: Mapping[str, Any]) -> SubsetProvider:
    """A schedule of temperatures, as `benchmarks.tune` tries them."""
    names = [field.name for field in fields(Choice) if field.name in cell]
    choice = Choice(**{**{name: cell[name] for name in names}, "redraw": bool(cell["redraw"])})
    main = learned(data, bundle)
    return type(main).from_model(main.fitted, main.pool, choices=Choices([choice]))
