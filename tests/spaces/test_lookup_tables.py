"""Truths of the tables of trained cells: small made ones, and the real ones where they are."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from benchmarks.data import data_folder
from subsel_automl.core.errors import BadInput, DamagedArtefact, MissingData, UnknownName
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.spaces.nasbench201 import NASBench201
from subsel_automl.spaces.tables import NB201_FILE, Nasbench101Table, Nasbench201Table, table_file

SPACE = NASBench201()


@pytest.fixture(scope="module")
def real() -> Nasbench201Table:
    try:
        return Nasbench201Table(data_folder())
    except MissingData as error:
        pytest.skip(str(error))


def written(folder, rows: list[int]) -> None:
    """A table in which a cell's accuracy is its place; the third training is only of even cells."""
    columns = ["val_200ep_s0", "val_200ep_s1", "val_200ep_s2", "test_200ep_mean", "test_12ep"]
    text = ",".join(["index", "ops6", *(f"cifar10_{name}" for name in columns)]) + "\n"
    for row in rows:
        third = "" if row % 2 else f"{row + 5}"
        values = f"{row + 1},{row + 2},{third},{row / 200},{row / 400}"
        text += f"0,{np.base_repr(row, 5).zfill(6)},{values}\n"
    (folder / NB201_FILE).write_bytes(gzip.compress(text.encode()))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Nasbench201Table:
    folder = tmp_path_factory.mktemp("tables")
    written(folder, np.random.default_rng(0).permutation(15_625).tolist())
    return Nasbench201Table(folder)


def test_rows_find_their_cells_in_any_order(made):
    cell = SPACE.from_string(
        "|nor_conv_1x1~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"
    )
    row = int("203104", 5)
    assert made.test_percent(cell) == row / 200
    assert made.test_percent(cell, epochs=12) == row / 400


@pytest.mark.parametrize(("row", "mean"), [(10, 10 + 8 / 3), (11, 12.5)])
def test_the_validation_accuracy_is_the_mean_of_the_trainings_that_were_made(made, row, mean):
    assert made.validation_percent(made.cells[row]) == pytest.approx(mean)
    assert made.validation_percent(made.cells[row], seed=1) == row + 2


def test_a_training_that_was_not_made_is_refused(made):
    with pytest.raises(BadInput, match=r"seeds \[0, 1\] of this cell, not 2"):
        made.validation_percent(made.cells[11], seed=2)


def test_the_best_is_the_last(made):
    cell, percent = made.best()
    assert (set(cell.ops[1:-1]), percent) == ({"avg_pool_3x3"}, 78.12)


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"data": "cifar-100"}, UnknownName, "Did you mean 'cifar100'"),
        ({"epochs": 100}, BadInput, "12 and 200 epochs"),
    ],
)
def test_what_was_not_measured_is_refused(made, options, error, reason):
    with pytest.raises(error, match=reason):
        made.test_percent(made.cells[0], **options)


def test_a_table_that_lacks_a_cell_is_refused(tmp_path):
    written(tmp_path, list(range(15_624)))
    with pytest.raises(DamagedArtefact, match="lists 15624 cells"):
        Nasbench201Table(tmp_path)


def test_a_missing_table_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("SUBSEL_DATA", str(tmp_path / "tables"))
    with pytest.raises(MissingData, match=r"nb201.*was not found in .*tables; set SUBSEL_DATA"):
        Nasbench201Table()


def test_the_folder_that_is_given_goes_before_that_of_the_environment(tmp_path, monkeypatch):
    (tmp_path / "given").mkdir()
    for folder in (tmp_path, tmp_path / "given"):
        (folder / "table").touch()
    monkeypatch.setenv("SUBSEL_DATA", str(tmp_path))
    assert table_file("table") == tmp_path / "table"
    assert table_file("table", tmp_path / "given") == tmp_path / "given" / "table"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("data", "percent"), [("cifar10", 94.37), ("cifar100", 73.51), ("imagenet16-120", 47.31)]
)
def test_the_best_cells_are_the_published_ones(real, data, percent):
    cell, found = real.best(data)
    assert round(found, 2) == percent
    assert real.test_percent(cell, data) == found


@pytest.mark.shared
def test_seconds_latency_and_parameters_are_those_of_the_row(real):
    cell = SPACE.from_string(
        "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|"
        "skip_connect~2|"
    )
    assert real.seconds(cell, "cifar100") == 2888.44
    assert real.latency_seconds(cell) == 0.013936
    assert real.parameters(cell, "imagenet16-120") == 136_456
    assert real.validation_percent(cell, epochs=12) == 63.364


@pytest.mark.shared
def test_the_best_cell_of_nasbench101_is_the_published_one():
    try:
        table = Nasbench101Table(data_folder())
    except MissingData as error:
        pytest.skip(str(error))
    cell, percent = table.best()
    assert round(percent, 5) == 94.31757
    assert table.test_percent(cell) == percent
    assert table.parameters(cell) == NASBench101().parameters(cell)
