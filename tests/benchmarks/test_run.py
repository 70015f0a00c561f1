"""How cells are run: each once, failures named, no more than the time allows."""

from __future__ import annotations

import subprocess

import pytest

from benchmarks import run


def test_a_cell_that_fails_does_not_stop_the_others(tmp_path):
    path = tmp_path / "rows.jsonl"
    with pytest.raises(RuntimeError, match="1 of 3 cells failed"):
        run.run_cells(path, [{"x": 1}, {"x": 0}, {"x": 2}], _reciprocal, (), workers=0)
    assert [r["y"] for r in run.read_rows(path)] == [1.0, 0.5]


def test_no_cell_is_begun_after_the_time_is_over(tmp_path):
    cells = [{"x": 1}, {"x": 2}]
    assert run.run_cells(tmp_path / "r.jsonl", cells, _reciprocal, (), 0, seconds_limit=-1) == []
    assert len(run.run_cells(tmp_path / "r.jsonl", cells, _reciprocal, (), 0)) == 2


def test_a_cell_that_is_asked_for_twice_is_run_and_missed_once(tmp_path):
    path, cells = tmp_path / "rows.jsonl", [{"x": 1}, {"x": 2}, {"x": 1}]
    assert run.not_run(path, cells) == 2
    run.run_cells(path, cells, _reciprocal, (), 0)
    assert [row["cell"]["x"] for row in run.read_rows(path)] == [1, 2]
    assert run.not_run(path, cells) == 0


@pytest.fixture
def tree(tmp_path):
    """A repository with a script and rows."""
    rows = tmp_path / "benchmarks" / "results"
    rows.mkdir(parents=True)
    for file in (tmp_path / "script.py", rows / "rows.jsonl"):
        file.write_text("1\n")
    who = ("-c", "user.name=n", "-c", "user.email=n@n")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "first")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


def test_rows_that_were_measured_since_leave_the_tree_clean(tree):
    (tree / "benchmarks" / "results" / "rows.jsonl").write_text("1\n2\n")
    name = run.commit(tree)
    assert len(name) == 10
    (tree / "script.py").write_text("2\n")
    assert run.commit(tree) == f"{name}+"


def test_where_there_is_no_repository_the_commit_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert run.commit(tmp_path) == "unknown"


def _reciprocal(cell):
    return {"y": 1 / cell["x"]}
