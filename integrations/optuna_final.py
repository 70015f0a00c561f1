"""Optuna: the winner of any study, trained on all data as its next trial.

    final_trial(study)
    study.optimize(objective, n_trials=1)

A study by rungs does it itself: `RungSampler(plan, final="taught")`.
"""

from __future__ import annotations

import optuna

from ..budgeting.final import FINAL, final_about
from ..budgeting.passes import RUNG

EXAMPLES, FULL = "subset_examples", "subset_full_examples"  # attributes of a trial


def final_trial(study: optuna.Study, targets: str = "labels") -> None:
    """Enqueue the best trial's parameters to be trained on all data by the study's objective, a
    `SubsetObjective` with `epochs`.

    Args:
        targets: "labels", or "taught": by the study's trials where they are ahead of the winner
            (the provider has to learn).

    Raises:
        UnknownName: other targets. ValueError: of Optuna, while no trial is complete.
    """
    best = study.best_trial
    mode = "max" if study.direction == optuna.study.StudyDirection.MAXIMIZE else "min"
    about = final_about(targets, [(_length(best), best.value)], mode)
    study.enqueue_trial(best.params, user_attrs={FINAL: about})


def _length(trial: optuna.trial.FrozenTrial) -> float:
    """Of a full training, that a trial was."""
    told = trial.user_attrs
    if RUNG in told:
        return float(told[RUNG]["length"])
    full = told.get(FULL) or 0.0
    return min(1.0, float(told.get(EXAMPLES, 0.0)) / full) if full else 1.0
