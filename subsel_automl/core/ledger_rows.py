"""The ledger's tables: what a row of each holds, how it is inserted once, what rows add up to.

charges   seconds, CPU seconds and GB-minutes of one stage of one report
queries   an architecture that was asked for
reports   what a trial said beside its seconds: examples, and facts as JSON; its charges are
          those whose event is the report's with "/" and the stage behind it
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from .charge import PER_ARCHITECTURE
from .errors import BadInput

ChargeRow = tuple[str, str, "str | None", "str | None", float, float, float]
QueryRow = tuple[str, str, str]
ReportRow = tuple[str, str, str, float, float, str]
Rows = dict[str, list[list[Any]]]
TABLE_NAMES = ("charges", "queries", "reports")

TABLES = """
CREATE TABLE IF NOT EXISTS charges (
    event TEXT NOT NULL UNIQUE,
    stage TEXT NOT NULL CHECK (stage IN ({stages})),
    architecture TEXT,
    trial TEXT,
    seconds REAL NOT NULL CHECK (seconds >= 0 AND seconds < 9e999),
    cpu_seconds REAL NOT NULL CHECK (cpu_seconds >= 0 AND cpu_seconds < 9e999),
    gb_minutes REAL NOT NULL CHECK (gb_minutes >= 0 AND gb_minutes < 9e999)
) STRICT;
CREATE TABLE IF NOT EXISTS queries (
    event TEXT NOT NULL UNIQUE,
    architecture TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('test', 'train'))
) STRICT;
CREATE TABLE IF NOT EXISTS reports (
    event TEXT NOT NULL UNIQUE,
    search TEXT NOT NULL,
    trial TEXT NOT NULL,
    examples REAL NOT NULL CHECK (examples >= 0 AND examples < 9e999),
    full_examples REAL NOT NULL CHECK (full_examples >= 0 AND full_examples < 9e999),
    facts TEXT NOT NULL
) STRICT;
"""


# Queries, and at least one for an architecture that was charged without being asked.
TESTS = f"""
SELECT coalesce(sum(n), 0) FROM (SELECT max(n) AS n FROM (
    SELECT architecture, count(*) AS n FROM queries WHERE role = 'test' GROUP BY architecture
    UNION ALL
    SELECT DISTINCT architecture, 1 FROM charges WHERE architecture IS NOT NULL
        AND stage IN ({", ".join(f"'{stage}'" for stage in PER_ARCHITECTURE)})
) GROUP BY architecture)"""
TRIALS = "SELECT count(DISTINCT trial) FROM charges WHERE trial IS NOT NULL"
TRAINING = """
SELECT count(*) FROM (
    SELECT architecture FROM charges WHERE stage = 'TRAIN_ZOO' AND architecture IS NOT NULL
    UNION SELECT architecture FROM queries WHERE role = 'train')"""
TOTALS = """
SELECT stage, sum(seconds), sum(cpu_seconds), sum(gb_minutes), count(*)
FROM charges GROUP BY stage"""


def insert_charge(connection: sqlite3.Connection, row: ChargeRow) -> bool:
    """Insert unless the event is there; True when new, BadInput when it means something else."""
    done = connection.execute(
        "INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event) DO NOTHING", row
    )
    if done.rowcount:
        return True
    known = connection.execute(
        "SELECT stage, architecture, trial FROM charges WHERE event = ?", row[:1]
    ).fetchone()
    _same_event(row[0], known, row[1:4])
    return False


def insert_query(connection: sqlite3.Connection, row: QueryRow) -> bool:
    """Insert unless the event is there; True when new, BadInput when it means something else."""
    done = connection.execute(
        "INSERT INTO queries VALUES (?, ?, ?) ON CONFLICT (event) DO NOTHING", row
    )
    if done.rowcount:
        return True
    known = connection.execute(
        "SELECT architecture, role FROM queries WHERE event = ?", row[:1]
    ).fetchone()
    _same_event(row[0], known, row[1:])
    return False


def insert_report(connection: sqlite3.Connection, row: ReportRow) -> bool:
    """Insert unless the event is there; True when new, BadInput when it is another trial's."""
    done = connection.execute(
        "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (event) DO NOTHING", row
    )
    if done.rowcount:
        return True
    known = connection.execute(
        "SELECT search, trial FROM reports WHERE event = ?", row[:1]
    ).fetchone()
    _same_event(row[0], known, row[1:3])
    return False


def all_rows(connection: sqlite3.Connection) -> Rows:
    """Every row, by table, in the order in which they were written."""
    return {
        name: [list(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY rowid")]
        for name in TABLE_NAMES
    }


def insert_rows(connection: sqlite3.Connection, rows: Mapping[str, Sequence[Any]]) -> int:
    """Rows of `all_rows`; the number of those that were new."""
    inserts: dict[str, Any] = {
        "charges": insert_charge,
        "queries": insert_query,
        "reports": insert_report,
    }
    return sum(
        insert(connection, tuple(row))
        for name, insert in inserts.items()
        for row in rows.get(name, ())
    )


def _same_event(event: str, known: tuple[object, ...], came: tuple[object, ...]) -> None:
    if tuple(known) != tuple(came):
        raise BadInput(
            f"event {event!r} is in the ledger already as {tuple(known)} and now comes as "
            f"{tuple(came)}; give every stage of a report its own event"
        )
