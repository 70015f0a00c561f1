"""`subsel ledger`: show, merge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .output import Json

if TYPE_CHECKING:
    from ..core.ledger import AmortizationLedger

app = output.group("What was spent on what.")
File = Annotated[Path, typer.Argument(help="A ledger's SQLite file.")]


@app.command()
def show(
    file: File,
    other: Annotated[Path | None, typer.Option(help="A ledger to break even against.")] = None,
    json: Json = False,
) -> None:
    """Totals a stage, amortized seconds under both denominators, break-even, what was saved."""
    from ..core.summary import summaries_of, summary_of

    ledger = opened(file)
    found = described(ledger, None if other is None else opened(other))
    summaries = summaries_of(ledger) or [summary_of(ledger)]
    if json:
        plain = [summary.as_dict() for summary in summaries]
        output.emit({**found, "summary": plain[-1], "summaries": plain})
        return
    stages = [(name, *row.values()) for name, row in found.pop("stages").items()]
    columns = ("stage", "wall s", "CPU s", "GB-min", "events")
    output.table(f"ledger {file}", columns, stages)
    output.table("totals", ("what", "value"), _flat(found))
    for summary in summaries:
        print(summary)


@app.command()
def merge(
    into: Annotated[Path, typer.Argument(help="The ledger that takes rows over.")],
    other: File,
    json: Json = False,
) -> None:
    """Take over the rows of another ledger; twice is once."""
    ledger = opened(into)
    new = ledger.merge(other)
    if json:
        output.emit({"into": str(into), "from": str(other), "new_rows": new})
    else:
        print(f"{new} new rows of {other} are in {into}")


def opened(path: Path) -> AmortizationLedger:
    """A ledger that is there; opening alone would make an empty one."""
    from ..core.errors import MissingData
    from ..core.ledger import AmortizationLedger

    if not path.is_file():
        raise MissingData(
            f"there is no ledger at {str(path)!r}; `subsel tune` and `demo` write one"
        )
    return AmortizationLedger(path)


def described(ledger: AmortizationLedger, other: AmortizationLedger | None) -> dict[str, Any]:
    """The snapshot, and how it compares."""
    from ..core.amortization import OVERS

    found: dict[str, Any] = ledger.snapshot()
    if other is not None:
        found["break_even"] = {over: ledger.break_even(other, over) for over in OVERS}
        found["speedup"] = ledger.speedup(other)
    return found


def _flat(found: dict[str, Any]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name, value in found.items():
        if isinstance(value, dict):
            unknown = "never" if name == "break_even" else "not run"
            rows += [
                (f"{name} ({over})", unknown if one is None else one) for over, one in value.items()
            ]
        else:
            rows.append((name, value))
    return rows


def saved(file: Path) -> dict[str, Any]:
    """What the last search of a ledger cost and saved (`core.summary_text.block` writes it)."""
    from ..core.ledger import AmortizationLedger
    from ..core.summary import summary_of

    ledger = AmortizationLedger(file)
    try:
        return summary_of(ledger).as_dict()
    finally:
        ledger.close()
