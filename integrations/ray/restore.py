"""What lets a Ray Tune search be gone on with after its driver was killed, at any moment.

    if mend_for_restore(folder):
        tuner = tune.Tuner.restore(str(folder), trainable, restart_errored=True)
    else:
        run = tune.RunConfig(checkpoint_config=checkpoints(), callbacks=[StateKeeper()], ...)
        tuner = tune.Tuner(..., run_config=run)

Ray 2.60 deletes a trial's older checkpoints before the state that names the newer one is kept: a
restored trial then asks, for ever, for one that is gone (seen: two trials of one search). So
three checkpoints a trial are kept, and the state is written every second. It also writes the files
of that state (trials, searcher, generator) and copies them to the search's folder in the
background, in place: a kill may leave one that is cut, or files of different moments. So
`StateKeeper` keeps those of one moment together, and `mend_for_restore` puts them back.
"""

from __future__ import annotations

import json
import os
import pickletools
import shutil
import warnings
from pathlib import Path
from typing import Any

from ray import tune

KEPT = 3  # checkpoints of a trial: the state that is kept may be two behind
ASIDE = ".cut"
WHOLE = "whole-state-"
STATES = (
    "experiment_state-*.json",
    "searcher-state-*.pkl",
    "search_gen_state-*.json",
    "callback-states-*.pkl",
)


class StateKeeper(tune.Callback):
    """Keeps the state of one moment whole, in a folder of its own beside Ray's files.

    Only where the search's folder is on this machine or mounted.
    """

    def __init__(self) -> None:
        self.seen = 0

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        """After Ray has written its files, by the same thread."""
        storage = trials[0].storage if trials else None
        if storage is None or storage.storage_filesystem.type_name != "local":
            return
        states = _newest(Path(storage.experiment_driver_staging_path))
        stamp = max((path.stat().st_mtime_ns for path in states), default=0)
        if stamp == self.seen:
            return
        folder = Path(storage.experiment_fs_path)
        _keep(states, folder)
        self.seen = stamp


def _newest(folder: Path) -> list[Path]:
    """The last file of each kind; their names end in the time at which the driver began."""
    found = [max(folder.glob(kind), default=None, key=lambda path: path.name) for kind in STATES]
    return [path for path in found if path is not None]


def _keep(states: list[Path], folder: Path) -> None:
    older = sorted(folder.glob(WHOLE + "*[0-9]"))
    number = int(older[-1].name.removeprefix(WHOLE)) + 1 if older else 1
    new = folder / f"{WHOLE}new"
    shutil.rmtree(new, ignore_errors=True)  # left by a kill
    new.mkdir(parents=True)
    for path in states:
        shutil.copyfile(path, new / path.name)
    new.rename(folder / f"{WHOLE}{number:09d}")
    for path in older:
        shutil.rmtree(path, ignore_errors=True)


def checkpoints() -> tune.CheckpointConfig:
    """A checkpoint after every epoch, and a state that is written every second."""
    os.environ.setdefault("TUNE_GLOBAL_CHECKPOINT_S", "1")
    os.environ.setdefault("TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S", "0")
    return tune.CheckpointConfig(num_to_keep=KEPT, checkpoint_frequency=1)


def mend_for_restore(folder: Path | str) -> bool:
    """Mend what a kill left of a search's state; whether it can be gone on with.

    The last whole state, if one was kept, is put in the place of Ray's own files, which are
    removed; without one, those that a kill cut are set aside. Nothing is unpickled: a cut pickle
    has no last opcode.
    """
    folder = Path(folder)
    kept = sorted(folder.glob(WHOLE + "*[0-9]"))
    if kept:
        for path in [path for kind in STATES for path in folder.glob(kind)]:
            path.unlink()
        for path in kept[-1].iterdir():
            shutil.copyfile(path, folder / path.name)
    cut = [path for path in sorted(folder.glob("*")) if not _is_whole(path)]
    for path in cut:
        path.rename(path.with_name(path.name + ASIDE))
    if cut:
        names = ", ".join(path.name for path in cut)
        warnings.warn(f"set aside what a kill cut in {folder}: {names}", stacklevel=2)
    checkpoints()  # Ray reads its environment when the search goes on
    return bool(tune.Tuner.can_restore(str(folder)))


def _is_whole(path: Path) -> bool:
    if not any(path.match(kind) for kind in (*STATES, "*.pkl")):
        return True
    read = json.loads if path.match(STATES[0]) else _to_the_stop  # the others are pickles
    try:
        read(path.read_bytes())
    except (ValueError, IndexError, EOFError):
        return False
    return True


def _to_the_stop(data: bytes) -> None:
    for _ in pickletools.genops(data):
        pass


def restorable(folder: Path | str) -> bool:
    """The old name of `mend_for_restore`; goes with the next version."""
    warnings.warn("restorable is now called mend_for_restore", DeprecationWarning, stacklevel=2)
    return mend_for_restore(folder)
