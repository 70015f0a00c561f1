"""Truths of a subset and of its file."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from subsel_automl.core.errors import BadInput, DamagedArtefact
from subsel_automl.core.subset import Provenance, Subset

WHOLE = Subset(
    np.array([5, 2, 9]),
    np.array([1.0, 0.5, 2.0]),
    np.full((3, 4), 0.25),
    {"state": np.arange(6).reshape(2, 3)},
    Provenance("mine", {"a": 1}, "key", "0.1", 3, "pool", "f" * 64, 0.25, {"temperature": 0.3}),
)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"indices": [1, 1]}, "twice"),
        ({"indices": [-1, 1]}, "count from 0"),
        ({"indices": [0.5, 1]}, "give whole"),
        ({"indices": [[0], [1]]}, "give whole"),
        ({"indices": [0, 1], "weights": [1.0]}, "one entry an index"),
        ({"indices": [0, 1], "weights": [1.0, np.nan]}, "NaN or infinity"),
        ({"indices": [0, 1], "targets": [0.5, 0.5]}, "one entry an index"),
        ({"indices": [0, 1], "targets": [[0.5, np.inf]] * 2}, "NaN or infinity"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_parts_that_do_not_fit_are_refused(parts, message):
    with pytest.raises(BadInput, match=message):
        Subset(**{name: np.array(value) for name, value in parts.items()})


def test_a_saved_subset_comes_back_whole(tmp_path):
    WHOLE.save(tmp_path / "s.safetensors")
    loaded = Subset.load(tmp_path / "s.safetensors")
    assert loaded.indices.tolist() == [5, 2, 9]  # in the order of choice
    assert np.array_equal(loaded.weights, WHOLE.weights)
    assert np.array_equal(loaded.targets, WHOLE.targets)
    assert np.array_equal(loaded.memory["state"], WHOLE.memory["state"])
    assert asdict(loaded.provenance) == asdict(WHOLE.provenance)


@given(
    memory=st.sampled_from([np.float32, np.int64, np.uint8, np.bool_]).flatmap(
        lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    )
)
def test_any_array_in_memory_comes_back_with_its_shape_and_type(memory, tmp_path_factory):
    file = tmp_path_factory.mktemp("memory") / "s.safetensors"
    Subset(np.array([0]), memory={"m": memory}).save(file)
    loaded = Subset.load(file).memory["m"]
    assert loaded.shape == memory.shape
    assert loaded.dtype == memory.dtype
    assert np.array_equal(loaded, memory, equal_nan=memory.dtype.kind == "f")


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(place, bit, tmp_path_factory):
    file = tmp_path_factory.mktemp("flip") / "s.safetensors"
    WHOLE.save(file)
    raw = bytearray(file.read_bytes())
    raw[place % len(raw)] ^= 1 << bit
    file.write_bytes(raw)
    with pytest.raises(DamagedArtefact):
        Subset.load(file)


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_a_cut_file_is_refused(tmp_path, keep):
    WHOLE.save(tmp_path / "s.safetensors")
    raw = (tmp_path / "s.safetensors").read_bytes()
    (tmp_path / "s.safetensors").write_bytes(raw[:keep])
    with pytest.raises(DamagedArtefact):
        Subset.load(tmp_path / "s.safetensors")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DamagedArtefact, match="no whole subset file"):
        Subset.load(tmp_path / "nowhere")


def test_a_killed_writer_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "s.safetensors"
    WHOLE.save(file)
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        Subset(np.array([1])).save(file)
    assert len(Subset.load(file)) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["s.safetensors"]
