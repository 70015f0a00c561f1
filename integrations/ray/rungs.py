"""Ray Tune: a searcher whose trials climb rungs; short ones first, the best anew for longer.

    plan = plan_rungs(total=5, trials=40)                 # 5 full trainings for 40 configurations
    tune.TuneConfig(search_alg=RungSearch(plan, HyperOptSearch()), num_samples=plan.jobs, ...)
    with_subset(train_fn, provider, 0.1, redraw_every=1, epochs=10)

    for epoch in range(current_subset().epochs): ...      # in train_fn: was range(10)

A promoted configuration is a trial of its own, with the same `config` and a longer
`config["subset_rung"]`. The searcher that is wrapped proposes new configurations and is told the
scores of the first rung alone. No scheduler is needed; PBT and ASHA stay as they are. It works
under `Tuner`, `tune.run`, `Tuner.restore` and with reused actors: its state is plain values, which
Ray keeps.

`final="taught"` (or "labels") adds the winner's training on all data as one more trial, the last:
`num_samples=plan.jobs + 1`. Of a search without rungs it is `Tuner(trainable,
param_space=final_config(results))`, with the trainable of the search.

A loop that does not read `epochs` keeps its own length: from its first such trial on rungs shorten
the data alone, and say so.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import Any

from ray.tune import ResultGrid
from ray.tune.search import Searcher
from ray.tune.search.optuna import OptunaSearch

from ...budgeting.final import FINAL, final_about
from ...budgeting.passes import KEPT_LENGTH, RUNG
from ...budgeting.rungs import Job, RungPlan, Rungs
from ...core.errors import BadInput
from .lessons import FACTS

BY_DATA = "by_data"


class RungSearch(Searcher):
    """A searcher around another.

    Args:
        plan: the rungs.
        searcher: of new configurations (not a `ConcurrencyLimiter`, which goes outside); by default
            `OptunaSearch()`, TPE over the Tuner's `param_space`.
        metric, mode: of the Tuner, where they are not given.
        slack: see `Rungs`; how many promotions of a rung need not wait for its last trials.
        final: None, or the targets of the winner's training on all data: "labels", or "taught" (by
            the search's trials where they are ahead of the winner; the provider has to learn).

    Raises:
        BadInput: what is no searcher, or one that limits concurrency. UnknownName: another final.
    """

    def __init__(
        self,
        plan: RungPlan,
        searcher: Searcher | None = None,
        metric: str | None = None,
        mode: str | None = None,
        slack: int = 0,
        final: str | None = None,
    ) -> None:
        if final is not None:
            final_about(final)
        inner = OptunaSearch() if searcher is None else searcher
        if not isinstance(inner, Searcher) or hasattr(inner, "searcher"):
            raise BadInput(
                f"{type(inner).__name__} can not be wrapped; give a searcher such as OptunaSearch, "
                "and put ConcurrencyLimiter around RungSearch"
            )
        super().__init__(metric or inner.metric, mode or inner.mode)
        self.plan, self.searcher, self.slack = plan, inner, slack
        self.rungs = Rungs(plan, self.mode or "max", slack)
        self.jobs: dict[str, Job] = {}  # of running trials
        self.configs: dict[int, dict[str, Any]] = {}  # by configuration
        self.winners: dict[int, str] = {}  # the last trial of a configuration
        self.by_data = False
        self.final, self.final_trial = final, ""

    def set_search_properties(
        self, metric: str | None, mode: str | None, config: dict[str, Any], **spec: Any
    ) -> bool:
        """Ray's hand-over of metric, mode and `param_space`."""
        if metric:
            self._metric = metric
        if mode:
            self._mode = mode
            self.rungs = Rungs(self.plan, mode, self.slack)
        return bool(self.searcher.set_search_properties(metric, mode, config, **spec))

    def suggest(self, trial_id: str) -> Any:  # a configuration, None, or Searcher.FINISHED
        job = self.rungs.ask()
        if job is None:
            return self._final(trial_id) if self.rungs.done else None
        if job.rung == 0:
            config: Any = self.searcher.suggest(trial_id)
            if config is None or config == Searcher.FINISHED:
                self.rungs.lost(job)
                return config
            self.configs[job.configuration] = dict(config)
        self.jobs[trial_id] = job
        about = {
            "configuration": job.configuration,
            "rung": job.rung,
            "length": job.length,
            "last": job.rung == len(self.plan.rungs) - 1,
            BY_DATA: self.by_data,
        }
        return {**copy.deepcopy(self.configs[job.configuration]), RUNG: about}

    def _final(self, trial_id: str) -> dict[str, Any] | str:
        """The winner's training on all data, once."""
        best = self.rungs.winner
        if self.final is None or self.final_trial or best is None:
            return str(Searcher.FINISHED)
        self.final_trial = trial_id
        about = final_about(self.final, self.rungs.told_of(best), self.rungs.mode)
        return {**copy.deepcopy(self.configs[best]), FINAL: about}

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        job = self.jobs.get(trial_id)
        if job is not None and job.rung == 0:
            self.searcher.on_trial_result(trial_id, result)

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        job = self.jobs.pop(trial_id, None)
        if job is None:
            return
        told = None if error or not result else result.get(self.metric)
        self.rungs.tell(job, float(told) if isinstance(told, (int, float)) else None)
        self.winners[job.configuration] = trial_id
        if job.rung == 0:
            self.searcher.on_trial_complete(trial_id, result, error)
        kept = (result or {}).get(FACTS, {}).get("read_epochs") is False
        if kept and not self.by_data:
            self.by_data = True
            warnings.warn(KEPT_LENGTH, stacklevel=2)

    @property
    def winner(self) -> str | None:
        """The trial that won: the last one of the best configuration of the highest rung."""
        best = self.rungs.winner
        return None if best is None else self.winners[best]

    def set_max_concurrency(self, max_concurrent: int) -> bool:
        return False

    def get_state(self) -> dict[str, Any]:
        """Beside it Ray keeps the wrapped searcher's own."""
        return {
            "rungs": self.rungs.state_dict(),
            "jobs": {
                name: [one.configuration, one.rung, one.length] for name, one in self.jobs.items()
            },
            "configs": {str(place): config for place, config in self.configs.items()},
            "winners": {str(place): name for place, name in self.winners.items()},
            BY_DATA: self.by_data,
            FINAL: self.final_trial,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.rungs.load_state_dict(state["rungs"])
        self.jobs = {
            name: Job(int(c), int(r), float(h)) for name, (c, r, h) in state["jobs"].items()
        }
        self.rungs.resume(self.jobs.values())  # Ray goes on with these itself
        self.configs = {int(place): dict(config) for place, config in state["configs"].items()}
        self.winners = {int(place): name for place, name in state["winners"].items()}
        self.by_data, self.final_trial = bool(state[BY_DATA]), str(state[FINAL])

    def save(self, checkpoint_path: str) -> None:
        self.searcher.save(checkpoint_path)

    def restore(self, checkpoint_path: str) -> None:
        self.searcher.restore(checkpoint_path)


def final_config(
    results: ResultGrid, metric: str | None = None, mode: str | None = None, final: str = "labels"
) -> dict[str, Any]:
    """The best trial's configuration, to be trained on all data by the trainable of the search.

    Args:
        metric, mode: of the Tuner, where they are not given.
        final: targets of the training, as of `RungSearch`.

    Raises:
        UnknownName: another final. RuntimeError: of Ray, when no trial reported the metric.
    """
    best = results.get_best_result(metric, mode)
    named = metric or results._experiment_analysis.default_metric
    wanted = mode or results._experiment_analysis.default_mode or "max"
    config = {key: value for key, value in (best.config or {}).items() if key != RUNG}
    about = final_about(final, [(_length(best), (best.metrics or {}).get(named or ""))], wanted)
    return {**copy.deepcopy(config), FINAL: about}


def _length(result: Any) -> float:
    """Of a full training, that a trial was."""
    rows = result.metrics_dataframe
    seen, full = (
        sum(float(rows[name].sum()) for name in (part, f"{FACTS}/{part}") if name in rows)
        for part in ("examples", "full_examples")
    )
    return float(min(1.0, seen / full)) if full else 1.0
