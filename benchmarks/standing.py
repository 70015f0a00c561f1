"""A claim, and what it stands on: the rows of a study, or a measurement of its own.

A claim with `rows` is computed from these result files: `--quick` and `--rows` read them alone, a
full run trains what they lack first. A report has no bar: it tells what was found. How far the
oldest of a claim's rows is behind is counted in commits, `git rev-list --count ROW..HEAD`.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.run import RESULTS, ROOT, read_rows


@dataclass(frozen=True)
class Claim:
    """A promise: what holds, and the function that measures it (`folder.file:function`).

    Args:
        rows: files in results/ that it is computed from; none where it measures by itself.
        report: nothing is promised, so that nothing can fail.
    """

    name: str
    bar: str
    address: str
    rows: tuple[str, ...] = ()
    report: bool = False

    def measure(self, quick: bool) -> dict[str, Any]:
        """Numbers, with `holds` unless it is a report."""
        module, name = self.address.split(":")
        function = getattr(importlib.import_module(f"benchmarks.{module}"), name)
        short = "quick" in inspect.signature(function).parameters
        result: dict[str, Any] = function(quick) if short else function()
        return result

    def holds(self, measured: Mapping[str, Any]) -> bool | None:
        """None of a report; never true while a planned cell is missing."""
        if self.report:
            return None
        return bool(measured["holds"]) and not missing(measured)


def missing(measured: Mapping[str, Any]) -> int:
    """Planned cells without a row, as the claim counts them."""
    found = measured.get("cells_not_run", 0)
    return sum(found.values()) if isinstance(found, Mapping) else int(found)


def commits(claim: Claim, row: Mapping[str, Any]) -> list[str]:
    """Where the numbers of a claim's last row were measured."""
    if not claim.rows:
        return [row["commit"]]
    found = (one["commit"] for file in claim.rows for one in read_rows(RESULTS / file))
    return list(dict.fromkeys(found))


def oldest(claim: Claim, row: Mapping[str, Any]) -> tuple[str, int | None]:
    """(commit, how many it is behind) of the row that is furthest behind; None: not known here."""
    each = [(commit, behind(commit)) for commit in commits(claim, row)]
    return max(each, key=lambda pair: -1 if pair[1] is None else pair[1])


@functools.lru_cache(maxsize=512)
def behind(commit: str) -> int | None:
    """Commits between a row's (dirty or not) and the one that is checked out."""
    done = subprocess.run(
        ["git", "rev-list", "--count", f"{commit.rstrip('+')}..HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return int(done.stdout) if done.returncode == 0 else None
