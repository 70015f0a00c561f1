"""Scripts at smoke size, each in a process forked off one that has imported what all of them need:
that costs more than most of them do."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import sys
from pathlib import Path
from typing import Any

from benchmarks.hosting.idioms import SCRIPTS, SMOKE_SECONDS, read

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(
    [
        "torch",
        "torch.utils.data",
        "sklearn.datasets",
        "sklearn.model_selection",
        "optuna",
        "subsel_automl.integrations.optuna",
        "subsel_automl.subselnet.online.provider",
    ]
)


def forked(name: str, version: str, folder: Path) -> dict[str, Any]:
    """What `benchmarks.hosting.idioms.ran` gives; not for scripts that start Ray."""
    process = FORKING.Process(target=_run, args=(SCRIPTS / name / f"{version}.py", folder))
    process.start()
    process.join(SMOKE_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    said = read((folder / "out").read_text())
    good = process.exitcode == 0 and said["best"] is not None
    return {**said, "error": "" if good else (folder / "err").read_text()[-400:] or "no best value"}


def _run(path: Path, folder: Path) -> None:
    os.chdir(folder)
    multiprocessing.set_start_method("fork", force=True)  # as in a process that was not forked
    os.environ.update(HOME=str(folder), OMP_NUM_THREADS="1", SUBSEL_SMOKE="1")
    for stream, file in ((sys.stdout, "out"), (sys.stderr, "err")):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), stream.fileno())
    sys.argv = [str(path)]
    runpy.run_path(str(path), run_name="__main__")
    atexit._run_exitfuncs()  # a forked process leaves them out
    sys.stdout.flush()
