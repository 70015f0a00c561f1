"""Ray Tune: the user's own `train_fn(config)` or `tune.Trainable`, every trial on its subset.

    def train_fn(config):
        loader = subset_loader(train_set, model=model, batch_size=64)    # was: DataLoader(...)
        ... tune.report({"accuracy": accuracy})                          # as it was

    tune.Tuner(with_subset(train_fn, provider, 0.1), ...)                # was: tune.Tuner(train_fn)

What a trial reports gets provider, subset size and seconds a stage beside it (Ray's result table,
`LedgerCallback`). The provider travels once, through Ray's object store. A function's checkpoints
are the user's own: keep `loader.state_dict()` in them where a trial may be resumed. A class's carry
the loader's state (`ray_class.py`). Seconds after a trial's last report are in no report.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import ray
from ray import tune

from ..core.budget import Budget
from ..core.errors import BadInput
from ..core.feed import SoftTargets
from ..core.provider import SubsetProvider
from ..training.session import SubsetPlan
from .ray_class import subset_class
from .ray_running import add_bill, begin, current_subset, end, subset_loader
from .ray_teachers import RayTeachers, shared

__all__ = ["current_subset", "subset_loader", "with_subset"]
TrainFunction = Callable[[dict[str, Any]], Any]

_learners: list[SubsetProvider] = []  # in the driver: an actor ends with the last handle to it


class _Billed:
    """Mixed into Ray's function trainable: adds the trial's bill to every result it reports."""

    metric = "accuracy"

    def step(self) -> dict[str, Any]:
        return add_bill(super().step(), self.metric)  # type: ignore[misc]


def with_subset(
    trainable: Any,
    provider: SubsetProvider,
    budget: Budget | int | float,
    *,
    targets: str = "labels",
    redraw_every: int = 0,
    seed: int = 0,
    soft: SoftTargets | None = None,
    metric: str = "accuracy",
) -> Any:
    """A trainable for `tune.Tuner`, `tune.run` or `Tuner.restore`.

    Args:
        trainable: a function that reports with `tune.report`, or a subclass of `tune.Trainable`;
            it trains on `subset_loader(...)`. `tune.with_parameters` and `tune.with_resources` of a
            class go inside: with_subset(tune.with_parameters(Trial, data=...), ...).
        provider: fitted; its pool holds the user's training examples in their order.
        targets, redraw_every, seed, soft: see `SubsetFeed`.
        metric: the reported name of the held-out accuracy, in 0..1; learning providers read it.

    Raises:
        BadInput: a generator function; a learning provider before Ray runs; what `SubsetFeed`
            refuses.
    """
    if inspect.isgeneratorfunction(trainable):
        raise BadInput(f"{trainable.__name__} yields its results; let it call tune.report(...)")
    plan = SubsetPlan(_shared(provider), budget, targets, redraw_every, seed, soft)
    plan.feed()
    if inspect.isclass(trainable):
        return tune.with_parameters(subset_class(trainable, metric), subset_plan=plan)
    return tune.with_parameters(_function(trainable, metric), plan=plan)


def _function(train_fn: TrainFunction, metric: str) -> Callable[..., Any]:
    def trial(config: dict[str, Any], plan: SubsetPlan) -> Any:
        session = begin(plan)
        try:
            out = train_fn(config)
            session.teach()  # a trial that Ray stops does not come here
            return out
        finally:
            end(session)

    made: Any = trial
    made.__name__ = getattr(train_fn, "__name__", "train_fn")
    resources = getattr(train_fn, "_resources", None)
    if resources is not None:  # of tune.with_resources(train_fn, ...)
        made._resources = resources
    made.__mixins__ = (type("Billed", (_Billed,), {"metric": metric, "__module__": __name__}),)
    return trial


def _shared(provider: SubsetProvider) -> SubsetProvider:
    """A provider that learns does so through an actor that all trials reach."""
    if not provider.learns:
        return provider
    if not ray.is_initialized():
        raise BadInput(
            f"provider {provider.name!r} learns from trials, through an actor: call ray.init(...) "
            "before with_subset"
        )
    if not isinstance(getattr(provider, "teachers", None), RayTeachers):
        provider = shared(provider)
    _learners.append(provider)
    return provider
