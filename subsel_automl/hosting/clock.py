"""Splits a trial's wall and CPU seconds among the ledger's stages, so that none is lost or doubled.

A lap ends now and goes to one stage: what lies inside an epoch is TRAIN, and what lies outside
(making the network, evaluating it) is EVALUATE. CPU seconds are the whole process's: run one trial
a process.
"""

from __future__ import annotations

import time

STAGES = ("SELECT", "REFRESH", "TRAIN", "EVALUATE")


class Clock:
    """Runs from the moment that it is made."""

    def __init__(self) -> None:
        self.stage = "EVALUATE"  # what runs now
        self._spent = {stage: [0.0, 0.0] for stage in STAGES}
        self._mark = time.perf_counter(), time.process_time()

    def lap(self, stage: str | None = None) -> None:
        """The time since the last lap belongs to `stage`; by default to the one that runs."""
        now = time.perf_counter(), time.process_time()
        account = self._spent[stage or self.stage]
        account[0] += now[0] - self._mark[0]
        account[1] += now[1] - self._mark[1]
        self._mark = now

    def waited(self) -> None:
        """The time since the last lap was a host's wait (a paused trial): it is nobody's, but for
        the CPU seconds that the process spent meanwhile."""
        account, mark = self._spent[self.stage], self._mark
        self._mark = time.perf_counter(), time.process_time()
        account[1] += self._mark[1] - mark[1]

    def move(self, source: str, stage: str, seconds: float, cpu_seconds: float) -> None:
        """What was measured inside a lap of `source` belongs to `stage`."""
        for place, amount in enumerate((seconds, cpu_seconds)):
            amount = min(amount, self._spent[source][place])
            self._spent[source][place] -= amount
            self._spent[stage][place] += amount

    def take(self) -> dict[str, float]:
        """`select_seconds`, `select_cpu_seconds`, ... since the last `take`."""
        self.lap()
        bill: dict[str, float] = {}
        for stage, (wall, cpu) in self._spent.items():
            bill[f"{stage.lower()}_seconds"], bill[f"{stage.lower()}_cpu_seconds"] = wall, cpu
            self._spent[stage] = [0.0, 0.0]
        return bill
