"""Reports become curves by their steps; what cannot be placed is refused by the run's name."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.data.goals import goal_of
from subsel_automl.data.reports import Alignment, Reports, resumed

NAN = float("nan")


def placed(runs: dict, **how: object) -> list[list[float]]:
    return Reports("loss", runs).curves("min", Alignment(**how)).curves.values.tolist()


def test_epochs_are_the_steps_in_their_order() -> None:
    found = Reports("loss", {"a": [(200, 0.7), (100, 0.9)], "b": [(100, 0.8)]}).curves("min")
    assert found.steps == (100, 200)
    np.testing.assert_array_equal(found.curves.values, [[0.9, 0.7], [0.8, NAN]])


def test_the_last_report_of_a_step_counts() -> None:
    assert resumed([(1, 0.9), (1, 0.8), (2, 0.7)]) == {1: 0.8, 2: 0.7}


def test_a_resumed_run_forgets_what_came_after_the_step_that_it_went_back_to() -> None:
    assert resumed([(1, 0.9), (2, 0.8), (3, 0.7), (2, 0.85)]) == {1: 0.9, 2: 0.85}


def test_a_gap_is_refused_by_the_runs_name() -> None:
    runs = {"a": [(1, 0.9), (3, 0.7)], "b": [(1, 0.9), (2, 0.8), (3, 0.7)]}
    with pytest.raises(BadInput, match=r"'a' has no report at step 2 .*1 of 2 runs.*--gaps drop"):
        placed(runs)


def test_a_run_with_a_gap_is_left_out_where_that_was_asked_for() -> None:
    runs = {"a": [(1, 0.9), (3, 0.7)], "b": [(1, 0.9), (2, 0.8), (3, 0.7)]}
    assert placed(runs, gaps="drop") == [[0.9, 0.8, 0.7]]


def test_by_order_runs_at_other_steps_stand_side_by_side() -> None:
    runs = {"a": [(100, 0.9), (200, 0.7)], "b": [(50, 0.8), (100, 0.6)]}
    assert placed(runs, by="order") == [[0.9, 0.7], [0.8, 0.6]]


def test_runs_that_all_have_gaps_are_told_of_the_order() -> None:
    runs = {"a": [(1, 0.9), (3, 0.7)], "b": [(2, 0.8), (3, 0.6)]}
    with pytest.raises(BadInput, match=r"all 2 runs have gaps.*--by order"):
        placed(runs, gaps="drop")


def test_a_step_that_none_of_the_known_ones_is_has_no_place() -> None:
    with pytest.raises(BadInput, match="reports at step 3, which is none of the 2 known"):
        placed({"a": [(3, 0.9)]}, steps=(1, 2))


def test_uneven_steps_are_said() -> None:
    found = Reports("loss", {"a": [(1, 0.9), (3, 0.7), (4, 0.6)]}).curves("min")
    assert "not even (1, 3, 4" in found.notes[0]


@pytest.mark.parametrize("by", ["step", "order"])
def test_longer_runs_are_cut_to_a_whole_training(by: str) -> None:
    runs = {"a": [(1, 0.9), (2, 0.7), (3, 0.6)], "b": [(1, 0.8), (2, 0.6)]}
    assert placed(runs, epochs=2, by=by) == [[0.9, 0.7], [0.8, 0.6]]


def test_diverged_runs_are_left_out_and_said() -> None:
    found = Reports("loss", {"a": [(1, 0.9)], "b": [(1, NAN)]}).curves("min")
    assert (found.curves.names, found.diverged) == (("a",), 1)
    assert "1 run (b) diverged" in found.notes[0]


def test_diverged_runs_are_refused_where_that_was_asked_for() -> None:
    with pytest.raises(BadInput, match="'b' has a value that is not finite"):
        placed({"a": [(1, 0.9)], "b": [(1, NAN)]}, diverged="refuse")


def test_runs_without_a_report_are_left_out_and_said() -> None:
    reports = Reports("loss", {"a": [(1, 0.9)], "b": []})
    assert list(reports.runs) == ["a"]
    assert "1 run (b) without a report of loss" in reports.notes[0]


def test_no_report_at_all_is_no_curve() -> None:
    with pytest.raises(BadInput, match="no run has a report of 'loss'"):
        Reports("loss", {"a": []})


@pytest.mark.parametrize(
    ("given", "said"),
    [({"by": "stepp"}, "'step'"), ({"gaps": "droop"}, "'drop'"), ({"diverged": "dop"}, "'drop'")],
)
def test_other_words_are_refused(given: dict, said: str) -> None:
    with pytest.raises(UnknownName, match=said):
        Alignment(**given)


def test_a_training_of_no_epoch_is_none() -> None:
    with pytest.raises(BadInput, match="epochs is 0"):
        Alignment(epochs=0)


@pytest.mark.parametrize(
    "metric", ["val_losses", "valLoss", "eval/loss", "error_rate", "ppl", "test_rmse", "val-mae"]
)
def test_less_is_better_of_a_loss(metric: str) -> None:
    assert goal_of(metric)[0] == "min"


@pytest.mark.parametrize(
    "metric", ["val_acc", "Accuracy", "eval_f1", "roc_auc", "top1", "ray/tune/score", "val_acc1"]
)
def test_more_is_better_of_an_accuracy(metric: str) -> None:
    assert goal_of(metric)[0] == "max"


@pytest.mark.parametrize("metric", ["value", "", "neg_loss", "loss_accuracy", "glossary"])
def test_a_name_that_does_not_tell_is_asked_about(metric: str) -> None:
    with pytest.raises(BadInput, match="--goal min or --goal max"):
        goal_of(metric)


def test_the_source_is_not_contradicted() -> None:
    assert goal_of("value", None, "max")[0] == "max"
    with pytest.raises(BadInput, match="'min' was asked for, and the source says 'max'"):
        goal_of("value", "min", "max")


def test_what_was_asked_for_is_above_the_name() -> None:
    assert goal_of("loss", "max") == ("max", "")
