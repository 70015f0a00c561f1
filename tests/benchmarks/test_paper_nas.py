"""The numbers typed from Less-is-More, ASP and the HM-NAS thesis."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from benchmarks import paper_nas
from subsel_automl.core.errors import UnknownName

TEXTS = {
    "moser": "proxy_datasets.txt",
    "asp": "asp.txt",
    "hm-nas": "yan_thesis.txt",
    "arch2vec": "yan_thesis.txt",
    "cate": "yan_thesis.txt",
    "info-nas": "info_nas.txt",
    "nas-bench-x11": "yan_thesis.txt",
}


@pytest.mark.parametrize(
    ("paper", "number", "row", "column", "expected"),
    [
        ("moser", "1", "AE 0.5", "C=16", 66.6),
        ("moser", "2", "Full DS 1", "C=16", 35.7),
        ("moser", "3", "CC-OR 0.5", "C=16", 15.9),
        ("moser", "4", "CC-RS 0.25", "C=16 deviation", 1.0),
        ("asp", "1", "SPOS+Mixture", "imagenet16-120", 44.73),
        ("asp", "1", "SPOS", "seconds", 7127.67),
        ("asp", "2", "DARTS-Gradient", "accuracy deviation", 0.25),
        ("hm-nas", "2.5", "masks", "error", 2.41),
        ("arch2vec", "Fig. 3.2", "arch2vec", "r", 0.67),
        ("arch2vec", "3.3", "arch2vec-BO", "cifar100", 73.37),
        ("cate", "4.4", "2e6", "K 2", 5.94),
        ("arch2vec", "3.4", "arch2vec-BO", "days", 10.5),
        ("cate", "4.2", "CATE-DNGO-LS, large budget", "error", 2.46),
        ("cate", "4.3", "CATE-DNGO-LS, large budget", "mult-adds", 642),
        ("info-nas", "4", "IO Model", "validity", 0.474),
        ("info-nas", "5", "seen nets, unseen images", "baseline", 0.0361),
        ("info-nas", "6", "Accuracy Model 1", "10000", 0.758),
        ("info-nas", "7", "arch2vec original", "608", 0.0183),
    ],
)
def test_numbers_typed_from_the_page(paper, number, row, column, expected):
    assert paper_nas.value(paper, number, row, column) == expected


@pytest.mark.parametrize("number", "1234")
def test_a_table_of_less_is_more_has_six_samplers_at_three_ratios_and_the_baseline(number):
    assert len(paper_nas.rows("moser", number)) == 19


def test_the_stars_of_less_is_more_stand_at_the_same_accuracy():
    starred = [
        row["C=16"]
        for number in "1234"
        for row in paper_nas.rows("moser", number).values()
        if row.get("skip-only")
    ]
    assert starred == [15.9] * 11


def test_gdas_has_no_skip_only_cell():
    assert not any("skip-only" in row for row in paper_nas.rows("moser", "4").values())


@pytest.mark.shared
@pytest.mark.parametrize("paper", TEXTS)
def test_every_number_is_printed_in_the_papers_text(paper):
    data = Path(os.environ.get("SUBSEL_DATA") or "nowhere")
    text = data.parent / "papers" / TEXTS[paper]
    if not text.is_file():
        pytest.skip("SUBSEL_DATA names no folder beside the papers' texts")
    known = {float(word) for word in re.findall(r"[0-9]*\.?[0-9]+", text.read_text())}
    numbers = [
        cell
        for table in paper_nas._document()[paper].values()
        for row in table["rows"].values()
        for cell in row.values()
        if not isinstance(cell, bool | str)
    ]
    assert set(map(float, numbers)) <= known


@pytest.mark.parametrize(
    ("paper", "number", "row", "column", "said"),
    [
        ("mosr", "1", "AE 0.5", "C=16", "Did you mean 'moser'"),
        ("moser", "5", "AE 0.5", "C=16", "table of moser"),
        ("moser", "1", "AE .5", "C=16", "Did you mean 'AE 0.5'"),
        ("moser", "1", "AE 0.5", "C=18", "column of table 1 of moser"),
    ],
)
def test_an_unknown_cell_offers_the_nearest(paper, number, row, column, said):
    with pytest.raises(UnknownName, match=said):
        paper_nas.value(paper, number, row, column)
