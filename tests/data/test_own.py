"""The reader's own data: what fits becomes three pools, what does not is refused by name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from subsel_automl.core.errors import BadInput, DamagedArtefact, MissingData, PoolError
from subsel_automl.data.images import digits
from subsel_automl.data.own import from_arrays, from_folder, from_npz, from_torch_dataset

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 6, 5, 3), dtype=np.uint8)
LABELS = np.arange(40) % 4


def rows_of(splits) -> list[bytes]:
    """Every image of the three pools, as bytes."""
    pools = (splits.train, splits.validation, splits.test)
    return [image.tobytes() for p in pools for image in p.images.batch(np.arange(len(p)))]


@given(n=st.integers(10, 300), seed=st.integers(0, 99))
def test_splits_are_70_10_20_disjoint_and_whole(n, seed):
    splits = from_arrays(np.arange(n) % 3, features=np.arange(n)[:, None], seed=seed)
    parts = [p.features[:, 0] for p in (splits.train, splits.validation, splits.test)]
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    assert [len(p) for p in parts[:2]] == [
        round(n * 0.7),
        round(n * 0.7) + round(n * 0.1) - len(parts[0]),
    ]
    assert splits.train.validation is splits.validation


def test_another_seed_is_another_split():
    one, two = (from_arrays(LABELS, images=IMAGES, seed=s).train for s in (0, 1))
    assert one.fingerprint != two.fingerprint


def test_pixels_are_the_features_unless_others_are_given():
    given_ = from_arrays(LABELS, images=IMAGES, features=np.ones((40, 2))).train
    own = from_arrays(LABELS, images=IMAGES).train
    assert given_.features.shape == (28, 2)
    assert np.allclose(own.features, own.images.batch(np.arange(28)).reshape(28, -1) / 255)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "neither images nor features"),
        ({"images": IMAGES.transpose(0, 3, 1, 2)[:, :, :, :]}, "channels last"),
        ({"images": IMAGES.astype(str)}, "give numbers"),
        ({"images": IMAGES[:39]}, "whole numbers, one a row"),
        ({"features": np.full((40, 2), np.nan)}, "NaN or infinity in 40 of 40 rows"),
        ({"features": np.ones(40)}, r"give \[n, d\]"),
    ],
    ids=["nothing", "channels-first", "text", "too-few", "nan", "flat"],
)
def test_arrays_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(BadInput, match=message):
        from_arrays(LABELS, **arguments)


def test_labels_below_zero_are_refused():
    with pytest.raises(PoolError, match="labels of pool"):
        from_arrays(LABELS - 1, images=IMAGES)


@pytest.mark.parametrize(
    ("labels", "task"),
    [(LABELS + 0.5, "regression"), (LABELS[:, None], "classification")],
    ids=["real", "column"],
)
def test_labels_of_any_task_are_taken(labels, task):
    pools = from_arrays(labels, images=IMAGES)
    assert {pool.task for pool in (pools.train, pools.validation, pools.test)} == {task}


def test_too_few_examples_for_three_pools_are_refused():
    with pytest.raises(PoolError, match="too few for a 70:10:20 split"):
        from_arrays(LABELS[:3], images=IMAGES[:3])


RENUMBERED = {
    "gaps": (LABELS * 100, ("0", "100", "200", "300")),
    "from-one": (LABELS + 1, ("1", "2", "3", "4")),
    "names": (np.array(["cat", "dog", "eel", "owl"])[LABELS], ("cat", "dog", "eel", "owl")),
}


@pytest.mark.filterwarnings("ignore:labels of pool")
@pytest.mark.parametrize(("labels", "names"), RENUMBERED.values(), ids=RENUMBERED)
def test_labels_with_gaps_or_names_become_classes_from_0(tmp_path, labels, names):
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=labels)
    expected = from_arrays(LABELS, images=IMAGES).train.fingerprint
    for splits in (from_npz(tmp_path / "a.npz"), from_arrays(labels, images=IMAGES)):
        assert splits.train.fingerprint == expected
        assert (splits.train.classes, splits.train.class_names) == (4, names)


def test_labels_that_are_renumbered_are_said_once():
    with pytest.warns(UserWarning, match=r"are 0, 100, 200, 300; they become 0\.\.3") as said:
        from_arrays(LABELS * 100, images=IMAGES)
    assert len(said) == 1


@pytest.mark.filterwarnings("error")
def test_labels_that_have_names_stay_and_nothing_is_said():
    pool = from_arrays(LABELS // 2 * 2, images=IMAGES, class_names="abcd").train
    assert set(pool.labels.tolist()) == {0, 2}
    assert pool.classes == 3


def test_a_column_of_labels_in_a_file_is_labels(tmp_path):
    np.savez(tmp_path / "arrays.npz", images=IMAGES, labels=LABELS[:, None])
    column = from_npz(tmp_path / "arrays.npz").train
    assert column.fingerprint == from_arrays(LABELS, images=IMAGES).train.fingerprint


def test_npz_gives_the_same_pools_as_its_arrays(tmp_path):
    np.savez(tmp_path / "mine.npz", images=IMAGES, labels=LABELS, class_names=list("abcd"))
    loaded = from_npz(tmp_path / "mine.npz")
    assert loaded.train.fingerprint == from_arrays(LABELS, images=IMAGES).train.fingerprint
    assert loaded.train.class_names == ("a", "b", "c", "d")
    assert loaded.train.name == "mine"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": IMAGES}, "give labels"),
        ({"images": IMAGES, "labels": LABELS, "x": LABELS}, "drop x"),
        ({"labels": LABELS}, "neither images nor features"),
        ({"images": np.array([None] * 40), "labels": LABELS}, "not plain numbers"),
    ],
    ids=["no-labels", "unknown-key", "no-images", "pickled"],
)
def test_npz_files_that_do_not_fit_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "mine.npz", **arrays)
    with pytest.raises(BadInput, match=message):
        from_npz(tmp_path / "mine.npz")


def test_a_cut_npz_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "mine.npz", images=IMAGES, labels=LABELS)
    raw = bytearray((tmp_path / "mine.npz").read_bytes())
    raw[300] ^= 0xFF
    (tmp_path / "mine.npz").write_bytes(raw)
    with pytest.raises(DamagedArtefact, match="cut or changed"):
        from_npz(tmp_path / "mine.npz")


def test_a_file_that_is_no_npz_is_refused(tmp_path):
    np.save(tmp_path / "mine.npy", IMAGES)
    with pytest.raises(BadInput, match="no npz file"):
        from_npz(tmp_path / "mine.npy")


@pytest.mark.parametrize("load", [from_npz, from_folder])
def test_what_is_not_there_is_missing(tmp_path, load):
    with pytest.raises(MissingData, match="there is no"):
        load(tmp_path / "nowhere")


@pytest.fixture
def folder(tmp_path):
    for i, image in enumerate(IMAGES):
        place = tmp_path / "pictures" / "dcba"[i % 4]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{i:03d}.png")
    (tmp_path / "pictures" / "a" / "notes.txt").write_text("no image")
    return tmp_path / "pictures"


def test_a_folder_of_images_a_class_becomes_pools(folder):
    splits = from_folder(folder)
    assert sorted(rows_of(splits)) == sorted(image.tobytes() for image in IMAGES)
    assert splits.train.class_names == ("a", "b", "c", "d")
    pool = splits.train
    chosen = pool.images.batch(np.arange(1))[0].tobytes()
    place = [image.tobytes() for image in IMAGES].index(chosen)
    assert "abcd"[pool.labels[0]] == "dcba"[place % 4]


def test_grey_images_keep_one_channel(tmp_path):
    for i in range(12):
        (tmp_path / "one").mkdir(exist_ok=True)
        Image.fromarray(IMAGES[i, :, :, 0]).save(tmp_path / "one" / f"{i}.png")
    assert from_folder(tmp_path).train.images.shape == (6, 5, 1)


def test_images_of_several_sizes_are_refused_naming_two_files(folder):
    Image.fromarray(IMAGES[0, :3]).save(folder / "c" / "small.png")
    with pytest.raises(PoolError, match=r"003\.png is 6 x 5.*small\.png is 3 x 5.*size="):
        from_folder(folder)


def test_images_of_several_sizes_are_resized_when_asked(folder):
    Image.fromarray(IMAGES[0, :3]).save(folder / "c" / "small.png")
    assert from_folder(folder, size=(4, 8)).train.images.shape == (4, 8, 3)


@pytest.mark.parametrize("keep", [0, 60])
def test_a_broken_image_is_refused_by_name(folder, keep):
    file = folder / "b" / "002.png"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(DamagedArtefact, match=r"002\.png"):
        from_folder(folder)


def test_a_class_without_images_is_refused(folder):
    (folder / "empty").mkdir()
    with pytest.raises(PoolError, match="empty holds no image"):
        from_folder(folder)


class Items(torch.utils.data.Dataset):
    """A map-style Dataset."""

    classes = ("w", "x", "y", "z")

    def __init__(self, make) -> None:
        self.make = make

    def __len__(self) -> int:
        return 40

    def __getitem__(self, i: int):
        return self.make(i)


@pytest.mark.parametrize(
    "make",
    [
        lambda i: (torch.from_numpy(IMAGES[i]).permute(2, 0, 1), int(LABELS[i])),
        lambda i: (torch.from_numpy(IMAGES[i] / 255).permute(2, 0, 1), torch.tensor(LABELS[i])),
        lambda i: (Image.fromarray(IMAGES[i]), LABELS[i]),
        lambda i: (IMAGES[i], LABELS[i]),
    ],
    ids=["uint8-tensor", "float-tensor", "pil", "array"],
)
def test_any_map_style_dataset_gives_the_same_pools(make):
    splits = from_torch_dataset(Items(make))
    assert splits.train.fingerprint == from_arrays(LABELS, images=IMAGES).train.fingerprint
    assert splits.train.class_names == ("w", "x", "y", "z")


def test_vectors_become_features():
    data = torch.utils.data.TensorDataset(torch.rand(40, 7), torch.from_numpy(LABELS))
    assert from_torch_dataset(data).train.features.shape == (28, 7)


class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        return iter(())


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Stream(), "no map-style Dataset"),
        (Items(lambda i: IMAGES[i]), r"give \(image, label\)"),
        (Items(lambda i: (torch.randn(3, 6, 5), 0)), "before any normalisation"),
        (Items(lambda i: (IMAGES[i][: 6 - i % 2], 0)), "resize them to one shape"),
        (Items(lambda i: (IMAGES[i], 0.5)), "the label of item 0"),
    ],
    ids=["iterable", "no-label", "normalised", "shapes", "half"],
)
def test_datasets_that_do_not_fit_are_refused(dataset, message):
    with pytest.raises(BadInput, match=message):
        from_torch_dataset(dataset)


def test_digits_come_with_scikit_learn():
    splits = digits()
    assert [len(p) for p in (splits.train, splits.validation, splits.test)] == [1258, 180, 359]
    assert splits.train.images.shape == (8, 8, 1)
