"""Tables that are not run here, as the papers print them: they need days of GPUs, or hundreds of
pre-trainings."""

from __future__ import annotations

from typing import Any

from benchmarks import paper_nas

ABLATIONS = (("arch2vec", "3.2"), *(("cate", f"4.{number}") for number in (4, 5, 6, 7, 8)))
DAYS = (
    ("arch2vec", "3.4"),
    ("arch2vec", "3.5"),
    ("cate", "4.2"),
    ("cate", "4.3"),
    ("nas-bench-x11", "5.1"),
)
ELSEWHERE = ("3.2", "5.1")  # ours is by query, the first of all tables; a list of benchmarks


def printed() -> str:
    """All of them."""
    return "\n\n".join(as_printed(*one) for one in (*ABLATIONS, *DAYS))


def as_printed(paper: str, number: str) -> str:
    """A table, what is not printed left empty, and that it was not run."""
    found = paper_nas.rows(paper, number)
    columns = list(dict.fromkeys(name for row in found.values() for name in row))
    here = [] if number in ELSEWHERE else ["here"]
    lines = [
        f"Table {number} as printed: {paper_nas.title(paper, number)}",
        "",
        f"| | {' | '.join([*columns, *here])} |",
        "|---|" + "---|" * (len(columns) + len(here)),
    ]
    for name, row in found.items():
        told = [_said(row.get(column)) for column in columns]
        lines.append(f"| {' | '.join([name, *told, *(['not run'] * len(here))])} |")
    return "\n".join(lines)


def _said(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else str(cell)
