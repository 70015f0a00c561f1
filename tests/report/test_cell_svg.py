"""Truths of the drawing of a cell."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.architecture import Architecture
from subsel_automl.report.cell_svg import HEIGHT, WIDTH, draw_cell
from subsel_automl.spaces.nasbench101 import NASBench101

SVG = "{http://www.w3.org/2000/svg}"
BEST = NASBench101().architecture(
    (
        "input",
        "conv1x1-bn-relu",
        "conv3x3-bn-relu",
        "maxpool3x3",
        "conv3x3-bn-relu",
        "conv3x3-bn-relu",
        "output",
    ),
    [(0, 1), (0, 2), (0, 5), (0, 6), (1, 5), (2, 3), (3, 4), (4, 5), (5, 6)],
)


def parsed(architecture: Architecture) -> ElementTree.Element:
    return ElementTree.fromstring(draw_cell(architecture))


@given(seed=st.integers(0, 2**32 - 1))
def test_every_node_stands_inside_the_picture_and_apart_from_the_others(seed):
    boxes = np.array(
        [
            [float(box.get(side)) for side in ("x", "y", "width", "height")]
            for box in parsed(NASBench101().sample(np.random.default_rng(seed))).iter(f"{SVG}rect")
        ]
    )
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    assert (low >= 0).all()
    assert (high <= [WIDTH, HEIGHT]).all()
    overlap = ((low[:, None] < high) & (low < high[:, None])).all(2)
    assert overlap.sum() == len(boxes)


def test_nodes_carry_their_operations_and_edges_are_lines_with_heads():
    picture = parsed(BEST)
    assert [text.text for text in picture.iter(f"{SVG}text")] == list(BEST.ops)
    assert len(list(picture.iter(f"{SVG}path"))) == 2 * len(BEST.edges)


def test_nodes_of_one_operation_share_a_colour_and_others_differ():
    fills = [box.get("fill") for box in parsed(BEST).iter(f"{SVG}rect")]
    assert fills[2] == fills[4] == fills[5]
    assert len({fills[1], fills[2], fills[3], fills[0]}) == 4


def test_the_title_tells_nodes_and_edges():
    title = parsed(BEST).find(f"{SVG}title").text
    assert "3 maxpool3x3" in title
    assert "4 to 5" in title


@pytest.mark.parametrize("name", ["</title><script>alert(1)</script>", 'a"b&c<d'])
def test_names_are_escaped(name):
    architecture = Architecture(name, ("input", name, "output"), ((0, 1), (1, 2)))
    assert "<script" not in draw_cell(architecture)
    assert name in parsed(architecture).find(f"{SVG}title").text


def test_a_longer_layer_stands_lower():
    places = [float(box.get("y")) for box in parsed(BEST).iter(f"{SVG}rect")]
    assert places[0] < places[2] < places[3] < places[4] < places[5] < places[6]


def test_a_long_edge_passes_beside_the_nodes_of_the_layers_that_it_skips():
    cell = NASBench101().architecture(
        ("input", "conv3x3-bn-relu", "output"), [(0, 1), (1, 2), (0, 2)]
    )
    box = list(parsed(cell).iter(f"{SVG}rect"))[1]
    low = float(box.get("x"))
    long = list(parsed(cell).iter(f"{SVG}path"))[2].get("d")
    beside = float(long.split(" C")[1].split()[-1].split(",")[0])
    assert not low <= beside <= low + float(box.get("width"))
