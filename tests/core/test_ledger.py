"""The ledger: an event counts once, nothing that was spent is lost, the file survives a kill."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subsel_automl.core.errors import (
    BadInput,
    MissingData,
    UnknownName,
)
from subsel_automl.core.ledger import AmortizationLedger, Stage

amounts = st.floats(0, 1e6, allow_nan=False)
reports = st.lists(
    st.tuples(st.sampled_from(list(Stage)), amounts, st.sampled_from("abc")), max_size=8
)


def paid(stages, *, tests=1, training=0):
    """A ledger with these seconds, tests asked and training architectures."""
    ledger = AmortizationLedger()
    for stage, seconds in stages.items():
        ledger.record(stage, seconds, cpu_seconds=seconds)
    for index in range(tests):
        ledger.asked(f"test-{index}")
    for index in range(training):
        ledger.asked(f"train-{index}", role="train")
    return ledger


def report_all(ledger, rows):
    for number, (stage, seconds, key) in enumerate(rows):
        ledger.record(
            stage, seconds, cpu_seconds=seconds / 2, architecture_key=key, event=f"{number}"
        )
        ledger.asked(key, event=f"{number}")


# --- an event counts once


@given(reports)
def test_reporting_everything_twice_changes_nothing(rows):
    ledger = AmortizationLedger()
    report_all(ledger, rows)
    once = ledger.snapshot()
    report_all(ledger, rows)
    assert ledger.snapshot() == once


@given(reports)
def test_the_total_is_the_sum_of_the_stages(rows):
    ledger = AmortizationLedger()
    report_all(ledger, rows)
    assert ledger.total_seconds() == pytest.approx(sum(row[1] for row in rows))
    assert ledger.cpu_seconds == pytest.approx(sum(row[1] for row in rows) / 2)


@settings(max_examples=10, deadline=None)
@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_merging_in_any_order_and_again_is_the_union(tmp_path_factory, one, two):
    folder = tmp_path_factory.mktemp("merge")
    for name, numbers in (("one", one), ("two", two)):
        ledger = AmortizationLedger(folder / name)
        for number in numbers:
            ledger.record("TRAIN", 2.0**number, cpu_seconds=0.0, event=f"{number}")
            ledger.asked(f"{number}", event=f"{number}")
        ledger.close()
    forth, back = AmortizationLedger(), AmortizationLedger()
    assert forth.merge(folder / "one") == 2 * len(one)
    assert forth.merge(folder / "two") == 2 * len(two - one)
    assert forth.merge(folder / "two") == 0
    back.merge(folder / "two")
    back.merge(folder / "one")
    assert forth.snapshot() == back.snapshot()
    assert forth.total_seconds() == sum(2.0**number for number in one | two)


def test_an_event_with_another_meaning_is_refused_not_dropped():
    ledger = AmortizationLedger()
    ledger.record("TRAIN", 1, cpu_seconds=1, event="trial-1:3")
    with pytest.raises(BadInput, match="every stage of a report its own event"):
        ledger.record("EVALUATE", 1, cpu_seconds=1, event="trial-1:3")


def test_a_merge_that_contradicts_takes_nothing(tmp_path):
    other = AmortizationLedger(tmp_path / "other")
    other.record("TRAIN", 1, cpu_seconds=1, event="a")
    other.record("EVALUATE", 1, cpu_seconds=1, event="b")
    ledger = AmortizationLedger()
    ledger.record("TRAIN", 1, cpu_seconds=1, event="b")
    before = ledger.snapshot()
    with pytest.raises(BadInput, match="'b'"):
        ledger.merge(tmp_path / "other")
    assert ledger.snapshot() == before


def test_merging_a_ledger_that_is_not_there_makes_no_file(tmp_path):
    with pytest.raises(MissingData, match="no ledger"):
        AmortizationLedger().merge(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


# --- charging a block


def test_what_a_failing_block_spent_is_charged():
    ledger = AmortizationLedger()

    def sleep_and_fail():
        with ledger.charge(Stage.TRAIN, "key"):
            time.sleep(0.02)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sleep_and_fail()
    train = ledger.totals()["TRAIN"]
    assert train["count"] == 1
    assert 0.02 <= train["wall"] < 2
    assert train["cpu"] < 0.02  # it slept


def test_cpu_seconds_are_those_of_work():
    ledger = AmortizationLedger()
    with ledger.charge("TRAIN"):
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass
    assert ledger.cpu_seconds >= 0.05


def test_nested_charges_add_up_to_the_time_that_passed():
    ledger = AmortizationLedger()
    began = time.perf_counter()
    with ledger.charge("TRAIN") as outer:
        outer.gb_minutes = 3
        with ledger.charge("SELECT") as inner:
            inner.gb_minutes = 1
            time.sleep(0.5)
        time.sleep(0.01)
    passed = time.perf_counter() - began
    totals = ledger.totals()
    assert ledger.total_seconds() <= passed
    assert totals["SELECT"]["wall"] >= 0.5 > totals["TRAIN"]["wall"] >= 0.01
    assert (totals["TRAIN"]["gb_minutes"], totals["SELECT"]["gb_minutes"]) == (2, 1)


def test_a_meter_is_charged_for_the_block_only():
    class Meter:
        gb_minutes = 5.0

    meter, ledger = Meter(), AmortizationLedger()
    with ledger.charge("TRAIN", meter=meter):
        meter.gb_minutes = 7.5
    assert ledger.gb_minutes == 2.5


def test_a_written_charge_takes_no_more_memory():
    ledger = AmortizationLedger()
    with ledger.charge("TRAIN") as charge:
        pass
    with pytest.raises(BadInput, match="inside the with block"):
        charge.gb_minutes = 1


def test_charging_the_same_event_again_counts_once():
    ledger = AmortizationLedger()
    for _ in range(2):
        with ledger.charge("SELECT", "key", event="select:key", trial="t"):
            pass
    assert ledger.totals()["SELECT"]["count"] == 1


# --- refusals


@pytest.mark.parametrize("value", [-1, -1e-9, float("nan"), float("inf"), "3", True, None])
@pytest.mark.parametrize("name", ["seconds", "cpu_seconds", "gb_minutes"])
def test_impossible_amounts_are_refused_by_name(name, value):
    given_amounts = {"seconds": 1.0, "cpu_seconds": 1.0, "gb_minutes": 1.0, name: value}
    with pytest.raises(BadInput, match=f"^{name} is"):
        AmortizationLedger().record("TRAIN", **given_amounts)


def test_an_unknown_stage_offers_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'TRAIN'"):
        AmortizationLedger().record("TRIAN", 1, cpu_seconds=1)


def test_a_charge_of_an_unknown_stage_fails_before_the_work():
    with pytest.raises(UnknownName), AmortizationLedger().charge("nothing"):
        pytest.fail("the block ran")


def test_an_unknown_role_is_refused():
    with pytest.raises(UnknownName, match="role"):
        AmortizationLedger().asked("key", role="validation")


def test_a_query_without_a_key_is_refused():
    with pytest.raises(BadInput, match="key of its architecture"):
        AmortizationLedger().asked("")


# --- arithmetic


def test_a_query_counts_even_when_a_cache_answers_it():
    ledger = paid({"SELECT": 6.0}, tests=0)
    ledger.asked("same")
    ledger.asked("same")
    ledger.asked("other")
    assert ledger.test_architectures == 3
    assert ledger.amortized_seconds("test") == 2.0


def test_an_architecture_that_was_charged_without_being_asked_counts_once():
    ledger = AmortizationLedger()
    for _ in range(3):
        ledger.record("TRAIN", 1, cpu_seconds=1, architecture_key="key")
    assert ledger.test_architectures == 1


def test_training_architectures_are_the_distinct_ones_charged_or_asked():
    ledger = AmortizationLedger()
    for key in ("a", "a", "b"):
        ledger.record("TRAIN_ZOO", 1, cpu_seconds=1, architecture_key=key)
    ledger.asked("b", role="train")
    ledger.asked("c", role="train")
    assert ledger.training_architectures == 3
    assert ledger.test_architectures == 0


def test_both_denominators_are_offered():
    ledger = paid({"TRAIN_ZOO": 80.0, "FIT_SAMPLER": 20.0, "TRAIN": 50.0}, tests=5, training=10)
    assert ledger.preparation_seconds() == 100
    assert ledger.amortized_seconds() == 10
    assert ledger.amortized_seconds("test") == 30


@pytest.mark.parametrize(("over", "queries"), [("test", 17), ("training+test", 10)])
def test_break_even_with_full_training(over, queries):
    ours = paid({"TRAIN_ZOO": 100.0, "TRAIN": 4.0}, tests=1, training=4)
    full = paid({"TRAIN": 30.0}, tests=3)
    assert ours.break_even(full, over) == queries


def test_a_slower_method_never_breaks_even():
    assert paid({"TRAIN": 9.0}).break_even(paid({"TRAIN": 3.0})) is None


def test_speedup_counts_selection_and_training_but_not_evaluation():
    ours = paid({"SELECT": 1.0, "REFRESH": 1.0, "TRAIN": 2.0, "EVALUATE": 50.0, "TRAIN_ZOO": 99.0})
    assert ours.speedup(paid({"TRAIN": 40.0}, tests=2)) == 5.0


def test_a_ledger_without_queries_says_what_is_missing():
    with pytest.raises(BadInput, match="no test architecture"):
        AmortizationLedger().break_even(paid({"TRAIN": 1.0}))


def test_a_snapshot_is_json_and_leaves_the_unknown_open():
    read = json.loads(json.dumps(paid({"TRAIN_ZOO": 5.0}, tests=0, training=1).snapshot()))
    assert read["amortized_seconds"] == {"training+test": 5.0, "test": None}
    assert read["stages"]["TRAIN_ZOO"] == {"wall": 5.0, "cpu": 5.0, "gb_minutes": 0.0, "count": 1}
