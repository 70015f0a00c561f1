"""Report: the paper's tables that have no bar of their own were run, at lite scale.

    python -m benchmarks.claims run paper-tables  [--quick]

A full run trains every cell that is not yet among the results; --quick reads the rows that are
there.
"""

from __future__ import annotations

from typing import Any

from benchmarks.ablation import cells as ablation
from benchmarks.ablation.run import measure_hybrid
from benchmarks.overfit import cells as overfit
from benchmarks.overfit.cells import summary as overfit_table
from benchmarks.overfit.run import measure as measure_overfit
from benchmarks.overlap import cells as overlap
from benchmarks.overlap.cells import overlap_table, rank_table
from benchmarks.overlap.run import measure_overlap, measure_rank
from benchmarks.run import not_run


def measure(quick: bool = False) -> dict[str, Any]:
    """Tables 3, 9, 10, 11, 14 and Figures 4 and 9 at lite scale: what was run of each."""
    if not quick:
        measure_hybrid()
        measure_overlap()
        measure_rank()
        measure_overfit()
    missing = {
        "tables 3 and 14": not_run(ablation.path_of("models"), ablation.model_cells()),
        "figure 4": not_run(ablation.path_of("hybrid"), ablation.hybrid_cells()),
        "figure 9": not_run(overlap.RANK_ROWS, overlap.rank_cells()),
        "table 11": not_run(overfit.ROWS, overfit.cells()),
    }
    return {
        "cells_not_run": missing,
        "figure_9": rank_table(),
        "table_9": overlap_table(),
        "table_11": overfit_table(),
    }
