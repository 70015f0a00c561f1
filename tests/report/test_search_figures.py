"""Charts of architecture searches."""

from __future__ import annotations

import pytest

from subsel_automl.report.search_figures import (
    accuracy_against_cost,
    edge_distribution,
    operation_shares,
)

pytest.importorskip("matplotlib", reason="extra [report] is not installed")


def test_shares_are_counted_over_all_edges_of_all_cells():
    cells = [{"cell": ["none", "skip_connect", "none", "none"]}, {"normal": [["none", 0]] * 4}]
    assert operation_shares(cells) == {"none": 7 / 8, "skip_connect": 1 / 8}


def test_no_cell_has_no_share():
    assert operation_shares([]) == {}


def test_a_bar_a_group_and_a_key_an_operation():
    found = {"random, 25 %": {"none": 0.5, "skip_connect": 0.5}, "full": {"none": 1.0}}
    svg, keys = edge_distribution(found, ("none", "skip_connect"))
    assert [key.label for key in keys] == ["none", "skip_connect"]
    assert "random, 25 %" in svg
    assert "var(--s1)" in svg


def test_an_operation_that_no_cell_has_leaves_no_colour():
    svg, _ = edge_distribution({"full": {"none": 1.0}}, ("none", "skip_connect"))
    assert "var(--s0)" in svg
    assert svg.count("var(--s1)") <= 1  # a bar of no width


def test_accuracy_stands_against_cost():
    svg, keys = accuracy_against_cost({"random": [(10, 90.0, 1.0), (100, 93.0, 0.5)]})
    assert "CPU seconds of the search" in svg
    assert len(keys) == 1
