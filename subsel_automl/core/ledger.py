"""Where every second goes: T_total / M_total (SubSelNet 5.2, Table 6) and speed-up T_f / T (5.1).

    A(k) = (P + c k) / (k + n)
    P  seconds of TRAIN_ZOO, FIT_ENCODER, FIT_APPROXIMATOR, FIT_SAMPLER
    c  mean seconds a test architecture of SELECT, REFRESH, TRAIN, EVALUATE
    k  queries for test architectures; a query counts even when a cache answers it
    n  distinct training architectures (charged to TRAIN_ZOO, or asked with role "train")

A row is one event: one report of one trial; the same event twice counts once. CPU seconds are the
whole process's: run one trial a process.

Deviations:
[1] Table 6 divides by training + test architectures, `over="test"` by test ones: both are reported.
[2] 5.1 says T is selection plus training; REFRESH, an adaptive selection, belongs to it.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from . import amortization
from .amortization import OVERS, Cost, Over
from .charge import (
    INFERENCE,
    PER_ARCHITECTURE,
    PREPARATION,
    Charge,
    MemoryMeter,
    Stage,
    amount,
    as_event,
    as_stage,
)
from .errors import BadInput, MissingData, UnknownName
from .ledger_file import TESTS, TOTALS, TRAINING, TRIALS, LedgerFile, insert_charge, insert_query

__all__ = ["AmortizationLedger", "Charge", "Cost", "MemoryMeter", "Over", "Stage"]
ROLES = ("test", "train")


class AmortizationLedger:
    """Seconds, CPU seconds and GB-minutes a stage, an architecture and a trial.

    Safe to use from several threads, and from several processes that open the same path.

    Args:
        path: the SQLite file, made when absent, on a local disk; None keeps the ledger in memory.

    Raises:
        MissingData: no folder for the file, or SQLite without STRICT tables.
        RefusedArtefact: the file is no ledger.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._file = LedgerFile(path, [stage.value for stage in Stage])
        self._local = threading.local()

    def close(self) -> None:
        """Release the file; a ledger in memory is lost."""
        self._file.close()

    @contextmanager
    def charge(
        self,
        stage: Stage | str,
        architecture_key: str | None = None,
        *,
        event: str | None = None,
        trial: str | None = None,
        meter: MemoryMeter | None = None,
    ) -> Iterator[Charge]:
        """Charge what the block spends, also when it raises.

        Args:
            stage: a `Stage` or its name.
            architecture_key: `Architecture.key` that the seconds belong to, if any.
            event: identity of this report; None makes a new one. A retry is a new event.
            trial: name of the trial, kept for the reader.
            meter: its GB-minutes over the block are charged.

        Raises:
            UnknownName, BadInput: no such stage; the event is known as something else.
        """
        known = as_stage(stage)
        stack: list[Charge] = self._local.__dict__.setdefault("stack", [])
        running = Charge(meter)
        stack.append(running)
        try:
            yield running
        finally:
            stack.remove(running)
            wall, cpu, memory = running.close(stack[-1] if stack else None)
            self._insert(known, wall, cpu, memory, architecture_key, event, trial)

    def record(
        self,
        stage: Stage | str,
        seconds: float,
        *,
        cpu_seconds: float,
        gb_minutes: float = 0.0,
        architecture_key: str | None = None,
        event: str | None = None,
        trial: str | None = None,
    ) -> bool:
        """Charge a reported duration; False if counted before. A charge around it stays as it is.

        Raises:
            UnknownName, BadInput: no such stage; an unusable amount; an event known otherwise.
        """
        return self._insert(
            as_stage(stage),
            amount("seconds", seconds),
            amount("cpu_seconds", cpu_seconds),
            amount("gb_minutes", gb_minutes),
            architecture_key,
            event,
            trial,
        )

    def asked(
        self,
        architecture_key: str,
        *,
        role: Literal["test", "train"] = "test",
        event: str | None = None,
    ) -> bool:
        """Count a query for an architecture; False when this event was counted before.

        Raises:
            UnknownName: `role` is neither "test" nor "train".
            BadInput: an empty key, or an event that is known otherwise.
        """
        if role not in ROLES:
            raise UnknownName("role", role, ROLES)
        if not architecture_key:
            raise BadInput("a query needs the key of its architecture; got an empty one")
        with self._file.writing() as rows:
            return insert_query(rows, (as_event(event), architecture_key, role))

    def merge(self, other_path: str | Path) -> int:
        """Take over the rows of another ledger file; returns how many were new. Twice is once.

        Raises:
            MissingData, RefusedArtefact: there is no such file; it is no ledger.
            BadInput: an event stands in both with another meaning; then nothing is taken over.
        """
        if not Path(other_path).is_file():
            raise MissingData(f"there is no ledger at {str(other_path)!r}")
        other = AmortizationLedger(other_path)
        try:
            with other._file.reading() as rows:
                charges = rows.execute("SELECT * FROM charges").fetchall()
                queries = rows.execute("SELECT * FROM queries").fetchall()
        finally:
            other.close()
        with self._file.writing() as rows:
            new = sum(insert_charge(rows, row) for row in charges)
            return new + sum(insert_query(rows, row) for row in queries)

    def totals(self) -> dict[str, dict[str, float]]:
        """Each stage's wall and CPU seconds ("wall", "cpu"), "gb_minutes" and number of events."""
        with self._file.reading() as rows:
            found = {row[0]: row[1:] for row in rows.execute(TOTALS)}
        names = ("wall", "cpu", "gb_minutes", "count")
        return {
            stage.value: dict(zip(names, found.get(stage.value, (0.0, 0.0, 0.0, 0)), strict=True))
            for stage in Stage
        }

    def _sum(self, stages: tuple[Stage, ...], column: str = "wall") -> float:
        totals = self.totals()
        return math.fsum(totals[stage.value][column] for stage in stages)

    def total_seconds(self) -> float:
        """T_total: wall seconds of all stages, all trials added up."""
        return self._sum(tuple(Stage))

    def preparation_seconds(self) -> float:
        """P: wall seconds of preparation."""
        return self._sum(PREPARATION)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of all stages."""
        return self._sum(tuple(Stage), "cpu")

    @property
    def gb_minutes(self) -> float:
        """Memory integral of the stages."""
        return self._sum(tuple(Stage), "gb_minutes")

    @property
    def test_architectures(self) -> int:
        """k: queries with role "test"; an architecture charged without being asked counts once."""
        return self._count(TESTS)

    @property
    def trials(self) -> int:
        """Distinct trials that were charged."""
        return self._count(TRIALS)

    @property
    def training_architectures(self) -> int:
        """n: distinct architectures charged to TRAIN_ZOO or asked with role "train"."""
        return self._count(TRAINING)

    def _count(self, query: str) -> int:
        with self._file.reading() as rows:
            return int(rows.execute(query).fetchone()[0])

    def cost(self) -> Cost:
        """(P, c, n) as measured so far.

        Raises:
            BadInput: no test architecture has been asked or charged yet, so c is not known.
        """
        with self._file.reading():  # one consistent view for all four numbers
            tests = self._tests("the cost of a test architecture")
            each = self._sum(PER_ARCHITECTURE) / tests
            return Cost(self.preparation_seconds(), each, self.training_architectures)

    def _tests(self, what: str) -> int:
        tests = self.test_architectures
        if not tests:
            raise BadInput(f"{what} is not known: no test architecture was asked or charged yet")
        return tests

    def amortized_seconds(self, over: Over = "training+test") -> float:
        """T_total / M_total, seconds an architecture  [1].

        Raises:
            BadInput: no architecture has been asked or charged yet.
            UnknownName: `over` is neither "training+test" nor "test".
        """
        with self._file.reading():
            tests, training = self.test_architectures, self.training_architectures
            each = self._sum(PER_ARCHITECTURE) / max(tests, 1)
            return amortization.amortized(self.preparation_seconds(), each, tests, training, over)

    def break_even(self, other: AmortizationLedger, over: Over = "training+test") -> int | None:
        """Number k of test architectures from which on this ledger's A(k) is at most the other's.

        With (P, c, n) of each ledger: the last root of the quadratic in `core/amortization.py`,
        rounded up; divided by test architectures alone, ceil((P - P') / (c' - c)). None if never.

        Raises:
            BadInput: one of the ledgers has no test architecture yet.
        """
        return amortization.break_even(self.cost(), other.cost(), over)

    def speedup(self, full: AmortizationLedger) -> float:
        """T_f / T of SubSelNet 5.1: mean seconds of SELECT, REFRESH and TRAIN a test architecture.

        Raises:
            BadInput: a ledger without test architectures, or no such seconds here.
        """
        mine, theirs = (x._sum(INFERENCE) / x._tests("the speed-up") for x in (self, full))
        if mine <= 0:
            raise BadInput("no seconds of SELECT, REFRESH or TRAIN are charged; charge them first")
        return theirs / mine

    def snapshot(self) -> dict[str, object]:
        """Everything above at one moment, ready for JSON; an unknown amortized cost is None."""
        with self._file.reading():
            tests, training = self.test_architectures, self.training_architectures
            counts = {"training+test": tests + training, "test": tests}
            return {
                "stages": self.totals(),
                "total_seconds": self.total_seconds(),
                "preparation_seconds": self.preparation_seconds(),
                "cpu_seconds": self.cpu_seconds,
                "gb_minutes": self.gb_minutes,
                "trials": self.trials,
                "test_architectures": tests,
                "training_architectures": training,
                "amortized_seconds": {
                    over: self.amortized_seconds(over) if counts[over] else None for over in OVERS
                },
            }

    def _insert(
        self,
        stage: Stage,
        seconds: float,
        cpu_seconds: float,
        gb_minutes: float,
        architecture_key: str | None,
        event: str | None,
        trial: str | None,
    ) -> bool:
        key = architecture_key or None
        row = (as_event(event), stage.value, key, trial, seconds, cpu_seconds, gb_minutes)
        with self._file.writing() as rows:
            return insert_charge(rows, row)
