"""Keeps torch.export quiet: when it fails it prints the graph so far, pages that hide the sentence
that its error becomes. Other threads are heard as ever.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOGS = ("torch.export._trace", "torch.fx.experimental.symbolic_shapes")
_one_at_a_time = threading.Lock()  # the stream that was there is put back by who replaced it


class _Others:
    """A stream without what one thread writes."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.thread = stream, threading.get_ident()

    def write(self, text: str) -> int:
        if threading.get_ident() == self.thread:
            return len(text)
        return int(self.stream.write(text))

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread != self.thread

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing of this thread reaches stderr, or the logs of torch.export."""
    with _one_at_a_time:
        stream, others = sys.stderr, _Others(sys.stderr)
        loggers = [logging.getLogger(name) for name in LOGS]
        for logger in loggers:
            logger.addFilter(others)
        sys.stderr = others  # type: ignore[assignment]
        try:
            yield
        finally:
            sys.stderr = stream
            for logger in loggers:
                logger.removeFilter(others)
