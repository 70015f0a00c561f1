"""Ray Tune: the user's own `train_fn(config)` or `tune.Trainable`, every trial on its subset.

    def train_fn(config):
        loader = subset_loader(train_set, model=model, batch_size=64)    # was: DataLoader(...)
        ... tune.report({"accuracy": accuracy})                          # as it was

    tune.Tuner(with_subset(train_fn, provider, 0.1), ...)                # was: tune.Tuner(train_fn)

What a trial reports gets provider, subset size and seconds a stage beside it (Ray's result table,
`LedgerCallback`). The provider travels once, through Ray's object store. A function's checkpoints
are the user's own: keep `loader.state_dict()` in them where a trial may be resumed. A class's carry
the loader's state. Seconds after a trial's last report are in no report.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.tune.result import DONE, RESULT_DUPLICATE

from ...core.architecture import Architecture
from ...core.budget import Budget
from ...core.errors import BadInput
from ...core.feed import SoftTargets
from ...core.feed_file import read_feed, save_feed
from ...core.provider import SubsetProvider
from ...hosting.loader import SubsetLoader
from ...hosting.session import SubsetPlan, SubsetSession
from .lessons import RayTeachers, shared

_running: SubsetSession | None = None


def begin(plan: SubsetPlan, name: str | None = None) -> SubsetSession:
    """A new trial's session; `name` is Ray's own name of the trial unless given."""
    global _running
    if plan.provider.learns:
        plan.provider.forget()  # other trials may have taught it since
    _running = plan.session(name or tune.get_context().get_trial_id() or "").__enter__()
    return _running


def end(session: SubsetSession) -> None:
    """The trial is over."""
    global _running
    session.__exit__(None, None, None)
    if _running is session:  # not when a reused actor has begun another trial
        _running = None


def add_bill(result: dict[str, Any], metric: str) -> dict[str, Any]:
    """What a trial reports, with provider, subset size and seconds a stage beside it."""
    if _running is not None and RESULT_DUPLICATE not in result:
        tell(_running, result, metric)
        result.update(_running.bill())
    return result


def tell(session: SubsetSession, result: dict[str, Any], metric: str) -> None:
    """The reported accuracy, to a provider that learns; others do not ask what is reported."""
    if metric in result and session.feed.provider.learns:
        session.tell(float(result[metric]))


def current_subset() -> SubsetSession:
    """The session of the trial that runs in this process.

    Raises:
        BadInput: outside of a trial that `with_subset` made.
    """
    if _running is None:
        raise BadInput(
            "no trial with a subset runs here; give Ray with_subset(train_fn, provider, budget)"
        )
    return _running


def subset_loader(
    dataset: Any = None,
    *,
    model: Any = None,
    architecture: Architecture | None = None,
    validation: Any = None,
    batch_size: int = 64,
    drop_last: bool = False,
    with_weights: bool = False,
    num_workers: int = 0,
) -> SubsetLoader:
    """In a trial, in the place of `DataLoader(dataset, batch_size=64, shuffle=True)`."""
    return current_subset().loader(
        dataset,
        model=model,
        architecture=architecture,
        validation=validation,
        batch_size=batch_size,
        drop_last=drop_last,
        with_weights=with_weights,
        num_workers=num_workers,
    )


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


STATE = "subset_loader"  # in a checkpoint that is a dict


def subset_class(trainable: type[Any], metric: str) -> type[tune.Trainable]:
    """A subclass of the user's class; give it `subset_plan=` by `tune.with_parameters`.

    Raises:
        BadInput: no subclass of `tune.Trainable`.
    """
    if not issubclass(trainable, tune.Trainable):
        raise BadInput(f"{trainable.__name__} is no tune.Trainable; with_subset takes those")
    made = type(trainable.__name__, (_WithSubset, trainable), {"subset_metric": metric})
    made.__module__ = __name__
    return made


class _WithSubset:
    """Mixed in before the user's class."""

    subset_metric: str
    subset: SubsetSession | None = None
    trial_id: str

    def setup(self, config: dict[str, Any], subset_plan: SubsetPlan) -> None:
        self.subset_plan = subset_plan
        self._begin_subset()
        super().setup(config)  # type: ignore[misc]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._begin_subset()
        return bool(super().reset_config(new_config))  # type: ignore[misc]

    def _begin_subset(self) -> None:
        if self.subset is not None:
            end(self.subset)
        self.subset = begin(self.subset_plan, str(self.trial_id))

    @property
    def _session(self) -> SubsetSession:
        assert self.subset is not None
        return self.subset

    def step(self) -> dict[str, Any]:
        result = super().step()  # type: ignore[misc]
        if result.get(DONE):
            tell(self._session, result, self.subset_metric)
            self._session.teach()
        return add_bill(result, self.subset_metric)

    def save_checkpoint(self, checkpoint_dir: str) -> Any:
        saved, loader = super().save_checkpoint(checkpoint_dir), self._session.made  # type: ignore[misc]
        if loader is None:
            return saved
        if isinstance(saved, dict):
            return {**saved, STATE: loader.state_dict()}
        save_feed(loader.feed, checkpoint_dir, epoch=loader.epoch, examples=loader.examples)
        return saved

    def load_checkpoint(self, checkpoint: Any) -> None:
        state: dict[str, Any] | None
        if isinstance(checkpoint, dict):
            state = checkpoint.pop(STATE, None)
        else:
            feed, extra = read_feed(Path(checkpoint))
            state = {**extra, "feed": feed}
        super().load_checkpoint(checkpoint)  # type: ignore[misc]
        loader = self._session.made
        if loader is not None and state is not None:
            loader.load_state_dict(state)

    def cleanup(self) -> None:
        super().cleanup()  # type: ignore[misc]
        if self.subset is not None:
            end(self.subset)
            self.subset = None
