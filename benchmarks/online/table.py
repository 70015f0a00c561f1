"""The summary of learning online as Markdown."""

from __future__ import annotations

from benchmarks.online.cells import summary


def table() -> str:
    """The summary as a table."""
    found = summary()
    if not found["repeats"]:
        return "not run"
    quarters = " | ".join(f"{m:+.2f} ± {e:.2f}" for m, e in found["gain_by_quarter"])
    error, rival = found["test_error"], found["rival_test_error"]
    cost = found["cost_of_full"]
    told = "not run" if cost is None else f"{100 * cost:.1f} %"
    full = found["full_test_error"]
    return "\n".join(
        (
            "| quarter 1 | 2 | 3 | 4 | ahead after trials | cost, of full | of equal steps | "
            "winner's test error % | of equal steps | of full | repeats |",
            "|---" * 11 + "|",
            f"| {quarters} | {found['ahead_after_trials']} | {told} | "
            f"{100 * found['cost_of_rival']:.0f} % | {error[0]:.2f} ± {error[1]:.2f} | "
            f"{rival[0]:.2f} ± {rival[1]:.2f} | {'not run' if full is None else f'{full:.2f}'} | "
            f"{found['repeats']} |",
        )
    )
