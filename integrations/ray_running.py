"""The trial that runs in this Ray worker: what the user's own code asks for its subset.

Ray runs one trial in a worker process at a time; a reused actor's next trial takes the last one's
place.
"""

from __future__ import annotations

from typing import Any

from ray import tune
from ray.tune.result import RESULT_DUPLICATE

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..training.loader import SubsetLoader
from ..training.session import SubsetPlan, SubsetSession

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
