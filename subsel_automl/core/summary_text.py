"""The block that a search ends with, from the dict of its summary."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from .plain import flattened

WIDE = 96  # characters of a line, as far as words can be parted
LABEL = 15
LEAST = 1e-3  # seconds
ESTIMATE = "(an estimate, from the measured seconds an example)"


def block(summary: Mapping[str, Any]) -> str:
    """Lines of text; what is None is left out.

    Args:
        summary: of `SearchSummary.as_dict`.
    """
    lines = [_headline(summary)]
    for label, said in (
        ("subset", subset_told(summary)),
        ("classes", summary["classes"]),
        ("trained on", _counted(summary["examples"], "examples, with repeats")),
    ):
        lines += _line(label, said)
    lines += _spent(summary)
    lines += _line("on all data", _pair(summary["full"], f" {ESTIMATE}"))
    lines += _line("factor", _factor(summary["factor"]))
    lines += _line("lessons", _lessons(summary))
    lines += _line("stopper", stopper_told(summary))
    lines += _line("winner", summary["no_winner"] or _winner(summary["winner"]))
    return "\n".join(lines)


def number(value: float) -> str:
    """Three significant digits, thousands apart."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _line(label: str, said: str | None) -> list[str]:
    return [] if not said else [f"  {label:<{LABEL}} {said}"]


def _headline(summary: Mapping[str, Any]) -> str:
    name = f"search {summary['search']!r}" if summary["search"] else "searches"
    host = f" in {summary['host']}" if summary["host"] else ""
    trials = summary["trials"]
    states = ", ".join(f"{count} {state}" for state, count in summary["states"].items())
    return f"What was saved: {name}{host}, {_trials(trials)}" + (f" ({states})" if states else "")


def _trials(count: int) -> str:
    return f"{count:,} trial{'' if count == 1 else 's'}"


def part_told(name: str, summary: Mapping[str, Any]) -> str:
    """What a part of the spent seconds is called: a provider that does not learn has refreshes."""
    if name != "lessons" or summary["learns"]:
        return name
    return "refreshes" if summary["learns"] is False else "lessons and refreshes"


def subset_told(summary: Mapping[str, Any]) -> str:
    """How many examples of how many, chosen by whom, how often; "" when nothing is known."""
    size, pool_size, every = (summary[n] for n in ("subset_size", "pool_size", "redraw_every"))
    parts = []
    if size is not None:
        of = "" if pool_size is None else f" of {pool_size:,}"
        parts.append(f"{size:,}{of} examples an epoch")
    if summary["pool"] is not None:
        parts.append(f"from {summary['pool']}")
    if summary["provider"] is not None:
        parts.append(f"by {summary['provider']}")
    said = " ".join(parts)
    if every:
        said += ", redrawn every epoch" if every == 1 else f", redrawn every {every} epochs"
    if summary["targets"] == "soft":
        said += ", soft targets"
    return said


def _counted(value: int | None, what: str) -> str:
    return "" if value is None else f"{value:,} {what}"


def _pair(pair: Mapping[str, float] | None, after: str = "") -> str:
    if pair is None:
        return ""
    return f"{number(pair['cpu_seconds'])} CPU s, {number(pair['seconds'])} s wall{after}"


def _spent(summary: Mapping[str, Any]) -> list[str]:
    """The total, then its parts: those that took a millisecond."""
    spent = summary["spent"]
    lines = _line("spent", _pair(spent["total"]))
    for name, pair in spent.items():
        if name != "total" and max(pair.values()) >= LEAST:
            lines.append(f"    {part_told(name, summary):<{LABEL - 2}} {_pair(pair)}")
    return lines


def _factor(pair: Mapping[str, float] | None) -> str:
    if pair is None:
        return ""
    cpu, wall = number(pair["cpu_seconds"]), number(pair["seconds"])
    return f"{cpu} times the CPU seconds, {wall} times the wall time, on all data"


def stopper_told(summary: Mapping[str, Any]) -> str:
    """Who stopped trials by their curves, how many, and what that spared; "" without a stopper."""
    if not summary.get("stopper"):
        return ""
    by = ", ".join(f"{count} by {name}" for name, count in sorted(summary["stopped"].items()))
    spared = f"; {summary['unspent']:,} epochs not trained" if by else ""
    return f"{summary['stopper']}: {'stopped ' + by if by else 'no trial was stopped'}{spared}"


def _lessons(summary: Mapping[str, Any]) -> str:
    if not summary["learns"]:
        return ""
    said = f"{summary['lessons']:,} stored"
    if summary["untaught"]:
        reason = f": {summary['untaught_reason']}" if summary["untaught_reason"] else ""
        said += f"; {_trials(summary['untaught'])} ended without one{reason}"
    if summary["outdone"]:
        were = "was" if summary["outdone"] == 1 else "were"
        more = f"; {_trials(summary['outdone'])} {were} not among the best"
        said += more if len(said + more) <= WIDE - LABEL - 3 else ""
    return said


def _winner(winner: Mapping[str, Any] | None) -> str:
    if winner is None:
        return ""
    said = str(winner["trial"])
    if winner["value"] is not None:
        said += f", {winner['metric'] or 'value'} {winner['value']:.6g}"
    config = flattened(winner["config"] or {})
    if config:
        said += ": " + ", ".join(f"{name} {_short(value)}" for name, value in config.items())
    return _wrapped(said)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _wrapped(said: str) -> str:
    """Over several lines, under each other."""
    gap = "\n" + " " * (LABEL + 3)
    return gap.join(textwrap.wrap(said, WIDE - LABEL - 3, break_long_words=False))
