"""Splits a trial's wall and CPU seconds among the ledger's stages, so that none is lost or doubled.

A lap ends now and goes to one stage: what lies inside an epoch is TRAIN, and what lies outside
(making the network, evaluating it) is EVALUATE. CPU seconds are the whole process's; clocks that
run at once in one process (threads) share them evenly: each of k clocks is told dt / k.
"""

from __future__ import annotations

import os
import threading
import time

STAGES = ("SELECT", "REFRESH", "TRAIN", "EVALUATE")


class _SharedSeconds:
    """The process's CPU seconds divided by the number of clocks that run, since the first of them.

    What the process spends while none runs is in no clock.
    """

    def __init__(self) -> None:
        self.running = 0
        self._seconds = 0.0
        self.begin()

    def begin(self) -> None:
        """In this process: a fork's CPU seconds begin at 0, and no other thread of its parent's
        came along."""
        self._lock, self._mark = threading.Lock(), time.process_time()
        self.running = min(self.running, 1)

    def now(self, joining: int = 0) -> float:
        """CPU seconds that a clock which always ran would have been told; from now on `joining`
        more clocks run."""
        with self._lock:
            now = time.process_time()
            if self.running:
                self._seconds += max(0.0, now - self._mark) / self.running
            self._mark = now
            self.running = max(0, self.running + joining)
            return self._seconds


_shared = _SharedSeconds()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_shared.begin)


class Clock:
    """Runs from the moment that it is made; alone in its process, until it joins the others.

    Attributes:
        examples, full_examples: trained on since the last `take`; and what as many passes over all
            data would have been (`count`).
    """

    def __init__(self) -> None:
        self.stage = "EVALUATE"  # what runs now
        self.examples = self.full_examples = 0.0
        self._spent = {stage: [0.0, 0.0] for stage in STAGES}
        self._joined = False
        self._mark = self._now()

    def _now(self) -> tuple[float, float]:
        cpu = _shared.now() if self._joined else time.process_time()
        return time.perf_counter(), cpu

    def join(self) -> None:
        """From now on CPU seconds are shared with the clocks that run at once in this process."""
        if not self._joined:
            self.lap()
            self._joined = True
            self._mark = self._mark[0], _shared.now(joining=1)

    def leave(self) -> None:
        """Run alone again."""
        if self._joined:
            self.lap()
            _shared.now(joining=-1)
            self._joined = False
            self._mark = self._mark[0], time.process_time()

    def count(self, examples: float, full_examples: float) -> None:
        """Examples that a pass handed out, and what it would have been over all data: of a subset
        of s of n examples, n / s times as many."""
        self.examples += examples
        self.full_examples += full_examples

    def lap(self, stage: str | None = None) -> None:
        """The time since the last lap belongs to `stage`; by default to the one that runs."""
        now = self._now()
        account = self._spent[stage or self.stage]
        account[0] += now[0] - self._mark[0]
        account[1] += now[1] - self._mark[1]
        self._mark = now

    def waited(self) -> None:
        """The time since the last lap was a host's wait (a paused trial): it is nobody's, but for
        the CPU seconds that the process spent meanwhile."""
        account, mark = self._spent[self.stage], self._mark
        self._mark = self._now()
        account[1] += self._mark[1] - mark[1]

    def move(self, source: str, stage: str, seconds: float, cpu_seconds: float) -> None:
        """What was measured inside a lap of `source` belongs to `stage`."""
        for place, amount in enumerate((seconds, cpu_seconds)):
            amount = min(amount, self._spent[source][place])
            self._spent[source][place] -= amount
            self._spent[stage][place] += amount

    def take(self) -> dict[str, float]:
        """`select_seconds`, `select_cpu_seconds`, ..., `examples`, `full_examples` since the last
        `take`."""
        self.lap()
        bill = {"examples": self.examples, "full_examples": self.full_examples}
        self.examples = self.full_examples = 0.0
        for stage, (wall, cpu) in self._spent.items():
            bill[f"{stage.lower()}_seconds"], bill[f"{stage.lower()}_cpu_seconds"] = wall, cpu
            self._spent[stage] = [0.0, 0.0]
        return bill
