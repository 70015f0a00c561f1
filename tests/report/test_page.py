"""The page: every text escaped, nothing loaded or run, small, and plain about what is missing."""

from __future__ import annotations

import re

import pytest
from pages import HOSTILE, Reader, full, summary

from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.report.page import ReportData, render


@pytest.fixture(scope="module")
def page():
    return render(full())


@pytest.fixture(scope="module")
def hostile():
    return render(full(HOSTILE))


def test_hostile_text_adds_no_element_and_no_attribute(page, hostile):
    def shapes(text):
        return [(tag, sorted(attributes)) for tag, attributes in Reader(text).tags]

    def outside_charts(text):  # how many ticks a chart has depends on the width of its labels
        return shapes(re.sub(r"<svg role=.*?</svg>", "", text, flags=re.DOTALL))

    assert outside_charts(hostile) == outside_charts(page)
    assert {str(shape) for shape in shapes(hostile)} == {str(shape) for shape in shapes(page)}


def test_hostile_text_is_shown_as_text(hostile):
    assert "<img src=x" not in hostile
    assert "\x00" not in hostile
    assert Reader(hostile).text.count("<img src=x onerror=alert(1)>") >= 12


def test_the_page_has_no_script_no_handler_and_no_address(hostile):
    for tag, attributes in Reader(hostile).tags:
        assert tag not in ("script", "link", "iframe", "object", "base", "form", "a")
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "xlink:href"):
            assert attributes.get(name, "#").startswith(("#", "data:image/png;base64,"))
    assert "@import" not in hostile
    assert re.findall(r"url\((?!#)", hostile) == []


def test_the_policy_allows_inline_style_and_data_images_alone(page):
    policies = [
        attributes["content"]
        for tag, attributes in Reader(page).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert page.index("Content-Security-Policy") < page.index("<style")


def sections(data):
    return re.findall(r'<section id="([\w-]+)">', render(data))


def test_every_part_that_a_run_has_is_shown_what_was_saved_first():
    names = ["saved", "cost", "accuracy", "break-even", "examples", "classes", "cell", "trials"]
    assert sections(full()) == names


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ({}, []),
        ({"stages": AmortizationLedger().totals()}, []),
        ({"trials": [{"t": 1}]}, ["trials"]),
    ],
)
def test_what_a_run_does_not_have_is_left_out(parts, shown):
    data = ReportData("little", **parts)
    assert sections(data) == shown
    assert "not run" not in render(data)


def test_a_stage_without_events_is_left_out(page):
    assert "<td>TRAIN_ZOO</td>" in page
    assert "<td>REFRESH</td>" not in page


def test_what_was_saved_has_its_seconds_its_factor_and_its_winner(page):
    part = re.search(r'<section id="saved">(.*?)</section>', page, re.DOTALL).group(1)
    assert '<td>training</td><td class="number">2 s</td><td class="number">3 s</td>' in part
    assert '<td>factor</td><td class="number">4</td><td class="number">3</td>' in part
    assert "an estimate" in part
    assert "Winner: subselnet, subselnet 0.9: subselnet.lr 0.1" in part
    assert "<b>4 times</b>" in page


def test_several_searches_of_one_ledger_are_told_apart():
    page = render(ReportData("two", summaries=[summary("one"), summary("two")]))
    assert "<h3>one</h3>" in page
    assert "<h3>two</h3>" in page
    assert "4 times" not in page


def test_trials_come_best_first_and_nan_last(page):
    order = [page.index(f"<td>{name}</td>") for name in ("best", "subselnet", "broken")]
    assert sorted(order[:1] + order[2:]) == [order[0], order[2]]
    trials = page[page.index('id="trials"') :]
    assert trials.index("best</td>") < trials.index("subselnet</td>") < trials.index("broken</td>")
    assert "Best accuracy first (higher is better)" in trials


def test_losses_come_lowest_first():
    trials = [{"t": "worse", "loss": 2.0}, {"t": "better", "loss": 1.0}]
    page = render(ReportData("x", trials=trials))
    assert page.index("better</td>") < page.index("worse</td>")


def test_trials_without_a_metric_keep_their_order_and_say_so():
    page = render(ReportData("x", trials=[{"t": "b"}, {"t": "a"}]))
    assert page.index("<td>b</td>") < page.index("<td>a</td>")
    assert "no metric is named" in page


def test_break_even_names_both_divisions_and_never(page):
    assert "Divided by test architectures alone" in page
    assert "Divided by training and test architectures" in page
    assert re.search(r'<td class="number">42</td><td class="number">never</td>', page)


def test_classes_without_a_chosen_example_are_counted(page):
    assert "1 of 2 classes have no chosen example" in page


def test_a_single_run_has_no_spread_and_is_counted():
    rows = [{"method": "m", "targets": "", "budget": 0.1, "mean": 0.5, "sem": None, "runs": 1}]
    page = render(ReportData("x", accuracy=rows))
    assert "1 of 1 points are single runs" in page
    assert '<td class="number">50.0</td>' in page


def test_a_budget_that_a_method_lacks_is_not_run():
    rows = [
        {"method": "a", "targets": "", "budget": b, "mean": 0.5, "sem": 0.1, "runs": 2}
        for b in (0.1, 0.2)
    ]
    rows.append(rows[0] | {"method": "b"})
    table = render(ReportData("x", accuracy=rows))
    assert table.count('<td class="number">not run</td>') == 1
