"""The rule that stops trials by their curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from subsel_automl.budgeting.stopping import Judge, StoppingRule, told_of
from subsel_automl.core.errors import BadInput, UnknownName

EPOCHS = 32
NAN = math.nan


def curve(level: float, epochs: int = EPOCHS) -> list[float]:
    """Of a loss that ends at `level`."""
    return (level + 1 / np.arange(1.0, epochs + 1)).tolist()


def crowd(count: int = 10, epochs: int = EPOCHS) -> dict[str, list[float]]:
    return {f"run-{place}": curve(place / 10, epochs) for place in range(count)}


def test_checks_double_from_a_thirty_second():
    assert StoppingRule().checks(50) == [2, 4, 7, 13, 25]
    assert StoppingRule(first=0.1).checks(10) == [1, 2, 4, 8]


def test_short_trainings_have_fewer_checks_and_none_at_the_end():
    assert StoppingRule().checks(3) == [1, 2]
    assert StoppingRule().checks(1) == []


def test_nothing_is_decided_between_checks():
    assert Judge(StoppingRule(), "min").verdict("x", {**crowd(), "x": [9.0] * 3}, EPOCHS) is None


@pytest.mark.parametrize(("level", "stops"), [(0.95, True), (-0.5, False)])
def test_only_a_trial_among_the_best_goes_on(level, stops):
    curves = {**crowd(), "x": curve(level, 2)}
    assert Judge(StoppingRule(), "min").verdict("x", curves, EPOCHS).stop is stops


def test_accuracies_are_judged_the_other_way_round():
    curves = {name: [-value for value in run] for name, run in crowd().items()}
    judge = Judge(StoppingRule(), "max")
    assert judge.verdict("x", {**curves, "x": [-9.0, -9.0]}, EPOCHS).stop
    assert not judge.verdict("x", {**curves, "x": [9.0, 9.0]}, EPOCHS).stop


def test_a_larger_share_lets_more_go_on():
    curves = {**crowd(), "x": curve(0.35, 2)}
    strict, mild = (
        Judge(StoppingRule(share=share), "min").verdict("x", curves, EPOCHS) for share in (0.2, 0.8)
    )
    assert strict.stop
    assert not mild.stop


def test_the_first_trials_at_a_check_go_on():
    curves = {**crowd(4), "x": curve(9.0, 2)}
    assert not Judge(StoppingRule(), "min").verdict("x", curves, EPOCHS).stop
    assert Judge(StoppingRule(warmup=4), "min").verdict("x", curves, EPOCHS).stop


def test_a_trial_is_compared_with_stopped_ones_as_they_were_at_its_epoch():
    curves = {**crowd(10, 2), "x": curve(0.95, 2)}  # nobody went further
    assert Judge(StoppingRule(), "min").verdict("x", curves, EPOCHS).stop


def test_final_values_do_not_stand_beside_early_ones():
    late = {f"run-{n}": [5.0] * (EPOCHS // 2) + [0.0] * (EPOCHS // 2) for n in range(10)}
    verdict = Judge(StoppingRule(), "min").verdict("x", {**late, "x": [4.0, 4.0]}, EPOCHS)
    assert not verdict.stop
    assert verdict.better == 0


def test_a_diverged_trial_is_stopped_at_once_and_compared_with_nobody():
    judge = Judge(StoppingRule(), "min")
    found = judge.verdict("x", {"x": [1.0, 1.0, NAN]}, EPOCHS)
    assert (found.stop, found.by) == (True, "diverged")
    fine = judge.verdict("y", {**crowd(4), "x": [NAN, NAN], "y": curve(9.0, 2)}, EPOCHS)
    assert not fine.stop


def misleading(count: int) -> dict[str, list[float]]:
    """Who is ahead early is behind in the end."""
    rng = np.random.default_rng(0)
    early = rng.uniform(size=(count, 1))
    runs = early + (1 - 2 * early) * np.linspace(0, 1, EPOCHS)
    return {f"run-{place}": run.tolist() for place, run in enumerate(runs)}


@pytest.mark.parametrize(("finished", "by"), [(19, "last"), (20, "ridge")])
def test_a_predictor_takes_over_after_so_many_finished_trials(finished, by):
    rule = StoppingRule(predictor="ridge", after=20)
    runs = misleading(60)
    curves = {name: run if n < finished else run[:2] for n, (name, run) in enumerate(runs.items())}
    verdict = Judge(rule, "min").verdict("run-59", curves, EPOCHS)
    assert verdict.by == by


def test_a_predictor_that_knows_better_decides_otherwise():
    curves = misleading(60)
    first = {name: run[0] for name, run in curves.items()}
    name = max(first, key=first.get)  # behind now, ahead in the end
    begun = {**curves, name: curves[name][:2]}
    verdicts = [
        Judge(StoppingRule(predictor=predictor, **more), "min").verdict(name, begun, EPOCHS)
        for predictor, more in (("last", {}), ("ridge", {"after": 20}))
    ]
    assert [verdict.stop for verdict in verdicts] == [True, False]


def test_who_asks_later_is_told_by_the_same_model():
    """Curves that finish after the model's are not in it, until there are a tenth more."""
    runs = list(misleading(40).items())
    x = {"x": [0.5, 0.5]}
    told = [
        Judge(StoppingRule(predictor="ridge", after=20), "min")
        .verdict("x", {**dict(runs[:count]), **x}, EPOCHS)
        .foretold
        for count in (20, 21, 22)
    ]
    assert told[0] == told[1] != told[2]


def test_wpm_needs_no_finished_trial():
    rule = StoppingRule(predictor="wpm", options={"sweeps": 4})
    curves = {**{name: run[:4] for name, run in crowd(6).items()}, "x": curve(3.0, 4)}
    verdict = Judge(rule, "min").verdict("x", curves, EPOCHS)
    assert (verdict.by, verdict.stop) == ("wpm", True)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"share": 0}, BadInput, "share is 0; give a number between 0 and 1"),
        ({"share": 1.0}, BadInput, "share is 1.0"),
        ({"first": 1.5}, BadInput, "first is 1.5"),
        ({"warmup": 0}, BadInput, "warmup is 0"),
        (
            {"predictor": "lcsvr", "after": 2},
            BadInput,
            "predictor 'lcsvr' is fitted.*after=6",
        ),
        ({"predictor": "lcsv"}, UnknownName, "mean 'lcsvr'"),
        ({"predictor": "gp"}, BadInput, "'gp' reads vectors, not learning curves"),
        ({"predictor": "lcsvr", "options": {"draw": 3}}, BadInput, "refused options"),
    ],
)
def test_options_are_refused_at_the_door(options, error, words):
    with pytest.raises(error, match=words):
        StoppingRule(**options)


def test_what_was_done_is_told_in_words():
    stopped = [{"stopped_by": "last", "unspent": 30}, {"stopped_by": "lcsvr", "unspent": 20}]
    told = told_of(StoppingRule(predictor="lcsvr").told(), stopped)
    assert told == (
        "lcsvr after 50 finished trials, before that last: stopped 1 by last, 1 by lcsvr; "
        "50 epochs not trained"
    )
    assert told_of("last", []) == "last: no trial was stopped"
