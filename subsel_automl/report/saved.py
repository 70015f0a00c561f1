"""The page's first section: what each search cost, and what all data would have cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.plain import flattened
from ..core.summary_text import part_told, stopper_told, subset_told
from .words import cell, duration, escaped, number

FULL = "the same trials on all data (an estimate, from the measured seconds an example)"


def saved(summaries: Sequence[Mapping[str, Any]]) -> str:
    """A table a search, of `SearchSummary.as_dict`; empty for none."""
    return "".join(_search(summary, named=len(summaries) > 1) for summary in summaries)


def factor_tile(summaries: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The factor of the only search, if it is known: (value, what it is)."""
    if len(summaries) != 1 or summaries[0]["factor"] is None:
        return []
    times = number(float(f"{summaries[0]['factor']['cpu_seconds']:.3g}"))
    return [(f"{times} times", "the CPU time on all data (an estimate)")]


def _search(summary: Mapping[str, Any], named: bool) -> str:
    heading = f"<h3>{escaped(summary['search'])}</h3>" if named else ""
    spent = summary["spent"]
    parts = [
        (part_told(name, summary), pair)
        for name, pair in spent.items()
        if name != "total" and any(pair.values())
    ]
    rows = [*parts, ("in all", spent["total"])]
    if summary["full"] is not None:
        rows.append((FULL, summary["full"]))
    body = "".join(
        f'<tr><td>{escaped(name)}</td><td class="number">{duration(pair["cpu_seconds"])}</td>'
        f'<td class="number">{duration(pair["seconds"])}</td></tr>'
        for name, pair in rows
    )
    if summary["factor"] is not None:
        pair = summary["factor"]
        body += (
            f'<tr><td>factor</td><td class="number">{number(pair["cpu_seconds"])}</td>'
            f'<td class="number">{number(pair["seconds"])}</td></tr>'
        )
    return (
        f'{heading}<p class="caption">{_told(summary)}</p><div class="wide"><table>'
        '<thead><tr><th>spent on</th><th class="number">CPU</th><th class="number">wall</th></tr>'
        f"</thead><tbody>{body}</tbody></table></div>{_winner(summary)}"
    )


def _told(summary: Mapping[str, Any]) -> str:
    trials = number(summary["trials"])
    said = [f"{trials} trials in {escaped(summary['host'] or 'this run')}"]
    told = subset_told(summary)
    said += [escaped(told)] if told else []
    if summary["classes"]:
        said.append(escaped(summary["classes"]))
    if summary["learns"]:
        said.append(f"{number(summary['lessons'] or 0)} lessons stored")
    stopper = stopper_told(summary)
    said += [f"stopper {escaped(stopper)}"] if stopper else []
    return "; ".join(said) + "."


def _winner(summary: Mapping[str, Any]) -> str:
    winner = summary["winner"]
    if winner is None:
        return f'<p class="caption">{escaped(summary["no_winner"] or "")}</p>' * bool(
            summary["no_winner"]
        )
    value = ""
    if winner["value"] is not None:
        value = f", {escaped(winner['metric'] or 'value', 60)} {number(winner['value'])}"
    config = "; ".join(
        f"{escaped(name, 60)} {cell(one)}"
        for name, one in flattened(winner["config"] or {}).items()
    )
    return (
        f'<p class="caption">Winner: {escaped(winner["trial"], 80)}{value}'
        f"{': ' + config if config else ''}</p>"
    )
