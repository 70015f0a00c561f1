"""Claims about searches that learn across trials, and about what vectors of architectures foretell,
and what their rows say in the README's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.spending import estimate
from benchmarks.standing import Claim

Measured = Mapping[str, Any]
ASKING = (
    Claim(
        "table-search",
        "NAS-Bench-101, 150 queries, 30 seeds, noiseless: regret of local search 0.25 points, "
        "evolution 0.20, random 0.55 to 0.75, the best of bo 0.20; NAS-Bench-201: local search "
        "94.1 %, some host above 94.18; no cell missing",
        "nas101.claim:measure",
        rows=("table_search.jsonl",),
    ),
    Claim(
        "trial-search",
        "trainings on chosen subsets, NAS-Bench-201 on CIFAR-10 sprites, scored by the table at "
        "equal CPU seconds: local search or bo clearly above random search",
        "trial_search.claim:measure",
        rows=("trial_search.jsonl",),
    ),
    Claim(
        "arch2vec",
        "validity by position 35 %; the best encoder's r on cells above 80 %: GP of 250 cells "
        "0.67, forest of 2,500 cells 0.758",
        "encoders.claim:measure_arch2vec",
        rows=("encoders.jsonl",),
    ),
    Claim(
        "cate",
        "held-out masked inner operations 50 % at delta 1e4, fewer at 2e6",
        "encoders.claim:measure_cate",
        rows=("encoders.jsonl",),
    ),
    Claim(
        "io",
        "the IO model's MSE on unseen networks and images, of 64 networks: 5 % below the mean "
        "vector's",
        "io_model.claim:measure",
        rows=("io_model.jsonl",),
    ),
    Claim(
        "predict-untrained",
        "Kendall's tau of g_beta's foretold accuracy on 24 networks that nobody trained, above "
        "that of the parameter count, whole paired interval",
        "untrained.claim:measure",
        rows=("untrained.jsonl",),
    ),
)


def of_io(m: Measured) -> str:
    below, accuracy = m["percent_below_the_mean_vector"], m["accuracy_model"]
    named = {
        "the class mean": "class_mean",
        "zoo-mean": "zoo_mean",
        "the same model blind to the cell": "io_of_any_cell",
    }
    beside = ", ".join(
        f"{name} {estimate(m['percent_below'][key], '.1f')} %" for name, key in named.items()
    )
    said = f", {m['said_of_it']}" if m["said_of_it"] else ""
    return (
        f"MSE {m['mse']['io']['value']:.4f}, {estimate(below, '.1f')} % below the mean vector"
        f"{said}; below {beside}; Accuracy model r {estimate(accuracy['r'], '.2f')}"
    )


def of_untrained(m: Measured) -> str:
    shown = ("subselnet", "parameters", "gp, adjacency", "forest, adjacency", "synflow")
    return "; ".join(
        f"{study}: "
        + ", ".join(f"{name} {estimate(found[name]['kendall'])}" for name in shown if name in found)
        + f"; g_beta less parameters {estimate(found['parameters']['g_beta_less'])}"
        for study, found in m["studies"].items()
    )


def of_tables(m: Measured) -> str:
    clean = ", ".join(f"{k} {estimate(one, '.2f')}" for k, one in m["regret_101"].items())
    noisy = ", ".join(f"{k} {one['value']:.2f}" for k, one in m["regret_101_noise_0.25"].items())
    percent = "; ".join(
        f"{data}: " + ", ".join(f"{name} {one['value']:.2f}" for name, one in found.items())
        for data, found in m["percent_201"].items()
    )
    said = f" ({m['said_of_it']})" if m["said_of_it"] else ""
    return (
        f"regret after 150 queries: {clean}; with reading noise: {noisy}; best model "
        f"{m['best_model']}{said}; the simple three {m['cpu_seconds_of_the_simple_three']} CPU s; "
        f"NAS-Bench-201 test %, {percent}; {m['cells_not_run']} cells not run"
    )


def of_trials(m: Measured) -> str:
    each = "; ".join(
        f"{provider}: "
        + ", ".join(f"{name} {estimate(one, '.2f')}" for name, one in found.items())
        + "; "
        + ", ".join(f"{name} {estimate(one)}" for name, one in m["more"][provider].items())
        for provider, found in m["test_percent"].items()
    )
    return f"{each}; judge's tau {m['judge_tau']}; {m['cells_not_run']} cells not run"


def of_arch2vec(m: Measured) -> str:
    best = "; ".join(
        f"{name}: {one['view']} r {estimate(one['r'], '.3f')} ({one['control']} "
        f"{estimate(one['control_r'], '.3f')})"
        for name, one in m["best"].items()
        if one
    )
    valid = ", ".join(f"{name} {100 * one:.1f} %" for name, one in m["validity"].items())
    return (
        f"operations {100 * m['operation_accuracy']:.1f} %, entries "
        f"{100 * m['entry_accuracy']:.1f} %, whole cells {100 * m['cell_accuracy']:.1f} %; valid: "
        f"{valid}; {best}"
    )


def of_cate(m: Measured) -> str:
    masked = ", ".join(
        f"delta {m['delta'][name]:g} {100 * one:.1f} %"
        for name, one in m["masked_inner_accuracy"].items()
    )
    r = ", ".join(f"{name} {estimate(one, '.3f')}" for name, one in m["r_gp_250"].items())
    return f"masked inner operations: {masked}; r of a GP on 250 cells: {r}"


WORDS = {
    "table-search": of_tables,
    "trial-search": of_trials,
    "arch2vec": of_arch2vec,
    "cate": of_cate,
    "predict-untrained": of_untrained,
    "io": of_io,
}
