"""Ray Tune: a scheduler that stops a trial whose curve foretells no good end.

    tune.TuneConfig(metric="loss", mode="min", scheduler=CurveStopper(epochs=50))
    ... scheduler=CurveStopper("lcsvr", epochs=50, over=ASHAScheduler(max_t=50))

Alone it runs trials in their order; `over` another scheduler, that one is asked first: what it
stops is stopped, what it pauses is paused. A curve is what a trial reports of the metric, a value a
report. The state of a scheduler is not among what Ray keeps for a restore: curves are read again
from the trials' own `result.json`.

Source: `budgeting/stopping.py`. Deviations: none.
"""

from __future__ import annotations

import json
import math
from typing import Any

from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler, PopulationBasedTraining, TrialScheduler
from ray.tune.utils import flatten_dict

from ...budgeting.stopping import Judge, StoppingRule, told_of
from ...core.errors import BadInput
from ...core.modes import checked_mode
from .ledger import stops

ENDED = (Trial.TERMINATED, Trial.ERROR)
RESULTS = "result.json"


class CurveStopper(TrialScheduler):
    """Stops by curves.

    Args:
        rule: a `StoppingRule`, or the name of its predictor ("last", "lcsvr", "wpm", ...).
        epochs: reports of a whole training.
        over: a scheduler that is asked first; by default trials run in their order.
        metric, mode: of the Tuner, where they are not given.
        time_attr: of a report, what grows with it.

    Raises:
        BadInput: epochs below 2, or an `over` that is no scheduler or PBT. UnknownName: no such
            predictor, or another mode.
    """

    _supports_buffered_results = False

    def __init__(
        self,
        rule: StoppingRule | str = "last",
        *,
        epochs: int,
        over: TrialScheduler | None = None,
        metric: str | None = None,
        mode: str | None = None,
        time_attr: str = "training_iteration",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.rule = StoppingRule(predictor=rule) if isinstance(rule, str) else rule
        if not isinstance(self.rule, StoppingRule):
            raise BadInput(f"rule is {rule!r}; give a StoppingRule or the name of a predictor")
        if epochs < 2:
            raise BadInput(f"epochs is {epochs}; give the reports of a whole training, 2 or more")
        if over is not None and not isinstance(over, TrialScheduler):
            raise BadInput(f"over is {over!r}; give a scheduler of Ray Tune, or None")
        if isinstance(over, PopulationBasedTraining):
            raise BadInput(
                f"over is {type(over).__name__}, whose trials change their configuration as they "
                "train: their curves are of no one training. Leave either out"
            )
        if mode is not None:
            checked_mode(mode)
        self.epochs, self.time_attr = epochs, time_attr
        self.over = over or FIFOScheduler()  # type: ignore[no-untyped-call]
        self._metric, self._mode = metric, mode
        self.running: dict[str, dict[float, float]] = {}  # by trial, value by time
        self.ended: dict[str, dict[float, float]] = {}  # in the order in which they ended
        self.stopped: dict[str, dict[str, Any]] = {}
        self._judge: Judge | None = None

    def set_search_properties(self, metric: str | None, mode: str | None, **spec: Any) -> bool:
        """Ray's hand-over of metric and mode, to the scheduler below too."""
        if (self._metric and metric) or (self._mode and mode):
            return False
        self._metric, self._mode = metric or self._metric, mode or self._mode
        below = isinstance(self.over, FIFOScheduler) and type(self.over) is FIFOScheduler
        if below or getattr(self.over, "_metric", None):
            return True
        return bool(self.over.set_search_properties(self._metric, self._mode, **spec))

    def on_trial_add(self, tune_controller: Any, trial: Trial) -> None:
        if not self._metric or not self._mode:
            raise BadInput(
                "CurveStopper was told no metric and mode; give both to the TuneConfig, or to it"
            )
        self._judge = self._judge or Judge(self.rule, self._mode)
        curve = self._read(trial) if trial.trial_id not in self.ended else {}
        if curve:
            (self.ended if trial.status in ENDED else self.running)[trial.trial_id] = curve
        self.over.on_trial_add(tune_controller, trial)

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        decision = self.over.on_trial_result(tune_controller, trial, result)
        name, value = trial.trial_id, _number(result.get(str(self._metric)))
        when = _number(result.get(self.time_attr))
        if value is None or when is None:
            return decision
        self.running.setdefault(name, {})[when] = value
        if decision != TrialScheduler.CONTINUE:
            return decision
        mine = _values(self.running[name])
        if len(mine) >= self.epochs and math.isfinite(mine[-1]):
            return decision
        curves = {
            one: _values(curve) for one, curve in [*self.ended.items(), *self.running.items()]
        }
        assert self._judge is not None
        verdict = self._judge.verdict(name, curves, self.epochs)
        stops.setdefault(name, {"stopper": self.rule.told()})
        if verdict is None or not verdict.stop:
            return decision
        told = {"stopped_by": verdict.by, "unspent": self.epochs - verdict.epoch}
        self.stopped[name] = told
        stops[name] |= told
        return str(TrialScheduler.STOP)

    def on_trial_complete(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> None:
        self._end(trial)
        self.over.on_trial_complete(tune_controller, trial, result)

    def on_trial_error(self, tune_controller: Any, trial: Trial) -> None:
        self.running.pop(trial.trial_id, None)
        self.over.on_trial_error(tune_controller, trial)

    def on_trial_remove(self, tune_controller: Any, trial: Trial) -> None:
        self._end(trial)
        self.over.on_trial_remove(tune_controller, trial)

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        return self.over.choose_trial_to_run(tune_controller)

    def debug_string(self) -> str:
        return (
            f"{told_of(self.rule.told(), list(self.stopped.values()))}. {self.over.debug_string()}"
        )

    def _end(self, trial: Trial) -> None:
        curve = self.running.pop(trial.trial_id, None)
        if curve is not None:
            self.ended[trial.trial_id] = curve

    def _read(self, trial: Trial) -> dict[float, float]:
        """What a trial of a restored search had reported."""
        storage = trial.storage
        if storage is None or self.time_attr not in trial.last_result:
            return {}
        try:
            path = f"{storage.trial_fs_path}/{RESULTS}"
            with storage.storage_filesystem.open_input_stream(path) as file:
                lines = file.read().decode().splitlines()
        except OSError:
            return {}
        found: dict[float, float] = {}
        for line in lines:
            try:
                row = flatten_dict(json.loads(line))
            except ValueError:  # cut by a kill
                continue
            value, when = _number(row.get(str(self._metric))), _number(row.get(self.time_attr))
            if value is not None and when is not None:
                found[when] = value
        return found


def _number(value: Any) -> float | None:
    """Of numpy and torch too; None of what is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _values(curve: dict[float, float]) -> list[float]:
    return [value for _, value in sorted(curve.items())]
