"""Runs that go on: their order, their chance to beat the best, the table and the picture."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from subsel_automl.catalog import curve_predictor
from subsel_automl.core.curves import Curves
from subsel_automl.core.errors import BadInput
from subsel_automl.report.curve_figures import draw_forecasts, write_picture
from subsel_automl.report.curve_forecast import chance_of, forecast, write_forecasts

ENDED = Curves(np.array([[0.9, 0.8, 0.7, 0.7], [0.9, 0.8, 0.6, 0.4]]), "min", ("a", "b"))
BEGUN = Curves.of({"x": [0.9, 0.5], "y": [0.9], "z": [0.3, 0.2], "w": [0.9, 0.8, 0.5, 0.5]}, "min")


def told(ended: Curves = ENDED, begun: Curves = BEGUN, **seconds: float):
    return forecast(curve_predictor("last").fit(ended), ended, begun, seconds)


def test_runs_that_go_on_stand_best_first() -> None:
    found = told()
    assert [row.run for row in found.rows] == ["z", "x", "y"]
    assert [(row.seen, row.last) for row in found.rows] == [(2, 0.2), (2, 0.5), (1, 0.9)]
    assert [row.final for row in found.rows] == pytest.approx([0.2, 0.5, 0.9])
    assert found.curves.names == ("z", "x", "y")


def test_more_is_better_where_that_is_the_goal() -> None:
    turned = [Curves.of(dict(zip(c.names, (-r[np.isfinite(r)] for r in c.values), strict=True)),
                        "max", epochs=4) for c in (ENDED, BEGUN)]  # fmt: skip
    assert [row.run for row in told(*turned).rows] == ["z", "x", "y"]
    assert [r.chance for r in told(*turned).rows] == pytest.approx([r.chance for r in told().rows])


def test_the_best_is_of_all_runs_that_have_ended_also_new_ones() -> None:
    assert (told().best, told().winner) == (0.4, "b")
    better = Curves.of({"new": [0.9, 0.5, 0.3, 0.1], "x": [0.5]}, "min")
    assert (told(begun=better).best, told(begun=better).winner) == (0.1, "new")


@pytest.mark.parametrize(
    ("lead", "sd", "chance"),
    [(0, 1, 0.5), (1, 1, 0.8413447), (-2, 1, 0.0227501), (1, 0, 1), (0, 0, 0), (-1, 0, 0)],
)
def test_the_chance_is_that_of_a_normal_value(lead: float, sd: float, chance: float) -> None:
    assert chance_of(lead, sd) == pytest.approx(chance, abs=1e-6)


def test_seconds_that_are_left_are_those_of_the_epochs_to_come() -> None:
    left = {row.run: row.seconds_left for row in told(x=10.0, y=3.0).rows}
    assert left == {"x": 10.0, "y": 9.0, "z": None}


def test_where_all_have_ended_nothing_is_foretold() -> None:
    with pytest.raises(BadInput, match="all 2 runs have their 4 epochs"):
        told(begun=ENDED)


def test_the_table_holds_every_row(tmp_path: Path) -> None:
    write_forecasts(tmp_path / "out.csv", told(x=10.0).rows)
    rows = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert [row["run"] for row in rows] == ["z", "x", "y"]
    assert [row["seconds_left"] for row in rows] == ["", "10.0", ""]


def test_a_run_is_drawn_as_it_was_seen_and_then_as_foretold_in_a_band() -> None:
    found = told()
    axes = draw_forecasts(Figure().subplots(), found, ENDED, (10, 20, 30, 40), "loss")
    lines = {line.get_label(): line for line in axes.lines}
    assert lines["x"].get_xydata().tolist() == [[10, 0.9], [20, 0.5]]
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert [line.get_xdata().tolist() for line in dashed][1] == [20, 30, 40]
    band = axes.collections[1].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(0.5 - found.rows[1].sd)
    assert axes.get_ylabel() == "loss"


@pytest.mark.parametrize(("name", "begin"), [("p.svg", b"<?xml"), ("p.png", b"\x89PNG")])
def test_the_picture_is_of_the_kind_that_its_name_says(
    name: str, begin: bytes, tmp_path: Path
) -> None:
    write_picture(tmp_path / name, told(), ENDED, (1, 2, 3, 4), "loss")
    assert (tmp_path / name).read_bytes().startswith(begin)


def test_another_kind_of_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"called \*\.svg or \*\.png, not 'p.gif'"):
        write_picture(tmp_path / "p.gif", told(), ENDED, (1, 2, 3, 4), "loss")
