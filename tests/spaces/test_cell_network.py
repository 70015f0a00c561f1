"""Networks of NAS-Bench-101 cells at small widths."""

from __future__ import annotations

import pytest

from subsel_automl.catalog import search_space
from subsel_automl.core.errors import BadInput


def test_a_width_that_leaves_a_vertex_without_channels_is_refused() -> None:
    """Three vertices share the output's channels; with two, a pool of no channels would fail."""
    space = search_space("nasbench101")
    ops = ["input", *["maxpool3x3"] * 3, "output"]
    cell = space.architecture(ops, [edge for v in (1, 2, 3) for edge in ((0, v), (v, 4))])
    with pytest.raises(BadInput, match="give at least 3"):
        space.module(cell, classes=10, channels=2)
    assert space.module(cell, classes=10, channels=3)
