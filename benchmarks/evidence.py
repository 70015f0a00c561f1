"""Claim: every number of the README's claims table stands on a row.

python -m benchmarks.claims run evidence

A claim with rows of its own is computed from them again and must be what was kept; every line of
the table must be what its kept run comes to in words. tests/benchmarks/test_evidence.py asks so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.claims import CLAIMS, KEPT
from benchmarks.hosting.tested import tested
from benchmarks.render import claims_table
from benchmarks.run import read_rows
from benchmarks.standing import behind, commits

TESTS = ("tests/benchmarks/test_evidence.py",)
WORDS = 4  # columns that are compared as they are: claim, bar, measured, holds


def measure() -> dict[str, Any]:
    """Counts of the tests."""
    rows = [name for name, claim in CLAIMS.items() if claim.rows]
    return {"claims": len(CLAIMS), "computed_again": len(rows), **tested(TESTS)}


def last() -> dict[str, dict[str, Any]]:
    """Claim -> its last kept run."""
    return {row["claim"]: row for row in read_rows(KEPT)}


def again(name: str) -> dict[str, Any]:
    """What a claim's rows come to today, as it would be kept."""
    claim = CLAIMS[name]
    measured = claim.measure(quick=True)
    holds = claim.holds(measured)
    measured.pop("holds", None)
    found: dict[str, Any] = json.loads(json.dumps({"holds": holds, "measured": measured}))
    return found


def table_of(readme: str) -> str:
    """The claims table of a README."""
    return readme.split("<!-- claims -->")[1].split("<!-- /claims -->")[0].strip()


def unfounded(table: str) -> list[str]:
    """Claims whose line in a table is not what their kept run says; lines of no claim."""
    shown, rows = _lines(table), last()
    wanted = _lines(claims_table())
    wrong = [name for name in shown if name not in wanted]
    for name, line in wanted.items():
        known = name in shown and shown[name][:WORDS] == line[:WORDS]
        if not known or not _dated(name, shown[name], rows.get(name)):
            wrong.append(name)
    return wrong


def _dated(name: str, line: list[str], row: Mapping[str, Any] | None) -> bool:
    """Its commit is one of the claim's rows, and no nearer than the table says."""
    commit, far = line[WORDS:]
    if row is None:
        return not commit and not far
    now = behind(commit)
    close = not far or now is None or int(far) <= now
    return commit in commits(CLAIMS[name], row) and close


def _lines(table: str) -> dict[str, list[str]]:
    split = (line.strip()[1:-1].split("|") for line in table.splitlines()[2:])
    cells = ([cell.strip() for cell in line] for line in split)
    return {line[0].strip("`"): line for line in cells}
