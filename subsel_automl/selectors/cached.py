"""Cached: a provider whose subsets are kept on disk, one file a question, shared by processes.

Source: this project. Deviations: none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from ..core.errors import DamagedArtefact
from ..core.probe import Probe
from ..core.provider import Request, SubsetProvider
from ..core.subset import Subset
from .wrappers import Wrapper


class Cached(Wrapper):
    """Keeps subsets on disk: a question asked before, in any process, is read and not computed.

    The file's name is a hash of provider, options, architecture, budget, seed, mode, redraw, the
    pool's fingerprint and what the provider learned from a zoo (`SubsetProvider.learned`). A
    damaged file is chosen anew. Refreshes, which depend on a running trial, are not kept.

    Processes that ask one question at once compute it once: the first holds the question's lock
    (the operating system's, which ends with its process), the others wait and read.

    Args:
        folder: made when absent; processes may share it. On a local disk.
    """

    def __init__(self, inner: SubsetProvider, folder: Path | str) -> None:
        super().__init__(inner, "cached")
        self.folder = Path(folder)

    def path(self, request: Request) -> Path:
        """The file of one question."""
        question = {
            "provider": self.inner.name,
            "options": dict(self.inner.options()),
            "architecture": request.architecture.key if request.architecture is not None else "",
            "count": request.count,
            "seed": request.seed,
            "mode": asdict(request.mode),
            "draw": request.draw,
            "epochs": request.epochs,
            "learned": self.inner.learned(),
            "pool": request.pool.fingerprint,
        }
        digest = hashlib.sha256(json.dumps(question, sort_keys=True, default=str).encode())
        return self.folder / f"{digest.hexdigest()[:32]}.safetensors"

    def _select_many(self, requests: Sequence[Request]) -> list[Subset]:
        paths = [self.path(request) for request in requests]
        known = {path: subset for path in paths if (subset := self._read(path)) is not None}
        absent = {p: r for p, r in zip(paths, requests, strict=True) if p not in known}
        with ExitStack() as held:
            for path in sorted(absent):  # everyone in one order, so that no two wait for each other
                held.enter_context(_alone(path))
                if (subset := self._read(path)) is not None:  # another process was faster
                    known[path] = subset
            absent = {path: r for path, r in absent.items() if path not in known}
            fresh = self.inner._select_many(list(absent.values())) if absent else []
            for path, subset in zip(absent, fresh, strict=True):
                subset.save(path)
                known[path] = subset
        return [known[path] for path in paths]

    def _refresh(self, request: Request, probe: Probe) -> Subset:
        return self.inner._refresh(request, probe)

    @staticmethod
    def _read(path: Path) -> Subset | None:
        try:
            return Subset.load(path) if path.exists() else None
        except DamagedArtefact:
            return None  # it is written again


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock of one question's file."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
