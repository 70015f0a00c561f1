"""What lets a Ray Tune search be gone on with after its driver was killed.

    if restorable(folder):
        tuner = tune.Tuner.restore(str(folder), trainable, restart_errored=True)
    else:
        tuner = tune.Tuner(..., run_config=tune.RunConfig(checkpoint_config=checkpoints(), ...))

Two things that Ray 2.60 leaves to chance. It writes the state of a search in place, so a kill may
cut the newest file, which `restore` then fails on. And it deletes a trial's older checkpoints
before the state that names the newer one is kept, so a restored trial may ask for one that is gone.
So cut files are set aside, three checkpoints are kept, and the state is written at every event.
"""

from __future__ import annotations

import json
import os
import pickletools
import warnings
from collections.abc import Callable
from pathlib import Path

from ray import tune

KEPT = 3  # checkpoints of a trial: the state that is on disk may be two behind
ASIDE = ".cut"


def checkpoints() -> tune.CheckpointConfig:
    """A checkpoint after every epoch, and a state on disk that knows it."""
    os.environ.setdefault("TUNE_GLOBAL_CHECKPOINT_S", "0")
    os.environ.setdefault("TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S", "0")
    return tune.CheckpointConfig(num_to_keep=KEPT, checkpoint_frequency=1)


def restorable(folder: Path | str) -> bool:
    """Whether a search in the folder can be gone on with; what a kill cut is set aside first.

    Nothing is unpickled here; a cut pickle is one without its last opcode.
    """
    cut = [path for path in sorted(Path(folder).glob("*")) if not _whole(path)]
    for path in cut:
        path.rename(path.with_name(path.name + ASIDE))
    if cut:
        names = ", ".join(path.name for path in cut)
        warnings.warn(f"set aside what a kill cut in {folder}: {names}", stacklevel=2)
    checkpoints()  # Ray reads its environment when the search goes on
    return bool(tune.Tuner.can_restore(str(folder)))


def _whole(path: Path) -> bool:
    readers: dict[str, Callable[[bytes], object]] = {".json": json.loads, ".pkl": _to_the_stop}
    if path.suffix not in readers or not path.is_file():
        return True
    try:
        readers[path.suffix](path.read_bytes())
    except (ValueError, IndexError, EOFError):
        return False
    return True


def _to_the_stop(data: bytes) -> None:
    for _ in pickletools.genops(data):
        pass
