"""Searches over a table of trials, each as its library ships it: real schedulers, pruners and
samplers, whose trials go on where they were; and the plans that train anew.

Every one is a function (search, rng) that trains until it ends; `search.trained` has its way. A
trial reports at the table's points, from a 32nd of a full training on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from ray.tune.experiment import Trial
from ray.tune.schedulers import ASHAScheduler, MedianStoppingRule, TrialScheduler

from subsel_automl.budgeting.simulation import SimulatedSearch

Search = Callable[[SimulatedSearch, np.random.Generator], None]
WORKERS = 2  # trials that run beside each other under Ray


class Alone:
    """What the median rule asks Ray's controller for: nobody else waits for the worker."""

    def get_live_trials(self) -> set[Any]:
        return set()


@dataclass(eq=False)
class Named:
    """What a scheduler of Ray asks a trial for."""

    trial_id: str
    status: str = Trial.RUNNING


def flat(share: float) -> Search:
    """All configurations for the same short time."""

    def run(search: SimulatedSearch, rng: np.random.Generator) -> None:
        for configuration in range(len(search)):
            search.train(configuration, search.table.length_of(share))

    return run


def continued(trials: int, eta: int, first: int) -> Search:
    """Successive halving whose trials go on, synchronous: a whole rung before the next."""

    def run(search: SimulatedSearch, rng: np.random.Generator) -> None:
        longest, at = search.table.lengths[-1], first
        alive = list(range(min(trials, len(search))))
        while True:
            scores = {one: search.train(one, longest, at=at) for one in alive}
            if at >= longest:
                return
            keep = max(1, len(alive) // eta)
            alive = sorted(alive, key=lambda one: -scores[one])[:keep]
            at = min(longest, at * eta)

    return run


def _ray(scheduler: TrialScheduler, search: SimulatedSearch) -> None:
    """Two workers take turns, a report each; a trial that ends makes room for the next."""
    scheduler.set_search_properties("score", "max")
    waiting = iter(range(len(search)))
    running: list[tuple[int, Any, Iterator[int]]] = []
    while True:
        while len(running) < WORKERS and (one := next(waiting, None)) is not None:
            trial = Named(f"trial-{one}")
            scheduler.on_trial_add(None, trial)
            running.append((one, trial, iter(search.table.points)))
        if not running:
            return
        one, trial, points = running.pop(0)
        at = next(points)
        score = search.train(one, search.table.lengths[-1], at=at)
        iteration = at // search.table.points[0]
        result = {"training_iteration": iteration, "time_total_s": iteration, "score": score}
        decision = scheduler.on_trial_result(Alone(), trial, result)
        if at < search.table.lengths[-1] and decision == TrialScheduler.CONTINUE:
            running.append((one, trial, points))
        else:
            scheduler.on_trial_complete(None, trial, result)


def ray_asha(search: SimulatedSearch, rng: np.random.Generator) -> None:
    """As Ray ships it, eta 4, the shortest grace."""
    most = search.table.lengths[-1] // search.table.points[0]
    _ray(ASHAScheduler(max_t=most, grace_period=1, reduction_factor=4), search)


def ray_median(search: SimulatedSearch, rng: np.random.Generator) -> None:
    """The median stopping rule as Ray ships it, the shortest grace."""
    _ray(MedianStoppingRule(time_attr="training_iteration", grace_period=1), search)


def _optuna(search: SimulatedSearch, pruner: Any, sampler: Any) -> None:
    """One trial after another; with a sampler, the configuration nearest to what it proposes."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", pruner=pruner, sampler=sampler)
    left, longest = list(range(len(search))), search.table.lengths[-1]
    places = None if sampler is None else _coordinates(search)
    while left:
        one = left[0] if places is None else _proposed(study, places, left)
        left.remove(one)
        if places is not None:  # what is told is of the configuration that was trained
            study.enqueue_trial(places[one])
        trial = study.ask()
        if places is not None:
            _suggest(trial, places)
        for at in search.table.points:
            score = search.train(one, longest, at=at)
            trial.report(score, at // search.table.points[0])
            if at == longest:
                study.tell(trial, score)
            elif trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break


def _coordinates(search: SimulatedSearch) -> list[dict[str, Any]]:
    """What TPE knows of a configuration: network, optimizer, schedule, rate, decay, momentum."""
    found = []
    for place in search.places:
        config = search.table.configs[place]
        optimizer = config["optimizer"]
        found.append(
            {
                "network": config["network"],
                "optimizer": optimizer["name"],
                "scheduler": config["scheduler"]["name"],
                "lr": float(np.log(optimizer["lr"])),
                "weight_decay": float(np.log(optimizer["weight_decay"])),
                "momentum": float(optimizer.get("momentum", 0.9)),
            }
        )
    return found


def _suggest(trial: Any, places: list[dict[str, Any]]) -> dict[str, Any]:
    """What the sampler proposes, in the bounds of the configurations."""
    wanted: dict[str, Any] = {}
    for name, value in places[0].items():
        every = [place[name] for place in places]
        if isinstance(value, str):
            wanted[name] = trial.suggest_categorical(name, sorted(set(every)))
        else:
            wanted[name] = trial.suggest_float(name, min(every), max(every))
    return wanted


def _proposed(study: Any, places: list[dict[str, Any]], left: list[int]) -> int:
    """The configuration that is most like what the sampler proposes next."""
    trial = study.ask()
    wanted = _suggest(trial, places)
    study.tell(trial, state=optuna.trial.TrialState.FAIL)  # samplers do not look at failed ones
    distance = np.zeros(len(left))
    for name, value in wanted.items():
        given = [places[one][name] for one in left]
        if isinstance(value, str):
            distance += [float(one != value) for one in given]
        else:
            spread = np.ptp([place[name] for place in places])
            distance += np.abs(np.array(given) - value) / max(spread, 1e-9)
    return left[int(np.argmin(distance))]


def optuna_hyperband(search: SimulatedSearch, rng: np.random.Generator) -> None:
    most = search.table.lengths[-1] // search.table.points[0]
    _optuna(search, optuna.pruners.HyperbandPruner(1, most), None)


def optuna_median(search: SimulatedSearch, rng: np.random.Generator) -> None:
    _optuna(search, optuna.pruners.MedianPruner(), None)


def tpe_asha(search: SimulatedSearch, rng: np.random.Generator) -> None:
    """Optuna's TPE and its successive halving, which is ASHA."""
    sampler = optuna.samplers.TPESampler(seed=int(rng.integers(2**31)))
    _optuna(search, optuna.pruners.SuccessiveHalvingPruner(), sampler)


RIVALS: dict[str, Search] = {
    "asha (Ray)": ray_asha,
    "median stopping (Ray)": ray_median,
    "hyperband (Optuna)": optuna_hyperband,
    "median pruning (Optuna)": optuna_median,
    "tpe + asha (Optuna)": tpe_asha,
    "halving, continued, eta 4": continued(10**6, 4, 32),
    "halving, continued, eta 2": continued(10**6, 2, 32),
    "flat, 1/8": flat(1 / 8),
    "flat, 1/16": flat(1 / 16),
}
