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

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from .amortization import Cost, Over
from .charge import Charge, MemoryMeter, Stage, amount, as_event, as_stage
from .errors import BadInput, MissingData, UnknownName
from .ledger_file import LedgerFile
from .ledger_rows import insert_charge, insert_query, insert_report, insert_rows
from .ledger_totals import LedgerTotals

__all__ = ["AmortizationLedger", "Charge", "Cost", "MemoryMeter", "Over", "Stage"]
ROLES = ("test", "train")


class AmortizationLedger(LedgerTotals):
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
    def together(self) -> Iterator[None]:
        """What this thread writes inside is committed at once at the end, or, on an error, not."""
        with self._file.writing():
            yield

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

    def report(
        self,
        search: str,
        trial: str,
        *,
        event: str,
        examples: float = 0.0,
        full_examples: float = 0.0,
        facts: Mapping[str, object] | None = None,
    ) -> bool:
        """What a trial says beside its seconds; False when this event was reported before.

        Args:
            search, trial: their names.
            event: of the charges, without the stage behind it.
            examples: trained on since the trial's last report.
            full_examples: of all data, in as many passes.
            facts: JSON values; later ones of a trial stand for earlier ones (`core.summary`).

        Raises:
            BadInput: an unusable amount, facts that are no JSON; the event is another trial's.
        """
        try:
            said = json.dumps(dict(facts or {}), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise BadInput(
                f"the facts of trial {trial!r} are no JSON ({error}); give plain, finite values"
            ) from error
        seen, full = amount("examples", examples), amount("full_examples", full_examples)
        with self._file.writing() as rows:
            return insert_report(rows, (as_event(event), search, trial, seen, full, said))

    def take(self, rows: Mapping[str, Sequence[Any]]) -> int:
        """Take over what `rows` of another ledger gives; returns how many were new.

        Raises:
            BadInput: an event stands in both with another meaning; then nothing is taken over.
        """
        with self._file.writing() as mine:
            return insert_rows(mine, rows)

    def merge(self, other_path: str | Path) -> int:
        """Take over the rows of another ledger file; returns how many were new. Twice is once.

        Raises:
            MissingData, RefusedArtefact: there is no such file; it is no ledger.
            BadInput: what `take` refuses.
        """
        if not Path(other_path).is_file():
            raise MissingData(f"there is no ledger at {str(other_path)!r}")
        other = AmortizationLedger(other_path)
        try:
            return self.take(other.rows())
        finally:
            other.close()

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
