"""One trial as a benchmark cell: architecture, method, budget, targets, steps, seed -> accuracy."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from benchmarks import settings
from subsel_automl.catalog import dataset, provider, provider_class, search_space
from subsel_automl.core.feed import SoftTargets, SubsetFeed
from subsel_automl.core.provider import SubsetProvider
from subsel_automl.subselnet.choices import Choice, Choices
from subsel_automl.subselnet.predicting import PredictingProvider
from subsel_automl.subselnet.tuning import UNIFORM
from subsel_automl.training.trial import run_trial


def cell(
    architecture: int,
    method: str,
    budget: float,
    targets: str,
    steps: int,
    seed: int,
    *,
    redraw: int = 0,
    role: str = "test",
    **extra: Any,
) -> dict[str, Any]:
    """A cell; `architecture` is its place in its role's list, `extra` overrides options."""
    return {
        "role": role,
        "architecture": architecture,
        "method": method,
        "budget": budget,
        "targets": targets,
        "steps": steps,
        "redraw": redraw,
        "seed": seed,
        **extra,
    }


def run_cell(cell: Mapping[str, Any], bundle: str) -> dict[str, Any]:
    """Train one network as the cell says, and test it."""
    architecture = settings.architectures()[cell["role"]][cell["architecture"]]
    if "ease_examples" in cell:
        chooser = _eased(bundle, cell)
    else:
        chooser = _provider(
            bundle, cell["method"], cell.get("temperature"), cell.get("per_class"), cell["targets"]
        )
    soft = None
    if "target_temperature" in cell:
        soft = SoftTargets(cell["target_temperature"], cell["label_share"])
    feed = SubsetFeed(
        chooser,
        1.0 if cell["method"] == "full" else cell["budget"],
        seed=cell["seed"],
        redraw_every=cell["redraw"],
        targets=cell["targets"],
        soft=soft,
    )
    splits = dataset_kept("fashion-mnist")
    result = run_trial(
        search_space("nasbench101"),
        architecture,
        feed,
        settings.RECIPE,
        steps=cell["steps"],
        test=splits.validation if cell["role"] == "validation" else splits.test,
        sizes=settings.SIZES,
        seed=cell["seed"],
        test_examples=settings.TEST_EXAMPLES,
    )
    return {
        "accuracy": result.accuracy,
        "loss": result.loss,
        "seconds": result.seconds,
        "cpu_seconds": result.cpu_seconds,
        "select_seconds": result.select_seconds,
        "gb_minutes": result.gb_minutes,
    }


@functools.lru_cache(maxsize=1)
def dataset_kept(name: str) -> Any:
    """The data set, read once a process."""
    return dataset(name)


@functools.lru_cache(maxsize=1)
def _main(bundle: str) -> PredictingProvider:
    from subsel_automl.subselnet.transductive import SubSelNet

    return SubSelNet.from_bundle(bundle, dataset_kept("fashion-mnist").train)


def _eased(bundle: str, cell: Mapping[str, Any]) -> SubsetProvider:
    """A schedule of temperatures, as `benchmarks.tune` tries them."""
    names = [field.name for field in fields(Choice) if field.name in cell]
    choice = Choice(**{**{name: cell[name] for name in names}, "redraw": bool(cell["redraw"])})
    main = _main(bundle)
    return type(main).from_model(main.fitted, main.pool, choices=Choices([choice]))


@functools.lru_cache(maxsize=32)
def _provider(
    bundle: str, method: str, temperature: float | None, per_class: bool | None, targets: str
) -> SubsetProvider:
    """A method by name. `random` with soft targets is a uniform draw with g_beta's predictions as
    targets: the control that differs from `subselnet` in the choice of examples alone."""
    kind = provider_class(method)
    if method in ("random", "random-per-class") and targets == "soft":
        main = _main(bundle)
        return main.like(type(main), temperature=UNIFORM, per_class=method != "random")
    if issubclass(kind, PredictingProvider):
        return _main(bundle).like(kind, temperature=temperature, per_class=per_class)
    return provider(method).fit(dataset_kept("fashion-mnist").train)
