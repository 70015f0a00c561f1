"""What is in the bill of Table 6, from rows whose costs are known."""

from __future__ import annotations

import pytest

from benchmarks.amortization import run
from benchmarks.amortization.cells import BUDGET
from benchmarks.tradeoff.cells import Curve


def row(select=0.0):
    return {
        "accuracy": 0.9,
        "steps": 100,
        "rate": 0.1,
        "select_cpu_seconds": select,
        "fit_cpu_seconds": 0.0,
        "seconds": 1.0,
        "gb_minutes": 1.0,
    }


@pytest.fixture
def costs(monkeypatch):
    """A training of 10 s; subselnet chooses in 0.5 s, and its settings took 1,000 s to find."""
    made = {"random": 0.0, "random-per-class": 0.0, "subselnet": 0.5}
    curves = [
        Curve(name, "labels", {BUDGET: {(0, 0): row(select)}}) for name, select in made.items()
    ]
    monkeypatch.setattr(run, "curves", lambda data: ({(0, 0): row()}, curves))
    monkeypatch.setattr(run, "lesson_seconds", lambda: 2.0)
    monkeypatch.setattr(run, "spent", lambda data: 1000.0)
    return run.costs()


def test_tuning_is_in_the_bill_of_what_was_tuned_alone(costs, monkeypatch):
    monkeypatch.setattr(run, "spent", lambda data: 0.0)
    untuned = run.costs()
    assert costs["subselnet"].preparation - untuned["subselnet"].preparation == 1000
    assert costs["random"] == untuned["random"]


def test_a_zoo_never_pays_against_random_where_training_costs_the_same(costs):
    assert costs["random"].preparation == 0
    assert run.break_even(costs["subselnet"], costs["random"], "test") is None


def test_a_lesson_is_in_every_query_of_a_search_that_learns(costs):
    assert costs["subselnet-online"].per_architecture == pytest.approx(12)
