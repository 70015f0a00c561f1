"""`subsel ledger`, `subsel report` and `subsel doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_running import Subsel

from subsel_automl.core.ledger import AmortizationLedger


def _ledger(path: Path, train: float, zoo: float = 0.0) -> Path:
    """Two queries of `train` seconds each, after `zoo` seconds on one training network."""
    ledger = AmortizationLedger(path)
    if zoo:
        ledger.record("TRAIN_ZOO", zoo, cpu_seconds=zoo, architecture_key="z", event=f"{path}/zoo")
    for key in ("a", "b"):
        ledger.asked(key, event=f"{path}/{key}")
        ledger.record("TRAIN", train, cpu_seconds=train, architecture_key=key, event=f"{path}{key}")
    ledger.close()
    return path


def test_show_gives_totals_and_both_denominators(subsel: Subsel, tmp_path: Path) -> None:
    found = subsel("ledger", "show", _ledger(tmp_path / "l", 5.0, 20.0), "--json").document
    assert found["stages"]["TRAIN"]["wall"] == 10.0
    assert found["amortized_seconds"] == {"training+test": 10.0, "test": 15.0}


def test_show_breaks_even_against_another_ledger(subsel: Subsel, tmp_path: Path) -> None:
    """20 s once and 5 s each, against 15 s each: equal at two test architectures."""
    mine, other = _ledger(tmp_path / "mine", 5.0, 20.0), _ledger(tmp_path / "other", 15.0)
    found = subsel("ledger", "show", mine, "--other", other, "--json").document
    assert found["break_even"]["test"] == 2
    assert found["speedup"] == 3.0
    assert "speedup" in subsel("ledger", "show", mine, "--other", other).out


def test_show_ends_with_what_each_search_saved(subsel: Subsel, tmp_path: Path) -> None:
    path = tmp_path / "l"
    ledger = AmortizationLedger(path)
    for name in ("one", "two"):
        ledger.record("TRAIN", 2.0, cpu_seconds=1.0, event=f"{name}/a/TRAIN")
        ledger.report(name, "a", event=f"{name}/a", examples=10, full_examples=40)
    ledger.close()
    ran = subsel("ledger", "show", path)
    assert [ran.out.count(f"What was saved: search '{name}'") for name in ("one", "two")] == [1, 1]
    found = subsel("ledger", "show", path, "--json").document
    assert found["summary"]["full"] == {"cpu_seconds": 4.0, "seconds": 8.0}
    assert [one["search"] for one in found["summaries"]] == ["one", "two"]


def test_a_ledger_without_reports_tells_what_was_spent(subsel: Subsel, tmp_path: Path) -> None:
    found = subsel("ledger", "show", _ledger(tmp_path / "l", 5.0, 20.0), "--json").document
    assert found["summary"]["spent"]["preparation"]["seconds"] == 20.0
    assert found["summary"]["factor"] is None


def test_merge_takes_rows_over_once(subsel: Subsel, tmp_path: Path) -> None:
    one, two = _ledger(tmp_path / "one", 5.0), _ledger(tmp_path / "two", 7.0)
    assert subsel("ledger", "merge", one, two, "--json").document["new_rows"] == 4
    assert subsel("ledger", "merge", one, two, "--json").document["new_rows"] == 0
    assert subsel("ledger", "show", one, "--json").document["total_seconds"] == 24.0


def test_a_ledger_that_is_not_there_is_not_made(subsel: Subsel, tmp_path: Path) -> None:
    assert subsel("ledger", "show", tmp_path / "none").code == 3
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_ledger_is_refused_with_4(subsel: Subsel, tmp_path: Path) -> None:
    (tmp_path / "text").write_text(
        "no ledger, but long enough to be read as a header of SQLite" * 9
    )
    assert subsel("ledger", "show", tmp_path / "text", "--json").code == 4


def test_report_writes_a_page_of_a_ledger(subsel: Subsel, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    page = tmp_path / "r.html"
    ran = subsel(
        "report", page, "--ledger", _ledger(tmp_path / "l", 5.0), "--title", "Mine", "--json"
    )
    assert ran.document == {"out": str(page), "bytes": page.stat().st_size}
    assert "<h1>Mine</h1>" in page.read_text()


def test_report_of_nothing_is_bad_input(subsel: Subsel, tmp_path: Path) -> None:
    assert subsel("report", tmp_path / "r.html").code == 3


def test_report_of_trials_that_are_no_list_is_refused(subsel: Subsel, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text("{}")
    assert subsel("report", tmp_path / "r.html", "--trials", tmp_path / "t.json").code == 4


def test_doctor_checks_this_machine_in_clean_json(subsel: Subsel) -> None:
    ran = subsel("doctor", "--json")
    checks = {row["name"]: row for row in ran.document["checks"]}
    assert ran.code == 0
    assert ran.document["ok"] is True
    assert checks["torch runs"]["ok"]
    assert "threads" in checks["torch runs"]["detail"]
    assert {"Fashion-MNIST", "free disk", "cache", "extra [ray]"} < set(checks)


def test_doctor_says_the_real_reason_of_an_extra_that_cannot_be_imported(
    subsel: Subsel, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib

    real = importlib.import_module

    def broken(name: str, package: str | None = None) -> object:
        if name == "hyperopt":
            raise ImportError("No module named 'pkg_resources'")
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", broken)
    rows = {row["name"]: row for row in subsel("doctor", "--json").document["checks"]}
    assert not rows["extra [ray]"]["ok"]
    assert "setuptools<82" in rows["extra [ray]"]["detail"]


def test_doctor_exits_with_1_when_a_required_package_is_missing(
    subsel: Subsel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from subsel_automl.cli import doctor

    monkeypatch.setattr(doctor, "REQUIRED", ("numpy", "no-such-package"))
    ran = subsel("doctor", "--json")
    assert (ran.code, ran.document["ok"]) == (1, False)
    assert "no-such-package" in ran.err
