"""Trainings that a folder keeps: a search that was stopped goes on, another one does not."""

from __future__ import annotations

import json

import pytest
from bit_curves import Failing, Grown, boasting
from raced import keys, raced

from subsel_automl.core.errors import BadInput, DamagedArtefact


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("subsel_automl.search.queries.PATIENCE", 300)


class Stopped(Exception):
    pass


def stop_after(count):
    def progress(done, total):
        if done >= count:
            raise Stopped

    return progress


@pytest.mark.parametrize("name", ["random", "local", "bo"])
def test_a_stopped_search_goes_on_as_the_undisturbed_one(name, tmp_path):
    options = {"extrapolator": "ridge", "after": 8}
    whole = raced(name, **options)
    with pytest.raises(Stopped):
        raced(name, run={"folder": tmp_path, "progress": stop_after(220)}, **options)
    again = Grown()
    found = raced(name, again, run={"folder": tmp_path, "resume": True}, **options)
    assert found == whole
    assert 0 < len(again.begun) < len(whole.trainings)
    assert again.begun == keys(whole)[-len(again.begun) :]


def test_a_diverged_training_is_kept_too(tmp_path):
    whole = raced("local", Failing(3), run={"folder": tmp_path})
    again = Failing(3)
    found = raced("local", again, run={"folder": tmp_path, "resume": True})
    assert again.begun == []
    assert [one.by for one in found.trainings] == [one.by for one in whole.trainings]
    assert found.incumbents() == whole.incumbents()


def test_trainings_of_another_search_are_refused(tmp_path):
    raced(run={"folder": tmp_path})
    with pytest.raises(BadInput, match="resume it"):
        raced(run={"folder": tmp_path})
    again = {"folder": tmp_path, "resume": True}
    for wrong, options in {"share": {"share": 0.4}, "few": {"few": 7}, "seed": {"seed": 2}}.items():
        with pytest.raises(BadInput, match=wrong):
            raced(run=again, **options)
    with pytest.raises(BadInput, match="extrapolator"):
        raced(run=again, extrapolator="ridge")
    with pytest.raises(BadInput, match="shape"):
        raced(objective=Grown(boasting), run=again)


@pytest.mark.parametrize("change", [{"key": "0" * 32}, {"values": [0.0]}])
def test_trainings_that_were_changed_are_refused(change, tmp_path):
    raced(run={"folder": tmp_path})
    path = tmp_path / "trainings.json"
    held = json.loads(path.read_text())
    held["trainings"][3] |= change
    path.write_text(json.dumps(held))
    with pytest.raises(DamagedArtefact, match="begin anew"):
        raced(run={"folder": tmp_path, "resume": True})
