"""`subsel` run in this process, and a small bundle, zoo and ledger to run it on."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_running import Ran, Subsel

from subsel_automl.data.images import digits
from subsel_automl.subselnet.bundle import save_bundle
from subsel_automl.subselnet.pipeline import train_pipeline
from subsel_automl.subselnet.temperatures import Choices
from subsel_automl.worlds import some_cells, synthetic_zoo
from subsel_automl.zoo.store import DiskZoo, create, save_network


@pytest.fixture
def subsel(capfd: pytest.CaptureFixture[str]) -> Subsel:
    """Run `subsel` with these arguments."""
    import typer

    from subsel_automl.cli.app import app

    def run(*arguments: object) -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            typer.main.get_command(app)([str(a) for a in arguments], prog_name="subsel")
        out, err = capfd.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five synthetic networks over digits: three to learn from, two to validate."""
    folder, pool = tmp_path_factory.mktemp("zoo"), digits().train
    cells = [*some_cells(3, role="training"), *some_cells(2, role="validation")]
    create(folder, pool, {"sizes": {"channels": 4, "stacks": 2, "cells": 1}})
    networks = synthetic_zoo(pool, cells)
    record = {
        "seconds": 2.0,
        "cpu_seconds": 1.5,
        "validation_accuracy": 0.9,
        "curve": {"train_loss": [1.0]},
        "epoch_seconds": [2.0],
    }
    for cell in cells:
        save_network(folder, cell, 0, networks.predictions(cell.key), record)
    return folder


@pytest.fixture(scope="session")
def bundle(zoo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of digits, fitted for one epoch."""
    folder, pool = tmp_path_factory.mktemp("bundle"), digits().train
    model, _ = train_pipeline(pool, DiskZoo(zoo, pool), epochs=1, policy=False)
    made = {"zoo_seconds": 10.0, "zoo_cpu_seconds": 8.0, "fit_seconds": 2.0}
    save_bundle(folder, model, Choices(), None, made)
    return folder
