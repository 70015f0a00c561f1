"""Charts of searches by queries."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="extra [report] is not installed")

from subsel_automl.report.query_figures import edits_against_distance, embedding_map, regret_bands

RNG = np.random.default_rng(0)


def test_curves_have_a_band_where_there_are_several_seeds():
    one, keys = regret_bands({"local": [[3.0, 2.0, 1.0]]}, "regret")
    several, _ = regret_bands({"local": RNG.random((5, 3)), "bo": RNG.random((5, 3))}, "regret")
    assert [key.label for key in keys] == ["local"]
    assert several.count("fill-opacity") > one.count("fill-opacity")
    assert "after each query" in several


def test_a_map_has_a_colour_a_fifth():
    values = np.linspace(0.5, 0.94, 100)
    drawn, keys = embedding_map(RNG.normal(size=(100, 7)), values)
    assert len(keys) == 5
    assert keys[0].label.startswith("50.00")
    assert keys[-1].label.endswith("94.00 %")
    assert all(f"var(--s{place})" in drawn for place in range(5))


def test_distances_are_drawn_by_edits():
    assert "edits apart" in edits_against_distance([1, 1, 2, 2], [0.5, 0.7, 0.9, 1.1])
