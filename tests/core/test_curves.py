"""Learning curves: what a run is, and which runs are refused by their name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.curves import Curves, group_folds
from subsel_automl.core.errors import BadInput, UnknownName


def test_shorter_runs_are_unfinished():
    curves = Curves.of({"a": [3, 2, 1], "b": [3, 2]}, "min")
    assert curves.lengths.tolist() == [3, 2]
    assert curves.finished().names == ("a",)


def test_a_whole_training_may_be_longer_than_any_run():
    assert not len(Curves.of({"a": [3, 2, 1]}, "min", epochs=4).finished())


def test_a_run_longer_than_a_whole_training_is_refused_by_name():
    with pytest.raises(BadInput, match="run 'b' has 3 epochs, more than a whole training of 2"):
        Curves.of({"a": [1], "b": [1, 2, 3]}, "max", epochs=2)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_diverged_run_is_refused_by_name_and_epoch(bad):
    with pytest.raises(BadInput, match="run 'b' has a value that is not finite at epoch 2"):
        Curves.of({"a": [1, 2], "b": [1, bad, 2]}, "max")


def test_a_diverged_run_can_be_left_out_and_is_named():
    with pytest.warns(UserWarning, match="1 of 2 runs diverged and are left out: b"):
        kept = Curves.of({"a": [1, 2], "b": [1, float("nan")]}, "max", diverged="drop")
    assert kept.names == ("a",)


def test_a_gap_in_values_is_no_unfinished_run():
    with pytest.raises(BadInput, match="run '0' has a value that is not finite at epoch 2"):
        Curves(np.array([[1.0, np.nan, 2.0]]), "min")


def test_losses_that_are_called_accuracies_are_told_of():
    runs = {str(n): [2.0 + n, 1.0 + n] for n in range(6)}
    with pytest.warns(UserWarning, match="100% of the curves end worse.*is it 'min'"):
        Curves.of(runs, "max")


def test_seen_hides_later_epochs():
    curves = Curves.of({"a": [3, 2, 1], "b": [3]}, "min").seen(2)
    assert curves.lengths.tolist() == [2, 1]
    assert curves.epochs == 3


def test_unknown_goals_are_refused():
    with pytest.raises(UnknownName, match="minimise"):
        Curves(np.ones((1, 2)), "minimise")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"names": ("a",)}, "2 curves have 1 names"),
        ({"names": ("a", "a")}, "two curves are called 'a'"),
        ({"groups": ("a",)}, "2 curves have 1 groups"),
        ({"x": np.ones((3, 1))}, "x has 3 rows for 2 curves"),
    ],
)
def test_rows_that_do_not_match_are_refused(options, words):
    with pytest.raises(BadInput, match=words):
        Curves(np.ones((2, 3)), "max", **options)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=30), st.integers(0, 99))
def test_no_group_is_in_two_parts_and_every_row_in_one(groups, seed):
    kinds = len(set(groups))
    if kinds < 2:
        return
    parts = group_folds(groups, 2, seed)
    assert sum(part.astype(int) for part in parts).tolist() == [1] * len(groups)
    named = [{group for group, held in zip(groups, part, strict=True) if held} for part in parts]
    assert not named[0] & named[1]


def test_more_parts_than_groups_are_refused():
    with pytest.raises(BadInput, match=r"3 parts of 2 groups; give 2..2"):
        group_folds(["a", "b", "a"], 3)
