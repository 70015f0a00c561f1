"""What a trial of Optuna cost and how it ended, as a search's account takes it."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import optuna

from ..core.plain import plain
from ..core.summary import Winner
from ..hosting.account import SearchAccount

STATES = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}
COUNTED = ("examples", "full_examples", "gb_minutes")


def state(value: Any) -> str:
    """How a trial that is ending ends: by its exception, or as Optuna judges its value."""
    error = sys.exc_info()[1]
    if error is not None:
        return "pruned" if isinstance(error, optuna.TrialPruned) else "failed"
    try:
        values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return "failed" if any(math.isnan(float(one)) for one in values) else "complete"
    except (TypeError, ValueError):
        return "failed"


def charge(
    account: SearchAccount,
    name: str,
    bill: Mapping[str, Any],
    config: Mapping[str, Any],
    value: Any,
    state: str,
    stopped: Mapping[str, Any],
) -> None:
    """One event a trial; the same event again changes nothing.

    Args:
        stopped: facts of who stops trials by their curves.
    """
    judged = plain(value) if state == "complete" and isinstance(value, (int, float)) else None
    account.charge(bill, name, "bill", config=config, value=judged, state=state, stopped=stopped)


def charge_attributes(
    account: SearchAccount, trial: optuna.trial.FrozenTrial, stopped: Mapping[str, Any]
) -> None:
    """The bill that a trial's attributes hold; a trial that runs has none yet."""
    held = {
        name.removeprefix("subset_"): value
        for name, value in trial.user_attrs.items()
        if name.startswith("subset_")
    }
    if "architecture" not in held:
        return
    bill = {
        "gb_minutes": 0.0,
        **held,
        "architecture_key": held["architecture"],
        "subset_size": held["size"],
        "budget": json.loads(held["budget"]),
    }
    value = trial.values[0] if trial.values and len(trial.values) == 1 else None
    state = STATES.get(trial.state.name, "running")
    charge(account, f"{account.name}/{trial.number}", bill, trial.params, value, state, stopped)


def winner(study: optuna.Study) -> Winner | None:
    try:
        best = study.best_trial
    except ValueError:  # no trial is complete
        return None
    metric = study.metric_names[0] if study.metric_names else "value"
    mode = "max" if study.direction == optuna.study.StudyDirection.MAXIMIZE else "min"
    return Winner(f"trial {best.number}", metric, plain(best.value), mode, plain(best.params))
