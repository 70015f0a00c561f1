"""subselnet-online: from nothing, through weak and good teachers, in one process and in several."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from subsel_automl.catalog import provider
from subsel_automl.core.architecture import Architecture
from subsel_automl.core.errors import BadInput, RefusedArtefact
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.lesson import Lesson
from subsel_automl.core.pool import Pool
from subsel_automl.core.provider import Mode
from subsel_automl.subselnet.online.provider import OnlineSubSelNet, asked_rows
from subsel_automl.subselnet.online.refit import Refit, due
from subsel_automl.worlds import LinearProbe, clump_pool, difficulty, some_cells

SOFT = Mode(redraw=True, targets="soft")
CELLS = some_cells(10)


def taught_by(pool: Pool, accuracy: float, name: str = "a", cell: int = 0, sure: float = 8.0):
    """A teacher that is surer, and right, where an example is easy."""
    logits = np.zeros((len(pool), pool.classes))
    logits[np.arange(len(pool)), pool.labels] = sure * (0.7 - difficulty(pool))
    answers = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return Lesson(CELLS[cell], np.arange(len(pool)), answers, accuracy, 6400, name)


@pytest.fixture
def online(pool: Pool) -> OnlineSubSelNet:
    return OnlineSubSelNet().fit(pool)


def test_before_the_first_lesson_it_is_random_per_class(online, pool) -> None:
    plain = provider("random-per-class").fit(pool).subset_for(CELLS[0], 24, seed=3)
    np.testing.assert_array_equal(online.subset_for(CELLS[0], 24, seed=3).indices, plain.indices)


def test_before_the_first_lesson_a_soft_target_is_the_label(online, pool) -> None:
    feed = SubsetFeed(online, 24, redraw_every=1, targets="soft")
    subset = feed.at(0, CELLS[0])
    np.testing.assert_array_equal(subset.targets.argmax(1), pool.labels[subset.indices])
    assert feed.soft.label_share == 1


def test_good_teachers_make_early_draws_easy_and_targets_soft(online, pool) -> None:
    online.learn(taught_by(pool, 0.9))
    subset = online.subset_for(CELLS[0], 24, mode=SOFT)
    assert difficulty(pool)[subset.indices].mean() < difficulty(pool).mean() - 0.05
    assert subset.provenance.notes["label_share"] < 0.5
    assert subset.provenance.notes["prediction"] == "mean of 1 teachers"


def test_teachers_that_are_no_better_than_chance_are_not_listened_to(online, pool) -> None:
    online.learn(taught_by(pool, 1 / pool.classes))
    notes = online.subset_for(CELLS[0], 24, mode=SOFT).provenance.notes
    assert notes["label_share"] == 1
    assert notes["temperature"] == 1e6


def test_trust_falls_as_the_pupil_catches_up(online, pool) -> None:
    online.learn(taught_by(pool, 0.9))
    late = 6400 // 24  # the draw at which usual trials end
    notes = [
        online.subset_for(CELLS[0], 24, mode=SOFT, draw=draw).provenance.notes
        for draw in (0, late // 8, late)
    ]
    shares = [note["label_share"] for note in notes]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_trial_that_got_stuck_is_no_teacher(online, pool) -> None:
    stuck = taught_by(pool, 0.75)
    online.learn(replace(stuck, curve=((1000, 0.69), (3000, 0.74), (6400, 0.75))))
    notes = online.subset_for(CELLS[0], 24, mode=SOFT, draw=3000 // 24).provenance.notes
    assert notes["label_share"] == 1


def test_a_lesson_changes_kept_answers(online, pool) -> None:
    before = online.subset_for(CELLS[0], 24, mode=SOFT)
    online.learn(taught_by(pool, 0.9))
    assert online.subset_for(CELLS[0], 24, mode=SOFT) is not before


def test_what_is_kept_on_disk_belongs_to_the_lessons_not_to_their_number(pool) -> None:
    one, other, same = (OnlineSubSelNet().fit(pool) for _ in range(3))
    one.learn(taught_by(pool, 0.9, "a"))
    other.learn(taught_by(pool, 0.8, "b"))
    same.learn(taught_by(pool, 0.9, "a"))
    assert one.learned() == same.learned() != other.learned()


def test_a_lesson_told_twice_counts_once(online, pool) -> None:
    online.learn(taught_by(pool, 0.9))
    online.learn(taught_by(pool, 0.9))
    assert len(online.teachers.lessons()) == 1


def test_a_far_worse_trial_is_not_asked_once_there_are_enough(pool) -> None:
    online = OnlineSubSelNet(most_teachers=1).fit(pool)
    probe = LinearProbe(pool, np.zeros((pool.features.shape[1], pool.classes)))
    assert online.lesson(CELLS[0], probe, accuracy=0.1, examples=1) is not None
    online.learn(taught_by(pool, 0.9))
    assert online.lesson(CELLS[0], probe, accuracy=0.8, examples=1) is None
    assert online.lesson(CELLS[0], probe, accuracy=0.95, examples=1) is not None


def test_a_diverged_trial_teaches_nothing(online, pool) -> None:
    probe = LinearProbe(pool, np.zeros((pool.features.shape[1], pool.classes)))
    assert online.lesson(CELLS[0], probe, accuracy=float("nan"), examples=1) is None


def test_nothing_is_spent_before_the_first_trial_and_lessons_are_charged(pool) -> None:
    online, ledger = OnlineSubSelNet(), AmortizationLedger()
    online.ledger = ledger
    online.fit(pool)
    assert ledger.total_seconds() == 0
    probe = LinearProbe(pool, np.zeros((pool.features.shape[1], pool.classes)))
    online.learn(online.lesson(CELLS[0], probe, accuracy=0.5, examples=1))
    assert ledger.totals()["REFRESH"]["count"] == 1


def test_processes_share_lessons_through_a_folder(pool, tmp_path: Path) -> None:
    one, two = (OnlineSubSelNet(folder=tmp_path).fit(pool) for _ in range(2))
    one.learn(taught_by(pool, 0.9))
    two.forget()
    first = one.subset_for(CELLS[0], 24, mode=SOFT)
    second = two.subset_for(CELLS[0], 24, mode=SOFT)
    np.testing.assert_array_equal(first.indices, second.indices)
    np.testing.assert_array_equal(first.targets, second.targets)


def test_a_folder_of_another_pool_is_refused(pool, tmp_path: Path) -> None:
    OnlineSubSelNet(folder=tmp_path).fit(pool)
    with pytest.raises(RefusedArtefact, match="fingerprint"):
        OnlineSubSelNet(folder=tmp_path).fit(clump_pool(60))


def test_it_travels_to_another_process_with_its_lessons(online, pool) -> None:
    online.learn(taught_by(pool, 0.9))
    twin = pickle.loads(pickle.dumps(online))
    mine, theirs = (o.subset_for(CELLS[0], 24, mode=SOFT) for o in (online, twin))
    np.testing.assert_array_equal(mine.indices, theirs.indices)


def test_a_large_pool_is_sampled_and_the_rest_gets_its_class_mean(pool) -> None:
    online = OnlineSubSelNet(sample=60).fit(pool)
    rows = asked_rows(len(pool), 60)
    whole = taught_by(pool, 0.9)
    part = replace(whole, indices=rows, log_probabilities=whole.log_probabilities[rows])
    online.learn(part)
    subset = online.subset_for(CELLS[0], len(pool), mode=SOFT)
    place = np.argsort(subset.indices)
    unasked = np.setdiff1d(np.arange(len(pool)), rows)
    same = unasked[pool.labels[unasked] == 0]
    assert np.ptp(subset.targets[place][same], axis=0).max() < 1e-6
    assert np.ptp(subset.targets[place][rows], axis=0).max() > 0.01


def test_a_lesson_may_be_about_any_rows(pool) -> None:
    online, whole = OnlineSubSelNet().fit(pool), taught_by(pool, 0.9)
    for name, rows in (("a", np.arange(0, 60)), ("b", np.arange(40, 90))):
        some = whole.log_probabilities[rows]
        online.learn(replace(whole, name=name, indices=rows, log_probabilities=some))
    assert online.taught().teachers == 2
    assert online.taught().known == pytest.approx(90 / len(pool))


def test_g_beta_is_fitted_once_there_are_enough_architectures(pool, tmp_path: Path) -> None:
    online = OnlineSubSelNet(folder=tmp_path, least_networks=4).fit(pool)
    online.refit = Refit(4, background=False)
    for place in range(4):
        online.learn(taught_by(pool, 0.9, f"trial-{place}", place, sure=2.0 + place))
    other = OnlineSubSelNet(folder=tmp_path, least_networks=4).fit(pool)
    notes = other.subset_for(CELLS[5], 24, mode=SOFT).provenance.notes
    assert notes["prediction"] == "g_beta of 4 architectures"


@pytest.mark.parametrize(("count", "expected"), [(3, 0), (4, 4), (7, 4), (8, 8), (40, 32)])
def test_a_refit_is_due_at_every_doubling(count: int, expected: int) -> None:
    assert due(count, 4) == expected


@pytest.mark.parametrize(
    "options", [{"most_teachers": 0}, {"floor": 0.5}, {"sample": 0}, {"least_networks": 1}]
)
def test_unusable_options_are_named(options: dict[str, float]) -> None:
    with pytest.raises(BadInput, match=next(iter(options))):
        OnlineSubSelNet(**options)


def test_g_beta_reads_networks_of_no_search_space(pool) -> None:
    online = OnlineSubSelNet(least_networks=2).fit(pool)
    online.refit = Refit(2, background=False)
    chains = [
        Architecture("traced", ("input", *(["conv3x3-relu:8"] * k), "output"), links(k + 1))
        for k in (1, 2, 3)
    ]
    for place, chain in enumerate(chains[:2]):
        lesson = taught_by(pool, 0.9, f"trial-{place}", sure=4.0 + place)
        online.learn(replace(lesson, architecture=chain))
    notes = online.subset_for(chains[2], 24, mode=SOFT).provenance.notes
    assert notes["prediction"] == "g_beta of 2 architectures"


def links(count: int) -> tuple[tuple[int, int], ...]:
    return tuple((node, node + 1) for node in range(count))
