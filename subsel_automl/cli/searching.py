"""A search in a run folder, for `subsel tune` and `subsel demo`: begun once, gone on with, kept.

settings.json is written first and must be the same when a run is gone on with; outcome.json is
written last, so a folder that has one is finished.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output

if TYPE_CHECKING:
    from ..core.architecture import Architecture
    from ..core.provider import SubsetProvider
    from ..spaces.base import SearchSpace


@dataclass(frozen=True, eq=False)
class Subject:
    """What is searched: whose subsets, which network, in what size.

    Args:
        about: how it was named; kept with the run's settings.
        record: of the bundle, or None.
    """

    provider: SubsetProvider
    space: SearchSpace
    cell: Architecture
    sizes: Mapping[str, int]
    about: Mapping[str, Any]
    record: Mapping[str, Any] | None = None


SETTINGS, OUTCOME, RAY, NAME = "settings.json", "outcome.json", "ray", "subsel"
LEAST_NODES = 5  # input, three operations, output


def begin(folder: Path, settings: Mapping[str, Any], resume: bool) -> None:
    """Make the run's folder, or check that the run there has the same settings.

    Raises:
        BadInput: a run stands there and is not to be resumed, or has other settings.
    """
    from ..core.errors import BadInput
    from ..core.files import read_json, write_json

    path, wanted = folder / SETTINGS, output.plain(settings)
    if not path.exists():
        write_json(path, wanted)
        return
    if not resume:
        raise BadInput(f"{folder} holds a run; give --resume to go on with it, or another --out")
    found = read_json(path)
    for name in sorted({*wanted, *found}):
        if wanted.get(name) != found.get(name):
            raise BadInput(
                f"the run in {folder} has {name} {found.get(name)!r}, now asked for "
                f"{wanted.get(name)!r}; use the same settings, or another --out"
            )


def searched(
    folder: Path,
    provider: SubsetProvider,
    space: SearchSpace,
    cell: Architecture,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """The search's outcome: found in the folder, gone on with, or begun.

    Args:
        settings: budget, epochs, samples, seed, searcher, targets, redraw_every, sizes; `total`,
            the full trainings that rungs may cost (0: as usual), or None without rungs; `asha`,
            `stopper`: what ends trials then.
    """
    from ..budgeting.rule import expected_regret, plan_rungs, usual_total
    from ..core.files import read_json, write_json
    from ..integrations.ray.search import search
    from ..integrations.ray.task import TrialTask
    from ..report.run_folder import CELL, LEDGER, TRIALS, write_rows
    from ..training.batches import steps_an_epoch
    from .arguments import spelled

    if (folder / OUTCOME).exists():
        output.note(f"found a finished search in {folder}")
        return read_json(folder / OUTCOME)
    write_json(folder / CELL, spelled(cell))
    os.environ.setdefault("TUNE_DISABLE_SIGINT_HANDLER", "1")  # else a part looks like the whole
    settings = dict(settings)
    total = settings.pop("total", None)
    plan = None
    if total is not None:
        steps = settings["epochs"] * steps_an_epoch(len(provider.pool), TrialTask.batch)
        asked = total or usual_total(settings["samples"], steps)
        plan = plan_rungs(asked, settings["samples"], steps)
        output.note(f"rungs, in full trainings: {plan.told()}; {plan.cost:.3g} in all")
    with output.stdout_kept():
        found = search(
            provider,
            space,
            cell,
            **settings,
            plan=plan,
            folder=folder / RAY,
            ledger=folder / LEDGER,
            resume=True,
            name=NAME,
        )
    write_rows(folder / TRIALS, output.plain(found.trials))
    names = ("best_config", "best_accuracy", "seconds", "cpu_seconds")
    outcome = output.plain({name: getattr(found, name) for name in names})
    if plan is not None:
        usual, worst = expected_regret(plan)
        outcome["expected_regret"] = f"{usual:g} points, {worst:g} on the worst of four problems"
    write_json(folder / OUTCOME, {**outcome, "trials": len(found.trials)})
    return read_json(folder / OUTCOME)


def cell_of_bundle(
    provider: str | None,
    bundle: str,
    data: str | None,
    architecture: str | None,
    settings: Mapping[str, Any],
) -> Subject:
    """A cell of the space that a bundle was made for."""
    from ..catalog import USUAL
    from ..zoo.reference import LITE
    from .arguments import (
        architecture_of,
        bundle_record,
        provider_of,
        space_of,
        splits_of,
    )

    record, space = bundle_record(bundle), space_of(bundle)
    if architecture is None:
        cell = unseen_architecture(space, settings["seed"])
    else:
        cell = architecture_of(space, architecture)
    splits = splits_of(data or record["pool"])
    name = provider or USUAL
    chooser = provider_of(name, bundle, None, splits, epochs=settings["epochs"])
    about = {"provider": name, "bundle": bundle, "architecture": cell.key}
    sizes = record["made"].get("zoo", {}).get("sizes", LITE)
    return Subject(chooser, space, cell, sizes, about, record)


def own_model(
    provider: str | None, model: str, data: str | None, settings: Mapping[str, Any]
) -> Subject:
    """A network of the reader's own, on the reader's own data.

    Raises:
        BadInput: no data, or a network that can't make one training step on it.
        MissingNeed: a provider that needs a zoo.
    """
    from ..catalog import USUAL
    from ..core.errors import BadInput
    from ..hosting.preflight import one_step
    from ..spaces.traced import TracedSpace
    from ..training.trial import network
    from .arguments import provider_of_model, splits_of

    if data is None:
        raise BadInput("--model needs --data: an npz file, a folder of images, or a data set")
    splits, name = splits_of(data), provider or USUAL
    chooser = provider_of_model(name, splits, epochs=settings["epochs"])
    space = TracedSpace.for_pool(model, splits.train)
    cell = space.architectures[0]
    one_step(network(space, cell, splits.train, {}, settings["seed"]), splits.train)
    about = {"provider": name, "model": model, "architecture": cell.key}
    return Subject(chooser, space, cell, {}, about)


def unseen_architecture(space: SearchSpace, seed: int) -> Architecture:
    """A random cell of the test fold, which no zoo is trained on, with a few operations in it."""
    import numpy as np

    from ..data.splits import architecture_role

    rng = np.random.default_rng(seed)
    while True:
        cell = space.sample(rng)
        if architecture_role(cell) == "test" and len(cell) >= LEAST_NODES:
            return cell
