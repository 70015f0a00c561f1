"""A table of trials: what it gives back, and what a search over it costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput, DamagedArtefact, MissingData, UnknownName
from subsel_automl.testing import SimulatedSearch, TrialTable

LENGTHS, POINTS, SIZES = (32, 64, 128), (32, 64, 96, 128), (100, 200)


def table() -> TrialTable:
    """Five configurations; accuracy grows with configuration and steps."""
    shape = (5, 2, 3, 3, 4, 2)
    accuracy = np.full(shape, np.nan, np.float32)
    for length, steps in enumerate(LENGTHS):
        for point, at in enumerate(POINTS):
            if at <= steps:
                accuracy[:, :, length, :2, point] = (
                    0.1 * np.arange(5)[:, None, None, None] + at / 1000
                )
    tested = np.full(shape[:4], np.nan, np.float32)
    tested[:, :, :, :2] = 0.1 * np.arange(5)[:, None, None, None]
    tested[:, 0, -1, 2] = 0.1 * np.arange(5)
    spent = np.ones(shape[:4], np.float32)
    return TrialTable(
        name="world",
        configs=tuple({"lr": 10.0**-c} for c in range(5)),
        kinds=("all", "class-10"),
        lengths=LENGTHS,
        points=POINTS,
        sizes=SIZES,
        accuracy=accuracy,
        cross_entropy=-accuracy,
        scaled_cross_entropy=-accuracy,
        test_accuracy=tested,
        seconds={"training": spent, "selection": spent, "validation": spent},
    )


def test_it_comes_back_from_its_file(tmp_path: Path):
    first = table()
    first.save(tmp_path / "world.npz")
    second = TrialTable.load(tmp_path / "world.npz")
    assert (second.configs, second.kinds, second.lengths) == (first.configs, first.kinds, LENGTHS)
    np.testing.assert_array_equal(second.accuracy, first.accuracy)
    np.testing.assert_allclose(second.truth, first.truth)
    assert second.missing() == first.missing() == 0


def test_a_missing_trial_is_counted():
    whole = table()
    tested = whole.test_accuracy.copy()
    tested[3, 1, 0, 1] = np.nan
    assert replace(whole, test_accuracy=tested).missing() == 1


def test_more_is_better_of_every_measure():
    assert np.argmax(table().scores(64)) == 4
    losses = replace(table(), cross_entropy=table().accuracy)
    assert np.argmax(losses.scores(64, measure="cross_entropy")) == 0


def test_a_score_on_the_way_is_of_its_point():
    assert table().scores(128, at=32)[1] == pytest.approx(0.132)
    assert np.isnan(table().scores(32, at=64)).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"length": 33}, "length 33"),
        ({"length": 32, "at": 40}, "point 40"),
        ({"length": 32, "size": 7}, "size 7"),
        ({"length": 32, "seed": 3}, "seed is 3"),
    ],
)
def test_what_it_has_not_is_refused(options, said):
    with pytest.raises(BadInput, match=said):
        table().scores(**options)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownName, match="class-11"):
        table().scores(32, "class-11")
    with pytest.raises(UnknownName, match="acuracy"):
        table().scores(32, measure="acuracy")


def test_a_file_that_is_none_is_refused(tmp_path: Path):
    with pytest.raises(MissingData, match="no table"):
        TrialTable.load(tmp_path / "none.npz")
    (tmp_path / "bad.npz").write_bytes(b"PK no table")
    with pytest.raises(DamagedArtefact, match="no table of trials"):
        TrialTable.load(tmp_path / "bad.npz")


def test_a_trial_that_goes_on_costs_what_is_new_and_one_that_is_restarted_all_of_it():
    search = SimulatedSearch(table(), [0, 1, 2])
    search.train(0, 128, at=32)
    assert search.spent == pytest.approx(1 / 4)
    search.train(0, 128, at=96)
    assert search.spent == pytest.approx(3 / 4)
    search.train(0, 64)
    assert search.spent == pytest.approx(5 / 4)


def test_regret_is_to_the_best_of_the_configurations_that_were_drawn():
    search = SimulatedSearch(table(), [3, 1])
    assert search.regret(0) == pytest.approx(0)
    assert search.regret(1) == pytest.approx(20)
