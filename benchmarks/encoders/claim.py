"""Claims: what arch2vec and CATE learn of NAS-Bench-101's cells, and what their vectors foretell.

    python -m benchmarks.claims run arch2vec  [--quick]
    python -m benchmarks.claims run cate  [--quick]

Accuracies of reconstruction, validity and masked operations are of the trainings that are kept
under benchmarks/bundles/encoders (`subsel encode nasbench101 FOLDER --encoder NAME --pretrain`);
correlations are of the rows of `benchmarks.encoders`, of cells above 80 %, as the papers'.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.encoders.cells import FITTED_ON, FOLDERS, PATH, at_hand, cells, summary
from benchmarks.run import not_run
from subsel_automl.core.errors import BadInput
from subsel_automl.encoders.store import load_report

from .run import measure as run

GP, FOREST = ("gp", 250, 0.67), ("forest", 2_500, 0.758)  # the papers' best r
POSITION, MASKED = 0.35, 0.50
CATE = ("cate", "cate-2e6", "cate, untrained")


def measure_arch2vec(quick: bool = False) -> dict[str, Any]:
    """Reconstruction, validity under three protocols, and the best r of any encoder."""
    if not quick:
        run()
    report = load_report(FOLDERS["arch2vec"])
    best = {
        f"{predictor} on {rows}, fitted on {origin}": _best(predictor, rows, origin)
        for predictor, rows, _ in (GP, FOREST)
        for origin in FITTED_ON
    }
    if not any(best.values()):
        raise BadInput("nothing is measured yet; run python -m benchmarks.encoders run")
    missing = not_run(PATH, [cell for cell in cells() if at_hand(cell)])
    reached = {
        f"{predictor} on {rows}": bool(
            (one := best[f"{predictor} on {rows}, fitted on {FITTED_ON[1]}"])
            and one["r"]["value"] >= bar
        )
        for predictor, rows, bar in (GP, FOREST)
    }
    names = ("operation_accuracy", "entry_accuracy", "cell_accuracy")
    valid = report["generated"]["position"]["validity"]
    return {
        **{name: round(report[name], 4) for name in names},
        "validity": {name: one["validity"] for name, one in report["generated"].items()},
        "uniqueness": {
            name: round(one["uniqueness"], 3) for name, one in report["generated"].items()
        },
        "best": best,
        "reached": reached,
        "cells_not_run": missing,
        "holds": bool(valid >= POSITION and all(reached.values())),
    }


def measure_cate(quick: bool = False) -> dict[str, Any]:
    """Masked accuracy by delta, and r against the untrained network's."""
    if not quick:
        run()
    masked = {
        name: round(load_report(FOLDERS[name])["masked_inner_accuracy"], 4) for name in CATE[:2]
    }
    r = {name: _r(name, *GP[:2], FITTED_ON[1]) for name in CATE}
    return {
        "masked_inner_accuracy": masked,
        "delta": {name: load_report(FOLDERS[name])["options"]["delta"] for name in masked},
        "r_gp_250": r,
        "holds": masked["cate"] >= MASKED and masked["cate-2e6"] < masked["cate"],
    }


def _best(predictor: str, rows: int, origin: str) -> Mapping[str, Any] | None:
    """The view of the largest r; controls that know no encoder stand apart."""
    mine = [
        one
        for one in summary()
        if (one["predictor"], one["rows"], one["fitted_on"]) == (predictor, rows, origin)
    ]
    if not mine:
        return None
    one = max((o for o in mine if o["pooling"]), key=lambda o: o["r"].value)
    bare = max((o for o in mine if not o["pooling"]), key=lambda o: o["r"].value)
    return {
        "view": f"{one['view']}, {one['pooling']}",
        "r": one["r"].plain(3),
        "control": bare["view"],
        "control_r": bare["r"].plain(3),
    }


def _r(view: str, predictor: str, rows: int, origin: str) -> dict[str, Any] | None:
    for one in summary():
        if (one["view"], one["predictor"], one["rows"], one["fitted_on"]) == (
            view, predictor, rows, origin,
        ):  # fmt: skip
            found: dict[str, Any] = one["r"].plain(3)
            return found
    return None
