"""The ledger's SQLite file: one connection a process, WAL, STRICT tables, one row an event.

Every write is one `BEGIN IMMEDIATE` transaction (a read and then a write inside a plain `BEGIN`
fails with "locked" when several processes write). A process that is killed loses at most the row
that it had not committed. WAL needs a local file system: on a cluster only the driver writes.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import BadInput, DamagedArtefact, MissingData, RefusedArtefact
from .ledger_rows import TABLE_NAMES, TABLES

TIMEOUT_SECONDS = 30.0
APPLICATION_ID = 0x5355424C  # "SUBL"
_MEMORY = ":memory:"
_INHERITED: list[
    sqlite3.Connection
] = []  # a fork must neither use nor close its parent's connection


class LedgerFile:
    """The rows of `ledger_rows`; safe to share between threads, and between processes by path.

    Args:
        path: the SQLite file, made when absent; None keeps the rows in memory.
        stages: the stage names that the table accepts.

    Raises:
        MissingData: SQLite older than 3.37 (STRICT tables), or no folder to hold the file.
        RefusedArtefact: the file belongs to another program.
        DamagedArtefact: the file is not a SQLite database.
    """

    def __init__(self, path: str | Path | None, stages: Iterable[str]) -> None:
        if sqlite3.sqlite_version_info < (3, 37):
            raise MissingData(
                f"the ledger needs SQLite 3.37 or later; this Python has {sqlite3.sqlite_version}"
            )
        self.path = None if path is None else Path(path)
        self._tables = TABLES.format(stages=", ".join(f"'{name}'" for name in stages))
        self._owner, self._lock, self._forked = os.getpid(), threading.RLock(), False
        self._connection: sqlite3.Connection | None = None
        with self.reading():
            pass

    def close(self) -> None:
        """Close this process's connection; the next use opens it again (memory rows are lost)."""
        self._leave_parents_connection()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One immediate transaction, committed at the end, rolled back on any error."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent view of the rows."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        self._leave_parents_connection()
        if self._forked and self.path is None:
            raise BadInput(
                "a ledger in memory cannot be shared with a forked process; "
                "give AmortizationLedger a path"
            )
        with self._lock:
            if self._connection is None:
                self._connection = self._open()
            connection = self._connection
            if connection.in_transaction:  # the same thread, inside its own transaction
                yield connection
                return
            connection.execute(begin)
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def _leave_parents_connection(self) -> None:
        if self._owner != os.getpid():
            self._owner, self._lock = os.getpid(), threading.RLock()
            if self._connection is not None:
                _INHERITED.append(self._connection)
                self._connection = None
            self._forked = True

    def _open(self) -> sqlite3.Connection:
        target = _MEMORY if self.path is None else str(self.path)
        if self.path is not None and not self.path.parent.is_dir():
            raise MissingData(
                f"there is no folder {str(self.path.parent)!r} for the ledger; make it first"
            )
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(
                target, timeout=TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._prepare(connection)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.OperationalError):
                raise BadInput(
                    f"the ledger {target!r} cannot be opened ({error}); give a file that can be "
                    "written, on a local disk"
                ) from error
            if isinstance(error, sqlite3.DatabaseError):
                raise DamagedArtefact(
                    f"{target!r} cannot be read as a ledger ({error}); give the path of a ledger"
                ) from error
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN")  # both facts from one view: another process may be making it
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {row[0] for row in named}
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        connection.execute("COMMIT")
        if tables and owner != APPLICATION_ID:
            raise RefusedArtefact(
                f"'{self.path}' is a database of another program; give the ledger its own file"
            )
        if self.path is not None:
            _switch_to_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")  # a committed row survives a power cut
        if not tables.issuperset(TABLE_NAMES):  # none, or those of an older ledger
            connection.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; {self._tables} COMMIT;"
            )


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Set WAL; the switch ignores the busy timeout, so wait here while others do the same."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
