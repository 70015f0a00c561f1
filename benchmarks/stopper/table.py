"""What stopping by curves costs and spares, on orders of curves and in real searches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.run import rows_of
from benchmarks.statistics import Estimate, mean_interval, paired

from . import orders, searches
from .run import PATH

CONTROL = "none"


def tables() -> str:
    return "\n\n".join([order_table(), search_table("optuna"), search_table("ray")])


Found = Mapping[str, Mapping[int, Mapping[str, tuple[float, float]]]]


def of_orders() -> Found:
    """By stopper, order and budget: regret in nats, and runs seen."""
    found: dict[str, dict[int, Any]] = {}
    for row in rows_of(PATH, orders.cells()):
        cell = row["cell"]
        found.setdefault(cell["stopper"], {})[cell["order"]] = row["regret_and_seen"]
    return found


def regrets(found: Found, stopper: str, budget: int) -> dict[int, float]:
    """By order."""
    return {order: told[str(budget)][0] for order, told in found.get(stopper, {}).items()}


def order_table() -> str:
    lines = [
        f"NAS-Bench-NLP, {orders.ORDERS} orders: regret in nats (runs seen) after so many epochs",
        "",
        f"| stopper | {' | '.join(f'{budget:,}' for budget in orders.BUDGETS)} | orders |",
        f"|---|{'---|' * len(orders.BUDGETS)}---|",
    ]
    found = of_orders()
    for name in (*orders.RULES, *orders.PRUNERS):
        told, count = [], len(found.get(name, {}))
        for budget in orders.BUDGETS:
            values = list(regrets(found, name, budget).values())
            many = sum(one[str(budget)][1] for one in found.get(name, {}).values()) / max(count, 1)
            told.append(f"{_told(mean_interval(values))} ({many:.0f})" if count else "not run")
        lines.append(f"| {name} | {' | '.join(told)} | {count} |")
    return "\n".join(lines)


def of_host(host: str) -> dict[str, dict[int, Mapping[str, Any]]]:
    """Rows by stopper and seed; the one without a stopper is Optuna's in both hosts."""
    cells = [c for c in searches.cells() if c["study"] == host or c["stopper"] == CONTROL]
    found: dict[str, dict[int, Mapping[str, Any]]] = {}
    for row in rows_of(PATH, cells):
        found.setdefault(row["cell"]["stopper"], {})[row["cell"]["seed"]] = row
    return found


def epochs(rows: Mapping[int, Mapping[str, Any]]) -> dict[int, float]:
    return {seed: float(row["epochs"]) for seed, row in rows.items()}


def lost(
    rows: Mapping[int, Mapping[str, Any]], truth: Mapping[int, Mapping[str, Any]]
) -> dict[int, float]:
    """Points of final accuracy that a search's winner is below the best of all."""
    found = {}
    for seed, row in rows.items():
        if seed in truth:
            finals = [curve[-1] for curve in truth[seed]["curves"]]
            found[seed] = 100 * (max(finals) - finals[row["winner"]])
    return found


def spared(
    ours: Mapping[int, Mapping[str, Any]], theirs: Mapping[int, Mapping[str, Any]]
) -> Estimate | None:
    """Share of another stopper's epochs that ours did not train, seed by seed."""
    both = sorted(set(ours) & set(theirs))
    if len(both) < 2:
        return None
    share = {seed: 1 - ours[seed]["epochs"] / theirs[seed]["epochs"] for seed in both}
    return paired(share, dict.fromkeys(both, 0.0))


def search_table(host: str) -> str:
    found = of_host(host)
    truth = found.get(CONTROL, {})
    named = "Optuna" if host == "optuna" else "Ray Tune"
    lines = [
        f"{named}: {searches.TRIALS} trials of up to {searches.EPOCHS} epochs on "
        f"{searches.BUDGET:,} examples of Fashion-MNIST an epoch",
        "",
        "| stopper | epochs of all | same winner | points lost | searches |",
        "|---|---|---|---|---|",
    ]
    whole = searches.TRIALS * searches.EPOCHS
    for name in searches.PRUNERS:
        rows = found.get(name, {})
        if not rows or not truth:
            lines.append(f"| {name} | not run | | | {len(rows)} |")
            continue
        share = mean_interval([value / whole for value in epochs(rows).values()])
        points = list(lost(rows, truth).values())
        same = sum(value == 0 for value in points)
        lines.append(
            f"| {name} | {_told(share)} | {same} of {len(points)} | "
            f"{_told(mean_interval(points), '.2f')} | {len(rows)} |"
        )
    return "\n".join(lines)


def _told(one: Estimate, form: str = ".3f") -> str:
    return f"{one.value:{form}} ({one.low:{form}}..{one.high:{form}})"
