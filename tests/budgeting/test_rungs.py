"""Halving with restarted schedules: who is promoted, how often, and what a search can survive."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.budgeting.rungs import Job, Rung, RungPlan, Rungs
from subsel_automl.core.errors import BadInput, UnknownName

PLAN = RungPlan((Rung(12, 1 / 16), Rung(4, 1 / 4), Rung(1, 1.0)))
plans = st.lists(st.integers(1, 12), min_size=1, max_size=4).map(
    lambda sizes: RungPlan(
        tuple(
            Rung(size, 0.5 ** (len(sizes) - 1 - place))
            for place, size in enumerate(sorted(sizes, reverse=True))
        )
    )
)


def run(rungs: Rungs, scores: np.ndarray, workers: int = 1, seed: int = 0) -> list[Job]:
    """All jobs, ended in a random order by so many workers."""
    rng, running, jobs = np.random.default_rng(seed), [], []
    while True:
        while len(running) < workers and (job := rungs.ask()) is not None:
            running.append(job)
            jobs.append(job)
        if not running:
            return jobs
        job = running.pop(int(rng.integers(len(running))))
        rungs.tell(job, scores[job.configuration])


@given(plan=plans, seed=st.integers(0, 99), workers=st.integers(1, 8))
def test_the_best_of_every_rung_are_promoted_and_nobody_else(plan, seed, workers):
    scores = np.random.default_rng(seed).permutation(plan.trials).astype(float)
    rungs = Rungs(plan)
    jobs = run(rungs, scores, workers, seed)
    best = np.argsort(-scores)
    for place, rung in enumerate(plan.rungs):
        assert {job.configuration for job in jobs if job.rung == place} == set(best[: rung.trials])
    assert len(jobs) == plan.jobs
    assert rungs.done
    assert rungs.winner == best[0]


@given(plan=plans, seed=st.integers(0, 99), workers=st.integers(1, 8), slack=st.integers(0, 3))
def test_over_promotion_is_bounded_by_the_slack(plan, seed, workers, slack):
    scores = np.random.default_rng(seed).permutation(plan.trials).astype(float)
    rungs = Rungs(plan, slack=slack)
    run(rungs, scores, workers, seed)
    assert rungs.done
    assert rungs.winner == int(np.argmax(scores))
    for place, rung in enumerate(plan.rungs[1:], 1):
        assert rungs.begun(place) <= rung.trials + slack


def test_with_slack_an_idle_worker_is_given_who_leads_so_far():
    patient, eager = Rungs(PLAN), Rungs(PLAN, slack=1)
    for rungs in (patient, eager):
        jobs = [rungs.ask() for _ in range(12)]
        for job in jobs[:6]:
            rungs.tell(job, job.configuration)
    assert patient.ask() is None
    assert eager.ask() == Job(5, 1, 1 / 4)
    assert eager.ask() is None


def test_less_is_better_where_a_search_minimizes():
    rungs = Rungs(PLAN, "min")
    run(rungs, np.arange(12.0))
    assert rungs.winner == 0


@pytest.mark.parametrize("bad", [None, math.nan, math.inf])
def test_a_failed_trial_is_the_worst_of_its_rung(bad):
    rungs = Rungs(RungPlan((Rung(3, 0.5), Rung(2, 1.0))))
    for score in (bad, 0.1, 0.2):
        rungs.tell(rungs.ask(), score)
    assert [rungs.ask().configuration for _ in range(2)] == [2, 1]
    assert rungs.ask() is None


def test_a_search_in_which_everything_fails_ends_without_a_winner():
    rungs = Rungs(PLAN)
    run(rungs, np.full(12, math.nan))
    assert rungs.done
    assert rungs.winner is None


def test_a_job_whose_host_went_away_is_asked_again():
    rungs = Rungs(PLAN)
    job = rungs.ask()
    rungs.lost(job)
    assert rungs.ask() == job


@given(stop=st.integers(0, 16), seed=st.integers(0, 9))
def test_a_search_goes_on_from_its_state_as_if_it_had_not_stopped(stop, seed):
    scores = np.random.default_rng(seed).permutation(12).astype(float)
    undisturbed, first, second = Rungs(PLAN), Rungs(PLAN), Rungs(PLAN)
    run(undisturbed, scores)
    for _ in range(stop):
        job = first.ask()
        first.tell(job, scores[job.configuration])
    first.ask()  # in flight when the host is killed
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    run(second, scores)
    assert second.state_dict() == undisturbed.state_dict()


def test_the_cost_is_in_full_trainings():
    assert PLAN.cost == pytest.approx(12 / 16 + 1 + 1)
    assert PLAN.told() == "12 of 1/16, 4 of 1/4, 1 of 1"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Rung(0, 0.5), "0 trials"),
        (lambda: Rung(True, 0.5), "True trials"),
        (lambda: Rung(1, 0.0), "length is 0.0"),
        (lambda: Rung(1, 1.5), "length is 1.5"),
        (lambda: RungPlan(()), "at least one rung"),
        (lambda: RungPlan((Rung(2, 0.5), Rung(3, 1.0))), "fewer and longer"),
        (lambda: RungPlan((Rung(3, 0.5), Rung(2, 0.5))), "fewer and longer"),
        (lambda: Rungs(PLAN, slack=-1), "slack is -1"),
        (lambda: Rungs(PLAN).tell(Job(0, 0, 1 / 16), 1.0), "was not asked for"),
    ],
)
def test_bad_input_is_refused(make, said):
    with pytest.raises(BadInput, match=said):
        make()


def test_a_score_is_told_once():
    rungs = Rungs(PLAN)
    job = rungs.ask()
    rungs.tell(job, 1.0)
    with pytest.raises(BadInput, match="told before"):
        rungs.tell(job, 1.0)
    with pytest.raises(BadInput, match="not lost"):
        rungs.lost(job)


def test_a_state_of_another_plan_is_refused():
    other = Rungs(RungPlan((Rung(2, 1.0),)))
    with pytest.raises(BadInput, match="2 of 1"):
        Rungs(PLAN).load_state_dict(other.state_dict())
    with pytest.raises(UnknownName):
        Rungs(PLAN, "best")


@given(stop=st.integers(0, 17), seed=st.integers(0, 9))
def test_a_search_is_taken_in_from_what_its_host_kept(stop, seed):
    scores = np.random.default_rng(seed).permutation(12).astype(float)
    first, second = Rungs(PLAN), Rungs(PLAN)
    told = []
    for _ in range(stop):
        told.append(first.ask())
        first.tell(told[-1], scores[told[-1].configuration])
    second.replay([(job, scores[job.configuration]) for job in told])
    assert second.ask() == first.ask()


def test_a_training_that_was_made_twice_counts_once_and_its_failure_least():
    rungs = Rungs(RungPlan((Rung(2, 0.5), Rung(1, 1.0))))
    jobs = [Job(7, 0, 0.5), Job(9, 0, 0.5)]  # a host's own numbers
    rungs.replay([(jobs[0], None), (jobs[1], 0.2), (jobs[0], 0.5), (jobs[0], 0.1)])
    assert rungs.ask() == Job(7, 1, 1.0)
