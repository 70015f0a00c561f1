"""A page with everything on it, and a reader of it."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np

from subsel_automl.core.summary import SearchSummary, Seconds, Winner
from subsel_automl.report.page import ReportData

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
