"""What a search cost and saved, from its ledger."""

from __future__ import annotations

import json
import sqlite3
import threading

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.summary import Seconds, summaries_of, summary_of
from subsel_automl.selectors.random import Random
from subsel_automl.selectors.wrappers import ClassBalanced
from subsel_automl.worlds import clump_pool

FACTS = {
    "host": "a loop",
    "provider": "random",
    "budget": 0.1,
    "subset_size": 10,
    "pool": "clumps",
    "pool_size": 100,
    "targets": "labels",
    "redraw_every": 1,
}


def said(ledger, trial, number, seconds=None, examples=10.0, full=100.0, search="s", **facts):
    """One report: seconds a stage (half of them on the CPU), and facts."""
    event = f"{search}/{trial}/{number}"
    for stage, wall in (seconds or {}).items():
        ledger.record(stage, wall, cpu_seconds=wall / 2, event=f"{event}/{stage}", trial=trial)
    return ledger.report(
        search, trial, event=event, examples=examples, full_examples=full, facts=FACTS | facts
    )


@pytest.fixture
def ledger():
    """Two trials on a tenth of the data, one of them of two reports."""
    made = AmortizationLedger()
    said(made, "a", 1, {"TRAIN": 2.0, "EVALUATE": 1.0, "SELECT": 4.0}, value=0.4, metric="accuracy")
    said(made, "a", 2, {"TRAIN": 2.0, "EVALUATE": 1.0}, value=0.6, config={"lr": 0.1})
    said(made, "b", 1, {"TRAIN": 3.0, "EVALUATE": 1.0}, value=0.5, config={"lr": 0.2})
    return made


def test_spent_is_told_apart_and_adds_up(ledger):
    ledger.record("FIT_SAMPLER", 8.0, cpu_seconds=4.0)
    spent = summary_of(ledger).spent
    assert spent["training"] == Seconds(3.5, 7.0)
    assert spent["validation"] == Seconds(1.5, 3.0)
    assert spent["selection"] == Seconds(2.0, 4.0)
    assert spent["lessons"] == Seconds()
    assert spent["preparation"] == Seconds(4.0, 8.0)
    assert spent["total"] == Seconds(11.0, 22.0)


def test_all_data_costs_training_by_the_examples_and_validation_as_it_was(ledger):
    """Ten times as many examples: 70 s of training, 3 s of validation, nothing else."""
    summary = summary_of(ledger)
    assert summary.full == Seconds(36.5, 73.0)
    assert summary.factor.wall == pytest.approx(73.0 / 14.0)
    assert summary.examples == 30


def test_later_reports_add_examples_and_overwrite_facts(ledger):
    said(ledger, "b", 2, {"TRAIN": 1.0}, value=0.9, classes="")
    summary = summary_of(ledger)
    assert summary.examples == 40
    assert (summary.winner.trial, summary.winner.value) == ("b", 0.9)
    assert summary.winner.config == {"lr": 0.2}


def test_the_same_event_changes_nothing(ledger):
    before = summary_of(ledger).as_dict()
    assert not said(ledger, "b", 1, value=9.9)
    assert summary_of(ledger).as_dict() == before


def test_an_event_of_another_trial_is_refused(ledger):
    with pytest.raises(BadInput, match="already"):
        ledger.report("s", "c", event="s/b/1")


@pytest.mark.parametrize(("mode", "trial"), [("max", "a"), ("min", "b")])
def test_the_winner_is_the_best_last_value(ledger, mode, trial):
    said(ledger, "b", 2, mode=mode)
    winner = summary_of(ledger).winner
    assert (winner.trial, winner.mode) == (trial, mode)


@pytest.mark.parametrize("state", ["failed", "pruned"])
def test_a_trial_that_did_not_end_well_is_counted_and_no_winner(ledger, state):
    said(ledger, "a", 3, {"TRAIN": 1.0}, state=state)
    said(ledger, "b", 2, state="complete")
    summary = summary_of(ledger)
    assert summary.states == {state: 1, "complete": 1}
    assert summary.winner.trial == "b"
    assert summary.spent["training"].wall == 8.0


def test_lessons_are_counted_and_the_most_frequent_reason_is_told():
    ledger = AmortizationLedger()
    said(ledger, "a", 1, learns=True, lessons=1)
    for number, why in enumerate(["no accuracy", "a dict", "a dict"]):
        said(ledger, f"t{number}", 1, learns=True, lessons=0, untaught=why)
    summary = summary_of(ledger)
    assert (summary.lessons, summary.untaught, summary.untaught_reason) == (1, 3, "a dict")
    assert "1 stored; 3 trials ended without one: a dict" in str(summary)


def test_a_provider_that_does_not_learn_has_no_lessons(ledger):
    said(ledger, "a", 3, {"REFRESH": 1.0}, learns=False)
    summary = summary_of(ledger)
    assert summary.lessons is None
    assert "\n    refreshes " in str(summary)
    assert "lessons" not in str(summary)
    assert "stored" not in str(summary)


@pytest.mark.parametrize(
    ("outdone", "told"),
    [(1, "1 trial was not among the best"), (3, "3 trials were not among the best")],
)
def test_a_trial_that_was_not_among_the_best_lacks_no_lesson(outdone, told):
    ledger = AmortizationLedger()
    said(ledger, "a", 1, learns=True, lessons=1)
    said(ledger, "b", 1, learns=True, lessons=0, untaught="a dict")
    for number in range(outdone):
        said(ledger, f"t{number}", 1, learns=True, lessons=0, untaught="", state="complete")
    summary = summary_of(ledger)
    assert (summary.untaught, summary.outdone) == (1, outdone)
    assert f"1 stored; 1 trial ended without one: a dict; {told}\n" in f"{summary}\n"


def test_trials_that_were_not_among_the_best_are_left_out_of_a_line_that_is_full():
    ledger = AmortizationLedger()
    said(ledger, "a", 1, learns=True, lessons=0, untaught="a long story " * 9)
    said(ledger, "b", 1, learns=True, lessons=0)
    summary = summary_of(ledger)
    assert summary.outdone == 1
    assert "among the best" not in str(summary)


def test_the_block_is_short_and_says_what_is_known(ledger):
    text = str(summary_of(ledger))
    assert len(text.splitlines()) <= 14
    for part in (
        "search 's' in a loop, 2 trials",
        "10 of 100 examples an epoch from clumps by random, redrawn every epoch",
        "training",
        "(an estimate, from the measured seconds an example)",
        "factor          5.21 times the CPU seconds",
        "a, accuracy 0.6: lr 0.1",
    ):
        assert part in text
    assert "preparation" not in text


def test_what_is_not_known_is_left_out_and_none_in_the_dict():
    ledger = AmortizationLedger()
    ledger.record("TRAIN", 2.0, cpu_seconds=1.0, trial="old", event="old/TRAIN")
    summary = summary_of(ledger)
    plain = json.loads(json.dumps(summary.as_dict(), allow_nan=False))
    assert plain["full"] is plain["factor"] is plain["winner"] is plain["examples"] is None
    assert plain["spent"]["total"] == {"cpu_seconds": 1.0, "seconds": 2.0}
    for word in ("None", "nan", "factor", "winner", "subset"):
        assert word not in str(summary)


def test_a_trial_without_examples_is_taken_at_what_it_cost(ledger):
    said(ledger, "c", 1, {"TRAIN": 5.0}, examples=0.0, full=0.0)
    assert summary_of(ledger).full == Seconds(39.0, 78.0)


def test_several_searches_of_one_ledger_are_told_apart(ledger):
    said(ledger, "a2", 1, {"TRAIN": 50.0}, search="other", value=0.1)
    one, other = summaries_of(ledger)
    assert (one.search, one.trials, one.spent["training"].wall) == ("s", 2, 7.0)
    assert (other.search, other.trials, other.spent["training"].wall) == ("other", 1, 50.0)
    assert summary_of(ledger, "s") == one
    assert summary_of(ledger) == other
    with pytest.raises(UnknownName, match="Did you mean 'other'"):
        summary_of(ledger, "othr")


def test_a_selection_before_the_trials_belongs_to_the_only_search(ledger):
    ledger.record("SELECT", 10.0, cpu_seconds=1.0, event="demo/select")
    ledger.record("TRAIN", 10.0, cpu_seconds=1.0, event="demo/final")
    summary = summary_of(ledger)
    assert summary.spent["selection"].wall == 14.0
    assert summary.spent["training"].wall == 7.0


def test_merging_takes_reports_over_once(ledger, tmp_path):
    path = tmp_path / "one"
    other = AmortizationLedger(path)
    assert other.take(ledger.rows()) == 10
    other.close()
    into = AmortizationLedger(tmp_path / "two")
    assert into.merge(path) == 10
    assert into.merge(path) == 0
    assert summary_of(into).as_dict() == summary_of(ledger).as_dict()


def old_ledger(path):
    """As it was written before there were reports."""
    AmortizationLedger(path).record("TRAIN", 3.0, cpu_seconds=1.0)
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE reports")
    connection.close()


def test_an_older_file_gets_the_table_from_whoever_opens_it(tmp_path):
    path = tmp_path / "ledger"
    old_ledger(path)
    failed = []

    def write(name):
        try:
            said(AmortizationLedger(path), name, 1, {"TRAIN": 1.0})
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert summary_of(AmortizationLedger(path)).trials == 4
    assert AmortizationLedger(path).totals()["TRAIN"]["wall"] == 7.0


@pytest.mark.parametrize(
    "facts", [{"value": float("nan")}, {"model": object()}, {"value": np.float32(1)}]
)
def test_facts_that_are_no_json_are_refused(facts):
    with pytest.raises(BadInput, match="plain, finite"):
        AmortizationLedger().report("s", "t", event="e", facts=facts)


def test_preparation_is_charged_once_by_any_process_that_makes_the_same_provider():
    ledger, pool = AmortizationLedger(), clump_pool(60)
    for _ in range(2):
        chooser = Random().fit(pool)
        chooser.fit_seconds, chooser.fit_cpu_seconds = 2.0, 1.0
        chooser.charge_preparation(ledger)
    assert ledger.totals()["FIT_SAMPLER"]["wall"] == 2.0


def test_a_wrapper_charges_what_is_inside_and_what_it_added():
    ledger, inner = AmortizationLedger(), Random().fit(clump_pool(60))
    inner.fit_seconds, inner.fit_cpu_seconds = 2.0, 1.0
    outer = ClassBalanced(inner)
    outer.fit_seconds, outer.fit_cpu_seconds = 3.0, 1.5
    outer.charge_preparation(ledger)
    assert ledger.totals()["FIT_SAMPLER"]["wall"] == pytest.approx(3.0)
