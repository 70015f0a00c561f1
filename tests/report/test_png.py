"""PNG without a library: what goes in comes out of another decoder."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subsel_automl.core.errors import BadInput
from subsel_automl.report.images import data_uri, png


@settings(deadline=None)  # the first call imports Pillow
@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([(), (1,), (3,)]), st.integers(0, 99))
def test_another_decoder_reads_the_same_pixels(height, width, channels, seed):
    image_module = pytest.importorskip("PIL.Image", reason="Pillow is the other decoder")
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, *channels), dtype=np.uint8)
    decoded = np.asarray(image_module.open(io.BytesIO(png(pixels))))
    assert decoded.tolist() == (pixels[..., 0] if channels == (1,) else pixels).tolist()


def test_a_strided_view_is_drawn_as_it_looks():
    pixels = np.arange(24, dtype=np.uint8).reshape(4, 6)
    assert png(pixels[:, ::2]) == png(np.ascontiguousarray(pixels[:, ::2]))


def test_a_data_uri_holds_the_png():
    pixels = np.zeros((2, 2), np.uint8)
    head, body = data_uri(pixels).split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == png(pixels)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((2, 2)),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 3), "u1"),
    ],
)
def test_other_shapes_and_types_are_refused(image):
    with pytest.raises(BadInput, match="give uint8"):
        png(image)
