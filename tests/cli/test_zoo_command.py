"""`subsel zoo`: build, status, verify; several workers; Ctrl-C."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_running import Subsel

from subsel_automl.zoo.store import DiskZoo

TINY = ("--epochs", "1", "--channels", "5", "--stacks", "1", "--stem-stride", "2")


def test_status_counts_networks_by_fold(subsel: Subsel, zoo: Path) -> None:
    found = subsel("zoo", "status", zoo, "--json").document
    assert (found["networks"], found["training"], found["validation"]) == (5, 3, 2)
    assert found["seconds"] == 10.0


def test_status_of_a_folder_without_a_zoo_is_bad_input(subsel: Subsel, tmp_path: Path) -> None:
    assert subsel("zoo", "status", tmp_path).code == 3


def test_verify_passes_a_whole_zoo(subsel: Subsel, zoo: Path) -> None:
    assert subsel("zoo", "verify", zoo, "--json").document["damaged"] == []


def test_verify_names_a_flipped_bit_and_exits_with_4(
    subsel: Subsel, zoo: Path, tmp_path: Path
) -> None:
    shutil.copytree(zoo, tmp_path / "zoo")
    file = min((tmp_path / "zoo" / "networks").glob("*.npy"))
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(raw)
    ran = subsel("zoo", "verify", tmp_path / "zoo", "--json")
    assert (ran.code, ran.out) == (4, "")
    assert file.stem in ran.err


def test_a_width_that_leaves_a_vertex_without_channels_is_usage(
    subsel: Subsel, tmp_path: Path
) -> None:
    assert subsel("zoo", "build", "digits", tmp_path, "--channels", 4).code == 2


@pytest.mark.slow
def test_build_trains_what_was_asked_and_a_second_build_trains_nothing(
    subsel: Subsel, tmp_path: Path
) -> None:
    asked = ("zoo", "build", "digits", tmp_path, "--count", 2, "--validation", 1, *TINY, "--json")
    found = subsel(*asked).document
    assert (found["training"], found["validation"]) == (2, 1)
    assert found["settings"]["sizes"] == {
        "channels": 5, "stacks": 1, "cells": 1, "stem_stride": 2,
    }  # fmt: skip
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "networks").iterdir()}
    assert subsel(*asked).document == found
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert subsel(*asked, "--channels", 6).code == 4  # other settings, in the same folder


@pytest.mark.slow
def test_two_workers_build_a_zoo_with_ray(subsel: Subsel, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    asked = ("--count", 2, "--validation", 1, "--workers", 2, *TINY, "--json")
    ran = subsel("zoo", "build", "digits", tmp_path, *asked)
    assert ran.code == 0, ran.err
    assert ran.document["networks"] == 3
    assert DiskZoo(tmp_path).verify() == []


def _heed_ctrl_c() -> None:
    """A shell's background jobs, and so their children, ignore SIGINT from birth."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
def test_ctrl_c_keeps_finished_networks_says_how_to_go_on_and_exits_with_130(
    tmp_path: Path,
) -> None:
    command = [
        sys.executable, "-m", "subsel_automl.cli", "zoo", "build", "digits", str(tmp_path),
        "--count", "40", "--validation", "0", "--epochs", "1", "--channels", "5",
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_ctrl_c,
    )
    records = tmp_path / "networks"
    while process.poll() is None and not (records.exists() and any(records.glob("*.json"))):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    kept = len(DiskZoo(tmp_path).names)
    assert 1 <= kept < 40
    assert f"{kept} finished networks are kept" in err
    assert "Traceback" not in err
    assert DiskZoo(tmp_path).verify() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("space", "sizes", "ships"),
    [("nasbench201", (), True), ("darts", ("--cells", 3), False)],
)
def test_a_zoo_of_cells_becomes_a_bundle_that_a_search_takes(
    subsel: Subsel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    space: str,
    sizes: tuple[object, ...],
    ships: bool,
) -> None:
    from subsel_automl.subselnet import bundle as bundles

    zoo, bundle = tmp_path / "zoo", tmp_path / "digits" / space
    given = () if ships else ("--bundle", bundle)  # one that ships is found by its name
    if ships:
        monkeypatch.setattr(bundles, "SHIPPED", tmp_path)
    small = ("--count", 2, "--validation", 1, "--epochs", 1, "--channels", 5, *sizes)
    assert subsel("zoo", "build", "digits", zoo, "--space", space, *small).code == 0
    made = subsel("fit", "digits", zoo, bundle, "--epochs", 1, "--json").document
    assert made["encoder"] == "adjacency"
    found = subsel(
        "nas", "gdas", "--space", space, "--data", "digits", "--subset", "subselnet",
        *given, "--targets", "soft", "--epochs", 1, "--option", "channels=2", "--option", "cells=3",
        "--option", "steps_an_epoch=1", "--json",
    ).document  # fmt: skip
    assert found["subset"] == "subselnet"
    assert found["curve"][0]["examples"] == 126


def test_darts_has_no_stacks(subsel: Subsel, tmp_path: Path) -> None:
    ran = subsel("zoo", "build", "digits", tmp_path / "z", "--space", "darts", "--stacks", 2)
    assert ran.code == 3
    assert "--cells" in ran.err


def test_an_encoder_that_is_not_there_is_named(subsel: Subsel, zoo: Path, tmp_path: Path) -> None:
    ran = subsel("fit", "digits", zoo, tmp_path / "b", "--encoder", "gva")
    assert ran.code == 3
    assert "gvae" in ran.err
