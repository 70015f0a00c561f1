"""What a block costs: wall seconds, CPU seconds, and SubSelNet 5.1's memory integral in GB-minutes.

    GB-min = integral of memory(t) dt / 60,  by the trapezoid rule over samples (20 a second)

Memory is the resident set of this process; when torch is loaded and has used a GPU, the bytes that
its tensors hold there are added. A gigabyte is 1e9 bytes. Children of the process are not counted.

Deviations:
[1] The paper does not say how often it sampled, nor whether a gigabyte is 1e9 or 2^30 bytes.
"""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

from ..core.errors import BadInput, MissingData

HERTZ = 20.0
_GB = 1e9  # [1]
_STATM = "/proc/self/statm"


class Trapezoid:
    """Integral of a value over time from samples; samples may be unevenly spaced."""

    def __init__(self) -> None:
        self.area = 0.0
        self.peak = 0.0
        self._last: tuple[float, float] | None = None

    def add(self, when: float, value: float) -> None:
        """Take a sample; `when` must not go back."""
        if self._last is not None:
            then, before = self._last
            self.area += (when - then) * (value + before) / 2
        self.peak = max(self.peak, value)
        self._last = when, value


class Meter:
    """Measure a `with` block; every reading may also be taken while the block still runs.

    A meter can be used again, and starts from zero each time; it cannot be used inside itself.

    Args:
        hertz: samples of memory a second.
        read: bytes in use now; `memory_bytes` unless a test or another runtime gives its own.

    Raises:
        BadInput: `hertz` is not a positive finite number.
    """

    def __init__(self, hertz: float = HERTZ, read: Callable[[], float] | None = None) -> None:
        if not (math.isfinite(hertz) and hertz > 0):
            raise BadInput(f"hertz is {hertz}; give a positive number of samples a second")
        self._period = 1.0 / hertz
        self._read = memory_bytes if read is None else read
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._reset()

    def _reset(self) -> None:
        self._memory = Trapezoid()
        self._spent = (0.0, 0.0)
        self._began: tuple[float, float] | None = None

    def __enter__(self) -> Meter:
        if self._thread is not None:
            raise BadInput("this meter is running already; make another one for an inner block")
        self._reset()
        self._failure = None
        self._began = time.monotonic(), time.process_time()
        self._sample()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="subsel-meter", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()
        self._thread = None
        self._spent, self._began = self._now(), None
        if self._failure is not None and error is None:
            raise self._failure  # a sampler that died would report too little

    def _watch(self) -> None:
        try:
            while not self._stop.wait(self._period):
                self._sample()
            self._sample()
        except BaseException as failure:
            self._failure = failure

    def _sample(self) -> None:
        with self._lock:
            self._memory.add(time.monotonic(), self._read())

    def _now(self) -> tuple[float, float]:
        if self._began is None:
            return self._spent
        wall, cpu = self._began
        return time.monotonic() - wall, time.process_time() - cpu

    def _fresh(self) -> Trapezoid:
        if self._thread is not None:
            self._sample()
        return self._memory

    @property
    def seconds(self) -> float:
        """Wall seconds of a monotonic clock."""
        return self._now()[0]

    @property
    def cpu_seconds(self) -> float:
        """User and system seconds of all threads of this process."""
        return self._now()[1]

    @property
    def gb_minutes(self) -> float:
        """Integral of memory over the block so far."""
        return self._fresh().area / _GB / 60

    @property
    def peak_gb(self) -> float:
        """Most memory that any sample saw."""
        return self._fresh().peak / _GB


def memory_bytes() -> float:
    """Bytes that this process holds: resident set, and tensors on its GPUs.

    Raises:
        MissingData: a system that tells no process its memory.
    """
    return resident_bytes() + gpu_bytes()


def resident_bytes() -> float:
    """Resident set from /proc; elsewhere the largest one so far, an upper bound."""
    try:
        with open(_STATM, "rb") as file:
            return float(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    except OSError:
        return _largest_resident_bytes()


def _largest_resident_bytes() -> float:
    try:
        import resource
    except ImportError:
        raise MissingData(
            "this system has neither /proc nor getrusage; give Meter a read() of its own"
        ) from None
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(largest if sys.platform == "darwin" else largest * 1024)


def gpu_bytes() -> float:
    """Bytes of tensors on all CUDA devices; 0 while torch is not loaded or has used none."""
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    if cuda is None or not cuda.is_available() or not cuda.is_initialized():
        return 0.0
    return float(sum(cuda.memory_allocated(index) for index in range(cuda.device_count())))
