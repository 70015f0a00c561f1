"""The published numbers are those of the paper."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from benchmarks import paper
from subsel_automl.core.errors import UnknownName

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
CELLS = {1: 20, 2: 3, 3: 36, 4: 10, 5: 16, 6: 12, 7: 30, 8: 146, 9: 6, 10: 6, 11: 24, 12: 18}
CELLS |= {13: 12, 14: 18}


def numbers_of(values) -> list[float]:
    """Numbers among cells, lists opened."""
    flat = [part for cell in values for part in (cell if isinstance(cell, list) else [cell])]
    return [float(v) for v in flat if isinstance(v, int | float) and not isinstance(v, bool)]


def numbers_in(text: str) -> set[float]:
    """Numbers printed in a text: 10^{-4}, 28x28x1 and (60K,10K) give their parts."""
    spread = re.sub(r"(?<=[\d}])\s*[xK]\s*(?=[\d),])", " ", text)
    return {float(found) for found in NUMBER.findall(spread)}


def on_one_line(number: int, row, printed: list[set[float]]) -> bool:
    """Whether one line of the text prints all numbers of a row."""
    cells = [cell for column, cell in row.items() if (number, column) != (3, "KL-div")]
    return any(set(numbers_of(cells)) <= line for line in printed)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The paper's text, which lies beside the project's data."""
    data = os.environ.get("SUBSEL_DATA", "")
    for place in (Path(data) / "subselnet.txt", Path(data).parent / "papers" / "subselnet.txt"):
        if data and place.is_file():
            return place.read_text().splitlines()
    pytest.skip("SUBSEL_DATA names no folder beside the paper's text")


@pytest.mark.parametrize(
    ("number", "row", "column", "expected"),
    [
        (1, "EL2N", "speedup 20%", 16.42),
        (1, "GLISTER", "memory 10%", 116.36),
        (2, "our S - g_beta", "70%", -0.447),
        (3, "Attn. + Inductive", "10%", 0.26),
        (3, "LSTM + Loss", "KL-div", 0.102),
        (4, "Full", "100%", 2.78),
        (5, "AUTOMATA", "speedup 10%", 0.2),
        (6, "Our", "400", 1496),
        (7, "Caltech-256", "train K", 24.5),
        (8, "GLISTER / FMNIST", "memory 10%", 98.51),
        (8, "Pruning / CIFAR10", "speedup 20%", 5.53),
        (8, "Transductive-SUBSELNET / Tiny-Imagenet", "memory 20%", 12447.1),
        (8, "Bottom-b-loss+gumbel / Caltech-256", "memory 20%", 9910.12),
        (9, "GRAD-MATCH", "CIFAR100", 0.08),
        (10, "Subset selection", "FL", 226.29),
        (11, "40%", "validation Inductive", 0.678),
        (12, "Proxy-data", "10% error", 0.168),
        (13, "Random", "5%", 5.44),
        (14, "Attn. (A)", "KL-div", 0.198),
    ],
)
def test_numbers_typed_from_the_page(number, row, column, expected):
    assert paper.value(number, row, column) == expected


@pytest.mark.parametrize(("number", "cells"), CELLS.items())
def test_every_table_is_whole(number, cells):
    rows = paper.table(number).rows.values()
    assert sum(len(numbers_of(row.values())) for row in rows) == cells


def test_there_are_fourteen_tables_with_title_and_section():
    assert list(paper.tables()) == list(range(1, 15))
    assert all(t.title and t.section and t.dataset for t in paper.tables().values())


@pytest.mark.parametrize("row", ["GraNd / CIFAR10", "GraNd / FMNIST", "FacLoc / Caltech-256"])
def test_a_dash_is_none(row):
    assert paper.value(8, row, "speedup 10%") is None


@pytest.mark.parametrize("method", ["GLISTER", "GradMatch", "EL2N"])
def test_tables_1_and_8_swap_the_memory_of_three_methods(method):
    one = [paper.value(1, method, f"memory {rar}") for rar in ("10%", "20%")]
    eight = [paper.value(8, f"{method} / FMNIST", f"memory {rar}") for rar in ("20%", "10%")]
    assert one == eight


@pytest.mark.parametrize(
    ("number", "row", "column", "said"),
    [
        (15, "EL2N", "speedup 10%", "no table of the paper is called '15'"),
        (1, "EL2", "speedup 10%", "Did you mean 'EL2N'"),
        (1, "EL2N", "speedup 10", "Did you mean 'speedup 10%'"),
        (7, "FMNIST", "transformations", "no column of table 7"),
    ],
)
def test_an_unknown_cell_offers_the_nearest(number, row, column, said):
    with pytest.raises(UnknownName, match=said):
        paper.value(number, row, column)


def test_settings_are_found_by_name():
    assert paper.settings("pruning")["learning_rate"] == 0.025
    assert paper.settings("hpo")["step_size"] == [10, 20, 30, 40]
    with pytest.raises(UnknownName, match="Did you mean 'glister'"):
        paper.settings("glistr")


@pytest.mark.shared
@pytest.mark.parametrize("number", list(range(1, 15)))
def test_every_number_of_a_row_is_printed_on_one_line_above_the_caption(number, lines):
    """Table 8 prints a method's data sets on two lines, table 3 its KL-div on the group's first."""
    caption = next(i for i, line in enumerate(lines) if line.startswith(f"Table {number}:"))
    printed = [numbers_in(line) for line in lines[caption - 35 : caption]]
    everything, rows = set().union(*printed), paper.table(number).rows
    assert set(numbers_of(cell for row in rows.values() for cell in row.values())) <= everything
    apart = [name for name, row in rows.items() if not on_one_line(number, row, printed)]
    assert not apart


@pytest.mark.shared
@pytest.mark.parametrize("name", paper.settings_names())
def test_every_setting_is_printed_in_its_section(name, lines):
    found = paper.settings(name)
    start = next(i for i, line in enumerate(lines) if re.match(rf"#+ {found['section']} ", line))
    rest = lines[start + 1 :]
    length = next(i for i, line in enumerate(rest) if re.match(r"#+ [A-Z]", line))
    assert set(numbers_of(found.values())) <= numbers_in("\n".join(rest[:length]))
