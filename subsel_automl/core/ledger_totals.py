"""What a ledger's rows add up to: totals, counts, amortized cost, break-even (see `ledger.py`)."""

from __future__ import annotations

import math

from . import amortization
from .amortization import OVERS, Cost, Over
from .charge import INFERENCE, PER_ARCHITECTURE, PREPARATION, Stage
from .errors import BadInput
from .ledger_file import LedgerFile
from .ledger_rows import TESTS, TOTALS, TRAINING, TRIALS, Rows, all_rows


class LedgerTotals:
    """Reads the rows of one ledger's file."""

    _file: LedgerFile

    def rows(self) -> Rows:
        """Every row as plain values, by table: what `AmortizationLedger.take` takes."""
        with self._file.reading() as connection:
            return all_rows(connection)

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

    def break_even(self, other: LedgerTotals, over: Over = "training+test") -> int | None:
        """Number k of test architectures from which on this ledger's A(k) is at most the other's.

        With (P, c, n) of each ledger: the last root of the quadratic in `core/amortization.py`,
        rounded up; divided by test architectures alone, ceil((P - P') / (c' - c)). None if never.

        Raises:
            BadInput: one of the ledgers has no test architecture yet.
        """
        return amortization.break_even(self.cost(), other.cost(), over)

    def speedup(self, full: LedgerTotals) -> float:
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
