"""The page as a file: whole, small, the same again, and rendered by a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest
from pages import HOSTILE, Reader, full, image

from subsel_automl.core.errors import BadInput, MissingData
from subsel_automl.report.page import ReportData, render, write_report


@pytest.fixture(scope="module")
def page():
    return render(full())


@pytest.fixture(scope="module")
def hostile():
    return render(full(HOSTILE))


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
