"""`subsel select` and `subsel fit`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_running import CELL, Subsel

from subsel_automl.core.subset import Subset
from subsel_automl.data.images import digits
from subsel_automl.worlds import clump_pool


@pytest.fixture
def select(subsel: Subsel, bundle: Path) -> Subsel:
    """`subsel select` for the cell on the bundle."""
    return lambda *more: subsel("select", "--bundle", bundle, "--architecture", CELL, *more)


def test_json_is_one_clean_document(select: Subsel) -> None:
    found = select("--budget", "0.1", "--json").document
    assert found["count"] == 126
    assert len(found["indices"]) == 10
    assert found["provenance"]["provider"] == "subselnet"
    assert found["provenance"]["pool"] == "digits"


@pytest.mark.parametrize(
    ("budget", "count"), [("1", 1), ("1.0", 1258), ("50", 50), ("0.5", 629), ("1e-9", 1)]
)
def test_a_whole_number_is_a_count_and_a_point_makes_a_fraction(
    budget: str, count: int, select: Subsel
) -> None:
    assert select("--budget", budget, "--json").document["count"] == count


@pytest.mark.parametrize("budget", ["0", "-1", "nan", "1.5", "True", "many", "1259"])
def test_a_budget_that_is_none_is_bad_input(budget: str, select: Subsel) -> None:
    ran = select("--budget", budget, "--json")
    assert (ran.code, ran.out) == (3, "")
    assert "budget" in ran.err


def test_all_shows_every_index(select: Subsel) -> None:
    found = select("--budget", "40", "--all", "--json").document
    assert len(set(found["indices"])) == 40
    assert found["complete"] is True


def test_out_writes_the_same_subset(select: Subsel, tmp_path: Path) -> None:
    file = tmp_path / "subset.safetensors"
    found = select("--budget", "40", "--all", "--out", file, "--json").document
    assert Subset.load(file).indices.tolist() == found["indices"]


@pytest.mark.parametrize(
    "more", [("--seed", "7"), ("--provider", "predicted-loss"), ("--redraw",)], ids=lambda m: m[0]
)
def test_each_option_changes_the_choice(more: tuple[str, ...], select: Subsel) -> None:
    plain = select("--budget", "0.1", "--all", "--json").document["indices"]
    assert select("--budget", "0.1", "--all", "--json", *more).document["indices"] != plain


def test_targets_are_checked(select: Subsel) -> None:
    assert select("--budget", "40", "--targets", "hard").code == 3
    assert select("--budget", "40", "--targets", "soft").code == 0


def test_a_provider_that_needs_no_zoo_uses_the_data_set(subsel: Subsel, bundle: Path) -> None:
    more = ("--bundle", bundle, "--provider", "random", "--budget", "5", "--json")
    assert subsel("select", *more).document["provenance"]["pool"] == "digits"
    assert subsel("select", *more, "--data", "digits").code == 0


def test_a_bundle_of_another_pool_is_refused_with_4_naming_both_fingerprints(
    select: Subsel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from subsel_automl import catalog
    from subsel_automl.data.images import Splits

    other = clump_pool()
    monkeypatch.setattr(catalog, "dataset", lambda name: Splits(other, other, other))
    ran = select("--budget", "5", "--data", "clumps", "--json")
    assert (ran.code, ran.out) == (4, "")
    assert other.fingerprint[:16] in ran.err
    assert digits().train.fingerprint[:16] in ran.err


def test_a_damaged_bundle_is_refused_with_4(subsel: Subsel, bundle: Path, tmp_path: Path) -> None:
    for file in bundle.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    raw = bytearray((tmp_path / "weights.safetensors").read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "weights.safetensors").write_bytes(raw)
    ran = subsel("select", "--bundle", tmp_path, "--architecture", CELL, "--budget", 5, "--json")
    assert (ran.code, ran.out) == (4, "")
    assert "sha256" in ran.err


def test_no_architecture_is_refused_by_a_provider_that_needs_one(
    subsel: Subsel, bundle: Path
) -> None:
    assert subsel("select", "--bundle", bundle, "--budget", 5).code == 3


@pytest.mark.slow
def test_fit_writes_a_bundle_that_select_reads(subsel: Subsel, zoo: Path, tmp_path: Path) -> None:
    made = subsel("fit", "digits", zoo, tmp_path / "b", "--epochs", 1, "--json").document
    assert made["networks"] == 3
    assert made["kl_validation"] > 0
    assert made["kl_validation_zoo_mean"] > 0
    asked = ("--architecture", CELL, "--budget", "9", "--json")
    found = subsel(
        "select", "--bundle", tmp_path / "b", "--provider", "subselnet-inductive", *asked
    )
    assert found.document["count"] == 9
    record = json.loads((tmp_path / "b" / "bundle.json").read_text())
    assert record["made"]["zoo_seconds"] == 10.0
