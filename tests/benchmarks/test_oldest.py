"""What the claim `oldest` reads off a run of make test-oldest."""

from __future__ import annotations

from benchmarks.commands.oldest import told

LINES = """versions: python 3.10.13, numpy 2.0.0
FAILED tests/core/test_budget.py::test_a - assert 1 == 2
1 failed, 30 passed, 2 skipped, 5 deselected in 20.00s
7 passed, 30 deselected, 1 warning in 3.50s
make: *** [Makefile:24: test-oldest] Error 1""".splitlines()


def test_both_runs_are_added_up():
    found = told(LINES)
    assert (found["passed"], found["skipped"], found["failed"], found["runs"]) == (37, 2, 1, 2)


def test_versions_and_failures_are_named():
    found = told(LINES)
    assert found["versions"] == "python 3.10.13, numpy 2.0.0"
    assert found["named"] == ["FAILED tests/core/test_budget.py::test_a - assert 1 == 2"]
