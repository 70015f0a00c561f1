"""The group of commands: help, version, exit codes, what is imported."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from cli_running import CELL, Subsel

from subsel_automl.cli.app import COMMANDS

RUN = "from subsel_automl.cli import main; main()"
HELP = (
    "import sys; sys.argv = ['subsel', '--help']\n"
    "from subsel_automl.cli import main\n"
    "try: main()\n"
    "except SystemExit as end: assert not end.code\n"
    "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
)


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    out = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    shown, _, loaded = out.stdout.partition("LOADED ")
    listed = {line.split()[0] for line in shown.split("Commands:")[1].splitlines() if line.strip()}
    assert set(COMMANDS) <= listed
    assert not {"torch", "ray", "numpy", "rich", "sklearn"} & set(loaded.split())


@pytest.mark.slow
def test_help_is_quick() -> None:
    """At most 1 s here, where other tests run beside it; 0.3 s on a free core."""

    def once() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", RUN, "--help"], capture_output=True, check=True)
        return time.perf_counter() - began

    assert min(once() for _ in range(5)) < 1.0


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str, subsel: Subsel) -> None:
    ran = subsel(command, "--help")
    assert ran.code == 0
    assert "Usage: subsel" in ran.out


def test_version(subsel: Subsel) -> None:
    from subsel_automl import __version__

    assert subsel("--version").out == f"subsel {__version__}\n"


def test_an_unknown_command_is_usage_and_the_nearest_is_offered(subsel: Subsel) -> None:
    ran = subsel("selct")
    assert ran.code == 2
    assert "'select'" in ran.err


def test_an_unknown_option_is_usage(subsel: Subsel) -> None:
    assert subsel("list", "--nope").code == 2


def test_bad_input_exits_with_3_and_one_sentence_on_stderr(subsel: Subsel) -> None:
    ran = subsel("space", "show", "nasbench102", "--architecture", CELL, "--json")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("error: no search space is called 'nasbench102'")
    assert ran.err.count("\n") == 1


def test_an_error_of_ours_that_is_nothing_else_exits_with_1(
    subsel: Subsel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from subsel_automl import catalog
    from subsel_automl.core.errors import SubselError

    def diverged(name: str) -> None:
        raise SubselError("reference network diverged")

    monkeypatch.setattr(catalog, "search_space", diverged)
    ran = subsel("space", "sample", "nasbench101")
    assert (ran.code, ran.err) == (1, "error: reference network diverged\n")


def test_an_error_that_nobody_expected_shows_no_traceback_unless_asked(
    subsel: Subsel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from subsel_automl import catalog

    monkeypatch.setattr(catalog, "search_space", lambda name: 1 // 0)
    ran = subsel("space", "sample", "nasbench101")
    assert ran.code == 1
    assert ran.err.startswith("error: ZeroDivisionError")
    assert "Traceback" not in ran.err
    monkeypatch.setenv("SUBSEL_DEBUG", "1")
    assert "Traceback" in subsel("space", "sample", "nasbench101").err


def test_ctrl_c_exits_with_130(subsel: Subsel, monkeypatch: pytest.MonkeyPatch) -> None:
    from subsel_automl import catalog

    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalog, "search_space", interrupted)
    assert subsel("space", "sample", "nasbench101").code == 130


def test_a_reader_that_leaves_is_no_error() -> None:
    """`subsel ... | head -1`: the pipe is closed before the command has written anything."""
    command = [sys.executable, "-c", RUN, "space", "sample", "nasbench101", "--count", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), said) == (0, b"")
