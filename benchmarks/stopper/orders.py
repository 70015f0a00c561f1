"""A search that draws the curves of NAS-Bench-NLP in an order, and stops those that it is told to.

A run costs the epochs that it trains; what counts is the best final loss among runs that finished
within so many epochs, less the best of all (nats). The rule's share and checks were chosen on
orders 1000 and up; the rows are of 0 to 199.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import optuna

from benchmarks.curves.nlp import curves
from subsel_automl.budgeting.stopping import Judge, StoppingRule

ORDERS, EPOCHS, BUDGETS = 200, 50, (1_000, 2_000, 4_000)
FEW = {"draws": 30}
RULES = {
    "last": StoppingRule(),
    "last, share 0.3": StoppingRule(share=0.3),
    "lcsvr after 50": StoppingRule(predictor="lcsvr", options=FEW),
    "lcsvr after 20": StoppingRule(predictor="lcsvr", after=20, options=FEW),
    "ridge after 20": StoppingRule(predictor="ridge", after=20),
    "last, once at 10 %, share 0.2": StoppingRule(first=0.1, share=0.2, warmup=10),
}
ONCE = "last, once at 10 %, share 0.2"
PRUNERS: dict[str, Callable[[], optuna.pruners.BasePruner]] = {
    "none": optuna.pruners.NopPruner,
    "median (Optuna)": optuna.pruners.MedianPruner,
    "asha (Optuna)": lambda: optuna.pruners.SuccessiveHalvingPruner(
        min_resource=3, reduction_factor=3
    ),
}


def cells() -> list[dict[str, Any]]:
    names = [*RULES, *PRUNERS]
    return [
        {"study": "orders", "stopper": name, "order": o} for o in range(ORDERS) for name in names
    ]


def work(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Regret and runs seen at each budget."""
    values = curves().values
    order = np.random.default_rng(cell["order"]).permutation(len(values))
    asks = _by_rule if cell["stopper"] in RULES else _by_pruner
    until = asks(cell["stopper"])
    spent, best, found = 0, np.inf, {}
    left = list(BUDGETS)
    for seen, row in enumerate(order):
        length = until(str(row), values[row])
        while left and spent + length > left[0]:
            found[str(left.pop(0))] = [float(best - values[:, -1].min()), seen]
        if not left:
            break
        spent += length
        if length == EPOCHS:
            best = min(best, values[row, -1])
    for budget in left:
        found[str(budget)] = [float(best - values[:, -1].min()), len(order)]
    return {"regret_and_seen": found}


Until = Callable[[str, Any], int]


def _by_rule(name: str) -> Until:
    judge, known = Judge(RULES[name], "min"), {}
    checks = RULES[name].checks(EPOCHS)[: 1 if name == ONCE else None]

    def until(run: str, values: Any) -> int:
        for epochs in checks:
            known[run] = values[:epochs]
            verdict = judge.verdict(run, known, EPOCHS)
            if verdict is not None and verdict.stop:
                return epochs
        known[run] = values
        return EPOCHS

    return until


def _by_pruner(name: str) -> Until:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(pruner=PRUNERS[name](), sampler=optuna.samplers.RandomSampler(0))

    def until(run: str, values: Any) -> int:
        trial = study.ask()
        for epoch, value in enumerate(values, 1):
            trial.report(float(value), epoch)
            if epoch < EPOCHS and trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                return epoch
        study.tell(trial, float(values[-1]))
        return EPOCHS

    return until
