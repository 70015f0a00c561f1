"""Tables 5.2 and 5.3 and Fig. 5.3 of the thesis on the curves at hand, and the order that
extrapolators give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks import paper_nas
from benchmarks.run import rows_of
from benchmarks.statistics import Estimate, mean_interval

from .cells import (
    AFTER,
    FEATURES,
    KNOWN,
    LAGS,
    RANKERS,
    RANKS,
    SHOWN_EPOCHS,
    WITH_X,
    compressions,
    noises,
    others,
    rankers,
    residuals,
    surrogates,
)
from .others import NAMES
from .others import SEEN as SEEN_OF
from .run import PATH

MEASURES = ("average_r2", "final_r2", "average_tau", "final_tau")
PUBLISHED = ("average R2", "final R2", "average tau", "final tau")
KL_COLUMNS = ("average KL", "final KL")
KLS = ("kl", "median_kl", "final_kl", "kl_of_noise", "median_kl_of_noise")
SHOWN = {"structure": "structure", "structure and epochs": "structure + 3 epochs",
         "epochs": "3 epochs alone"}  # fmt: skip


def tables() -> str:
    made = (surrogate_table, noise_table, rank_table, compress_table, residual_table, other_table)
    return "\n\n".join(table() for table in made)


def rows(study: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return rows_of(PATH, study)


def of_cell(found: Sequence[Mapping[str, Any]], **wanted: Any) -> list[Mapping[str, Any]]:
    """Rows whose cell has these values, and no other names but `seed`."""
    names = {*wanted, "seed", "study"}
    return [
        row
        for row in found
        if {*row["cell"]} <= names and all(row["cell"].get(n) == v for n, v in wanted.items())
    ]


def mean(found: Sequence[Mapping[str, Any]], name: str) -> Estimate | None:
    values = [row[name] for row in found if row.get(name) is not None]
    return mean_interval(values) if values else None


def surrogate_table() -> str:
    found = rows(surrogates())
    lines = [
        "Tables 5.2 and 5.3, NAS-Bench-NLP: means over the epochs to come, grouped by recipe",
        "",
        "| curves | features | average R2 | final R2 | average tau | final tau | splits |",
        "|---|---|---|---|---|---|---|",
    ]
    named = {
        tuple((n, cell[n]) for n in cell if n not in ("seed", "study")): None
        for cell in surrogates()
    }
    for cell in named:
        about = dict(cell)
        told = of_cell(found, **about)
        name = f"{about['compress']}-{about['regressor']}".upper()
        name += ", hidden layers as released" if about.get("released") else ""
        values = [_told(mean(told, measure)) for measure in MEASURES]
        lines.append(
            f"| {name} | {SHOWN[about['features']]} | {' | '.join(values)} | {len(told)} |"
        )
    for name, values in paper_nas.rows("nas-bench-x11", "5.3 NAS-Bench-NLP11").items():
        told = " | ".join(f"{values[column]:.3f}" for column in PUBLISHED)
        lines.append(f"| thesis, over all epochs: {name} | {SHOWN[FEATURES[1]]} | {told} | |")
    both = paper_nas.rows("nas-bench-x11", "5.2")["NAS-Bench-NLP11"]
    told = " | ".join(f"{both[column]:.3f}" for column in PUBLISHED)
    lines.append(f"| thesis, over all epochs: SVD-LGB | structure | {told} | |")
    return "\n".join([*lines, "", *_not_run()])


def _not_run() -> list[str]:
    """The benchmarks whose curves are not at hand, as published."""
    lines = [
        "Tables 5.2 and 5.3 as published, of curves that are not at hand (measured: not run)",
        "",
        "| benchmark | system | average R2 | final R2 | average tau | final tau | KL | final KL |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in ("NAS-Bench-111", "NAS-Bench-311"):
        for system, values in paper_nas.rows("nas-bench-x11", f"5.3 {name}").items():
            told = " | ".join(f"{values[column]:.3f}" for column in (*PUBLISHED, *KL_COLUMNS))
            lines.append(f"| {name} | {system} | {told} |")
    return lines


def noise_table() -> str:
    found = rows(noises())
    lines = [
        "KL of the 47 repeated recipes from the surrogate, per epoch (held out ones of each split)",
        "",
        "| noise | mean | median | last epoch | noise alone, mean | noise alone, median | splits |",
        "|---|---|---|---|---|---|---|",
    ]
    for noise in dict.fromkeys(cell["noise"] for cell in noises()):
        told = of_cell(found, noise=noise)
        values = " | ".join(_told(mean(told, name), ".2f") for name in KLS)
        lines.append(f"| {noise} | {values} | {len(told)} |")
    return "\n".join(lines)


def rank_table() -> str:
    found = rows(rankers())
    lines = [
        "Kendall's tau with the final loss, of the runs that were not fitted (grouped by recipe); "
        "in brackets the root mean square error, and how often the truth is within one sd",
        "",
        f"| predictor | finished curves | {' | '.join(f'epoch {e}' for e in AFTER)} |",
        f"|---|---|{'---|' * len(AFTER)}",
    ]
    for name in RANKERS:
        for known in KNOWN:
            told = of_cell(found, predictor=name, known=known)
            lines.append(f"| {name} | {known} | {' | '.join(_ranked(told, e) for e in AFTER)} |")
    for name in ("last", "lcsvr"):
        told = of_cell(found, predictor=name, known=KNOWN[-1], leaking=True)
        shown = " | ".join(_ranked(told, e) for e in AFTER)
        lines.append(f"| {name}, not grouped (replicates leak) | {KNOWN[-1]} | {shown} |")
    return "\n".join(lines)


def _ranked(told: Sequence[Mapping[str, Any]], seen: int) -> str:
    if not told:
        return "not run"
    parts = [row[str(seen)] for row in told]
    tau = mean_interval([part["tau"] for part in parts])
    rmse, within = (np.mean([part[name] for part in parts]) for name in ("rmse", "within_sd"))
    return f"{_told(tau)} [{rmse:.2f}, {within:.0%}]"


def compress_table() -> str:
    found = rows(compressions())
    lines = [
        "Fig. 5.3: mean square error of a rebuilt training, to itself and to other trainings of "
        "its recipe (thesis: least at k = 6)",
        "",
        "| k | to itself | to other trainings |",
        "|---|---|---|",
    ]
    for rank in RANKS:
        told = of_cell(found, rank=rank)
        values = " | ".join(_told(mean(told, n), ".5f") for n in ("mse", "mse_to_replicates"))
        lines.append(f"| {rank} | {values} |")
    return "\n".join(lines)


def residual_table() -> str:
    found = rows(residuals())
    names = (*(f"sd at {e}" for e in SHOWN_EPOCHS), *(f"lag {lag}" for lag in LAGS), "kurtosis")
    lines = [
        "Fig. 5.6: what rank 6 leaves of held-out curves: spread (nats) by epoch, autocorrelation, "
        "excess kurtosis (0 of a Gaussian)",
        "",
        f"| {' | '.join(names)} |",
        f"|{'---|' * len(names)}",
        f"| {' | '.join(_told(mean(found, name)) for name in names)} |",
    ]
    return "\n".join(lines)


def other_table() -> str:
    found = rows(others())
    lines = [
        "Other curves, half of the configurations known, after few epochs and after some",
        "",
        "| curves | predictor | epochs seen | average R2 | final tau | splits |",
        "|---|---|---|---|---|---|",
    ]
    for data in NAMES:
        for name in (*RANKERS, WITH_X):
            told = of_cell(found, data=data, predictor=name)
            for seen in SEEN_OF[data] if told else ():
                parts = [row[str(seen)] for row in told]
                values = [_told(mean(parts, n), ".2f") for n in ("average_r2", "final_tau")]
                shown = [data, name, str(seen), *values, str(len(told))]
                lines.append(f"| {' | '.join(shown)} |")
            if not told and (data, name) != ("zoo", WITH_X):  # all of a zoo are one configuration
                lines.append(f"| {data} | {name} | | not run | not run | 0 |")
    return "\n".join(lines)


def _told(one: Estimate | None, form: str = ".3f") -> str:
    return "not run" if one is None else f"{one.value:{form}} ({one.low:{form}}..{one.high:{form}})"
