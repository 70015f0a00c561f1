"""Pixels of any number type keep range and order: nothing wraps, nothing turns white."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from subsel_automl.core.errors import PoolError
from subsel_automl.data.own import from_arrays, from_folder, from_npz, from_torch_dataset
from subsel_automl.data.pixels import as_pixels

RAMP = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
STACK = np.stack([np.roll(RAMP, i) for i in range(20)])
LABELS = np.arange(20) % 2
quiet = pytest.mark.filterwarnings("ignore:images of pool")


def pixels_of(splits) -> np.ndarray:
    pools = (splits.train, splits.validation, splits.test)
    images = np.concatenate([p.images.batch(np.arange(len(p))) for p in pools])
    return images[np.lexsort(images.reshape(len(images), -1).T[::-1])]


def as_sorted(images) -> np.ndarray:
    images = images[..., None] if images.ndim == 3 else images
    return images[np.lexsort(images.reshape(len(images), -1).T[::-1])]


@quiet
@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (STACK, STACK >> 8),
        (STACK.astype(np.int64), STACK >> 8),
        (STACK >> 4, STACK >> 8),
        (STACK >> 8, STACK >> 8),
        ((STACK >> 8).astype(np.float32), STACK >> 8),
        (STACK > 9, np.where(STACK > 9, 255, 0)),
        (STACK / 65535, np.rint(STACK / 257)),
        (STACK / 65535 * 2 - 1, np.rint(STACK / 257)),
        (STACK.astype(np.int32) - 40000, np.rint(STACK / 257)),
        (STACK * 1e30, np.rint(STACK / 257)),
        (np.full((3, 2, 2), 7.5), np.zeros((3, 2, 2))),
    ],
    ids=[
        "16",
        "int64",
        "12",
        "small",
        "whole",
        "bool",
        "unit",
        "signed",
        "negative",
        "any",
        "constant",
    ],
)
def test_every_number_type_has_its_rule(images, expected):
    found = as_pixels(images, "p")
    assert found.dtype == np.uint8
    assert np.array_equal(found, expected)


@quiet
@given(
    images=arrays.arrays(
        st.sampled_from([np.uint16, np.int16, np.int32, np.uint64, np.float32, np.float64]),
        (3, 2, 2),
        elements=st.integers(0, 30_000),
    )
)
def test_a_brighter_pixel_is_never_darker_afterwards(images):
    before, after = images.ravel(), as_pixels(images, "p").ravel()
    order = np.argsort(before, kind="stable")
    assert (np.diff(after[order].astype(int)) >= 0).all()
    assert after.max() >= 128 or before.max() < 256 or before.min() == before.max()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_image_that_is_not_finite_is_refused_by_number(bad):
    images = STACK / 65535
    images[13, 2, 2] = bad
    with pytest.raises(PoolError, match="image 13 of pool 'p' holds NaN or infinity"):
        as_pixels(images, "p")


@pytest.mark.parametrize("images", [STACK, STACK / 7, STACK / 65535 - 0.5])
def test_scaling_is_said(images):
    with pytest.warns(UserWarning, match="images of pool 'p' are .* stored as uint8 by"):
        as_pixels(images, "p")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("images", [STACK >> 8, STACK / 65535, (STACK >> 8).astype(np.uint8)])
def test_what_needs_no_scaling_is_silent(images):
    as_pixels(images, "p")


def written(folder, images, suffix):
    for i, image in enumerate(images):
        place = folder / "ab"[i % 2]
        place.mkdir(exist_ok=True)
        Image.fromarray(image).save(place / f"{i:03d}.{suffix}")
    return folder


@quiet
@pytest.mark.parametrize(
    ("images", "suffix"),
    [
        (STACK, "png"),
        (STACK, "tif"),
        (STACK.astype(">u2"), "tif"),
        (STACK.astype(np.int32), "tif"),
        ((STACK // 257 / 255).astype(np.float32), "tif"),
    ],
    ids=["png-16", "tif-16", "tif-big-endian", "tif-32", "tif-float"],
)
def test_deep_image_files_keep_their_range(tmp_path, images, suffix):
    found = pixels_of(from_folder(written(tmp_path, images, suffix)))
    shifted = STACK // 257 if images.dtype == np.float32 else STACK >> 8
    assert np.array_equal(found, as_sorted(shifted.astype(np.uint8)))


@quiet
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_deep_image_files_are_resized_with_their_range(tmp_path, suffix):
    flat = [np.full((8, 8), 13_000 * (i % 5), np.uint16) for i in range(20)]
    images = pixels_of(from_folder(written(tmp_path, flat, suffix), size=(4, 4)))
    assert images.shape == (20, 4, 4, 1)
    assert sorted(set(images.ravel().tolist())) == [13_000 * k >> 8 for k in range(5)]


@quiet
def test_deep_grey_files_beside_colour_become_colour(tmp_path):
    folder = written(tmp_path, STACK, "png")
    Image.fromarray(np.full((8, 8, 3), 9, np.uint8)).save(folder / "a" / "colour.png")
    images = pixels_of(from_folder(folder))
    assert images.shape == (21, 8, 8, 3)
    assert images.max() == 255
    assert (images == 255).mean() < 0.05


@quiet
@pytest.mark.parametrize("images", [STACK, STACK // 257 / 255, STACK // 257 / 255 * 2 - 1])
def test_every_reader_of_arrays_scales_alike(tmp_path, images):
    np.savez(tmp_path / "a.npz", images=images, labels=LABELS)
    stored, plain = from_npz(tmp_path / "a.npz"), from_arrays(LABELS, images=images)
    expected = as_sorted((STACK >> 8 if images is STACK else STACK // 257).astype(np.uint8))
    assert np.array_equal(pixels_of(stored), expected)
    assert np.array_equal(pixels_of(plain), expected)


@quiet
@pytest.mark.parametrize(
    "convert", [Image.fromarray, np.asarray, lambda image: image.astype(np.int32)]
)
def test_a_dataset_of_deep_images_keeps_their_range(convert):
    data = [(convert(image), int(label)) for image, label in zip(STACK, LABELS, strict=True)]
    expected = as_sorted((STACK >> 8).astype(np.uint8))
    assert np.array_equal(pixels_of(from_torch_dataset(data)), expected)
