"""A bundle comes back whole, and is refused when damaged or of another pool."""

from __future__ import annotations

import json

import numpy as np
import pytest

from subsel_automl.core.errors import DamagedArtefact, RefusedArtefact, UnknownName
from subsel_automl.core.files import read_json
from subsel_automl.core.request import Mode
from subsel_automl.subselnet.bundle import RECORD, SHIPPED, load_bundle, save_bundle
from subsel_automl.subselnet.policy import Policy
from subsel_automl.subselnet.temperatures import Choice, Choices
from subsel_automl.subselnet.transductive import SubSelNet
from subsel_automl.worlds import clump_pool

CHOICES = Choices(
    [
        Choice(0.1, False, "labels", -0.7, gain=1.5),
        Choice(0.1, True, "soft", 0.05, ease_examples=30, later_temperature=-3.0),
    ]
)


@pytest.fixture
def folder(tmp_path, model):
    policy = Policy(16, 16, 4)
    save_bundle(tmp_path / "b", model, CHOICES, policy, {"seed": 3})
    return tmp_path / "b"


def test_a_bundle_comes_back_whole(folder, model, pool, folds):
    bundle = load_bundle(folder, pool)
    assert bundle.choices.rows == CHOICES.rows
    assert bundle.policy is not None
    assert bundle.record["made"] == {"seed": 3}
    assert bundle.model.training_keys == model.training_keys
    before, after = (m.log_probabilities(pool, folds["test"])[0] for m in (model, bundle.model))
    assert np.allclose(before, after, atol=0.02)  # the mean is kept in half precision


def test_saved_again_it_is_the_same_file(folder, pool, tmp_path):
    bundle = load_bundle(folder, pool)
    save_bundle(tmp_path / "c", bundle.model, bundle.choices, bundle.policy, {"seed": 3})
    weights = [(p / "weights.safetensors").read_bytes() for p in (folder, tmp_path / "c")]
    assert weights[0] == weights[1]


def test_a_provider_reads_it(folder, pool, folds):
    provider = SubSelNet.from_bundle(folder, pool)
    assert provider.subset_for(folds["test"][0], 12).provenance.notes["temperature"] == -0.7


def test_a_shipped_bundle_eases_for_as_long_as_its_record_says():
    record = read_json(SHIPPED / "fashion-mnist" / "nasbench101" / RECORD)
    rows = [row for row in record["choices"] if row["ease_examples"]]
    assert rows
    for row in rows:
        choices = Choices(Choice(**one) for one in record["choices"])
        choice = choices.nearest(row["budget"], Mode(row["redraw"], row["targets"]))
        before, after = (choice.temperature_after(row["ease_examples"] + step) for step in (-1, 0))
        assert (before, after) == (row["temperature"], row["later_temperature"])
        assert 0 < before < abs(after)  # easy first


def test_a_bundle_of_another_pool_is_refused_naming_both_fingerprints(folder, pool):
    other = clump_pool(120, seed=9)
    with pytest.raises(RefusedArtefact) as caught:
        load_bundle(folder, other)
    assert pool.fingerprint[:16] in str(caught.value)
    assert other.fingerprint[:16] in str(caught.value)
    assert caught.value.exit_code == 4


def test_a_pool_that_is_no_built_in_data_set_has_to_be_given(folder):
    with pytest.raises(RefusedArtefact, match="no built-in data set"):
        load_bundle(folder)


@pytest.mark.parametrize("place", [40, 3000, -1])
def test_a_flipped_bit_is_noticed(folder, pool, place):
    file = folder / "weights.safetensors"
    raw = bytearray(file.read_bytes())
    raw[place] ^= 1
    file.write_bytes(raw)
    with pytest.raises(DamagedArtefact, match="does not match the sha256"):
        load_bundle(folder, pool)


def test_a_cut_file_is_noticed(folder, pool):
    file = folder / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(DamagedArtefact, match="does not match the sha256"):
        load_bundle(folder, pool)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", "other", "is no 'subsel-bundle-1'"),
        ("approximator", {"width": 16}, "does not fit together"),
        ("policy", [1, 1, 1], "does not fit together"),
        ("choices", [{"budget": 1}], "does not fit together"),
    ],
)
def test_a_record_that_does_not_fit_is_refused(folder, pool, key, value, message):
    record = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps({**record, key: value}))
    with pytest.raises(DamagedArtefact, match=message):
        load_bundle(folder, pool)


def test_an_unknown_bundle_is_refused():
    with pytest.raises(UnknownName, match="no bundle is called 'nowhere'"):
        load_bundle("nowhere")
