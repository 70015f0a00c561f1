"""Ray Tune: the user's own `train_fn(config)` or `tune.Trainable`, every trial on its subset.

    def train_fn(config):
        loader = subset_loader(train_set, model=model, batch_size=64)    # was: DataLoader(...)
        ... tune.report({"accuracy": accuracy})                          # as it was

    tune.Tuner(with_subset(train_fn, provider, 0.1), ...)                # was: tune.Tuner(train_fn)

What a trial reports gets provider, subset size and seconds a stage beside it (Ray's result table,
`LedgerCallback`). The provider travels once, through Ray's object store. A function's checkpoints
are the user's own: keep `loader.state_dict()` in them where a trial may be resumed. A class's carry
the loader's state. Seconds after a trial's last report are in no report.

A provider that learns is taught when a trial ends, however Ray ends it: the function returns, a
scheduler or `stop=` stops it (the function then stands in its last report), an actor is reused.
What that costs after the last report goes to `LedgerCallback` through the lessons' actor.

Ray Train: give `TorchTrainer(with_subset(train_fn, provider, 0.1), ...)`; each rank then reads its
part of the same subset, and `current_subset().bill()` is what a rank spent.

A class's session begins before the user's `setup`, and anew before `reset_config` (a reused actor);
a loader that the user keeps through a reset goes on with the new trial's first epoch.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import ray
from ray import tune

from ...core.budget import Budget
from ...core.errors import BadInput
from ...core.feed import SoftTargets
from ...core.modes import checked_mode
from ...core.plan import SubsetPlan
from ...core.provider import SubsetProvider
from .ledger import used
from .lessons import RayTeachers, shared
from .trial import (
    add_bill,
    begin,
    current_subset,
    end,
    held,
    of_function,
    running_as,
    subset_loader,
    trial_name,
)
from .wrap_class import subset_class

__all__ = ["current_subset", "subset_loader", "with_subset"]
# Of each trainable, in the driver: an actor of lessons ends with the last handle to it. It is no
# attribute of the trainable, which Ray pickles whole, pools and all, and refuses above 95 MiB.
alive: WeakKeyDictionary[Any, SubsetProvider] = WeakKeyDictionary()
TrainFunction = Callable[[dict[str, Any]], Any]


def with_subset(
    trainable: Any,
    provider: SubsetProvider,
    budget: Budget | int | float,
    *,
    targets: str = "labels",
    redraw_every: int | None = None,
    seed: int = 0,
    soft: SoftTargets | None = None,
    epochs: int | None = None,
    prior: str = "change",
    metric: str = "accuracy",
    mode: str = "max",
) -> Any:
    """A trainable for `tune.Tuner`, `tune.run` or `Tuner.restore`.

    Args:
        trainable: a function that reports with `tune.report`, or a subclass of `tune.Trainable`;
            it trains on `subset_loader(...)`. `tune.with_parameters` and `tune.with_resources` of a
            class go inside: with_subset(tune.with_parameters(Trial, data=...), ...).
        provider: fitted; its pool holds the user's training examples in their order.
        targets, redraw_every, seed, soft, epochs, prior: see `SubsetFeed`.
        metric, mode: the reported name of what says how good a trial is, and whether "max" or "min"
            is better: learning providers read it (see `SubsetSession.tell`). A trial that does not
            report it is measured by what it answered before it was trained on it.

    Ray is started, as the Tuner would, for a provider that learns.

    Raises:
        BadInput: a generator function; what `SubsetFeed` refuses. UnknownName: another mode.
    """
    checked_mode(mode)
    if inspect.isgeneratorfunction(trainable):
        raise BadInput(f"{trainable.__name__} yields its results; let it call tune.report(...)")
    plan = SubsetPlan(_shared(provider), budget, targets, redraw_every, seed, soft, epochs, prior)
    plan.feed()
    used(plan.provider)
    if inspect.isclass(trainable):
        made = tune.with_parameters(subset_class(trainable, metric, mode), subset_plan=plan)
    else:
        made = tune.with_parameters(_function(trainable, metric, mode), plan=plan)
    alive[made] = plan.provider
    return made


class _Billed:
    """Mixed into Ray's function trainable: adds the trial's bill to every result it reports, and
    teaches when the trial ends. A function that is stopped stands in its last report meanwhile."""

    metric, mode = "accuracy", "max"

    def step(self) -> dict[str, Any]:
        result: dict[str, Any] = super().step()  # type: ignore[misc]
        session = of_function()
        return result if session is None else add_bill(session, result, self.metric, self.mode)

    def cleanup(self) -> None:
        end(held(None))
        super().cleanup()  # type: ignore[misc]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        end(held(None))
        return bool(super().reset_config(new_config))  # type: ignore[misc]


def _function(train_fn: TrainFunction, metric: str, mode: str) -> Callable[..., Any]:
    def trial(config: dict[str, Any], plan: SubsetPlan) -> Any:
        session = begin(plan, trial_name(), config)
        if session.name:
            held(session)
        with session, running_as(session):
            out = train_fn(config)
            if not session.name:  # of Ray Train: nobody ends it but itself
                session.teach()
            return out

    made: Any = trial
    made.__name__ = getattr(train_fn, "__name__", "train_fn")
    resources = getattr(train_fn, "_resources", None)
    if resources is not None:  # of tune.with_resources(train_fn, ...)
        made._resources = resources
    about = {"metric": metric, "mode": mode, "__module__": __name__}
    made.__mixins__ = (type("Billed", (_Billed,), about),)
    return trial


def _shared(provider: SubsetProvider) -> SubsetProvider:
    """A provider that learns does so through an actor that all trials reach."""
    if not provider.learns:
        return provider
    if not ray.is_initialized():
        ray.init()  # as the Tuner would, a moment later
    if isinstance(getattr(provider, "teachers", None), RayTeachers):
        return provider
    return shared(provider)
