"""Tables of curves, and trainings that go on only as far as they are asked to."""

from __future__ import annotations

import numpy as np
import pytest
from bit_space import Bits, listed
from smoke_search import feed_of

from subsel_automl.catalog import search_class, search_space
from subsel_automl.core.curves import Curves
from subsel_automl.core.errors import ArchitectureError, BadInput
from subsel_automl.search.curve_objective import CurveTable, TrialCurves
from subsel_automl.search.multi_fidelity import MultiFidelity

LOSSES = [[3.0, 2.0, 1.0], [2.5, 2.4, 2.3]]


def table(goal="min", values=LOSSES):
    names = tuple(one.key for one in listed()[: len(values)])
    return CurveTable(Bits(), Curves(np.array(values), goal, names))


def test_losses_are_turned_so_that_more_is_better():
    one = listed()[0]
    assert list(table().begin(one)) == [-3.0, -2.0, -1.0]
    assert list(table("max").begin(one)) == [3.0, 2.0, 1.0]
    assert table().truth(one) == -1.0


def test_regret_is_of_the_last_value():
    assert [round(table().regret(one), 9) for one in listed()[:2]] == [0.0, 1.3]
    assert [round(table("max").regret(one), 9) for one in listed()[:2]] == [1.3, 0.0]


def test_an_architecture_without_a_curve_is_refused():
    with pytest.raises(ArchitectureError, match="no curve"):
        table().begin(listed()[5])


def test_a_curve_that_is_not_whole_is_refused_by_its_name():
    with pytest.raises(BadInput, match=f"{listed()[1].key}.*finished"):
        table(values=[[1.0, 2.0, 3.0], [1.0, 2.0, np.nan]])


def test_tables_of_other_curves_are_told_apart():
    assert table().about() == table().about()
    assert table().about() != table(values=[[3.0, 2.0, 1.0], [2.5, 2.4, 2.2]]).about()


def trials(epochs=3, provider="random", steps=1):
    made = search_class("random")(
        trial_epochs=epochs, epochs=epochs, steps_an_epoch=steps, batch=8, channels=2, cells=1
    )
    return made.objective("nasbench201", feed_of(provider))


def test_a_whole_training_ends_with_the_accuracy_of_a_trial():
    one = search_space("nasbench201").sample(np.random.default_rng(0))
    values = list(TrialCurves(trials()).begin(one))
    assert len(values) == 3
    assert values[-1] == trials().ask(one).value


def test_a_training_goes_on_only_as_far_as_it_is_asked(monkeypatch):
    from subsel_automl.training.trainer import Trainer

    epochs, train = [], Trainer.epoch
    monkeypatch.setattr(Trainer, "epoch", lambda *given: epochs.append(0) or train(*given))
    one = search_space("nasbench201").sample(np.random.default_rng(0))
    begun = TrialCurves(trials()).begin(one)
    assert epochs == []
    next(begun)
    next(begun)
    assert len(epochs) == 2


def test_real_trainings_are_stopped():
    found = MultiFidelity(
        search=search_class("random")(), epochs_total=24, initial=2, few=1, share=0.1
    ).query(TrialCurves(trials(steps=8)), seed=1)
    assert found.stopped > 0
    assert found.spent == sum(one.epochs for one in found.trainings) <= 24
    assert 0 <= found.value <= 1


def test_a_provider_that_learns_is_refused():
    with pytest.raises(BadInput, match="does not learn"):
        TrialCurves(trials(provider="subselnet-online"))
