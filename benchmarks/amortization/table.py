"""Table 6 as Markdown: seconds an architecture, and the queries after which a method has paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks import paper
from benchmarks.amortization.cells import PAPER, PATH, QUERIES
from benchmarks.run import read_rows
from subsel_automl.core.amortization import OVERS


def table() -> str:
    """Markdown: seconds an architecture, both denominators, the paper's points below."""
    rows = read_rows(PATH)
    if not rows:
        return "not run: python -m benchmarks.amortization run"
    last = rows[-1]
    lines = []
    for over in OVERS:
        lines += [f"\nCPU seconds an architecture, over {over}\n", _head(), _rule()]
        for name, points in last["points"][over].items():
            told = " | ".join(f"{p:.4g}" for p in points)
            lines.append(f"| {name} | {_rar(last, name)} | {told} |")
        for name in PAPER:
            lines.append(_published(name) if over == "training+test" else "")
        pairs = last["break_even"][over].items()
        lines.append("\n" + "; ".join(f"{pair}: {count or 'never'}" for pair, count in pairs))
    return "\n".join(line for line in lines if line)


def _rar(row: Mapping[str, Any], name: str) -> str:
    found = row.get("rar", {}).get(name)
    return "" if found is None else f"{found[0]:.1f} ± {found[1]:.1f}"


def _head() -> str:
    return "| method | RAR % at 10 % | " + " | ".join(map(str, QUERIES)) + " |"


def _rule() -> str:
    return "|---" * (len(QUERIES) + 2) + "|"


def _published(name: str) -> str:
    points = [
        f"{paper.value(6, PAPER[name], str(count)):g}" if count in (200, 300, 400) else ""
        for count in QUERIES
    ]
    return f"| paper (CIFAR-10, GPU): {PAPER[name]} | | " + " | ".join(points) + " |"
