"""Claims about learning curves: surrogates, extrapolators, stoppers, and searches that train few
candidates to their end; and what their rows say in the README's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.spending import estimate
from benchmarks.standing import Claim

Measured = Mapping[str, Any]
EXTRAPOLATING = (
    Claim(
        "curve-surrogate",
        "NAS-Bench-NLP curves, 20 splits by recipe, three epochs seen: average R2 0.82, final "
        "Kendall 0.76 over the epochs to come; structure alone at most 0.30; no cell missing",
        "curves.claim:measure_surrogate",
        rows=("curves.jsonl",),
    ),
    Claim(
        "curve-rank",
        "LcSVR of 100 finished curves: Kendall's tau with the final loss 0.80, 0.89, 0.93 after 5, "
        "10, 20 of 50 epochs",
        "curves.claim:measure_rank",
        rows=("curves.jsonl",),
    ),
    Claim(
        "stopper",
        "NAS-Bench-NLP, 200 orders: regret 0.10 after 2,000 epochs, learned rules no error worse "
        "than `last`; in searches of Optuna and Ray epochs spared against ASHA and median "
        "pruning (whole interval), winners not clearly behind",
        "stopper.claim:measure",
        rows=("stopper.jsonl",),
    ),
    Claim(
        "lce",
        "NAS-Bench-NLP, 2,000 epochs, 30 seeds: with some extrapolator random, local search, "
        "evolution and bo are each clearly better than with whole trainings; no cell missing",
        "lce.claim:measure",
        rows=("lce.jsonl",),
    ),
)


def of_surrogate(m: Measured) -> str:
    named = {"average_r2": "average R2", "final_tau": "final tau"}
    each = "; ".join(
        f"{features}: " + ", ".join(f"{word} {estimate(told[key])}" for key, word in named.items())
        for features, told in m["features"].items()
    )
    adds = estimate(m["structure_adds"]["final_tau"])
    kl = ", ".join(
        f"{noise} {one['median_kl_of_noise']['value']:.2f} (whole {one['median_kl']['value']:.0f})"
        for noise, one in m["kl"].items()
        if one["kl"]
    )
    return f"{each}; structure adds {adds} to tau; median KL of the noise alone: {kl}"


def of_rank(m: Measured) -> str:
    most = {name: by[max(by, key=int)] for name, by in m["tau"].items() if by}
    each = "; ".join(
        f"{name} " + ", ".join(f"{one['value']:.3f}" for one in told.values())
        for name, told in most.items()
        if told
    )
    less = m["lcsvr_less_last"]
    told = "; ".join(
        f"{known} curves " + ", ".join(estimate(one) for one in by.values())
        for known, by in less.items()
        if by
    )
    leaking = ", ".join(f"{one['value']:.3f}" for one in m["lcsvr_not_grouped"].values())
    return (
        f"of 100 curves, grouped by recipe: {each}; LcSVR not grouped, as the bar was set: "
        f"{leaking or 'not run'}; LcSVR less the last value: {told}"
    )


def of_stopper(m: Measured) -> str:
    regret = ", ".join(
        f"{name} {told['2000']['value']:.3f}" for name, told in m["regret"].items() if told["2000"]
    )
    hosts = "; ".join(
        f"{host}: "
        + ", ".join(
            f"spares {100 * one['spared']['value']:.0f} % of {rival}'s epochs, points lost more "
            f"{estimate(one['lost_more'])}"
            for rival, one in told["against"].items()
        )
        for host, told in m["hosts"].items()
    )
    return f"regret after 2,000 epochs: {regret}; {hosts}; {m['cells_not_run']} cells not run"


def of_lce(m: Measured) -> str:
    each = "; ".join(
        f"{search}: " + ", ".join(f"{by} {estimate(one, '+.3f')}" for by, one in found.items())
        for search, found in m["regret_less_whole_trainings"].items()
    )
    beside = ", ".join(m["clearly_better_than_last"]) or "none"
    behind = ", ".join(m["clearly_worse_than_last"]) or "none"
    return (
        f"regret (nats) less that of whole trainings, {each}; clearly better than the last value "
        f"seen: {beside}, clearly worse: {behind}; {m['cells_not_run']} cells not run"
    )


WORDS = {
    "lce": of_lce,
    "curve-surrogate": of_surrogate,
    "curve-rank": of_rank,
    "stopper": of_stopper,
}
