"""Truths of the drawing of found cells."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput
from subsel_automl.report.edge_svg import colour, draw_genotype
from subsel_automl.search.supernet import plan_of
from subsel_automl.spaces.cell_operations import DARTS_OPERATIONS, NB201_OPERATIONS

SVG = "{http://www.w3.org/2000/svg}"
SPACES = ("nasbench201", "darts")


def drawn(space, seed=0):
    plan = plan_of(space)
    genotype = plan.genotype(plan.sample(np.random.default_rng(seed)))
    return genotype, ElementTree.fromstring(draw_genotype(space, genotype))


def plates(picture):
    return [rect for rect in picture.iter(f"{SVG}rect") if rect.get("class") == "plate"]


@pytest.mark.parametrize("space", SPACES)
def test_every_edge_is_an_arrow_with_its_operation(space):
    genotype, picture = drawn(space)
    names = [e if isinstance(e, str) else e[0] for cell in genotype.values() for e in cell]
    texts = [t.text for t in picture.iter(f"{SVG}text") if t.get("class") == "operation"]
    assert texts == names
    assert [rect.get("fill") for rect in plates(picture)] == [colour(name) for name in names]


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("seed", range(3))
def test_name_plates_stand_inside_the_picture_and_apart(space, seed):
    _, picture = drawn(space, seed)
    for group in picture.iter(f"{SVG}g"):
        rows = [float(rect.get("y")) for rect in plates(group)]
        assert min(np.diff(rows)) >= 20
    right = max(float(rect.get("x")) + float(rect.get("width")) for rect in plates(picture))
    assert right <= float(picture.get("width"))


@pytest.mark.parametrize("operations", [NB201_OPERATIONS, DARTS_OPERATIONS])
def test_operations_of_a_space_differ_in_colour(operations):
    assert len({colour(name) for name in operations}) == len(operations)


def test_an_arrow_leads_from_its_source_to_its_node():
    picture = ElementTree.fromstring(draw_genotype("nasbench201", {"cell": ["none"] * 6}))
    arrows = [line for line in picture.iter(f"{SVG}line") if line.get("class") == "edge"]
    starts = [float(line.get("x1")) for line in arrows]
    ends = [float(line.get("x2")) for line in arrows]
    assert starts[0] == starts[1] == starts[3] < starts[2] == starts[4] < starts[5]
    assert ends[0] < ends[1] == ends[2] < ends[3] == ends[4] == ends[5]


def test_the_title_tells_the_edges():
    genotype = {"cell": [*["none"] * 5, "skip_connect"]}
    title = ElementTree.fromstring(draw_genotype("nasbench201", genotype)).find(f"{SVG}title")
    assert "2 to 3 skip_connect" in title.text


@pytest.mark.parametrize(("space", "edges"), [("nasbench201", 5), ("darts", 6), ("x", 6)])
def test_another_form_is_refused(space, edges):
    with pytest.raises(BadInput, match="no drawing"):
        draw_genotype(space, {"cell": ["none"] * edges})


def test_names_are_escaped():
    assert "<script" not in draw_genotype("nasbench201", {"<script>": ["none"] * 6})
