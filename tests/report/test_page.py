"""The page: every text escaped, nothing loaded or run, small, and plain about what is missing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput, MissingData
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.summary import SearchSummary, Seconds, Winner
from subsel_automl.report.page import ReportData, render, write_report

HOSTILE = "</script></style></title><img src=x onerror=alert(1)>\" ' onload='x' &lt; $x_{$ \x00"
CELL = '<svg viewBox="0 0 9 9"><text fill="currentColor">conv3x3</text></svg>'


def image(seed=0, shape=(28, 28)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def summary(text):
    """Of a search that spent 2 CPU seconds on training and 0.5 on validation."""
    spent = {"training": Seconds(2, 3), "validation": Seconds(0.5, 1), "total": Seconds(2.5, 4)}
    return SearchSummary(
        search=text,
        trials=3,
        spent=spent,
        host=text,
        provider=text,
        pool=text,
        classes=text,
        subset_size=10,
        pool_size=100,
        full=Seconds(10, 12),
        winner=Winner(text, text, 0.9, "max", {text: {"lr": 0.1}}),
    ).as_dict()


def full(text="subselnet", pictures=4):
    """A report with every part filled, `text` in each of its text fields."""
    tests = [1, 10, 100]
    curve = {"training+test": [30.0, 20.0, 10.0], "test": [300.0, 40.0, 12.0]}
    return ReportData(
        title=text,
        facts={text: text},
        summaries=[summary(text)],
        stages={
            text: {"wall": 50.0, "cpu": 40.0, "gb_minutes": 1.5, "count": 3},
            "TRAIN_ZOO": {"wall": 150.0, "cpu": 90.0, "gb_minutes": 2.5, "count": 2},
            "REFRESH": {"wall": 0.0, "cpu": 0.0, "gb_minutes": 0.0, "count": 0},
        },
        accuracy=[
            {"method": m, "targets": text, "budget": b, "mean": 0.8, "sem": 0.01, "runs": 3}
            for m in (text, "random")
            for b in (0.01, 0.1)
        ],
        break_even={
            "tests": tests,
            "series": {text: curve, "full": curve},
            "points": {text: {"test": 42, "training+test": None}},
        },
        gallery=[
            {"image": image(n), "label": text, "probability": 0.5, "chosen": n % 2 == 0}
            for n in range(pictures)
        ],
        class_balance={text: (3, 10), "bag": (0, 10)},
        cell_svg=CELL,
        trials=[
            {"trial": text, "accuracy": 0.25, "config": {text: {"lr": 0.001}}},
            {"trial": "best", "accuracy": 0.75, text: text},
            {"trial": "broken", "accuracy": float("nan")},
        ],
    )


class Reader(HTMLParser):
    """Collects every tag with its attributes, and the visible text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


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


def test_a_huge_run_still_fits_and_says_what_is_left_out():
    noise = [
        {"image": image(n, (96, 96, 3)), "label": "x" * 999, "probability": 0.1, "chosen": n % 2}
        for n in range(120)
    ]
    data = ReportData(
        "x" * 5000,
        facts={str(n): "y" * 5000 for n in range(200)},
        gallery=noise,
        class_balance={f"class {n}": (1, 9) for n in range(1000)},
        trials=[{f"column {c}": "z" * 999 for c in range(60)} for _ in range(3000)],
        cell_svg="<svg>" + " " * 290_000 + "</svg>",
    )
    page = render(data)
    assert len(page.encode()) < 2_000_000
    assert re.search(r"Chosen \(\d+ of 60\)", page)
    assert "200 of 3000 trials; 24 of 60 columns" in page
    assert "first 400 of 1000 classes" in page


def test_the_same_data_gives_the_same_page(page):
    assert render(full()) == page


def test_the_file_is_replaced_whole_and_nothing_else_is_left(tmp_path):
    target = tmp_path / "report.html"
    target.write_text("old")
    assert write_report(target, full()) == target
    assert target.read_text(encoding="utf-8") == render(full())
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(MissingData, match="make it first"):
        write_report(tmp_path / "absent" / "report.html", full())


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingData, match=r"subsel_automl\[report\]"):
        render(full())


def test_without_charts_matplotlib_is_not_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert 'id="trials"' in render(ReportData("x", trials=[{"t": 1}]))


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"accuracy": [{"method": "m", "budget": 0.1, "mean": 81.0}]}, "mean is 81.0"),
        ({"accuracy": [{"method": "m", "budget": 5, "mean": 0.8}]}, "budget is 5"),
        ({"break_even": {"tests": [1], "series": {"m": {"test": [1, 2]}}}}, "2 values for 1"),
        ({"class_balance": {"bag": (11, 10)}}, "11 chosen of 10"),
        ({"cell_svg": "<img>"}, "give an <svg>"),
    ],
)
def test_impossible_parts_are_refused(part, says):
    with pytest.raises(BadInput, match=says):
        ReportData("x", **part)


@pytest.mark.slow
def test_a_browser_renders_the_page_and_runs_nothing(tmp_path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no chromium in PATH")
    file = write_report(tmp_path / "report.html", full(HOSTILE))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    done = subprocess.run(
        [browser, *flags, "--dump-dom", f"--user-data-dir={tmp_path / 'profile'}", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    seen = Reader(done.stdout)
    tags = [tag for tag, _ in seen.tags]
    assert tags.count("section") == 8
    assert tags.count("img") == 4
    assert tags.count("figure") >= 9
    assert "script" not in tags
    assert "<img src=x onerror=alert(1)>" in seen.text
