"""The summary of learning online as Markdown."""

from __future__ import annotations

from benchmarks.online.cells import summary
from benchmarks.statistics import Estimate

PARTS = ("where_rival_is_good", "elsewhere")


def table() -> str:
    """The summary as a table."""
    found = summary()
    if not found["repeats"]:
        return "not run"
    quarters = " | ".join(_told(one, "+.2f") for one in found["gain_by_quarter"])
    parts = " | ".join(_told(found[f"gain_{part}"], "+.2f") for part in PARTS)
    cost = found["cost_of_full"]
    told = "not run" if cost is None else f"{100 * cost:.1f} %"
    full = found["full_test_error"]
    return "\n".join(
        (
            "| quarter 1 | 2 | 3 | 4 | where the rival is above 60 % | elsewhere | cost, of full | "
            "of equal steps | winner's test error % | of equal steps | of full | searches |",
            "|---" * 12 + "|",
            f"| {quarters} | {parts} | {told} | {_told(found['cost_of_rival'])} | "
            f"{_told(found['test_error'])} | {_told(found['rival_test_error'])} | "
            f"{'not run' if full is None else f'{full:.2f}'} | {found['repeats']} |",
        )
    )


def _told(value: Estimate, form: str = ".2f") -> str:
    return f"{value.value:{form}} ({value.low:{form}} to {value.high:{form}})"
