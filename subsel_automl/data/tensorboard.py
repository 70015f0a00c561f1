"""Runs from TensorBoard's event files: a folder with event files is a run, a scalar tag a metric.

Source: tensorboard.backend.event_processing.event_accumulator (package tensorboard).

Deviations: none.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from ..core.errors import BadInput, MissingData
from .curve_rows import Asked
from .reports import Reports

PATTERN = "*tfevents*"
ALL = 0  # events that are kept of a kind


def tensorboard_reports(folder: Path, asked: Asked) -> Reports:
    """Of the event files below a folder, or of one such file.

    Raises:
        MissingData: the package tensorboard is missing.
        BadInput: no event file, no scalar, an option of no use. UnknownName: another tag.
    """
    asked.refuse("TensorBoard has runs and steps of its own", "run", "epoch", "group")
    homes = [folder] if folder.is_file() else sorted({p.parent for p in folder.rglob(PATTERN)})
    if not homes:
        raise BadInput(f"{folder} has no event file of TensorBoard (*tfevents*)")
    scalars = {_name(home, folder): _scalars(home) for home in homes}
    tags = {tag for run in scalars.values() for tag in run}
    if not tags:
        raise BadInput(f"{folder} has {len(homes)} runs of TensorBoard and none has a scalar")
    metric = asked.metric_of(tags, str(folder))
    runs, seconds = {}, {}
    for name, run in scalars.items():
        events = run.get(metric, [])
        runs[name] = [(float(step), value) for step, value, _ in events]
        if events:
            seconds[name] = events[-1][2] - min(e[0][2] for e in run.values() if e)
    notes = () if asked.metric else (f"the metric is {metric!r}",)
    return Reports(metric, runs, seconds=seconds, notes=notes)


def _name(home: Path, folder: Path) -> str:
    if home.is_file():
        return home.resolve().parent.name
    return folder.resolve().name if home == folder else home.relative_to(folder).as_posix()


def _scalars(home: Path) -> dict[str, list[tuple[int, float, float]]]:
    """Tag -> (step, value, wall seconds) in the order in which they were written."""
    try:
        from tensorboard.backend.event_processing import event_accumulator as events
        from tensorboard.util import tensor_util
    except ImportError as error:
        raise MissingData(
            f"event files need the package tensorboard ({error}); "
            "pip install 'subsel_automl[tensorboard]'"
        ) from error
    logging.getLogger("tensorboard").setLevel(logging.ERROR)
    kept = {name: ALL for name in (events.SCALARS, events.TENSORS)}
    read: Any = events.EventAccumulator(
        str(home), size_guidance=kept, purge_orphaned_data=False
    ).Reload()
    found = {
        tag: [(e.step, float(e.value), e.wall_time) for e in read.Scalars(tag)]
        for tag in read.Tags()[events.SCALARS]
    }
    for tag in read.Tags()[events.TENSORS]:  # TensorFlow 2 writes scalars as tensors
        if read.SummaryMetadata(tag).plugin_data.plugin_name != "scalars":
            continue
        found[tag] = [
            (e.step, float(tensor_util.make_ndarray(e.tensor_proto)), e.wall_time)
            for e in read.Tensors(tag)
        ]
    return found
