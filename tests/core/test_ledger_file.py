"""The ledger's file: STRICT tables, many writers, forks, and a kill that loses one row at most."""

from __future__ import annotations

import multiprocessing
import sqlite3
import subprocess
import sys
import threading

import pytest

from subsel_automl.core.errors import BadInput, DamagedArtefact, MissingData, RefusedArtefact
from subsel_automl.core.ledger import AmortizationLedger


def test_rows_are_there_after_reopening(tmp_path):
    AmortizationLedger(tmp_path / "ledger").record("TRAIN", 3, cpu_seconds=1)
    assert AmortizationLedger(tmp_path / "ledger").total_seconds() == 3


@pytest.fixture
def rows(tmp_path):
    AmortizationLedger(tmp_path / "ledger").close()
    connection = sqlite3.connect(tmp_path / "ledger")
    yield connection
    connection.close()


def test_every_table_is_strict_and_the_file_in_wal_mode(rows):
    tables = dict(rows.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"))
    tables.pop("sqlite_schema")
    assert tables == {"charges": 1, "queries": 1, "reports": 1}
    assert rows.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    (definition,) = rows.execute("SELECT sql FROM sqlite_master WHERE name = 'charges'").fetchone()
    assert "CHECK (seconds >= 0" in definition
    assert "event TEXT NOT NULL UNIQUE" in definition


@pytest.mark.parametrize(
    "values",
    [
        ("e", "TRAIN", None, None, "many", 0, 0),
        ("e", "TRAIN", None, None, -1.0, 0, 0),
        ("e", "TRAIN", None, None, float("nan"), 0, 0),
        ("e", "TRAIN", None, None, float("inf"), 0, 0),
        ("e", "NOTHING", None, None, 1.0, 0, 0),
        (None, "TRAIN", None, None, 1.0, 0, 0),
    ],
)
def test_the_file_itself_refuses_what_the_door_refuses(rows, values):
    with pytest.raises(sqlite3.IntegrityError):
        rows.execute("INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def write_rows(path, writer, shared):
    ledger = AmortizationLedger(path)
    for number in range(25):
        ledger.record("TRAIN", 1, cpu_seconds=1, event=f"{writer}:{number}")
        ledger.record("SELECT", 1, cpu_seconds=1, event=f"shared:{number}")
        ledger.asked("key", event=f"{writer}:{number}")
    shared.close()  # a forked child also closes what its parent opened


@pytest.mark.parametrize("opened_before", [True, False])
def test_four_processes_write_at_once_and_no_row_is_lost_or_doubled(tmp_path, opened_before):
    path = tmp_path / "ledger"
    ledger = AmortizationLedger(path if opened_before else None)
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=write_rows, args=(path, name, ledger)) for name in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    after = AmortizationLedger(path)
    totals = after.totals()
    assert (totals["TRAIN"]["count"], totals["SELECT"]["count"]) == (100, 25)
    assert after.test_architectures == 100


def share_after_fork(ledger, answers):
    try:
        ledger.record("TRAIN", 1, cpu_seconds=1)
        answers.put("written")
    except BadInput as error:
        answers.put(str(error))


@pytest.mark.parametrize(("on_disk", "answer"), [(True, "written"), (False, "give Amortiz")])
def test_a_forked_process_writes_to_the_file_and_is_told_about_memory(tmp_path, on_disk, answer):
    ledger = AmortizationLedger(tmp_path / "ledger" if on_disk else None)
    fork = multiprocessing.get_context("fork")
    answers = fork.Queue()
    child = fork.Process(target=share_after_fork, args=(ledger, answers))
    child.start()
    assert answer in answers.get(timeout=30)
    child.join(30)
    assert ledger.total_seconds() == (1 if on_disk else 0)


def test_threads_share_one_ledger(tmp_path):
    ledger = AmortizationLedger(tmp_path / "ledger")

    def work(name):
        for number in range(20):
            with ledger.charge("TRAIN", event=f"{name}:{number}"):
                ledger.asked("key", event=f"{name}:{number}")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert ledger.totals()["TRAIN"]["count"] == ledger.test_architectures == 80


WRITER = """
import sys
from subsel_automl.core.ledger import AmortizationLedger
ledger = AmortizationLedger(sys.argv[1])
for number in range(10**9):
    ledger.record("TRAIN", 1.0, cpu_seconds=1.0, event=str(number))
    print(number, flush=True)
"""


@pytest.mark.parametrize("committed", [1, 7, 30])
def test_a_killed_writer_loses_at_most_the_uncommitted_row(tmp_path, committed):
    path = tmp_path / "ledger"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    for _ in range(committed):
        writer.stdout.readline()
    writer.kill()
    told = committed + len(writer.stdout.read().split())
    writer.wait(30)
    ledger = AmortizationLedger(path)
    assert told <= ledger.totals()["TRAIN"]["count"] <= told + 1
    ledger.record("TRAIN", 1, cpu_seconds=1)  # and it still takes rows


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "ledger").write_bytes(b"no database" * 500)
    with pytest.raises(DamagedArtefact, match="ledger"):
        AmortizationLedger(tmp_path / "ledger")


def test_a_database_of_another_program_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "other") as other:
        other.execute("CREATE TABLE precious (value)")
    other.close()
    before = (tmp_path / "other").read_bytes()
    with pytest.raises(RefusedArtefact, match="another program"):
        AmortizationLedger(tmp_path / "other")
    assert (tmp_path / "other").read_bytes() == before


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(MissingData, match="make it first"):
        AmortizationLedger(tmp_path / "absent" / "ledger")
