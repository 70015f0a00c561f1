"""Truths of the comparison with the paper, and of the page that shows it."""

from __future__ import annotations

import pytest

from benchmarks import page, published
from benchmarks.data import splits_kept
from benchmarks.sections import SECTIONS
from subsel_automl.core.errors import MissingData
from subsel_automl.data import fashion


@pytest.mark.parametrize(
    ("data", "method", "what", "target", "number"),
    [
        ("fashion-mnist", "subselnet", "speedup", 20, 68.36),
        ("cifar10", "via-proxy", "memory", 10, 819.22),
        ("cifar10", "grand", "speedup", 20, None),  # not attained
        ("fashion-mnist", "k-center", "speedup", 20, None),  # not in the paper
        ("digits", "subselnet", "speedup", 20, None),
    ],
)
def test_the_paper_stands_beside_the_right_method(data, method, what, target, number):
    assert published.tradeoff(data, method, what, target) == number


@pytest.mark.parametrize(
    ("reader", "nodes", "sampler", "share", "number"),
    [
        ("attention", "H", "subselnet-inductive", 0.03, 0.429),
        ("lstm", "H", "predicted-loss", 0.1, 0.455),
        ("feed-forward", "A", "subselnet-inductive", 0.05, 0.481),
        ("feed-forward", "A", "subselnet-inductive", 0.03, None),
        ("attention", "H", "subselnet", 0.03, None),  # Table 3 has the inductive sampler
    ],
)
def test_ablations_stand_beside_the_right_row(reader, nodes, sampler, share, number):
    assert published.reader_rar(reader, nodes, sampler, share) == number


def test_an_order_that_is_turned_round_is_named():
    ours, theirs = {"a": 3.0, "b": 2.0, "c": 1.0}, {"a": 3.0, "b": 1.0, "c": 2.0}
    said = published.order_note(ours, theirs, "speed-up")
    assert "Kendall tau 0.33" in said
    assert "b over c" in said
    assert "No pair" in published.order_note(ours, ours, "speed-up")


def test_markdown_becomes_an_escaped_table():
    shown = page.html("| a | b |\n|---|---|\n| 1 | <script> |\n\nAnd <b>.")
    assert "<th>a</th><th>b</th>" in shown
    assert "<td>1</td><td>&lt;script&gt;</td>" in shown
    assert "<p>And &lt;b&gt;.</p>" in shown


@pytest.mark.parametrize("rule", ["|---|---|", "| --- | --- |", "|:---|---:|"])
def test_the_line_below_a_tables_head_is_no_row(rule):
    shown = page.html(f"| a | b |\n{rule}\n| -1 | `c<` |")
    assert shown.count("<tr>") == 2
    assert "<td>-1</td><td><code>c&lt;</code></td>" in shown


@pytest.fixture
def no_fashion_mnist(monkeypatch):
    """As on a machine without network, package or cache."""

    def missing(*_, **__):
        raise MissingData("Fashion-MNIST is nowhere")

    monkeypatch.setattr(fashion, "fashion_mnist", missing)
    splits_kept.cache_clear()
    with pytest.raises(MissingData):
        splits_kept("fashion-mnist")


@pytest.mark.usefixtures("no_fashion_mnist")
def test_every_section_is_on_the_page():
    text = page.page()
    assert all(f'<section id="{name}">' in text for name, *_ in SECTIONS)
    assert "<script" not in text
