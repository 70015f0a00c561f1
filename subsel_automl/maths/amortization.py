"""Amortized cost and break-even of SubSelNet 5.2, Table 6, as pure functions of (P, c, k, n).

The equations stand in `core/amortization.py`, because the ledger (layer 1) uses them and imports
point down only; this is their name among the other equations.

Deviations: none.
"""

from __future__ import annotations

from ..core.amortization import OVERS, Cost, Over, amortized, break_even

__all__ = ["OVERS", "Cost", "Over", "amortized", "break_even"]
