"""Scores of predictors on runs that have ended: known worlds, groups held together, the control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from subsel_automl.catalog import curve_predictor
from subsel_automl.core.curves import Curves
from subsel_automl.core.errors import BadInput
from subsel_automl.predictors.last import Last
from subsel_automl.report.curve_score import score_predictors, spoken, usual_epochs

EPOCHS = 10


def crossing(runs: int = 40) -> Curves:
    """Lines that begin high where they fall fast: the last value ranks them backwards."""
    rng = np.random.default_rng(0)
    slope = rng.uniform(0.5, 1, runs)
    values = 2 * slope[:, None] - slope[:, None] * np.arange(EPOCHS)
    return Curves(values + rng.normal(scale=1e-3, size=values.shape), "min")


def test_the_control_is_always_there_and_leads_nothing() -> None:
    found = score_predictors(crossing(), {}, [2])
    assert [(one.predictor, one.lead, one.verdict) for one in found] == [("last", 0, "the control")]


def test_a_predictor_that_sees_the_crossing_is_better() -> None:
    last, ridge = score_predictors(crossing(), {"ridge": curve_predictor("ridge")}, [2])
    assert last.scores.final_tau < -0.9
    assert ridge.scores.final_tau > 0.9
    assert ridge.lead == pytest.approx(ridge.scores.final_tau - last.scores.final_tau)
    assert ridge.verdict == "better"
    assert spoken([last, ridge]) == []


def test_a_predictor_that_is_no_better_is_named() -> None:
    found = score_predictors(crossing(), {"again": Last()}, [2])
    assert found[1].verdict == "no clear difference"
    (line,) = spoken(found)
    assert line.startswith("again after 2 epochs is not better than 'last'")


@dataclass(frozen=True, kw_only=True)
class Backwards(Last):
    """The last value with its sign turned."""

    name: ClassVar[str] = "backwards"

    def _predict(self, model, begun, epochs):
        mean, sd = super()._predict(model, begun, epochs)
        return -mean, sd


def test_a_predictor_that_is_worse_is_called_so() -> None:
    values = np.linspace(1, 2, 30)[:, None] + np.zeros(EPOCHS)
    found = score_predictors(Curves(values, "min"), {"backwards": Backwards()}, [3])
    assert found[1].lead < -1.9
    assert found[1].verdict == "worse"


@dataclass(frozen=True, kw_only=True)
class Copying(Last):
    """Remembers the curves that it was fitted on, and gives back the one nearest to the first."""

    name: ClassVar[str] = "copying"

    def _fit(self, known, seen):
        return known.curves, known.curves[0]

    def _predict(self, model, begun, epochs):
        near = np.abs(model[0][:, :1] - begun.prefix[:, 0]).argmin(0)
        return model[0][near], np.zeros((len(near), epochs))


def test_runs_of_one_configuration_are_never_on_both_sides() -> None:
    rng = np.random.default_rng(1)
    first = np.repeat(rng.permutation(20), 2)[:, None].astype(float)
    ends = np.repeat(rng.permutation(20), 2)[:, None]
    values = np.concatenate([first, np.repeat(ends, EPOCHS - 1, 1)], 1)
    names = tuple(str(one) for one in range(40))
    pairs = Curves(values, "min", names, tuple(str(one // 2) for one in range(40)))
    alone = Curves(values, "min", names)
    of_pairs = score_predictors(pairs, {"copying": Copying()}, [1], folds=20)[1]
    leaking = score_predictors(alone, {"copying": Copying()}, [1], folds=40)[1]
    assert leaking.scores.final_tau > 0.9
    assert abs(of_pairs.scores.final_tau) < 0.4


def test_unfinished_runs_are_left_out() -> None:
    curves = crossing()
    values = curves.values.copy()
    values[30:, 1:] = np.nan
    found = score_predictors(Curves(values, "min"), {}, [2])
    assert found[0].scores == score_predictors(curves.take(np.arange(30)), {}, [2])[0].scores


@pytest.mark.parametrize("seen", [0, EPOCHS])
def test_an_epoch_before_the_first_or_after_the_last_but_one_is_refused(seen: int) -> None:
    with pytest.raises(BadInput, match=f"{seen} epochs seen of 10; give 1..9"):
        score_predictors(crossing(), {}, [seen])


def test_too_few_configurations_are_told_of_the_folds() -> None:
    with pytest.raises(BadInput, match=r"3 of 3 runs have ended, of 3 .* give --folds"):
        score_predictors(crossing(3), {}, [2])


@pytest.mark.parametrize(("epochs", "at"), [(50, (5, 10, 20)), (5, (1, 2)), (2, (1,))])
def test_usual_epochs_are_shares_of_the_whole(epochs: int, at: tuple[int, ...]) -> None:
    assert usual_epochs(epochs) == at


def test_runs_of_one_epoch_do_not_go_on() -> None:
    with pytest.raises(BadInput, match="one epoch"):
        usual_epochs(1)


def test_progress_is_told_of_every_step() -> None:
    told: list[tuple[int, int]] = []
    score_predictors(crossing(), {"again": Last()}, [2, 3], progress=lambda *at: told.append(at))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


@dataclass(frozen=True, kw_only=True)
class Greedy(Last):
    """Needs more curves than there are."""

    name: ClassVar[str] = "greedy"
    least: ClassVar[int] = 10**6


def test_a_predictor_that_refuses_is_not_run_or_raises_as_asked() -> None:
    with pytest.raises(BadInput, match="'greedy' got 32 curves"):
        score_predictors(crossing(), {"greedy": Greedy()}, [2])
    found = score_predictors(crossing(), {"greedy": Greedy(), "again": Last()}, [2], strict=False)
    assert [one.predictor for one in found] == ["last", "greedy", "again"]
    assert found[1].verdict.startswith("not run: predictor 'greedy' got 32 curves")
    assert np.isnan(found[1].scores.final_tau)
    assert [line.split()[0] for line in spoken(found)] == ["again"]


def test_one_configuration_is_too_few_to_be_scored() -> None:
    one = Curves.of({"a": [0.5, 0.6]}, "max")
    with pytest.raises(BadInput, match=r"1 of 1 runs have ended.*needs at least 2 that have ended"):
        score_predictors(one, {"last": Last()})
