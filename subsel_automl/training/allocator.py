"""Keeps glibc from giving every activation back to the kernel.

glibc maps each block above 128 kB afresh and unmaps it when freed; a training step then spends up
to a fifth of its time in page faults. Raising two thresholds, once a process, keeps the blocks.
Only who owns the process does it: the command line, a worker that trains our own trials, a
benchmark. A user's process keeps its own settings.
"""

from __future__ import annotations

import ctypes
import functools
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
KEEP_BYTES = 1 << 30


@functools.lru_cache(maxsize=1)
def keep_freed_memory() -> bool:
    """Raise the thresholds of this process; False where there is no glibc to ask."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, KEEP_BYTES) and mallopt(M_TRIM_THRESHOLD, KEEP_BYTES))
