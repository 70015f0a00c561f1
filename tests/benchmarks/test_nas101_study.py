"""The study of searches on NAS-Bench-101: its grid of encodings, and tables as printed."""

from __future__ import annotations

import pytest

from benchmarks import paper_nas
from benchmarks.nas101.cells import ENCODED, NB101, cells
from benchmarks.nas101.grid import ENCODINGS, PLAIN, SEARCHES, grid
from benchmarks.nas101.printed import DAYS, as_printed

ROWS = {"random": [6.4, 6.6], "bo, adjacency, listed": [6.0], "rl, arch2vec": [5.9]}


def line(text, start):
    return next(one for one in text.splitlines() if one.startswith(f"| {start}"))


@pytest.fixture
def shown():
    return grid(
        {name: [{"test_percent": 100 - e} for e in errors] for name, errors in ROWS.items()}
    )


def test_a_search_that_reads_no_encoder_stands_with_the_graph(shown):
    cells_of = [one.strip() for one in line(shown, PLAIN).split("|")[2:-1]]
    assert [one[:4] for one in cells_of] == [
        "6.50", *["not "] * 4, "6.00", *["not "] * 2
    ]  # fmt: skip


def test_what_has_no_rows_is_not_run(shown):
    assert line(shown, "CATE |").count("not run") == len(SEARCHES)
    assert line(shown, "arch2vec").count("not run") == len(SEARCHES) - 1


def test_every_encoder_of_the_study_has_a_place_but_the_first_definition_of_bo():
    named = {one for names in ENCODINGS.values() for one in names}
    asked = {cell["encoder"] for cell in cells() if cell["space"] == NB101}
    assert asked <= named | {"gvae, listed, values"}
    assert named - {""} <= set(ENCODED)


@pytest.mark.parametrize(("paper", "number"), DAYS[:-1])
def test_a_table_that_was_not_run_says_so_in_every_row(paper, number):
    found = as_printed(paper, number)
    assert found.count("not run") == len(paper_nas.rows(paper, number))


def test_a_number_that_is_not_printed_is_left_empty():
    said = line(as_printed("arch2vec", "3.4"), "ENAS")
    assert said == "| ENAS |  |  | 4.6 |  | 2.89 | not run |"


def test_whether_a_benchmark_can_be_asked_is_said_in_words():
    said = line(as_printed("nas-bench-x11", "5.1"), "NAS-Bench-NLP |")
    assert said == "| NAS-Bench-NLP | 10^53 | no | no |  |"
