"""What a trial of a learning search is heard and asked, and what becomes of its lesson."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.learning import UNTAUGHT
from subsel_automl.core.lesson import Heard, Lesson
from subsel_automl.core.pool import Pool
from subsel_automl.hosting.session import SubsetSession
from subsel_automl.maths.teaching import DECAY, SPREAD
from subsel_automl.subselnet.online.lessons import FolderTeachers
from subsel_automl.subselnet.online.provider import ASKED_AT_LEAST, OnlineSubSelNet, asked_rows
from subsel_automl.subselnet.online.taught import summary
from subsel_automl.worlds import LinearProbe, clump_pool, some_cells

CELLS = some_cells(6)
POOL = clump_pool(120)


class Counting(nn.Module):
    """Counts the examples that it is asked about, by mode."""

    def __init__(self, said=lambda logits, training: logits) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head, self.said = nn.Linear(16, 4), said
        self.asked = {True: 0, False: 0}

    def forward(self, x):
        self.asked[self.training] += len(x)
        return self.said(self.head(x.flatten(1)), self.training)


def trial(provider, model, *, redraw_every=1, told=0.6, name="t", epochs=2) -> SubsetSession:
    """One trial of a user's own loop, to its end."""
    feed = SubsetFeed(provider, 40, redraw_every=redraw_every)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with SubsetSession(feed, name) as session:
        loader = session.loader(model=model, architecture=CELLS[0], batch_size=10)
        for _ in range(epochs):
            for x, y in loader:
                optimizer.zero_grad()
                out = model(x)
                F.cross_entropy(out if isinstance(out, torch.Tensor) else out["s"], y).backward()
                optimizer.step()
        if told is not None:
            session.tell(told)
        session.teach()
    return session


def test_a_trial_that_redraws_is_heard_and_costs_no_forward_pass():
    online, model = OnlineSubSelNet().fit(POOL), Counting()
    session = trial(online, model)
    (lesson,) = online.teachers.lessons()
    assert model.asked == {True: 80, False: 0}
    assert len(lesson.indices) > 40
    assert session.lessons == 1


def test_a_trial_of_a_fixed_subset_is_asked_about_others_too():
    online, model = OnlineSubSelNet().fit(POOL), Counting()
    trial(online, model, redraw_every=0)
    (lesson,) = online.teachers.lessons()
    assert model.asked == {True: 80, False: len(POOL)}
    assert lesson.indices.tolist() == list(range(len(POOL)))


@pytest.mark.parametrize(
    ("examples", "n", "count"),
    [(100, 20_000, ASKED_AT_LEAST), (50_000, 20_000, 5000), (10**6, 20_000, 20_000), (9, 90, 90)],
)
def test_a_tenth_of_the_examples_is_asked_but_a_thousand_at_least(examples, n, count):
    online = OnlineSubSelNet().fit(Pool("big", np.zeros((n, 1)), np.arange(n) % 2))
    rows = online._asked_rows(0.5, CELLS[0], examples, None)
    assert len(rows) == count


def test_a_trial_that_is_asked_less_is_asked_the_same_rows():
    few, many = asked_rows(5000, 1000), asked_rows(5000, 3000)
    assert np.isin(few, many).all()
    assert (np.diff(few) > 0).all()


def test_asked_and_sample_change_how_many_rows_are_asked():
    pool = Pool("big", np.zeros((5000, 1)), np.arange(5000) % 2)
    counts = [
        len(OnlineSubSelNet(**options).fit(pool)._asked_rows(0.5, CELLS[0], 40_000, None))
        for options in ({}, {"asked": 0.05}, {"sample": 1500}, {"asked": 0})
    ]
    assert counts == [4000, 2000, 1500, 1000]


def lesson_of(answers, rows, accuracy=0.8, **about) -> Lesson:
    return Lesson(CELLS[0], np.asarray(rows), np.log(answers), accuracy, 100, **about)


def test_older_answers_weigh_less():
    sure = np.array([[0.96, 0.02, 0.01, 0.01]])
    unsure = np.full((1, 4), 0.25)
    old = lesson_of(sure, [0], name="old", ages=np.array([0.1], np.float32))
    new = lesson_of(unsure, [0], name="new", ages=np.array([1.0], np.float32))
    mean = np.exp(summary([old, new], POOL, 8).answers[0, 0])
    weight = np.exp(-(0.2 * 0.1**-DECAY - 0.2) / SPREAD)
    assert mean == pytest.approx((0.25 + weight * 0.96) / (1 + weight), abs=2e-3)
    assert mean < (0.25 + 0.96) / 2


def test_a_better_teacher_weighs_more():
    sure, unsure = np.array([[0.96, 0.02, 0.01, 0.01]]), np.full((1, 4), 0.25)
    both = [lesson_of(sure, [0], 0.9, name="a"), lesson_of(unsure, [0], 0.6, name="b")]
    assert np.exp(summary(both, POOL, 8).answers[0, 0]) > 0.8


def test_a_resumed_trials_later_lesson_replaces_the_earlier():
    online, flat = OnlineSubSelNet().fit(POOL), np.full((1, 4), 0.25)
    for examples, accuracy in ((100, 0.5), (300, 0.7), (200, 0.6)):
        online.learn(replace(lesson_of(flat, [0], accuracy, name="t"), examples=examples))
    (kept,) = online.teachers.lessons()
    assert (kept.examples, kept.accuracy) == (300, 0.7)


def test_the_floor_and_the_best_few_decide_who_is_asked():
    online = OnlineSubSelNet(most_teachers=2, floor=1.5).fit(POOL)
    flat, probe = np.full((1, 4), 0.25), LinearProbe(POOL, np.zeros((16, 4)))
    for place, accuracy in enumerate((0.9, 0.88)):
        one = replace(lesson_of(flat, [0], accuracy, name=str(place)), architecture=CELLS[place])
        online.learn(one)

    def asked(cell: int, accuracy: float) -> bool:
        made = online.lesson(CELLS[cell], probe, accuracy=accuracy, examples=9)
        worth = online._due(CELLS[cell], accuracy=accuracy, examples=9)
        assert worth == (made is not None)
        return worth

    assert not asked(0, 0.84)  # an error above 1.5 times 0.1
    assert not asked(0, 0.87)  # a known architecture, and not among the best
    assert asked(2, 0.87)  # a new one is heard for g_beta's sake
    assert asked(0, 0.89)


def test_only_the_best_few_make_the_mean():
    sure, unsure = np.array([[0.96, 0.02, 0.01, 0.01]]), np.full((1, 4), 0.25)
    both = [lesson_of(sure, [0], 0.61, name="a"), lesson_of(unsure, [0], 0.6, name="b")]
    assert np.exp(summary(both, POOL, 1).answers[0, 0]) == pytest.approx(0.96, abs=1e-3)
    assert summary(both, POOL, 2).teachers == 2


def raises(logits, training):
    if training:
        return logits
    raise RuntimeError("no evaluation for me")


def garbage(logits, training):
    return logits if training else {"scores": 3}


def not_a_number(logits, training):
    return logits if training else logits * torch.nan


@pytest.mark.parametrize("said", [raises, garbage, not_a_number])
def test_a_network_that_cannot_be_asked_is_heard(said):
    online = OnlineSubSelNet().fit(POOL)
    session = trial(online, Counting(said), redraw_every=0)
    (lesson,) = online.teachers.lessons()
    assert len(lesson.indices) == 40
    assert (session.lessons, session.untaught) == (1, "")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (lambda logits, training: logits * torch.nan, "not finite"),
        (lambda logits, training: {"s": logits}, "return them as a tensor"),
    ],
    ids=["nan", "garbage"],
)
@pytest.mark.parametrize("redraw_every", [0, 1])
def test_a_failing_lesson_never_fails_the_trial_and_is_counted(said, why, redraw_every):
    online = OnlineSubSelNet().fit(POOL)
    session = trial(online, Counting(said), redraw_every=redraw_every)
    assert why in session.bill()["untaught"]
    assert session.lessons == 0
    assert online.teachers.lessons() == []


def test_after_five_trials_without_a_lesson_one_warning_says_why(recwarn):
    online = OnlineSubSelNet().fit(POOL)
    for place in range(UNTAUGHT + 3):
        trial(online, Counting(lambda out, _: {"s": out}), name=str(place), epochs=1)
    said = [str(one.message) for one in recwarn if "has learned nothing" in str(one.message)]
    assert len(said) == 1
    assert "from 5 finished trials; of 5 of them: BadInput: Counting returned dict" in said[0]


def test_one_lesson_is_enough_for_no_warning(recwarn):
    online = OnlineSubSelNet().fit(POOL)
    trial(online, Counting(), name="good")
    for place in range(UNTAUGHT + 1):
        trial(online, Counting(lambda out, _: {"s": out}), name=str(place), epochs=1)
    assert not [one for one in recwarn if "learned nothing" in str(one.message)]


def test_a_diverged_trial_says_so():
    session = trial(OnlineSubSelNet().fit(POOL), Counting(), told=float("nan"))
    assert session.untaught == "its metric is not a finite number"


def test_an_accuracy_that_is_not_told_is_measured_on_answers_before_training():
    online = OnlineSubSelNet().fit(POOL)
    answers = np.log(np.eye(4)[POOL.labels] * 0.9 + 0.02)
    once = np.arange(len(POOL)) % 2 == 0
    answers[:30] = np.roll(answers[:30], 1, 1)  # 15 of them were answered before training
    heard = Heard(np.arange(len(POOL)), answers, np.ones(len(POOL), "f4"), once, True)
    lesson = online.lesson(CELLS[0], None, examples=200, heard=heard)
    assert lesson.accuracy == pytest.approx(1 - 15 / 60)
    assert trial(online, Counting(), told=None).lessons == 1


def test_a_network_that_cannot_be_traced_takes_the_mean_and_it_is_said_once(recwarn):
    class Branching(Counting):
        def forward(self, x):
            return super().forward(x) * (1 if float(x.sum()) > 0 else 2)

    online = OnlineSubSelNet().fit(POOL)
    for place in range(3):
        model = Branching()
        with SubsetSession(SubsetFeed(online, 40, redraw_every=1), str(place)) as session:
            for x, y in session.loader(model=model, batch_size=10):
                F.cross_entropy(model(x), y).backward()
            session.tell(0.5)
            session.teach()
    assert sum("cannot be traced" in str(one.message) for one in recwarn) == 1
    assert len(online.teachers.lessons()) == 3
    notes = online.subset_for(None, 40).provenance.notes
    assert notes["prediction"].startswith("mean of 3 teachers")


def test_lessons_of_a_folder_survive_the_process_and_keep_values_exactly(tmp_path):
    pool = Pool("real", np.random.default_rng(0).random((40, 3)), np.linspace(0.5, 9e6, 40))
    values = np.linspace(1e6 + 0.25, 5e6, 7)[:, None].astype(np.float32)
    ages = np.linspace(0.5, 1, 7).astype(np.float32)
    told = Lesson(CELLS[0], np.arange(7), values, 0.5, 9, "t", ((4, 0.2),), ages, True)
    FolderTeachers(tmp_path, pool).add(told)
    code = (
        "import sys, numpy as np\n"
        "from subsel_automl.core.pool import Pool\n"
        "from subsel_automl.subselnet.online.lessons import FolderTeachers\n"
        "y = np.linspace(0.5, 9e6, 40)\n"
        "pool = Pool('real', np.random.default_rng(0).random((40, 3)), y)\n"
        "one, = FolderTeachers(sys.argv[1], pool).lessons()\n"
        "print(one.log_probabilities.dtype, one.values, one.name, one.curve, one.ages[0])\n"
        "print(one.log_probabilities[:, 0].tobytes().hex())\n"
    )
    ran = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(ran, capture_output=True, text=True, check=True).stdout.split("\n")
    assert done[0] == "float32 True t ((4, 0.2),) 0.5"
    assert done[1] == values[:, 0].tobytes().hex()


def test_after_another_lesson_other_examples_are_drawn_by_the_same_seed():
    online = OnlineSubSelNet(temperature=1e6).fit(POOL)
    drawn = []
    said = np.full((len(POOL), 4), -np.log(4))
    for name in ("a", "b", "b"):
        online.learn(Lesson(CELLS[0], np.arange(len(POOL)), said, 0.9, 100, name))
        drawn.append(online.subset_for(CELLS[0], 24).indices.tolist())
    assert drawn[0] != drawn[1]
    assert drawn[1] == drawn[2]


def test_what_was_said_in_the_first_half_of_the_training_is_no_lesson():
    online = OnlineSubSelNet().fit(POOL)
    rows = np.arange(4)
    said = np.full((4, POOL.classes), -np.log(POOL.classes))
    for ages, kept in (((0.1, 0.4, 0.6, 1.0), [2, 3]), ((0.1, 0.2, 0.3, 0.3), [2, 3])):
        heard = Heard(rows, said, np.array(ages, np.float32), np.ones(4, bool), redrawn=True)
        made = online.lesson(CELLS[0], None, accuracy=0.5, examples=100, heard=heard)
        assert made.indices.tolist() == kept
