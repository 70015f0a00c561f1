"""Ray Tune: the user's own `train_fn(config)` or `tune.Trainable`, every trial on its subset.

    def train_fn(config):
        loader = subset_loader(train_set, model=model, batch_size=64)    # was: DataLoader(...)
        ... tune.report({"accuracy": accuracy})                          # as it was

    tune.Tuner(with_subset(train_fn, provider, 0.1), ...)                # was: tune.Tuner(train_fn)

What a trial reports gets provider, subset size and seconds a stage beside it (Ray's result table,
`LedgerCallback`). The provider travels once, through Ray's object store. A function's checkpoints
are the user's own: keep `loader.state_dict()` in them where a trial may be resumed. A class's carry
the loader's state. Seconds after a trial's last report are in no report.

Ray Train: give `TorchTrainer(with_subset(train_fn, provider, 0.1), ...)`; each rank then reads its
part of the same subset, and `current_subset().bill()` is what a rank spent.

A class's session begins before the user's `setup`, and anew before `reset_config` (a reused actor);
a loader that the user keeps through a reset goes on with the new trial's first epoch. A provider
that learns is taught by a trial that reports `done=True`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import ray
from ray import tune
from ray.tune.result import DONE, RESULT_DUPLICATE

from ...core.budget import Budget
from ...core.errors import BadInput
from ...core.feed import SoftTargets
from ...core.feed_file import read_feed, save_feed
from ...core.plan import SubsetPlan
from ...core.provider import SubsetProvider
from ...hosting.loader import SubsetLoader
from ...hosting.session import SubsetSession
from .ledger import used
from .lessons import RayTeachers, shared

__all__ = ["current_subset", "subset_loader", "with_subset"]
TrainFunction = Callable[[dict[str, Any]], Any]
STATE = "subset_loader"  # in a checkpoint that is a dict

_running: SubsetSession | None = None  # the trial whose code runs in this process


def with_subset(
    trainable: Any,
    provider: SubsetProvider,
    budget: Budget | int | float,
    *,
    targets: str = "labels",
    redraw_every: int = 0,
    seed: int = 0,
    soft: SoftTargets | None = None,
    epochs: int | None = None,
    prior: str = "change",
    metric: str = "accuracy",
) -> Any:
    """A trainable for `tune.Tuner`, `tune.run` or `Tuner.restore`.

    Args:
        trainable: a function that reports with `tune.report`, or a subclass of `tune.Trainable`;
            it trains on `subset_loader(...)`. `tune.with_parameters` and `tune.with_resources` of a
            class go inside: with_subset(tune.with_parameters(Trial, data=...), ...).
        provider: fitted; its pool holds the user's training examples in their order.
        targets, redraw_every, seed, soft, epochs, prior: see `SubsetFeed`.
        metric: the reported name of the held-out accuracy, in 0..1; learning providers read it.

    Raises:
        BadInput: a generator function; a learning provider before Ray runs; what `SubsetFeed`
            refuses.
    """
    if inspect.isgeneratorfunction(trainable):
        raise BadInput(f"{trainable.__name__} yields its results; let it call tune.report(...)")
    plan = SubsetPlan(_shared(provider), budget, targets, redraw_every, seed, soft, epochs, prior)
    plan.feed()
    used(plan.provider)
    if inspect.isclass(trainable):
        made = tune.with_parameters(subset_class(trainable, metric), subset_plan=plan)
    else:
        made = tune.with_parameters(_function(trainable, metric), plan=plan)
    made.subset_provider = plan.provider  # an actor of lessons ends with the last handle to it
    return made


def current_subset() -> SubsetSession:
    """The session of the trial that runs in this process.

    Raises:
        BadInput: outside of a trial that `with_subset` made.
    """
    if _running is None:
        raise BadInput(
            "no trial with a subset runs here; give Ray with_subset(train_fn, provider, budget): "
            "Tuner(with_subset(train_fn, ...)); for Ray Train TorchTrainer(with_subset(loop, ...))"
        )
    return _running


def subset_loader(dataset: Any = None, **options: Any) -> SubsetLoader:
    """In a trial, in the place of `DataLoader(dataset, batch_size=64, shuffle=True)`; takes what
    `SubsetLoader` takes."""
    return current_subset().loader(dataset, **options)


def _begin(plan: SubsetPlan, name: str) -> SubsetSession:
    if plan.provider.learns:
        plan.provider.forget()  # other trials may have taught it since
    return SubsetSession(plan.feed(), name)


@contextmanager
def _running_as(session: SubsetSession) -> Iterator[None]:
    """While a trial's own code runs."""
    global _running
    before, _running = _running, session
    try:
        yield
    finally:
        _running = before


def _add_bill(session: SubsetSession, result: dict[str, Any], metric: str) -> dict[str, Any]:
    """What a trial reports, with provider, subset size and seconds a stage beside it."""
    if RESULT_DUPLICATE not in result:
        _tell(session, result, metric)
        result.update(session.bill())
    return result


def _tell(session: SubsetSession, result: dict[str, Any], metric: str) -> None:
    """The reported accuracy, to a provider that learns; others do not ask what is reported. What is
    no number (Ray takes anything) is not told."""
    value = result.get(metric)
    if session.feed.provider.learns and isinstance(value, (int, float, np.number)):
        session.tell(float(value))


class _Billed:
    """Mixed into Ray's function trainable: adds the trial's bill to every result it reports."""

    metric = "accuracy"

    def step(self) -> dict[str, Any]:
        result: dict[str, Any] = super().step()  # type: ignore[misc]
        return result if _running is None else _add_bill(_running, result, self.metric)


def _function(train_fn: TrainFunction, metric: str) -> Callable[..., Any]:
    def trial(config: dict[str, Any], plan: SubsetPlan) -> Any:
        session = _begin(plan, _trial_name())
        with session, _running_as(session):
            out = train_fn(config)
            session.teach()  # a trial that Ray stops does not come here
            return out

    made: Any = trial
    made.__name__ = getattr(train_fn, "__name__", "train_fn")
    resources = getattr(train_fn, "_resources", None)
    if resources is not None:  # of tune.with_resources(train_fn, ...)
        made._resources = resources
    made.__mixins__ = (type("Billed", (_Billed,), {"metric": metric, "__module__": __name__}),)
    return trial


def _trial_name() -> str:
    """Ray Tune's name of the trial; "" in a worker of Ray Train and outside of Ray."""
    try:
        return str(tune.get_context().get_trial_id() or "")
    except (RuntimeError, AttributeError):
        return ""


def _shared(provider: SubsetProvider) -> SubsetProvider:
    """A provider that learns does so through an actor that all trials reach."""
    if not provider.learns:
        return provider
    if not ray.is_initialized():
        raise BadInput(
            f"provider {provider.name!r} learns from trials, through an actor: call ray.init(...) "
            "before with_subset"
        )
    if isinstance(getattr(provider, "teachers", None), RayTeachers):
        return provider
    return shared(provider)


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

    def setup(self, config: dict[str, Any], subset_plan: SubsetPlan, **others: Any) -> None:
        self.subset_plan = subset_plan
        with _running_as(self._begin_subset()):
            super().setup(config, **others)  # type: ignore[misc]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        kept = self._session.made
        session = self._begin_subset()
        with _running_as(session):
            done = bool(super().reset_config(new_config))  # type: ignore[misc]
        if done and session.made is None and kept is not None:  # the user keeps the loader
            session.adopt(kept)
        return done

    def _begin_subset(self) -> SubsetSession:
        self._end_subset()
        self.subset = _begin(self.subset_plan, str(self.trial_id)).__enter__()
        return self.subset

    def _end_subset(self) -> None:
        if self.subset is not None:
            self.subset.__exit__(None, None, None)
            self.subset = None

    @property
    def _session(self) -> SubsetSession:
        assert self.subset is not None
        return self.subset

    def step(self) -> Any:
        self._session.clock.waited()
        with _running_as(self._session):
            result = super().step()  # type: ignore[misc]
            if not isinstance(result, dict):
                return result  # Ray says what it makes of that
            if result.get(DONE):
                _tell(self._session, result, self.subset_metric)
                self._session.teach()
        return _add_bill(self._session, result, self.subset_metric)

    def save_checkpoint(self, checkpoint_dir: str) -> Any:
        with _running_as(self._session):
            saved = super().save_checkpoint(checkpoint_dir)  # type: ignore[misc]
        loader = self._session.made
        if loader is None:
            return saved
        if isinstance(saved, dict):
            return {**saved, STATE: loader.state_dict()}
        save_feed(loader.feed, checkpoint_dir, epoch=loader.epoch, examples=loader.examples)
        return saved

    def load_checkpoint(self, checkpoint: Any) -> None:
        state: dict[str, Any] | None
        if isinstance(checkpoint, dict):
            checkpoint = dict(checkpoint)
            state = checkpoint.pop(STATE, None)
        else:
            feed, extra = read_feed(Path(checkpoint))
            state = {**extra, "feed": feed}
        with _running_as(self._session):
            super().load_checkpoint(checkpoint)  # type: ignore[misc]
        loader = self._session.made
        if loader is not None and state is not None:
            loader.load_state_dict(state)

    def cleanup(self) -> None:
        super().cleanup()  # type: ignore[misc]
        self._end_subset()
