"""The trial whose code runs in this process: its session, its bill, its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from ray import tune
from ray.tune.result import RESULT_DUPLICATE

from ...budgeting.final import FINAL, final_plan
from ...budgeting.passes import RUNG, full_examples, plan_of_rung
from ...core.errors import BadInput
from ...core.plan import SubsetPlan
from ...hosting.bill import FACTS as BILLED
from ...hosting.loader import SubsetLoader
from ...hosting.session import SubsetSession
from .lessons import FACTS, RayTeachers

BESIDE = {*BILLED, "examples", "full_examples"} - {"provider", "subset_size"}  # under FACTS

_running: SubsetSession | None = None
_of_function: SubsetSession | None = None  # of a function that runs here, or has ended here


def held(session: SubsetSession | None) -> SubsetSession | None:
    """Keep a function's session, which outlives the function; the one before."""
    global _of_function
    before, _of_function = _of_function, session
    return before


def of_function() -> SubsetSession | None:
    """The session that is held."""
    return _of_function


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


def begin(plan: SubsetPlan, name: str, config: Mapping[str, Any]) -> SubsetSession:
    """A session for a trial; of a search by rungs, its rung's part of a full training; of the
    winner's last, all data."""
    if plan.provider.learns:
        plan.provider.forget()  # other trials may have taught it since
    if FINAL in config:
        session = SubsetSession(final_plan(plan, config[FINAL]).feed(), name)
        session.stands_for, session.last_training = 0.0, True
        return session
    rung = config.get(RUNG)
    if rung is None:
        return SubsetSession(plan.feed(), name)
    part = plan_of_rung(plan, rung["length"], bool(rung.get("by_data")))
    session = SubsetSession(part.feed(), name)
    session.stands_for = full_examples(plan, rung["rung"])
    return session


@contextmanager
def running_as(session: SubsetSession) -> Iterator[None]:
    """While a trial's own code runs."""
    global _running
    before, _running = _running, session
    try:
        yield
    finally:
        _running = before


def add_bill(
    session: SubsetSession, result: dict[str, Any], metric: str, mode: str
) -> dict[str, Any]:
    """What a trial reports, with provider, subset size and seconds a stage beside it."""
    if RESULT_DUPLICATE not in result:
        tell(session, result, metric, mode)
        bill = session.bill()
        facts = {name: bill.pop(name) for name in list(bill) if name in BESIDE}
        facts |= {"metric": metric, "mode": mode, "read_epochs": session.read_epochs}
        teachers = getattr(session.feed.provider, "teachers", None)
        if isinstance(teachers, RayTeachers):
            facts["actor"] = teachers.name
        result.update(bill, **{FACTS: facts})
    return result


def tell(session: SubsetSession, result: dict[str, Any], metric: str, mode: str) -> None:
    """The reported metric, to a provider that learns; others do not ask what is reported. What is
    no number (Ray takes anything) is not told."""
    value = result.get(metric)
    if session.feed.provider.learns and isinstance(value, (int, float, np.number)):
        session.tell(float(value), mode)


def end(session: SubsetSession | None) -> None:
    """A trial is over: its lesson, and what came after its last report."""
    if session is None or session.failed or not session.feed.provider.learns:
        return
    session.teach()
    teachers = getattr(session.feed.provider, "teachers", None)
    if isinstance(teachers, RayTeachers) and session.name:
        teachers.bill(session.name, session.bill())


def trial_name() -> str:
    """Ray Tune's name of the trial; "" in a worker of Ray Train and outside of Ray."""
    try:
        return str(tune.get_context().get_trial_id() or "")
    except (RuntimeError, AttributeError):
        return ""
