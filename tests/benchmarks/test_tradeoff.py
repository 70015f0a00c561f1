"""Truths of the trade-off's and equal cost's tables, from rows whose answers are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.equal_cost import cells as equal_cost
from benchmarks.equal_cost import table as equal_cost_table
from benchmarks.equal_cost.claim import _at as steps_saved
from benchmarks.tradeoff import cells as tradeoff
from benchmarks.tradeoff import claim as tradeoff_claim
from benchmarks.tradeoff import table as tradeoff_table
from benchmarks.trials import cell, length
from subsel_automl.training.recipes import Recipe

DATA = "digits"


def row(cell, accuracy, cpu, **more):
    return {
        "cell": cell,
        "accuracy": accuracy,
        "steps": round(100 * cpu),
        "select_cpu_seconds": 0.0,
        "seconds": 2 * cpu,
        "cpu_seconds": cpu,
        "gb_minutes": 2 * cpu / 60,  # one gigabyte
        "fit_cpu_seconds": 0.0,
        **more,
    }


@pytest.fixture
def rows(tmp_path, monkeypatch):
    """random: a RAR of 30, 10 and 5 % at speed-ups of 16, 4 and 2; full takes 32 s."""
    path = tmp_path / "rows.jsonl"
    monkeypatch.setattr(tradeoff, "path_of", lambda data, scale="lite": path)
    monkeypatch.setattr(tradeoff, "RETIRED", tmp_path / "none.jsonl")
    made = [row(c, 0.9, 32.0) for c in tradeoff.full_cells(DATA)]
    by_budget = {0.05: (0.63, 2.0), 0.1: (0.81, 8.0), 0.2: (0.855, 16.0)}
    for c in tradeoff.cells(DATA):
        if c["method"] == "random" and c["targets"] == "labels":
            made.append(row(c, *by_budget[c["budget"]]))
        if c["method"] == "pruning":
            made.append(row(c, 0.855, 2.0, fit_cpu_seconds=30.0, select_cpu_seconds=1.0, steps=100))
    path.write_text("".join(json.dumps(r) + "\n" for r in made))


def found(method):
    return next(r for r in tradeoff_table.summary(DATA) if r["method"] == method)


@pytest.mark.usefixtures("rows")
def test_speed_up_and_memory_at_a_rar_are_interpolated_between_budgets():
    random = found("random")
    assert random["speedup_10"][0] == pytest.approx(4.0)
    assert random["speedup_20"][0] == pytest.approx(8.0)
    assert random["memory_20"][0] == pytest.approx(4.0 / 60)
    assert random["speedup_20"][1] == pytest.approx(0)  # all runs agree


@pytest.mark.usefixtures("rows")
def test_fitting_a_selector_counts_in_its_time():
    assert found("pruning")["speedup_20"][0] == pytest.approx(1.0)


@pytest.mark.usefixtures("rows")
def test_methods_are_sorted_and_what_did_not_run_says_so():
    text = tradeoff_table.table(DATA)
    assert text.index("| random | labels") < text.index("| pruning | labels")
    rar = next(
        line for line in tradeoff_table.rar_table([found("random")], (0.05, 0.5)).splitlines()[2:]
    )
    assert "30.0 ± 0.0" in rar
    assert "not run" in rar


@pytest.mark.parametrize(
    ("wanted", "steps"), [(0.6, 75), (0.7, 150), (0.65, 75 * 2**0.5), (0.59, None), (0.81, None)]
)
def test_steps_for_an_accuracy_lie_on_a_line_in_their_logarithm(wanted, steps):
    curve = {75: 0.6, 150: 0.7, 300: 0.8}
    assert equal_cost_table.steps_for(curve, wanted) == (
        None if steps is None else pytest.approx(steps)
    )


def test_a_curve_that_falls_back_does_not_count_twice():
    assert equal_cost_table.steps_for({75: 0.6, 150: 0.7, 300: 0.65, 600: 0.8}, 0.69) < 150


REACHED = {75: 0.6, 150: 0.7, 300: 0.8, 600: 0.86, 1200: 0.88, 2400: 0.89}


def curves_written(path, monkeypatch, factors):
    """Rows of all data, and of rivals with soft targets that are so many times as fast."""
    monkeypatch.setattr(equal_cost, "path_of", lambda data: path)
    steps, reached = np.log(list(REACHED)), list(REACHED.values())
    made = [
        row(c, REACHED[c["steps"]], 1.0) for c in equal_cost.cells(DATA) if c["method"] == "full"
    ]
    for c in equal_cost.cells(DATA):
        if c["targets"] == "soft" and c["method"] in factors:
            at = np.log(factors[c["method"]] * c["steps"])
            made.append(row(c, float(np.interp(at, steps, reached)), 1.0))
    path.write_text("".join(json.dumps(r) + "\n" for r in made))


def test_half_the_steps_for_the_same_accuracy_saves_a_factor_of_two(rows, tmp_path, monkeypatch):
    curves_written(tmp_path / "equal.jsonl", monkeypatch, {"subselnet": 2.0})
    ours = next(r for r in equal_cost_table.summary(DATA)["rows"] if r["method"] == "subselnet")
    assert ours["saved"][0.95][0] == pytest.approx(2.0, rel=0.02)
    drawn = equal_cost_table.measured(DATA).interval(("subselnet", "soft", 0.1), 0.95)
    assert (drawn.low, drawn.high, drawn.units) == pytest.approx((drawn.value, drawn.value, 3))


@pytest.mark.parametrize(("control", "holds"), [(1.5, True), (2.5, False)])
def test_a_control_that_saves_more_steps_breaks_the_bar(
    rows, tmp_path, monkeypatch, control, holds
):
    curves_written(tmp_path / "e.jsonl", monkeypatch, {"subselnet": 2.0, "zoo-mean": control})
    found = steps_saved(equal_cost_table.measured(DATA), equal_cost.BUDGET)
    assert found["best_rival"][0] == "zoo-mean soft"
    assert found["holds"] is holds


@pytest.mark.parametrize(("warm", "steps"), [(0, 50), (1, 145)])
def test_passes_of_a_warm_up_go_over_the_whole_pool(warm, steps):
    c = cell(0, "el2n", 0.05, "labels", None, 0, passes=10)
    assert length(c, 6400, Recipe(batch=64), warm) == steps


@pytest.mark.usefixtures("rows")
def test_a_control_with_the_same_targets_is_a_rival():
    found = tradeoff_claim.measure_fashion(quick=True)
    bar = found["bars"]["labels at 20 %"]
    assert bar["best_rival"] == ["random", 8.0]
    assert not bar["holds"]


@pytest.mark.usefixtures("rows")
def test_a_curve_is_as_fast_as_itself_whatever_is_drawn():
    full, curves = tradeoff.curves(DATA)
    random = next(curve for curve in curves if curve.method == "random")
    found = tradeoff_table.against(random, random, full, 0.2)
    assert (found.value, found.low, found.high, found.units) == (1, 1, 1, 3)
