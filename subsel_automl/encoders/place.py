"""The folder of a pre-training: empty, with a checkpoint of one that was killed, or its encoder.

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from .base import ArchitectureEncoder
from .checkpoint import FILE, Learner, load_checkpoint, save_checkpoint
from .store import RECORD, load_report, save_encoder


class Place:
    """Where a training is kept, if it is.

    Args:
        folder: None keeps nothing.
        asked: what the training was asked for; the same when it goes on.
        resume: go on with what stands there.

    Raises:
        BadInput: something stands there and is not to be resumed, or was asked for otherwise.
    """

    def __init__(self, folder: Path | str | None, asked: Mapping[str, Any], resume: bool) -> None:
        if folder is None and resume:
            raise BadInput("there is nothing to resume without a folder; give the one it is in")
        self.kept, self.folder, self.asked = folder is not None, Path(folder or "."), asked
        self.standing = self.kept and (self.folder / FILE).exists()
        self.finished = False
        if self.kept and (self.folder / RECORD).exists():
            if not resume:
                raise BadInput(f"{self.folder} holds an encoder; take another folder")
            self._check_finished()
        elif self.standing and not resume:
            raise BadInput(
                f"{self.folder} holds a training that has not ended; resume it (--resume), or take "
                "another folder"
            )

    def _check_finished(self) -> None:
        report = load_report(self.folder)
        for name, value in self.asked.items():
            if name in report and report[name] != value:
                raise BadInput(
                    f"the encoder in {self.folder} has {name} {report[name]!r}, not {value!r}; ask "
                    "for the same, or take another folder"
                )
        self.finished = True

    def load(self, learner: Learner) -> None:
        """Put a fresh learner where the checkpoint stands, if there is one."""
        if self.standing:
            load_checkpoint(self.folder, learner, self.asked)

    def save(self, learner: Learner) -> None:
        """Write a checkpoint."""
        if self.kept:
            save_checkpoint(self.folder, learner, self.asked)

    def finish(self, model: ArchitectureEncoder, report: Mapping[str, Any]) -> None:
        """Write the encoder; the checkpoint goes."""
        if self.kept:
            save_encoder(model, self.folder, report)
            (self.folder / FILE).unlink(missing_ok=True)
