"""Renders measured rows: the README's claims table, and the science tables in benchmarks/README.md.

    python -m benchmarks.render

A claim without a kept run prints "not run"; one that stands on rows names the commit of the oldest
of them. Also writes the bundle's results.json, which the report page draws accuracy against budget
from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.claims import CLAIMS, KEPT
from benchmarks.run import read_rows
from benchmarks.science.cells import full_accuracy
from benchmarks.science.table import markdown, report_rows, spread
from benchmarks.sections import SECTIONS
from benchmarks.standing import Claim, oldest
from benchmarks.told import SUMMARIES
from subsel_automl.core.files import write_json
from subsel_automl.subselnet.bundle import SHIPPED

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = SHIPPED / "fashion-mnist" / "nasbench101"
HOLDS = {True: "yes", False: "**no**", None: "report"}


def claims_table() -> str:
    """Markdown: one row a claim, from its last kept run."""
    last = {row["claim"]: row for row in read_rows(KEPT)}
    lines = ["| claim | bar | measured | holds | commit | behind |", "|" + "---|" * 6]
    for name, claim in CLAIMS.items():
        if name in last:
            lines.append(_line(claim, last[name]))
        else:
            lines.append(f"| `{name}` | {claim.bar} | not run | | | |")
    return "\n".join(lines)


def _line(claim: Claim, row: Mapping[str, Any]) -> str:
    told = SUMMARIES[claim.name](row["measured"])
    holds = HOLDS[None if claim.report else row["holds"]]
    commit, count = oldest(claim, row)
    far = "" if count is None else str(count)
    return f"| `{claim.name}` | {claim.bar} | {told} | {holds} | {commit} | {far} |"


def baselines() -> str:
    """Every section that the report page has too."""
    return "\n\n".join(f"### {title}\n\n{said}\n\n{body()}" for _, title, said, body in SECTIONS)


def replace(path: Path, parts: Mapping[str, str]) -> None:
    """Put each text between its `<!-- name -->` and `<!-- /name -->`."""
    text = path.read_text()
    for name, body in parts.items():
        before, rest = text.split(f"<!-- {name} -->")
        after = rest.split(f"<!-- /{name} -->")[1]
        text = f"{before}<!-- {name} -->\n{body}\n<!-- /{name} -->{after}"
    path.write_text(text)


def main() -> None:
    replace(ROOT / "README.md", {"claims": claims_table()})
    full = full_accuracy()
    ceiling = spread(full.values()) if full else None
    told = "not run" if ceiling is None else f"{ceiling['mean']} ± {ceiling['sem']} %"
    replace(
        ROOT / "benchmarks" / "README.md",
        {
            "full": f"Full training of the unseen networks (4 epochs): {told}.",
            "fixed": markdown("fixed"),
            "equal": markdown("equal-cost"),
            "baselines": baselines(),
        },
    )
    write_json(BUNDLE / "results.json", list(report_rows()))
    print(json.dumps({name: name in {r["claim"] for r in read_rows(KEPT)} for name in CLAIMS}))


if __name__ == "__main__":
    main()
