"""`subsel advise`: names, npz files and folders of images, as text and as JSON."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cli_running import Subsel

from subsel_automl.budgeting.advice import advise
from subsel_automl.data.images import digits


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """300 rows of six numbers, two classes of which one is a twentieth of the other."""
    labels = (np.arange(300) % 21 == 0).astype(np.int64)
    rows = np.random.default_rng(0).normal(size=(300, 6)) + 4 * labels[:, None]
    np.savez(tmp_path / "table.npz", features=rows.astype(np.float32), labels=labels)
    return tmp_path / "table.npz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twenty grey pictures a class, two classes."""
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    rng = np.random.default_rng(0)
    for label, name in enumerate(("dark", "light")):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(20):
            pixels = rng.integers(100 * label, 100 * label + 90, (5, 5)).astype(np.uint8)
            image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{i}.png")
    return tmp_path / "pictures"


def test_json_is_the_advice_on_the_training_part(subsel: Subsel) -> None:
    assert subsel("advise", "--data", "digits", "--json").document == (
        advise(digits().train).as_dict()
    )


def test_text_says_every_setting(subsel: Subsel) -> None:
    ran = subsel("advise", "--data", "digits")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{advise(digits().train)}\n"


def test_a_table_is_read_and_its_imbalance_said(subsel: Subsel, table: Path) -> None:
    facts = subsel("advise", "--data", table, "--json").document["facts"]
    assert (facts["kind"], facts["features"]) == ("numbers", 6)
    assert facts["imbalance"] > 10


def test_a_folder_of_images_is_read(subsel: Subsel, folder: Path) -> None:
    facts = subsel("advise", "--data", folder, "--json").document["facts"]
    assert (facts["kind"], facts["examples"], facts["pool"]) == ("images", 28, "pictures")


def test_the_seed_is_that_of_the_estimate(subsel: Subsel, table: Path) -> None:
    def noise(*more: object) -> object:
        return subsel("advise", "--data", table, "--json", *more).document["facts"]["noise"]

    assert noise() == noise("--seed", 0)
    assert noise() != noise("--seed", 1)


def test_data_that_are_not_there_are_bad_input(subsel: Subsel) -> None:
    ran = subsel("advise", "--data", "digitz", "--json")
    assert (ran.code, ran.out) == (3, "")
    assert "'digits'" in ran.err


def test_data_must_be_told(subsel: Subsel) -> None:
    assert subsel("advise").code == 2
