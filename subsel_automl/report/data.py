"""What a report shows; every part may be empty, and the page then leaves it out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import BadInput

MAX_SVG_CHARACTERS = 300_000


@dataclass(frozen=True)
class ReportData:
    """Rows and totals of one run.

    Args:
        title: heading of the page.
        facts: what was run, on what: pool, bundle, commit, date, device.
        summaries: `SearchSummary.as_dict()` of each search, the first on the page.
        stages: `AmortizationLedger.totals()`: stage -> wall, cpu (seconds), gb_minutes, count.
        accuracy: rows of method, targets, budget (fraction of the pool), mean and sem (fractions of
            1; sem None for a single run), runs.
        break_even: {"tests": [k, ...], "series": {name: {"training+test": [...], "test": [...]}},
            "points": {rival: {"training+test": k or None, "test": k or None}}}, seconds an
            architecture; a point is the first query from which the method is cheaper.
        gallery: {"image": uint8 [h, w] or [h, w, 3], "label", "probability", "chosen"}; the
            probability is the label's, as predicted for the architecture.
        class_balance: class -> (chosen, in the pool).
        cell_svg: trusted SVG of the architecture, made by this package.
        trials: one mapping a trial; nested configs are shown as "optimizer.lr".

    Raises:
        BadInput: an accuracy that is no fraction, a curve of another length than its queries, a
            class with more chosen than there are, or a cell that is no SVG.
    """

    title: str
    facts: Mapping[str, str] = field(default_factory=dict)
    summaries: Sequence[Mapping[str, Any]] = ()
    stages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    accuracy: Sequence[Mapping[str, Any]] = ()
    break_even: Mapping[str, Any] = field(default_factory=dict)
    gallery: Sequence[Mapping[str, Any]] = ()
    class_balance: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    cell_svg: str = ""
    trials: Sequence[Mapping[str, Any]] = ()

    def __post_init__(self) -> None:
        for row in self.accuracy:
            for name, low in (("budget", 0.0), ("mean", 0.0), ("sem", 0.0)):
                value = row.get(name)
                if value is not None and not (math.isnan(value) or low <= value <= 1):
                    raise BadInput(f"accuracy row: {name} is {value}; give a fraction in 0..1")
        tests = self.break_even.get("tests", ())
        for name, curves in self.break_even.get("series", {}).items():
            for over, curve in curves.items():
                if len(curve) != len(tests):
                    raise BadInput(
                        f"break-even curve {name!r} over {over!r} has {len(curve)} values for "
                        f"{len(tests)} queries; give one value a query"
                    )
        for label, (chosen, total) in self.class_balance.items():
            if not 0 <= chosen <= total:
                raise BadInput(f"class {label!r}: {chosen} chosen of {total}; give 0..{total}")
        cell = self.cell_svg.strip()
        if cell and not (cell.startswith("<svg") and len(cell) <= MAX_SVG_CHARACTERS):
            raise BadInput(
                f"cell_svg has {len(cell)} characters and begins with {cell[:12]!r}; give an <svg> "
                f"element of at most {MAX_SVG_CHARACTERS}"
            )
